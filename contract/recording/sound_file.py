"""From the bytes of a sound file to samples, whatever it is called."""

from __future__ import annotations

import io
import math
import re
from typing import NamedTuple, TypeAlias

import numpy as np
import soundfile
from numpy.typing import NDArray

from contract.recording.finding import Finding, ReferenceUnusableError
from contract.recording.kinds import kind_of

MIN_RATE, MAX_RATE = 8_000, 192_000
MAX_SAMPLES = 5_000_000  # over all channels: 26 s of stereo at 96 kHz. A FLAC file of silence holds hours in a megabyte
UNKNOWN = 2**62  # frames: what libsndfile says, or more, where a file does not tell how many there are
MAX_LOST_SECONDS = 0.1  # of a file that is cut off: headers are wrong by a few bytes, and estimates by a frame
MAX_DECLARED_BYTES = 2**30  # what declares more was written to a pipe, by a program that could not know its length

Waveform: TypeAlias = NDArray[np.float64]
"""[frames, channels], full scale 1."""

_FELL_SHORT = re.compile(r": (\d+) \(should be (\d+)\)")
"""libsndfile's log of a size in a header, and of what is there."""

_MPEG = re.compile(rb"\xff[\xe2-\xe5\xf2-\xf5\xfa-\xfd]")
"""How a frame of MP3 or MP2 begins."""


class Sound(NamedTuple):
    """A recording's samples."""

    wave: Waveform
    rate: int  # frames a second

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.wave) / self.rate


def read(data: bytes) -> Sound:
    """Read WAV, FLAC, Ogg (Vorbis, Opus), MP3, AIFF, AU, CAF and whatever else libsndfile reads.

    Samples beyond full scale, as floats may be, are turned down as a whole.

    Raises:
        ReferenceUnusableError: it cannot be read, is cut off, holds values that are no numbers, or has too low or high
            a rate.
    """
    sound, log, frames = _decode(data)
    if not MIN_RATE <= sound.rate <= MAX_RATE:
        raise _unusable(f"has {sound.rate} samples a second: save it with {MIN_RATE} to {MAX_RATE}")
    if _is_cut_off(sound, log, frames):
        raise _unusable(f"is cut off after {sound.seconds:.1f} s: save it again as a whole")
    if not np.isfinite(sound.wave).all():
        raise _unusable("holds values that are no numbers: save it again")
    return Sound(sound.wave / max(1.0, np.abs(sound.wave).max(initial=0.0)), sound.rate)


def _as_libsndfile_reads_it(data: bytes) -> bytes:
    """A file with what libsndfile needs to know it by; all others as they are."""
    if data.startswith(b"RIFF"):  # where the length is 0, it reads nothing; where it is the largest, all there is
        return data.replace(b"data\0\0\0\0", b"data\xff\xff\xff\xff", 1)
    if _MPEG.match(data):  # which it knows by the file's name, or a tag before the sound
        return b"ID3\4\0\0\0\0\0\x0a" + bytes(10) + data
    return data


def _decode(data: bytes) -> tuple[Sound, str, int]:
    """A file's samples, what libsndfile noted of it, and how many frames it was to have."""
    try:
        with soundfile.SoundFile(io.BytesIO(_as_libsndfile_reads_it(data))) as file:
            if MAX_SAMPLES < file.frames * file.channels < UNKNOWN:
                seconds = file.frames / file.samplerate
                raise _unusable(f"lasts {seconds:.1f} s: cut recording and transcript to a few seconds")
            wave = file.read(MAX_SAMPLES, dtype="float64", always_2d=True)
            return Sound(wave, file.samplerate), file.extra_info, file.frames
    except (soundfile.LibsndfileError, RuntimeError) as error:
        kind = kind_of(data)
        what = f"cannot be read, this is {kind}" if kind else "is no sound file that can be read"
        raise _unusable(f"{what}: save it as a WAV file") from error


def _is_cut_off(sound: Sound, log: str, frames: int) -> bool:
    """Whether less is there than a file's header tells of, or its end is missing."""
    if "lacks an end-of-stream bit" in log:
        return True
    lost = max(0.0, frames / sound.rate - sound.seconds)
    for declared, there in (map(int, sizes) for sizes in _FELL_SHORT.findall(log)):
        if there < declared < MAX_DECLARED_BYTES:
            lost = max(lost, (declared - there) / there * sound.seconds if there else math.inf)
    return lost > MAX_LOST_SECONDS


def _unusable(problem: str) -> ReferenceUnusableError:
    return ReferenceUnusableError(Finding("recording", problem))
