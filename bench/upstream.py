"""Upstream's own inference, to measure and to prove the engine against."""

from __future__ import annotations

import sys
from types import ModuleType

import soundfile
import torch


def import_upstream() -> ModuleType:
    """f5_tts.infer.utils_infer, whole: with the trainer's imports, which the engine keeps from running.

    Its references are read with soundfile, because torchaudio's own reader needs FFmpeg's libraries on the machine.
    """
    sys.modules.pop("f5_tts.model", None)
    from f5_tts.infer import utils_infer

    def load(path: str) -> tuple[torch.Tensor, int]:  # [channels, frames]
        wave, rate = soundfile.read(path, dtype="float32", always_2d=True)
        return torch.from_numpy(wave.T.copy()), rate

    utils_infer.torchaudio.load = load
    module: ModuleType = utils_infer
    return module
