"""Versions and standards: each part is a number of its own, so that 3.11 is "three point eleven"."""

from __future__ import annotations

import re

from text.english.rule import Rule, like, word_before, words_of
from text.english.words import digits, integer, letters

VERSIONED = words_of(
    """
    version versions patch release build update python node java ruby rust go php django ios android windows
    macos linux ubuntu debian chrome firefox kernel cuda torch pytorch section sections chapter clause
    """
)
"""Words after which a number with a stop is no decimal."""

_V = re.compile(r"(?<![\w.])(?P<v>[vV])\.?\s?(?P<parts>\d+(?:\.\d+)*)(?P<letter>[a-z]?)(?!\w|\.\d)")
_PRERELEASE = re.compile(
    r"(?<=\d)-(?P<stage>alpha|beta|rc|pre|dev|preview)(?P<dot>[.-]?)(?P<number>\d*)(?!\w)", re.IGNORECASE
)
_MANY_PARTS = re.compile(r"(?<![\w.,])\d+(?:\.\d+){2,}(?!\w|[.,]\d)")
_STANDARD = re.compile(r"(?<![\w.'])(?P<letter>[A-OQ-Z])\.(?P<number>\d{3,4})(?!\w|[.,]\d)")  # H.264; P. is a page
_TWO_PARTS = re.compile(r"(?<![\w.,])\d+\.\d+(?![\w%]|[.,]\d)")

_PATCH = re.compile(r"[12]\d\.\d{1,2}")
_CHANGE = re.compile(r"\b(?:(?:patch|buff|nerf|rework|hotfix)(?:s|e?d)?|WR|win\s?rate|meta)\b", re.IGNORECASE)
_BEFORE_PATCH = words_of("since in on until till before after from of the")


def parts(written: str) -> str:
    """The parts of a version."""
    return " point ".join(integer(part) for part in written.split("."))


def _version(match: re.Match[str]) -> str:
    return f"{like(match['v'], 'version')} {parts(match['parts'])} {letters(match['letter'])}".strip()


def _prerelease(match: re.Match[str]) -> str:
    stage = match["stage"].lower()
    said = letters(stage) if stage == "rc" else stage
    if not match["number"]:
        return f" {said}"
    return f" {said} {'point ' if match['dot'] == '.' else ''}{integer(match['number'])}"


def _two_parts(match: re.Match[str]) -> str | None:
    before = word_before(match).lower().removesuffix("'s")
    of_game = before in _BEFORE_PATCH and _PATCH.fullmatch(match.group()) and _CHANGE.search(match.string)
    return parts(match.group()) if before in VERSIONED or of_game else None


RULES = (
    Rule(_V, _version),
    Rule(_PRERELEASE, _prerelease),
    Rule(_STANDARD, lambda match: f"{match['letter']} dot {digits(match['number'])}"),
    Rule(_MANY_PARTS, lambda match: parts(match.group())),
    Rule(_TWO_PARTS, _two_parts),
)
