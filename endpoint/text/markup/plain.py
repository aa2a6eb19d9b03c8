"""Plain text: line breaks are pauses, and so is `[pause:1s]`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text.markup.runs import LINE_PAUSE, PARAGRAPH_PAUSE, Item, Pause, Run, bracketed

_LINE_BREAK = re.compile(r"\r\n|[\r\u2028]")
_BREAKS = re.compile(r"(\n\s*)")
_MARK_AT_END = re.compile(r"[.,!?;:…。，！？；：、—–-][\"'”’»)\]」』]*$")


def read(text: str) -> Iterator[Item]:
    """Read plain text.

    Raises:
        UnsayableError: `[pause]` asks for what is no pause.
    """
    text = _LINE_BREAK.sub("\n", text).replace("\u2029", "\n\n").strip()
    lines = _BREAKS.split(text)
    for line, breaks in zip(lines[::2], [*lines[1::2], ""], strict=True):
        yield from bracketed(line)
        if breaks.count("\n") > 1:
            yield Pause(PARAGRAPH_PAUSE)
        elif breaks:
            yield Run(" ") if _MARK_AT_END.search(line.rstrip()) else Pause(LINE_PAUSE)
