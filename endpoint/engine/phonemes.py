"""Phonemes and how long each lasts: a text read aloud in time.

PUT HERE: arithmetic on phonemes. DO NOT PUT HERE: how a text becomes phonemes (`engine.reader`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

SILENCE = "<sil>"
MARKS = frozenset(".,!?;:")
STRESS = "ˈˌ"
FAR = 6  # phonemes before a mark, from where on a phoneme does not feel it


class PhonemeVocabulary:
    """The phonemes that a network knows.

    Args:
        tokens: every token in the order of their numbers: phonemes, marks and silence.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self._numbers = {token: number for number, token in enumerate(tokens)}

    def number(self, token: str) -> int:
        """The number of a token that `nearest` gave."""
        return self._numbers[token]

    def nearest(self, phoneme: str) -> str:
        """A phoneme, or the same one with another stress where the network does not know it so; else silence."""
        core = phoneme.lstrip(STRESS)
        return next((name for name in (phoneme, STRESS[0] + core, core) if name in self._numbers), SILENCE)


class Durations(NamedTuple):
    """How long phonemes last: a sum of logarithms of seconds, each from a table.

    Attributes:
        own: of each phoneme or mark.
        before: what the phoneme before it adds.
        after: what the phoneme after it adds.
        to_mark: what the number of phonemes to the next mark adds, 0 to FAR: a phrase's end is drawn out.
    """

    own: Mapping[str, float]
    before: Mapping[str, float]
    after: Mapping[str, float]
    to_mark: Sequence[float]

    @classmethod
    def read(cls, path: Path) -> Durations:
        """Read what `write` wrote.

        Raises:
            OSError: there is no such file.
            TypeError, ValueError: it holds something else.
        """
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def write(self, path: Path) -> None:
        """Write the tables as JSON."""
        path.write_text(json.dumps(self._asdict(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def seconds(self, phonemes: Sequence[str]) -> list[float]:
        """How long each phoneme of a text lasts at the pace that the tables were made from."""
        silent = [SILENCE, *phonemes, SILENCE]
        distances = to_marks(phonemes)
        return [
            math.exp(
                self.own[phoneme]
                + self.before.get(silent[at], 0.0)
                + self.after.get(silent[at + 2], 0.0)
                + self.to_mark[distances[at]]
            )
            for at, phoneme in enumerate(phonemes)
        ]


def to_marks(phonemes: Sequence[str]) -> list[int]:
    """For each phoneme, how many others lie between it and the next mark or the end, at most FAR."""
    distances, distance = [], 0
    for phoneme in reversed(phonemes):
        distance = 0 if phoneme in MARKS else min(distance + 1, FAR)
        distances.append(distance)
    return distances[::-1]


def spread(seconds: Sequence[float], frames: int) -> list[int]:
    """How many of so many frames each phoneme gets, in proportion to its seconds; all are given out."""
    total = sum(seconds)
    edges = [round(frames * edge / total) for edge in accumulate(seconds, initial=0.0)]
    return [end - begin for begin, end in pairwise(edges)]
