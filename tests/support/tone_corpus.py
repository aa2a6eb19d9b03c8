"""Tones in place of speech: each phoneme sounds at a pitch of its own and lasts for a time of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.phonemes import MARKS, STRESS
from models.kokoro import QUIET_SECONDS, SAMPLE_RATE, Spoken, Voice, to_words
from models.make_corpus import Script, make, write_corpus

SENTENCES = [
    "The old gate was painted green before the winter came.",
    "Seven people waited in the rain for the last bus home.",
    "My father knows how to whistle without moving his lips.",
    "Nobody told the children where the treasure was buried.",
    "She reads a book a week and forgets them all by summer.",
]
SOUNDS = [
    "aɪ", "b", "d", "d͡ʒ", "f", "h", "i", "j", "k", "l", "m", "n", "oʊ", "p", "s", "t", "t͡ʃ", "u", "v", "w", "z",
    "æ", "ð", "ŋ", "ɑ", "ɔ", "ə", "ɚ", "ɛ", "ɡ", "ɪ", "ɹ", "ʃ", "ʌ", "ʒ", "θ", "aʊ", "eɪ", "ɔɪ", "ʊ",
]  # fmt: skip
MARK_SECONDS = 0.2


def hertz(phoneme: str) -> float:
    """How high a phoneme sounds."""
    return 300.0 * 1.05 ** SOUNDS.index(phoneme.lstrip(STRESS))


def seconds(phoneme: str) -> float:
    """How long it sounds; a mark is silent for that long."""
    return MARK_SECONDS if phoneme in MARKS else 0.05 + 0.005 * (SOUNDS.index(phoneme.lstrip(STRESS)) % 10)


def say(text: str, voice: Voice) -> Spoken:
    """Do as the teacher does."""
    words = to_words(text)
    quiet = np.zeros(round(QUIET_SECONDS * SAMPLE_RATE))
    pieces, starts = [quiet], []
    for phoneme in (phoneme for word in words for phoneme in word.phonemes):
        starts.append(sum(map(len, pieces)) / SAMPLE_RATE)
        time = np.arange(round(seconds(phoneme) / voice.speed * SAMPLE_RATE)) / SAMPLE_RATE
        pieces.append(0 * time if phoneme in MARKS else 0.3 * np.sin(2 * np.pi * hertz(phoneme) * time))
    return Spoken(np.concatenate([*pieces, quiet]).astype(np.float32), words, starts)


def write_tones(folder: Path, hours: float = 0.001, seed: int = 0, lines: int = 24) -> None:
    """Add parts of so many lines to a corpus of tones, until it has so many hours."""
    script = Script(SENTENCES, seed)
    write_corpus(folder, hours, lambda numbers: (make(script.order(number), say) for number in numbers[:lines]))
