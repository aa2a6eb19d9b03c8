"""Whether a voice can be cloned from a recording and its transcript, and both as a voice is cloned from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from contract.recording.finding import Finding, ReferenceUnusableError
from contract.recording.levels import clipped_share, peak, put_right, signal_to_noise
from contract.recording.measures import Measures
from contract.recording.sound_file import Sound, read
from contract.recording.transcript import judge_pace, prompt
from contract.recording.trimming import TAIL_SECONDS, trim

MIN_SOUND_SECONDS = 0.5  # without it nothing can be spoken
MIN_SECONDS = 1  # without it a voice is not cloned well
MAX_SECONDS = 12  # of speech
MAX_CLIPPED_SHARE = 0.001
MIN_SIGNAL_TO_NOISE = 6  # dB; what is cloned beyond it is the noise


@dataclass(frozen=True)
class Recording:
    """A recording that a voice can be cloned from."""

    wave: NDArray[np.float64]  # [frames], trimmed, one channel
    rate: int  # frames a second
    prompt: str  # the transcript, as `transcript.prompt` ends it

    @property
    def seconds(self) -> float:
        """How long it lasts, with the silence that `trim` adds."""
        return len(self.wave) / self.rate


class Examination(NamedTuple):
    """What there is to tell people of a recording and its transcript.

    Attributes:
        findings: everything that is wrong; nothing, if a voice is cloned well from them.
        measures: None if the recording cannot be read, or holds no speech.
    """

    findings: list[Finding]
    measures: Measures | None


def prepare(data: bytes, transcript: str) -> Recording:
    """Read a recording of any format, rate and channel count, put it right and trim it.

    Args:
        data: a sound file.
        transcript: what is said in it.

    Raises:
        ReferenceUnusableError: no sound file, silent, shorter than half a second, longer than 12 s, or without a
            transcript that can be what is said in it.
    """
    text = prompt(transcript)
    sound = put_right(read(data))
    wave, seconds = _speech(sound)
    if findings := [*_too_long(seconds), *judge_pace(text, seconds)]:
        raise ReferenceUnusableError(findings[0])
    return Recording(wave, sound.rate, text)


def examine(data: bytes, transcript: str) -> Examination:
    """Find everything that is wrong with a recording and its transcript, and measure it.

    What keeps a voice from being cloned, as `prepare` says, is among it, and what makes it a bad one.
    """
    findings: list[Finding] = []
    measures = None
    with _noting(findings):
        sound = read(data)
        right = put_right(sound)
        _, seconds = _speech(right)
        measures = Measures(
            duration=round(sound.seconds, 3),
            speech=round(seconds, 3),
            peak=round(peak(sound), 1) + 0.0,  # not minus zero
            clipped=round(clipped_share(sound), 6),
            signal_to_noise=round(signal_to_noise(right), 1),
        )
        findings += [*_too_long(seconds), *_flaws(measures)]
    with _noting(findings):
        text = prompt(transcript)
        if measures:
            findings += judge_pace(text, measures.speech)
    return Examination(findings, measures)


def _speech(sound: Sound) -> tuple[NDArray[np.float64], float]:
    """A recording trimmed, with its channels mixed: [frames]; and how many seconds of it are speech.

    Raises:
        ReferenceUnusableError: it is too short or silent.
    """
    mixed: NDArray[np.float64] = trim(sound.wave, sound.rate).mean(axis=1)
    seconds = len(mixed) / sound.rate - TAIL_SECONDS
    # In single precision, in which the engine measures its level.
    is_silent = not np.square(mixed.astype(np.float32)).any()
    if seconds < MIN_SOUND_SECONDS or is_silent:
        problem = "holds less than half a second of sound: record more, or louder"
        raise ReferenceUnusableError(Finding("recording", problem))
    return mixed, seconds


def _too_long(seconds: float) -> list[Finding]:
    if seconds <= MAX_SECONDS:
        return []
    advice = f"cut recording and transcript to at most {MAX_SECONDS} s"
    return [Finding("recording", f"lasts {seconds:.1f} s: {advice}")]


def _flaws(measures: Measures) -> list[Finding]:
    """What makes a voice worse but does not keep it from being cloned."""
    is_clipped = measures.clipped > MAX_CLIPPED_SHARE
    # Clipping makes the loud and the quiet alike: of a clipped recording the estimate of the noise says nothing.
    is_noisy = measures.signal_to_noise < MIN_SIGNAL_TO_NOISE and not is_clipped
    flaws = {
        f"lasts {measures.speech:.1f} s: record at least {MIN_SECONDS} s, better 3 to {MAX_SECONDS}": (
            measures.speech < MIN_SECONDS
        ),
        f"peaks at {measures.peak:.1f} dB in {measures.clipped:.1%} of its samples: record it more softly": is_clipped,
        f"is noisy, its speech {measures.signal_to_noise:.0f} dB above the noise: record it where it is quiet, better "
        "with 30 dB": is_noisy,
    }
    return [Finding("recording", problem) for problem, found in flaws.items() if found]


@contextmanager
def _noting(findings: list[Finding]) -> Iterator[None]:
    """Add to the findings what keeps the block from being done."""
    try:
        yield
    except ReferenceUnusableError as error:
        findings.append(error.finding)
