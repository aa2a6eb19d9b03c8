"""Train the small model's vocoder: vocos's Vocos, from log mel to waveform, on the same corpus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine.upstream import Vocos
from models.corpus import Recording
from models.settings import Settings
from models.training import Training

# Windows of 5 to 85 ms: the short ones see each pulse of the voice, the long ones its harmonics.
FFT_SIZES = (128, 256, 512, 1024, 2048)


def spectral_loss(spoken: Tensor, recorded: Tensor) -> Tensor:
    """How far two waveforms' magnitudes lie apart, over FFT_SIZES: spectral convergence and log magnitude.

    Yamamoto et al. 2020 (arxiv.org/abs/1910.11480).

    Args:
        spoken: [batch, samples].
        recorded: the same.
    """
    loss = torch.zeros((), device=spoken.device)
    for size in FFT_SIZES:
        window = torch.hann_window(size, device=spoken.device)
        a, b = (
            torch.stft(wave, size, size // 4, window=window, return_complex=True).abs().clamp(min=1e-4)
            for wave in (spoken, recorded)
        )
        loss = loss + torch.linalg.norm(a - b) / torch.linalg.norm(b) + (a.log() - b.log()).abs().mean()
    return loss / len(FFT_SIZES)


class VocoderTraining(Training):
    """The vocoder's training.

    Args:
        settings: what it is and how it learns.
        recordings: what it learns from.
        device: where it is trained.
        folder: where the training is kept.
    """

    def __init__(self, settings: Settings, recordings: list[Recording], device: torch.device, folder: Path) -> None:
        self._training = settings.vocoder_training
        torch.manual_seed(self._training.seed)
        config = folder / "vocoder.yaml"
        config.write_text(yaml.safe_dump(settings.vocoder))
        self.vocos = Vocos.from_hparams(str(config)).to(device)
        parameters = [*self.vocos.backbone.parameters(), *self.vocos.head.parameters()]
        adam = torch.optim.AdamW(parameters, lr=self._training.lr, betas=(0.8, 0.95))
        super().__init__("vocoder", folder, {"vocos": self.vocos, "adam": adam}, [adam], device)
        self.resume()
        self._samples = self._training.crop_frames * settings.mel_spec.hop_length
        self._waves = [recording.wave for recording in recordings if len(recording.wave) > self._samples]
        self._draw = np.random.default_rng(self._training.seed + self.step)

    def rate(self, progress: float) -> float:
        """Level, and from half of the time on down to nothing."""
        return min(1.0, 2 * (1 - progress))

    def losses(self, progress: float) -> dict[str, Tensor]:  # noqa: ARG002  the same task from beginning to end
        """How far the waveform made from a batch's log mel lies from the batch, as spectra and as log mel."""
        crops = _crops(self._waves, self._samples, self._training.batch, self._draw)
        recorded = torch.from_numpy(crops).to(self.device)
        # Loudness differs between champions and requests.
        recorded *= torch.empty(len(recorded), 1, device=self.device).uniform_(-1.5, 0.5).exp()
        mel = self.vocos.feature_extractor(recorded)
        # Not Vocos.decode, which learns nothing.
        spoken = self.vocos.head(self.vocos.backbone(mel))[:, : recorded.shape[1]]
        again = self.vocos.feature_extractor(spoken)
        frames = min(mel.shape[2], again.shape[2])
        return {
            "spectra": spectral_loss(spoken, recorded[:, : spoken.shape[1]]),
            "mel": functional.l1_loss(again[..., :frames], mel[..., :frames]),
        }

    def stepped(self) -> None:
        """Nothing."""


def _crops(
    waves: list[NDArray[np.float32]], samples: int, batch: int, draw: np.random.Generator
) -> NDArray[np.float32]:
    chosen = (waves[index] for index in draw.integers(len(waves), size=batch))
    starts = ((wave, int(draw.integers(len(wave) - samples))) for wave in chosen)
    return np.stack([wave[start : start + samples] for wave, start in starts])
