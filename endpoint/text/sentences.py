"""Where a sentence ends."""

from __future__ import annotations

import re

_END = re.compile(r"(?<=[.?!])\s+|(?<=[。！？])")


def split(text: str) -> list[str]:
    """Split a text into sentences. Joined they give it back, but for white space."""
    return [sentence for sentence in map(str.strip, _END.split(text)) if sentence]
