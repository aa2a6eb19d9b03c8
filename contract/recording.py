"""What a usable recording is: of a champion's voice, with the transcript of what is said in it.

`prepare` is what the endpoint speaks from; `check` tells people everything that is wrong before they upload.

Silence and length are treated as upstream's `preprocess_ref_audio_text` treats them (f5_tts/infer/utils_infer.py, which
works on pydub's millisecond slices), but in memory and in one pass over the samples.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import soundfile
from numpy.typing import NDArray

MIN_SECONDS = 1
MAX_SECONDS = 12
MIN_SOUND_SECONDS = 0.5  # without it nothing can be spoken
PLAUSIBLE_BYTES_PER_SECOND = (2, 80)  # of a transcript, in UTF-8; speech has 10 to 40 in any script
FULL_SCALE = 0.999
CLIPPED_SAMPLES = 3  # in a row at full scale: a peak that was cut off, not one that was raised to it

Waveform: TypeAlias = NDArray[np.float64]
"""A recording: [frames, channels], full scale 1."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        part: with which of the two.
        problem: what it is and what to do about it, to be read after the part's name.
    """

    part: Literal["recording", "transcript"]
    problem: str

    def __str__(self) -> str:
        return f"the {self.part} {self.problem}"


class ReferenceUnusableError(Exception):
    """A recording or transcript that no voice can be cloned from; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding


@dataclass(frozen=True)
class Recording:
    """A recording that a voice can be cloned from."""

    wave: NDArray[np.float64]  # [frames], trimmed, the mean of all channels
    rate: int  # frames a second
    prompt: str  # the transcript, as `prompt` ends it

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.wave) / self.rate


def prepare(data: bytes, transcript: str) -> Recording:
    """Read a recording of any rate and channel count and trim it.

    Args:
        data: a sound file (WAV, FLAC, OGG, MP3; whatever libsndfile reads).
        transcript: what is said in it.

    Raises:
        ReferenceUnusableError: no sound file, silent, shorter than half a second, or without a transcript that can be
            what is said in it.
    """
    text = prompt(transcript)
    wave, rate = _read(data)
    recording = Recording(_sound(wave, rate), rate, text)
    slowest, fastest = PLAUSIBLE_BYTES_PER_SECOND
    if not slowest <= len(text.removesuffix(" ").encode("utf-8")) / recording.seconds <= fastest:
        raise _unusable(
            "transcript",
            f"has {len(transcript.strip())} characters and the recording lasts {recording.seconds:.1f} s, so it cannot "
            "be what is said in it: put both right",
        )
    return recording


def check(data: bytes, transcript: str) -> list[Finding]:
    """Everything that is wrong with a recording and its transcript; nothing, if a voice is cloned well from them.

    Args:
        data: a sound file.
        transcript: what is said in it.
    """
    findings: list[Finding] = []
    with _noting(findings):
        wave, rate = _read(data)
        findings += _flaws(wave, rate)
        _sound(wave, rate)
    with _noting(findings):
        prepare(data, transcript)
    return findings


def prompt(transcript: str) -> str:
    """The text that the network reads before the new text: a transcript, ended as upstream ends it.

    It gets a full stop if it has none and, unless the mark is Chinese, two spaces: one from upstream's
    `preprocess_ref_audio_text`, one from its `infer_batch_process`. What upstream reckons a pace by lacks the second.

    Raises:
        ReferenceUnusableError: there is nothing in it.
    """
    transcript = transcript.removeprefix("\ufeff").strip()
    if not transcript:
        raise _unusable("transcript", "is empty: write down what is said")
    if transcript.endswith("。"):
        return transcript
    return f"{transcript}  " if transcript.endswith(".") else f"{transcript}.  "


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


def _read(data: bytes) -> tuple[Waveform, int]:
    """A sound file's samples and rate.

    Raises:
        ReferenceUnusableError: there are none in it.
    """
    try:
        wave, rate = soundfile.read(io.BytesIO(data), dtype="float64", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise _unusable("recording", "is no sound file that can be read: save it as a WAV file") from error
    if not np.isfinite(wave).all():
        raise _unusable("recording", "holds values that are no numbers: save it again")
    return wave, rate


def _sound(wave: Waveform, rate: int) -> NDArray[np.float64]:
    """A recording trimmed, with its channels mixed: [frames].

    Raises:
        ReferenceUnusableError: it is too short or silent.
    """
    mixed: NDArray[np.float64] = trim(wave, rate).mean(axis=1)
    # In single precision, in which the engine measures its level.
    is_silent = not np.square(mixed.astype(np.float32)).any()
    if len(mixed) < MIN_SOUND_SECONDS * rate or is_silent:
        raise _unusable("recording", "holds less than half a second of sound: record more")
    return mixed


def _flaws(wave: Waveform, rate: int) -> list[Finding]:
    """What makes a voice worse but does not keep it from being cloned."""
    seconds = len(wave) / rate
    flaws = {
        f"lasts {seconds:.1f} s: record at least {MIN_SECONDS} s, better 3 to {MAX_SECONDS}": seconds < MIN_SECONDS,
        f"lasts {seconds:.1f} s: cut it to {MAX_SECONDS} s, and the transcript to what is said in them": (
            seconds > MAX_SECONDS
        ),
        "is clipped: record it again at a lower level": _is_clipped(wave),
    }
    return [Finding("recording", problem) for problem, found in flaws.items() if found]


def _is_clipped(wave: Waveform) -> bool:
    cut_off = (np.abs(wave) >= FULL_SCALE).T  # [channels, frames]
    run = cut_off[:, CLIPPED_SAMPLES - 1 :]
    for shift in range(1, CLIPPED_SAMPLES):
        run = run & cut_off[:, CLIPPED_SAMPLES - 1 - shift : -shift]
    return bool(run.any())


@contextmanager
def _noting(findings: list[Finding]) -> Iterator[None]:
    """Add to the findings what keeps the block from being done."""
    try:
        yield
    except ReferenceUnusableError as error:
        if error.finding not in findings:
            findings.append(error.finding)


def _unusable(part: Literal["recording", "transcript"], problem: str) -> ReferenceUnusableError:
    return ReferenceUnusableError(Finding(part, problem))
