"""What the text front end hands on: sentences as they are written and as they are said, with their pauses."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Pronunciation:
    """How a part of a sentence is said, for models that read phonemes.

    Args:
        start: the part's first character in `Sentence.spoken`.
        end: the one after its last.
        ipa: its sounds, in the International Phonetic Alphabet.
    """

    start: int
    end: int
    ipa: str


@dataclass(frozen=True)
class Sentence:
    """A sentence, or the part of one that a pause ends.

    Args:
        written: as the caller wrote it, without markup.
        spoken: what is said: words, and of marks only . , ? ! ; : - '
        pause_after: seconds of silence after it; 0: speech runs on.
        rate: its pace over the usual one.
        pronunciations: parts of `spoken` that are said otherwise than they are spelt.
    """

    written: str
    spoken: str
    pause_after: float = 0.0
    rate: float = 1.0
    pronunciations: tuple[Pronunciation, ...] = ()


@dataclass(frozen=True)
class Script:
    """All that is said for one text.

    Args:
        pause_before: seconds of silence before the first sentence.
        sentences: in the order in which they are said.
    """

    pause_before: float
    sentences: tuple[Sentence, ...]

    @property
    def digest(self) -> str:
        """[64 hex digits], the same for two scripts of which the same is said."""
        said = [
            [each.spoken, each.pause_after, each.rate, *map(astuple, each.pronunciations)] for each in self.sentences
        ]
        return hashlib.sha256(json.dumps([self.pause_before, said]).encode()).hexdigest()

    @property
    def spoken_text(self) -> str:
        """What is said, as one string."""
        return " ".join(sentence.spoken for sentence in self.sentences)


class UnsayableError(Exception):
    """A text that cannot be said.

    Args:
        reason: a sentence on what is wrong in it, and one on what would help.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
