"""Upstream's own inference, to measure and to prove the engine against."""

from __future__ import annotations

from types import ModuleType

import soundfile
import torch


def import_upstream() -> ModuleType:
    """Import f5_tts.infer.utils_infer, which takes seconds that only those who compare with it should wait for.

    Its references are read with soundfile, because torchaudio's own reader needs FFmpeg's libraries on the machine.
    """
    from f5_tts.infer import utils_infer

    def load(path: str) -> tuple[torch.Tensor, int]:  # [channels, frames]
        wave, rate = soundfile.read(path, dtype="float32", always_2d=True)
        return torch.from_numpy(wave.T.copy()), rate

    utils_infer.torchaudio.load = load
    module: ModuleType = utils_infer
    return module
