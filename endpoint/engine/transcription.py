"""English words to phonemes, by gruut: its lexicon, its model for words that are not in it, and the parts of speech.

Symbols are gruut's for en-us: IPA, one string a phoneme, a stressed vowel with its stress mark before it.
"""

# ruff: noqa: RUF001 -- phonemes look like letters

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import gruut

from engine.phonemes import MARKS, Pronunciation

LANGUAGE = "en-us"
PAUSES = {";": ",", ":": ",", "-": ",", "|": ",", "‖": "."}  # gruut's own signs are the last two
_PHONEME = re.compile("[ˈˌ]?(?:d͡ʒ|t͡ʃ|aɪ|aʊ|eɪ|oʊ|ɔɪ|[^ ])")


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
