"""English words to phonemes, by gruut: its lexicon, its model for words that are not in it, and the parts of speech.

Symbols are gruut's for en-us: IPA, one string a phoneme, a stressed vowel with its stress mark before it.
"""

# ruff: noqa: RUF001 -- phonemes look like letters

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

import gruut

from engine.phonemes import MARKS

LANGUAGE = "en-us"
PAUSES = {";": ",", ":": ",", "-": ",", "|": ",", "‖": "."}  # gruut's own signs are the last two
_PHONEME = re.compile("[ˈˌ]?(?:d͡ʒ|t͡ʃ|aɪ|aʊ|eɪ|oʊ|ɔɪ|[^ ])")


class Pronunciation(Protocol):
    """How a part of a text is said: see `engine.plan.Pronunciation`."""

    @property
    def start(self) -> int:
        """The part's first character."""

    @property
    def end(self) -> int:
        """The one after its last."""

    @property
    def ipa(self) -> str:
        """Its sounds, in gruut's symbols."""


def transcribe(text: str, pronunciations: Sequence[Pronunciation] = ()) -> list[str]:
    """The phonemes and marks of a text, the last of them a mark.

    Args:
        text: words and marks; numbers and abbreviations are the front end's to write out.
        pronunciations: parts of it that are said otherwise than they are spelt, in order.
    """
    symbols: list[str] = []
    at = 0
    for each in pronunciations:
        symbols += [*_read(text[at : each.start]), *_PHONEME.findall(each.ipa)]
        at = each.end
    symbols += _read(text[at:])
    return symbols if symbols and symbols[-1] in MARKS else [*symbols, "."]


def _read(text: str) -> Iterator[str]:
    spoken = False  # a mark before any word is silence that nobody asked for
    for sentence in gruut.sentences(text, lang=LANGUAGE):
        for word in sentence:
            mark = word.text.strip()
            if word.is_spoken and word.phonemes:
                yield from word.phonemes
                spoken = True
            elif spoken and (mark in MARKS or mark in PAUSES):
                yield PAUSES.get(mark, mark)
