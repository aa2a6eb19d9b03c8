"""Train the small model's vocoder: vocos's Vocos, from log mel to waveform, on the same corpus.

First it learns to make the recorded spectra, which leaves a buzz: what a mel does not tell comes out as its mean. Then
discriminators of complex spectra and of periods, which learn to tell recorded speech from its, teach it to choose.
Their size is a matter of cost: those of spectra are vocos's own, half as wide; those of periods are narrower and fewer.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from vocos.discriminators import DiscriminatorR
from vocos.loss import DiscriminatorLoss, FeatureMatchingLoss, GeneratorLoss

from engine.upstream import Vocos
from models.corpus import Recording
from models.discriminators import PeriodDiscriminator
from models.settings import Settings
from models.training import Training

# Windows of 5 to 85 ms: the short ones see each pulse of the voice, the long ones its harmonics.
FFT_SIZES = (128, 256, 512, 1024, 2048)
DISCRIMINATOR_FFT_SIZES = (2048, 1024, 512)  # vocos.discriminators.MultiResolutionDiscriminator's
MEL_WEIGHT = 45.0  # vocos.experiment.VocosExp's


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
        spectra_first: it begins with random weights, which must learn to make spectra before discriminators teach.
    """

    def __init__(
        self,
        settings: Settings,
        recordings: list[Recording],
        device: torch.device,
        folder: Path,
        spectra_first: bool = True,
    ) -> None:
        self._training = training = settings.vocoder_training
        torch.manual_seed(training.seed)
        config = folder / "vocoder.yaml"
        config.write_text(yaml.safe_dump(settings.vocoder))
        self.vocos = Vocos.from_hparams(str(config)).to(device)
        self.average = AveragedModel(self.vocos, multi_avg_fn=get_ema_multi_avg_fn(training.ema))  # type: ignore[no-untyped-call]
        self.discriminators = nn.ModuleList(
            [DiscriminatorR(size, channels=training.discriminator_channels) for size in DISCRIMINATOR_FFT_SIZES]
            + [PeriodDiscriminator(period, training.period_widths) for period in training.periods]
        ).to(device)
        parameters = [*self.vocos.backbone.parameters(), *self.vocos.head.parameters()]
        adam, critic = (
            torch.optim.AdamW(each, lr=training.lr, betas=(0.8, 0.95))
            for each in (parameters, list(self.discriminators.parameters()))
        )
        kept = {
            "vocos": self.vocos,
            "average": self.average,
            "adam": adam,
            "discriminators": self.discriminators,
            "critic": critic,
        }
        super().__init__("vocoder", folder, kept, [adam, critic], device)
        self.resume()
        self._samples = training.crop_frames * settings.mel_spec.hop_length
        self._waves = [recording.wave for recording in recordings if len(recording.wave) > self._samples]
        self._draw = np.random.default_rng(training.seed + self.step)
        self._adversarial_after = training.adversarial_after if spectra_first else 0.0

    def begin_with(self, weights: dict[str, Tensor]) -> None:
        """Take weights for the vocoder and for its average."""
        self.vocos.load_state_dict(weights)
        self.average.module.load_state_dict(weights)

    def rate(self, progress: float) -> float:
        """Level, and from half of the time on down to nothing."""
        return min(1.0, 2 * (1 - progress))

    def losses(self, progress: float) -> dict[str, Tensor]:
        """How far the waveform made from a batch's log mel lies from it: as spectra, or as discriminators see it."""
        crops = _crops(self._waves, self._samples, self._training.batch, self._draw)
        recorded = torch.from_numpy(crops).to(self.device)
        # Loudness differs between champions and requests.
        recorded *= torch.empty(len(recorded), 1, device=self.device).uniform_(-1.5, 0.5).exp()
        mel = self.vocos.feature_extractor(recorded)
        # Not Vocos.decode, which learns nothing.
        with self._fast_matrices():
            features = self.vocos.backbone(mel)
        spoken = self.vocos.head(features.float())[:, : recorded.shape[1]]
        recorded = recorded[:, : spoken.shape[1]]
        again = self.vocos.feature_extractor(spoken)
        frames = min(mel.shape[2], again.shape[2])
        mel_loss = MEL_WEIGHT * functional.l1_loss(again[..., :frames], mel[..., :frames])
        if progress < self._adversarial_after:
            return {"mel": mel_loss, "spectra": MEL_WEIGHT * spectral_loss(spoken, recorded)}
        return {"mel": mel_loss, **self._adversarial_losses(spoken, recorded)}

    def stepped(self) -> None:
        """Take the new weights into the average."""
        self.average.update_parameters(self.vocos)

    def _adversarial_losses(self, spoken: Tensor, recorded: Tensor) -> dict[str, Tensor]:
        """The vocoder's losses, which the discriminators learn nothing from, and theirs, which it learns nothing from.

        Args:
            spoken: [batch, samples], the vocoder's.
            recorded: the same, as it was recorded.
        """
        of_recorded, recorded_maps = self._judge(recorded)
        of_spoken, _ = self._judge(spoken.detach())
        self.discriminators.requires_grad_(False)
        judged, maps = self._judge(spoken)
        self.discriminators.requires_grad_(True)
        count = len(self.discriminators)
        recorded_maps = [[each.detach() for each in several] for several in recorded_maps]
        return {
            "adversarial": GeneratorLoss()(judged)[0].squeeze() / count,
            "features": FeatureMatchingLoss()(maps, recorded_maps).squeeze() / count,
            "discriminators": DiscriminatorLoss()(of_recorded, of_spoken)[0].squeeze() / count,
        }

    def _judge(self, wave: Tensor) -> tuple[list[Tensor], list[list[Tensor]]]:
        """What each discriminator says of waveforms, and its feature maps."""
        with self._fast_matrices():
            judged = [discriminator(wave) for discriminator in self.discriminators]
        return [verdict.float() for verdict, _ in judged], [[each.float() for each in maps] for _, maps in judged]

    def _fast_matrices(self) -> torch.autocast:
        """Where bf16 is precise enough: not in phases, nor in the mels that are compared."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.dtype == torch.bfloat16)


def _crops(
    waves: list[NDArray[np.float32]], samples: int, batch: int, draw: np.random.Generator
) -> NDArray[np.float32]:
    chosen = (waves[index] for index in draw.integers(len(waves), size=batch))
    starts = ((wave, int(draw.integers(len(wave) - samples))) for wave in chosen)
    return np.stack([wave[start : start + samples] for wave, start in starts])
