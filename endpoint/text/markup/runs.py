"""What every kind of markup is read into: runs of text and pauses. How long a pause is is decided here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from text.script import UnsayableError

LINE_PAUSE = 0.25
"""Seconds after a line that has no mark at its end, after an item of a list, after a row of a table."""
PARAGRAPH_PAUSE = 0.6
"""Seconds between paragraphs, and at an empty line."""
COMMA_PAUSE, SENTENCE_PAUSE = 0.25, 0.4
"""Seconds that `<break strength>` asks for: with PARAGRAPH_PAUSE Amazon Polly's three lengths."""
MAX_PAUSE = 10.0
"""Seconds of the longest pause that can be asked for."""


@dataclass(frozen=True)
class Run:
    """Text that is said in one way.

    Args:
        written: as the caller wrote it; it may begin or end in the middle of a sentence.
        read: what to read in its stead.
        exact: whether `read` is words already, to be said as they are.
        ipa: how `read` is said, for models that read phonemes.
        rate: its pace over the usual one.
    """

    written: str
    read: str | None = None
    exact: bool = False
    ipa: str | None = None
    rate: float = 1.0


@dataclass(frozen=True)
class Pause:
    """The end of a sentence or of a part of it, and the silence there.

    Args:
        seconds: how long.
        asked: whether the caller asked for just this pause; if not it is the layout's, which stands between sentences
            alone, and only the longest of several counts.
    """

    seconds: float
    asked: bool = False


Item: TypeAlias = Run | Pause

_SECONDS = re.compile(r"\s*\+?(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})\s*(ms|s)\s*", re.ASCII | re.IGNORECASE)
# [pause:1s], [pause 500ms]; what follows the word is judged only if it could be meant as a length.
_BRACKET = re.compile(r"\[pause(?:\s*[:=]\s*|\s+|(?=\]))([^\[\]\n]{0,40})\]", re.IGNORECASE)
_LENGTH = re.compile(r"\s*[-+.]?\d", re.ASCII)


def pause_seconds(written: str) -> float:
    """The length of a pause as written: `1.5s` or `500ms`.

    Raises:
        UnsayableError: it is no length, or a longer one than can be asked for.
    """
    found = _SECONDS.fullmatch(written)
    if not found:
        raise UnsayableError(
            f"'{written.strip()}' is not the length of a pause. Write seconds or milliseconds: 1s, 500ms."
        )
    seconds = float(found[1]) / (1000 if found[2].lower() == "ms" else 1)
    if seconds > MAX_PAUSE:
        raise UnsayableError(f"a pause of {seconds:g} s is too long. Ask for at most {MAX_PAUSE:g} s.")
    return seconds


def bracketed(text: str) -> Iterator[Item]:
    """Read `[pause:1s]` in running text.

    Raises:
        UnsayableError: what `pause_seconds` raises.
    """
    end = 0
    for found in _BRACKET.finditer(text):
        if found[1].strip() and not _LENGTH.match(found[1]):
            continue  # words in brackets: [pause menu]
        yield Run(text[end : found.start()])
        yield Pause(pause_seconds(found[1]), asked=True)
        end = found.end()
    yield Run(text[end:])
