"""What a dash between two numbers means: a range, a score, a record, a formation or a difference."""

from __future__ import annotations

import re

from text.english.rule import Rule, ahead, behind
from text.english.words import alphanumeric, integer

_WON = re.compile(
    r"\b(?:won|wins?|winning|lost|loses?|losing|beat|beats|beaten|scor\w*|lead\w*|led|tied|draw|drew|final|series|"
    r"defeat\w*|up|down|victory|swept|result|match|ahead|vot\w+|rul(?:ed|ing)|passed|approved|rejected|confirmed|decision|"
    r"split|edged|thrashed|topped|routed|outscored|took|through|ratio|odds|sets?)\b",
    re.IGNORECASE,
)
_RECORD = re.compile(
    r"\b(?:record of|record|went|is|are|was|were|go|goes|going|started|sits? at|\w+['’](?:s|re))\s(?:at\s)?$",
    re.IGNORECASE,
)
_FORMATION = re.compile(r"(?<![\w.,/+-])\d{1,3}(?:-\d{1,3}){2,4}(?![\w]|[.,/-]\d)")
_PAIR = re.compile(r"(?<![\w.,/:+-])(?P<first>\d{1,3})(?P<dash>[-–])(?P<second>\d{1,3})(?![\w%°$€£]|[.,:/-]\d)")
_NAMED = re.compile(
    r"(?<![\w'.-])(?P<first>(?P<name>[A-Z]{1,2})\d{1,3})[-–](?P<second>(?P=name)\d{1,3})(?![\w-])"
)  # F1-F5
_CLAUSES = re.compile(r"(?<=\w)\)\s?[-–]\s?\((?=\w{1,4}\))")  # 4(a)-(c)
_DASH = re.compile(r"\s?[-–—]\s?(?=[$€£¥]?\.?\d)")
_LEFT = re.compile(
    r"(?<![\w.,])(?P<sign>[$€£¥]?)(?<![A-Za-z])(?P<number>\d[\d,]*(?:[.:]\d+)*)\s?(?P<unit>(?:[A-Za-z]{1,4}\.|mins|secs|days|weeks|[A-Za-z]{1,3}|[%°€£¢]|°[CF]|[ap]\.m\.)?)$"
)
_RIGHT = re.compile(r"[$€£¥]?(?P<number>\d[\d,]*(?:\.\d+)?)")
_TEAM_BEFORE = re.compile(r"(?<![\w.-])[A-Z]\w+\s\d{1,2}$")
_TEAM_AFTER = re.compile(r"\d{1,2}\s[A-Z]\w")
_ZONE = re.compile(r"\s(?:[ECMP][SD]?T|GMT|UTC|CES?T|BST|KST)\b")
_EQUATION = re.compile(r"[=]")


def _pair(match: re.Match[str]) -> str | None:
    first, second = match["first"], match["second"]
    if _RECORD.search(behind(match)) and int(first) + int(second) > 0 and not re.match(r"\s[a-z]+s\b", ahead(match)):
        return f"{integer(first)} and {integer(second)}" if not _WON.search(match.string) else None
    if (first, second) in {("100", "0"), ("9", "5")} or _ZONE.match(ahead(match)):
        return None  # all of a health bar, hours of work
    if int(first) > int(second) and not _WON.search(match.string) and not _EQUATION.search(match.string):
        return f"{integer(first)} {integer(second)}"
    return None


def _dash(match: re.Match[str]) -> str | None:
    left, right = _LEFT.search(behind(match)), _RIGHT.match(ahead(match))
    if not left or not right or left["unit"] in {"e", "E"}:
        return None
    before, after = (
        float(re.sub(r"[,:]", "", part["number"].replace(":", "."))) if _plain(part["number"]) else 0
        for part in (left, right)
    )
    spaced = match.group()[0].isspace() and "-" in match.group()
    if _TEAM_BEFORE.search(behind(match)) and _TEAM_AFTER.match(ahead(match)):
        return " to "
    minus = _EQUATION.search(match.string) or (spaced and before > after and not left["unit"])
    return " minus " if minus and "–" not in match.group() else " to "


def _plain(written: str) -> bool:
    return written.count(".") + written.count(":") < 2


RULES = (
    Rule(_CLAUSES, lambda _: " to "),
    Rule(_FORMATION, lambda match: " ".join(map(integer, match.group().split("-")))),
    Rule(_NAMED, lambda match: f"{alphanumeric(match['first'])} to {alphanumeric(match['second'])}"),
    Rule(_PAIR, _pair),
    Rule(_DASH, _dash),
)
