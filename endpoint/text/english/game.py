"""What players write: scores, levels, magnitudes, factors, stats and shorthand."""

from __future__ import annotations

import re

from text.english.money import MAGNITUDES
from text.english.rule import Rule, like, word_after, word_rule, words_of
from text.english.words import NUMBER, alphanumeric, integer, letters, number, pairs

STATS = "cs|ap|ad|hp|mp|mr|ms|as|xp|cd|cdr|ah|dps|lp|kda|mmr|dmg|aoe|vs"
"""Shorthand that is spelt after a number. In small letters not all: 20 ms are milliseconds, "5 as" and "5 vs" words."""

SPELT = words_of(
    """
    gg wp ggwp afk brb glhf adc kda aoe pvp pve mmo mmr rpg mvp xp hp ap fps
    """
)
"""Shorthand that is spelt wherever it stands."""

SHORTHAND = {"dmg": "damage", "lvls": "levels", "lvl": "level", "lv": "level"}

_SCREENS = {"video", "videos", "tv", "monitor", "screen", "resolution", "display", "uhd", "camera", "gaming", "footage"}

_SCORE = re.compile(r"(?<![\w.,/])\d{1,3}(?:/\d{1,3}){2,3}(?![\w/]|[.,]\d)")
_ON_EACH_SIDE = re.compile(r"(?<![\w.,/])\d+(?:\s?[vV]\s?\d+)+(?!\w)")
_BY = re.compile(rf"(?<![\w.,/])(?P<first>{NUMBER})(?P<space>\s?)[x×](?P=space)(?P<second>{NUMBER})(?!\w)")
_TIMES = re.compile(rf"(?<![\w.,/])(?P<number>{NUMBER})[xX×](?!\w)")
_TIMES_AFTER = re.compile(rf"(?<!\w)[xX×](?P<number>{NUMBER})(?!\w)")
_MAGNITUDE = re.compile(rf"(?<![\w.,/])(?P<number>{NUMBER})(?P<magnitude>k|K|M|B|bn|BN|mil)(?![\w'])(?!/\w)")
_LEVEL = re.compile(r"(?<![\w'])(?P<word>(?i:lvls?|lv))\.?(?=\s?\d|\W|$)")
_STAT = re.compile(rf"(?:(?<=\d)|(?<=[\d%+]\s)|(?<=%))(?:{STATS}|{STATS.upper()})(?![\w'-])")
_SPELT = re.compile(r"(?<![\w'.@-])(?:" + "|".join(sorted(SPELT, key=len, reverse=True)) + r")(?![\w'@-])")
_LETTERS_BETWEEN_SLASHES = re.compile(r"(?<![\w/])[A-Z](?:/[A-Z])+(?![\w/])")
_SERIES = re.compile(r"(?P<name>\b(?:RTX|GTX|RX|GT|Ryzen|GeForce|Radeon)\s?)(?P<number>\d{4})(?=[A-Z]{0,3}\b)")


def _by(match: re.Match[str]) -> str:
    first, second = match["first"], match["second"]
    if match["space"]:
        return f"{number(first)} times {number(second)}"
    if min(len(first), len(second)) >= 3:
        return f"{pairs(first)} by {pairs(second)}"
    return f"{number(first)} by {number(second)}"


def _magnitude(match: re.Match[str]) -> str | None:
    if match["magnitude"] == "K" and match["number"] in {"2", "4", "5", "8"} and word_after(match).lower() in _SCREENS:
        return f"{number(match['number'])} K"
    return f"{number(match['number'])} {MAGNITUDES[match['magnitude'].lower()]}"


def _stat(match: re.Match[str]) -> str | None:
    if match.group() in {"as", "vs", "ms", "VS"}:
        return None
    attached = match.string[match.start() - 1].isdigit()
    return f" {letters(match.group())}" if match.group().lower() != "dmg" or attached else "damage"


RULES = (
    Rule(_SCORE, lambda match: " ".join(map(integer, match.group().split("/")))),
    Rule(_ON_EACH_SIDE, lambda match: alphanumeric(match.group().replace("v", "V"))),
    Rule(_BY, _by),
    Rule(_TIMES, lambda match: f"{number(match['number'])} times"),
    Rule(_TIMES_AFTER, lambda match: f"times {number(match['number'])}"),
    Rule(_MAGNITUDE, _magnitude),
    Rule(_SERIES, lambda match: f"{_series(match['name'].strip())} {pairs(match['number'])}"),
    Rule(_LEVEL, lambda match: like(match["word"], SHORTHAND[match["word"].lower()])),
    Rule(_STAT, _stat),
    Rule(_SPELT, lambda match: letters(match.group())),
    Rule(_LETTERS_BETWEEN_SLASHES, lambda match: letters(match.group())),
    word_rule({"dmg": "damage"}),
)


def _series(name: str) -> str:
    return letters(name) if name.isupper() else name
