"""The vocoder: mels to waveforms with Vocos (Siuzdak, 2023, arXiv 2306.00814), a whole batch at once."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from engine.upstream import Vocos


@torch.inference_mode()
def decode(vocoder: Vocos, mels: Sequence[Tensor]) -> list[Tensor]:
    """Waveforms of mels, each as it would be alone.

    Vocos's convolutions look three frames ahead and fill up with zeros at the end. So behind a mel that is shorter than
    the longest there have to be zeros before each of them, and not what the one before made of the padding.

    Args:
        vocoder: the model.
        mels: each [frames, mels], on the vocoder's device.

    Returns:
        For each mel [samples] on the CPU, in fp32 and of full scale 1.
    """
    lengths = [len(mel) for mel in mels]
    x = pad_sequence(list(mels), batch_first=True).mT  # [b, mels, n]
    hooks = []
    if min(lengths) < x.shape[2]:
        valid = (torch.arange(x.shape[2]) < torch.tensor(lengths)[:, None])[:, None].to(x.device)  # [b, 1, n]
        convolutions = [module for module in vocoder.backbone.modules() if isinstance(module, nn.Conv1d)]
        hooks = [module.register_forward_pre_hook(lambda _, given: given[0] * valid) for module in convolutions]
    try:
        features = vocoder.backbone(x)  # [b, n, dim]
    finally:
        for hook in hooks:
            hook.remove()
    # Overlapping windows are weighed by how many there are: a shorter one's end must not count the padding's.
    waves = [vocoder.head(row[None, :length])[0] for row, length in zip(features, lengths, strict=True)]
    samples = [len(wave) for wave in waves]
    return list(torch.cat(waves).cpu().split(samples))  # type: ignore[no-untyped-call]
