"""From a champion's recording and transcript to what the network is conditioned on.

Silence and length are treated as upstream's `preprocess_ref_audio_text` treats them (f5_tts/infer/utils_infer.py, which
works on pydub's millisecond slices), but in memory and in one pass over the samples. One thing differs: upstream raises
recordings below 11,025 Hz to that rate by linear interpolation before it resamples; here they are resampled once.
"""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
import soundfile
import torch
import torchaudio
from numpy.typing import NDArray
from torch import Tensor

from engine.checkpoint import MelSpecDescription

MAX_SECONDS = 12
TARGET_RMS = 0.1
PLAUSIBLE_BYTES_PER_SECOND = (2, 80)  # of a transcript, in UTF-8; speech has 10 to 40 in any script

Waveform: TypeAlias = NDArray[np.float64]
"""A recording: [frames, channels], full scale 1."""


class ReferenceUnusableError(Exception):
    """A recording or transcript that no voice can be cloned from; the message says why."""


@dataclass(frozen=True)
class Reference:
    """A champion's voice, ready for the network."""

    mel: Tensor  # [frames, mel channels], log mel of the recording raised to TARGET_RMS, on the CPU, fp32
    samples: int  # of the recording at the model's sample rate
    seconds: float  # of the recording at its own rate, which upstream's chunk length goes by
    gain: float  # what the recording's level was divided by; the speech is multiplied with it
    transcript: str  # ends with a sentence mark and a space


