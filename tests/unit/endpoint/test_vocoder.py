"""Mels that are decoded together become what each becomes alone."""

import torch

from engine.checkpoint import Model
from engine.vocoder import decode


def test_a_batch_of_mixed_lengths_becomes_what_each_mel_becomes_alone(model: Model) -> None:
    noise = torch.Generator().manual_seed(0)
    mels = [torch.randn(frames, 100, generator=noise) for frames in (40, 7, 41, 1 + 40, 23)]
    together = decode(model.vocoder, mels)
    for mel, wave in zip(mels, together, strict=True):
        [alone] = decode(model.vocoder, [mel])
        whole = model.vocoder.decode(mel.T[None])[0]
        assert wave.std() > 1e-3
        assert wave.shape == alone.shape == whole.shape
        assert (wave - whole).abs().max() < 1e-5
        assert (alone - whole).abs().max() < 1e-5
