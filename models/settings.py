"""What models/small.yaml says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from engine.checkpoint import MelSpecDescription

CONFIG = Path(__file__).parent / "small.yaml"


class TrainingConfig(BaseModel):
    """How the network is trained.

    Attributes:
        seed: of everything that is drawn.
        batch_frames: mel frames in a batch.
        muon_lr: of the blocks' matrices.
        adam_lr: of everything else.
        ema: share of the average that a step keeps.
        cond_drop: how often a batch is learnt without reference and text, for classifier-free guidance.
        singles_until: share of the time in which single lines come first.
        pairs_after: share of reference-and-line pairs from then on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int
    batch_frames: int
    muon_lr: float
    adam_lr: float
    ema: float
    cond_drop: float
    singles_until: float
    pairs_after: float

    def pair_share(self, progress: float) -> float:
        """Share of pairs among the examples when a share of the time has passed."""
        return 0.1 if progress < self.singles_until else self.pairs_after


class VocoderTrainingConfig(BaseModel):
    """How the vocoder is trained.

    Attributes:
        seed: of everything that is drawn.
        batch: pieces of recordings in a batch.
        crop_frames: mel frames in a piece.
        lr: of AdamW.
        ema: share of the average that a step keeps.
        adversarial_after: share of the time after which discriminators teach.
        discriminator_channels: the width of those of spectra.
        periods: in samples, of those of periods.
        period_widths: channels of their layers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int
    batch: int
    crop_frames: int
    lr: float
    ema: float
    adversarial_after: float
    discriminator_channels: int
    periods: tuple[int, ...]
    period_widths: tuple[int, ...]


class Settings(BaseModel):
    """The whole of models/small.yaml.

    Attributes:
        model: what goes into model.yaml: the architecture in the format of f5_tts/configs/*.yaml.
        vocab: the network's tokens: silence, marks and phonemes.
        vocoder: what goes into vocoder/config.yaml.
        training: how the network is trained.
        vocoder_training: how the vocoder is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: dict[str, Any]
    vocab: list[str]
    vocoder: dict[str, Any]
    training: TrainingConfig
    vocoder_training: VocoderTrainingConfig

    @property
    def arch(self) -> dict[str, Any]:
        """The architecture."""
        return self.model["arch"]  # type: ignore[no-any-return]

    @property
    def mel_spec(self) -> MelSpecDescription:
        """The mels."""
        return MelSpecDescription.model_validate(self.model["mel_spec"])


def read_settings() -> Settings:
    """Read models/small.yaml."""
    return Settings.model_validate(yaml.safe_load(CONFIG.read_text()))
