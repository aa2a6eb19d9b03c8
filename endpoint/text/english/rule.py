"""What a rule is, and how a list of them reads a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MAX_LOOK_AROUND = 60
"""Characters before and after a match that decide how it is read."""

_WORD_BEFORE = re.compile(r"([\w'.]+)[\s(\[\"',:=]*$")
_WORD_AFTER = re.compile(r"\s+([A-Za-z][\w']*)")
_ENDS_TEXT = re.compile(r"[\s\"')\]”’]*$")


@dataclass(frozen=True)
class Rule:
    """A way of writing something, and how it is said.

    Args:
        pattern: finds it in the text as it is written.
        say: what is said for a match; None leaves it to the rules that follow.
    """

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str | None]


def words_of(table: str) -> frozenset[str]:
    """The words of a table, written with spaces between."""
    return frozenset(table.split())


def apply(rules: Sequence[Rule], text: str) -> str:
    """Say a text. What one rule has taken no later one touches; what none takes stays as it is."""
    taken = bytearray(len(text))
    said: dict[int, tuple[int, str]] = {}  # by start: the end, and the words
    for rule in rules:
        for match in rule.pattern.finditer(text):
            start, end = match.span()
            if taken.find(1, start, end) < 0 and (words := rule.say(match)) is not None:
                said[start] = end, words
                taken[start:end] = bytes([1]) * (end - start)
    return _join(text, said)


def _join(text: str, said: dict[int, tuple[int, str]]) -> str:
    """Put what is said in its place, with a space where it would touch another word."""
    parts: list[str] = []
    position = 0
    for start in sorted(said):
        end, words = said[start]
        for part in (text[position:start], words):
            if part and parts and part[0].isalnum() and (parts[-1][-1].isalnum() or parts[-1][-1] in ".,!?;:"):
                parts.append(" ")
            parts += [part] if part else []
        position = end
    rest = text[position:]
    if rest and parts and rest[0].isalnum() and parts[-1][-1].isalnum():
        parts.append(" ")
    return "".join([*parts, rest])


def word_before(match: re.Match[str]) -> str:
    """The word before a match, or nothing."""
    found = _WORD_BEFORE.search(behind(match))
    return found[1] if found else ""


def word_after(match: re.Match[str]) -> str:
    """The word after a match, or nothing where a mark, a digit or the end follows."""
    found = _WORD_AFTER.match(ahead(match))
    return found[1] if found else ""


def behind(match: re.Match[str]) -> str:
    """The text before a match, as far as it matters."""
    return match.string[max(0, match.start() - MAX_LOOK_AROUND) : match.start()]


def ahead(match: re.Match[str]) -> str:
    """The text after a match, as far as it matters."""
    return match.string[match.end() : match.end() + MAX_LOOK_AROUND]


def with_stop(match: re.Match[str], words: str) -> str:
    """Keep the stop of an abbreviation where it also ends the sentence."""
    ends = match.group().endswith(".") and _ENDS_TEXT.match(match.string, match.end())
    return f"{words}." if ends else words


def like(written: str, words: str) -> str:
    """Begin with a capital what is written with one."""
    return words[0].upper() + words[1:] if written[0].isupper() else words
