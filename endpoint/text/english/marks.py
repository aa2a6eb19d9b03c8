"""Marks as they are left when words have taken their places: one of each, where it belongs."""

from __future__ import annotations

import re

_STEPS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\s+", " "),
        (r"(?<![A-Za-zÀ-ɏ])'(?!(?:[Ee]m|[Tt]is|[Tt]was|[Cc]ause|[Nn]|[Tt]il)\b)", " "),  # quotation marks
        (r"'(?![A-Za-zÀ-ɏ])(?<!\bn')", " "),
        (r"(?<=\w)-(?!\w)|(?<!\w)-(?=\w)", " "),  # pre-, -ish
        (r"(?<= )-(?:\s+-)+(?= |$)", "-"),
        (r"\s+", " "),
        (r"\s+(?=[.,?!;:])", ""),
        (r"[,;:]+(?=[.?!])", ""),
        (r",(?=[;:])|(?<=[?!;:]),|(?<=[;:])[;:]+|(?<=,),+", ""),
        (r"\.{4,}", "..."),
        (r"^[\s,;:.-]+(?=\w)|[\s,;:-]+$", ""),
    )
)


def tidy(text: str) -> str:
    """Join spaces, put marks after words, and drop those that stand for nothing."""
    for pattern, replacement in _STEPS:
        text = pattern.sub(replacement, text)
    return text.strip()
