"""A champion's reference: its recording and transcript as the network is conditioned on them.

What a usable recording is, and how it is put right and trimmed, is in `contract.recording`. One thing differs from
upstream's `preprocess_ref_audio_text` (f5_tts/infer/utils_infer.py): it raises recordings below 11,025 Hz to that rate
by linear interpolation before it resamples them; here they are resampled once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
import torchaudio
from torch import Tensor

from contract.recording.usable import prepare
from engine.checkpoint import MelSpecDescription

TARGET_RMS = 0.1
RATE_STEP = 25  # Hz. A filter for 44,101 Hz would take 8 GB, and nobody hears the 3 cents that a rate is off by at most


@dataclass(frozen=True)
class Reference:
    """A champion's voice, ready for the network."""

    mel: Tensor  # [frames, mel channels], log mel of the recording raised to TARGET_RMS, on the CPU, fp32
    samples: int  # of the recording at the model's sample rate
    seconds: float  # of the recording at its own rate, which upstream's split length goes by
    gain: float  # what the recording's level was divided by; the speech is multiplied by it
    prompt: str  # what the network reads before the new text: see `contract.recording.transcript.prompt`

    @property
    def frames(self) -> int:
        """Mel frames of the recording."""
        return len(self.mel)


def prepare_reference(recording: bytes, transcript: str, mel_spec: MelSpecDescription) -> Reference:
    """Read a recording of any format, rate and channel count, put it right, trim it, and compute its mel.

    Args:
        recording: a sound file.
        transcript: what is said in it.
        mel_spec: the mel spectrogram that the model was trained on.

    Raises:
        ReferenceUnusableError: what `contract.recording.usable.prepare` raises.
    """
    prepared = prepare(recording, transcript)
    wave = torch.from_numpy(prepared.wave)[None].float()  # [1, frames]
    gain = min(1.0, float(wave.square().mean().sqrt()) / TARGET_RMS)
    rate = RATE_STEP * round(prepared.rate / RATE_STEP)
    resampled = torchaudio.functional.resample(wave / gain, rate, mel_spec.target_sample_rate)
    return Reference(
        mel=log_mel(resampled[0], mel_spec),
        samples=resampled.shape[1],
        seconds=prepared.seconds,
        gain=gain,
        prompt=prepared.prompt,
    )


def log_mel(wave: Tensor, mel_spec: MelSpecDescription) -> Tensor:
    """The log mel spectrogram of a waveform at the model's sample rate: [samples] -> [frames, mel channels].

    As upstream's get_vocos_mel_spectrogram (f5_tts/model/modules.py): magnitudes on the HTK scale.
    """
    mel: Tensor = _mel_spectrogram(mel_spec)(wave)
    return mel.clamp(min=1e-5).log().T.contiguous()


@cache
def _mel_spectrogram(mel_spec: MelSpecDescription) -> torchaudio.transforms.MelSpectrogram:
    return torchaudio.transforms.MelSpectrogram(
        sample_rate=mel_spec.target_sample_rate,
        n_fft=mel_spec.n_fft,
        win_length=mel_spec.win_length,
        hop_length=mel_spec.hop_length,
        n_mels=mel_spec.n_mel_channels,
        power=1,
    )
