"""espeak-ng's library: a sentence's speech, and when each of its phonemes begins.

The command line tool makes the same samples and does not tell the phonemes.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable, Iterator
from ctypes.util import find_library
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

# espeak-ng/speak_lib.h
SYNCHRONOUS = 2
WITH_PHONEMES = 1
PITCH, RATE = 3, 1
FROM_THE_START, TO_THE_END = 0, 0
BY_CHARACTER = 1
WITH_END_PAUSE = 0x1000
LIST_ENDS, PHONEME = 0, 7

TOGETHER = 20

# Of a process that speaks.
_library: ctypes.CDLL
_sample_rate: int


@dataclass(frozen=True)
class Voice:
    """A voice of espeak-ng: its options -v, -p (0 to 99) and -s (words per minute)."""

    name: str
    pitch: int
    words_per_minute: int


@dataclass(frozen=True)
class Spoken:
    """What espeak-ng makes of a sentence.

    Attributes:
        samples: [samples], between -1 and 1.
        sample_rate: of them, in Hz.
        phonemes: each phoneme's first sample and its name, in espeak-ng's own notation; those of pauses begin with _.
    """

    samples: NDArray[np.float32]
    sample_rate: int
    phonemes: list[tuple[int, str]]


class _Name(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("phoneme", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Name),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


def synthesise(utterances: Iterable[tuple[str, Voice]]) -> Iterator[Spoken]:
    """Sentences in voices, one after the other; exits when espeak-ng is missing.

    What espeak-ng says depends a little on what it said before. So each TOGETHER utterances are spoken in a process of
    their own, and the same ones come out the same on any number of cores.

    Args:
        utterances: text and voice.
    """
    path = find_library("espeak-ng")
    if path is None:
        sys.exit("espeak-ng is missing: install it, on Debian and Ubuntu with `apt install espeak-ng`.")
    with get_context("fork").Pool(initializer=_begin, initargs=(path,), maxtasksperchild=1) as pool:
        yield from pool.imap(_speak, utterances, chunksize=TOGETHER)


def _begin(path: str) -> None:
    global _library, _sample_rate
    _library = ctypes.CDLL(path)
    _sample_rate = _library.espeak_Initialize(SYNCHRONOUS, 0, None, WITH_PHONEMES)


def _speak(utterance: tuple[str, Voice]) -> Spoken:
    text, voice = utterance
    pieces: list[NDArray[np.int16]] = []
    phonemes: list[tuple[int, str]] = []

    def take(wave: ctypes._Pointer[ctypes.c_short], length: int, events: ctypes._Pointer[_Event]) -> int:
        if wave and length > 0:
            pieces.append(np.ctypeslib.as_array(wave, (length,)).copy())
        index = 0
        while events[index].type != LIST_ENDS:
            if events[index].type == PHONEME:
                phonemes.append((events[index].sample, events[index].id.phoneme.decode()))
            index += 1
        return 0

    callback = _Callback(take)
    _library.espeak_SetSynthCallback(callback)
    if _library.espeak_SetVoiceByName(voice.name.encode()) != 0:
        raise ValueError(f"espeak-ng has no voice {voice.name}.")
    _library.espeak_SetParameter(RATE, voice.words_per_minute, 0)
    _library.espeak_SetParameter(PITCH, voice.pitch, 0)
    said = text.encode() + b"\0"
    _library.espeak_Synth(
        said, ctypes.c_size_t(len(said)), FROM_THE_START, BY_CHARACTER, TO_THE_END, WITH_END_PAUSE, None, None
    )
    return Spoken(np.concatenate(pieces).astype(np.float32) / np.float32(32768), _sample_rate, phonemes)