def prepare_reference(recording: bytes, transcript: str, mel_spec: MelSpecDescription) -> Reference:
    """Read a recording of any rate and channel count, trim it, and compute its mel.

    Args:
        recording: a sound file (WAV, FLAC, OGG, MP3; whatever libsndfile reads).
        transcript: what is said in it.
        mel_spec: the mel spectrogram that the model was trained on.

    Raises:
        ReferenceUnusableError: no sound file, silent, shorter than half a second, or without a transcript that can be
            what is said in it.
    """
    transcript = finish_sentence(transcript)
    try:
        wave, rate = soundfile.read(io.BytesIO(recording), dtype="float64", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise ReferenceUnusableError("the recording is no sound file that can be read") from error
    if not np.isfinite(wave).all():
        raise ReferenceUnusableError("the recording holds values that are no numbers")
    wave = trim(wave, rate)
    mono = torch.from_numpy(wave.mean(axis=1, keepdims=True).T).float()  # [1, frames]
    level = float(mono.square().mean().sqrt()) if mono.numel() else 0.0
    if mono.shape[1] < rate * 0.5 or level == 0:
        raise ReferenceUnusableError("the recording holds less than half a second of sound")
    seconds = mono.shape[1] / rate
    slowest, fastest = PLAUSIBLE_BYTES_PER_SECOND
    if not slowest <= len(transcript.encode("utf-8")) / seconds <= fastest:
        raise ReferenceUnusableError(
            f"the transcript has {len(transcript)} characters and the recording lasts {seconds:.1f} s, "
            "so it cannot be what is said in it"
        )
    gain = min(1.0, level / TARGET_RMS)
    resampled = torchaudio.functional.resample(mono / gain, rate, mel_spec.target_sample_rate)
    return Reference(
        mel=log_mel(resampled[0], mel_spec),
        samples=resampled.shape[1],
        seconds=seconds,
        gain=gain,
        transcript=transcript,
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


def finish_sentence(transcript: str) -> str:
    """The transcript with the sentence mark and space at its end that the network expects before the new text.

    Raises:
        ReferenceUnusableError: there is nothing in it.
    """
    transcript = transcript.removeprefix("\ufeff").strip()
    if not transcript:
        raise ReferenceUnusableError("the transcript is empty")
    if transcript.endswith("。"):
        return transcript
    return transcript + " " if transcript.endswith(".") else transcript + ". "


def trim(wave: Waveform, rate: int) -> Waveform:
    """Cut a recording to 12 s at a silence, drop the silence at its edges, and add 50 ms of silence at its end.

    Args:
        wave: [frames, channels].
        rate: frames a second.

    Returns:
        [frames, channels], at most 12.05 s.
    """
    trimmed = _until_too_long(wave, rate, _split_on_silence(wave, rate, min_silence_ms=1000, threshold_db=-50))
    if _milliseconds(trimmed, rate) > MAX_SECONDS * 1000:
        trimmed = _until_too_long(wave, rate, _split_on_silence(wave, rate, min_silence_ms=100, threshold_db=-40))
    trimmed = _slice(trimmed, rate, 0, MAX_SECONDS * 1000)
    trimmed = _slice(trimmed, rate, _leading_silence(trimmed, rate), _milliseconds(trimmed, rate))
    trailing = _leading_silence(trimmed[::-1], rate)
    if trailing:
        trimmed = _slice(trimmed, rate, 0, _milliseconds(trimmed, rate) - trailing)
    # Upstream's 50 ms to the frame: 551 frames at 11,025 Hz, interpolated up to the recording's rate.
    return np.concatenate([trimmed, np.zeros((int(550 * rate / 11025) + 1, wave.shape[1]))])


def _milliseconds(wave: Waveform, rate: int) -> int:
    return round(1000 * len(wave) / rate)


def _slice(wave: Waveform, rate: int, start_ms: int, end_ms: int) -> Waveform:
    """Frames of the time from start to end; up to a millisecond short of it at the end is filled with silence."""
    end_ms = min(end_ms, _milliseconds(wave, rate))
    start, end = int(start_ms * (rate / 1000)), int(end_ms * (rate / 1000))
    part = wave[start:end]
    missing = max(0, end - start) - len(part)
    return np.concatenate([part, np.zeros((missing, wave.shape[1]))]) if missing > 0 else part


def _levels(wave: Waveform, rate: int, starts_ms: NDArray[np.int64], length_ms: int) -> NDArray[np.float64]:
    """RMS of each window over all channels, in whole steps of 16 bits, as pydub reads it from the file."""
    steps = np.clip(np.rint(wave * 32768), -32768, 32767)
    energy = np.concatenate([[0.0], np.cumsum(np.square(steps).mean(axis=1))])
    total_ms = _milliseconds(wave, rate)
    begin = (starts_ms * (rate / 1000)).astype(np.int64)
    end = (np.minimum(starts_ms + length_ms, total_ms) * (rate / 1000)).astype(np.int64)
    inside = energy[np.minimum(end, len(wave))] - energy[np.minimum(begin, len(wave))]
    rms: NDArray[np.float64] = np.sqrt(inside / np.maximum(end - begin, 1))
    return np.floor(rms)


def _split_on_silence(wave: Waveform, rate: int, min_silence_ms: int, threshold_db: float) -> list[tuple[int, int]]:
    """Spans between silences in milliseconds, each with up to a second of the silence around it."""
    total, step, keep = _milliseconds(wave, rate), 10, 1000
    starts = np.arange(0, total - min_silence_ms + 1, step)
    if total >= min_silence_ms and (total - min_silence_ms) % step:
        starts = np.append(starts, total - min_silence_ms)
    threshold = 10 ** (threshold_db / 20) * 32768
    silent = starts[_levels(wave, rate, starts, min_silence_ms) <= threshold]
    if not len(silent):
        return [(0, total)]
    # Windows that overlap are one silence: [[start, end], ...]
    breaks = np.flatnonzero((np.diff(silent) != step) & (np.diff(silent) > min_silence_ms))
    silences = np.stack([silent[np.append(0, breaks + 1)], silent[np.append(breaks, -1)] + min_silence_ms], axis=1)
    if silences[0, 0] == 0 and silences[0, 1] == total:
        return []
    edges = [0, *silences.ravel().tolist(), total]
    spans = [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    if spans[-1][0] == total:
        spans.pop()
    if spans[0] == (0, 0):
        spans.pop(0)
    kept = [[start - keep, end + keep] for start, end in spans]
    for before, after in itertools.pairwise(kept):
        if after[0] < before[1]:  # a silence shorter than what both sides would keep is shared
            before[1] = after[0] = (before[1] + after[0]) // 2
    return [(max(start, 0), min(end, total)) for start, end in kept]


def _until_too_long(wave: Waveform, rate: int, spans: list[tuple[int, int]]) -> Waveform:
    """Join spans, but stop before one that would carry what is already 6 s beyond 12 s."""
    joined = wave[:0]
    for start, end in spans:
        longer = np.concatenate([joined, _slice(wave, rate, start, end)])
        if _milliseconds(joined, rate) > 6000 and _milliseconds(longer, rate) > MAX_SECONDS * 1000:
            break
        joined = longer
    return joined


def _leading_silence(wave: Waveform, rate: int, threshold_db: float = -42) -> int:
    """Milliseconds of silence at the start, in steps of 10."""
    total = _milliseconds(wave, rate)
    starts = np.arange(0, total, 10)
    loud = np.flatnonzero(_levels(wave, rate, starts, 10) >= 10 ** (threshold_db / 20) * 32768)
    return int(starts[loud[0]]) if len(loud) else total
