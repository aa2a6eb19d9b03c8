"""What players write: scores, levels, magnitudes, factors, stats and shorthand."""

from __future__ import annotations

import re

from text.english.context import counts_something
from text.english.money import MAGNITUDES
from text.english.numbers import NAMED_BY_NUMBER
from text.english.rule import Rule, behind, like, word_after, word_before, words_of
from text.english.units import UNITS, several
from text.english.words import NUMBER, alphanumeric, integer, letters, name_of, number, pairs

STATS = "cs|ap|ad|hp|mp|mr|xp|cd|cdr|ah|dps|lp|kda|mmr|aoe|AS|MS|" + "CS|AP|AD|HP|MP|MR|XP|CD|CDR|AH|DPS|LP|KDA|MMR|AOE"
"""Shorthand that is spelt after a number. In small letters, ms are milliseconds and "as" is a word."""

SPELT = words_of(
    """
    gg wp ggwp afk brb glhf adc kda aoe pvp pve mmo mmr rpg mvp xp hp ap fps otp
    idk idc idek omg omw imo imho irl fyi ofc afaik iirc ikr icymi ily atm diy faq
    api cpu gpu ui usb url usa
    """
)
"""Shorthand of games, chats and computers that is spelt wherever it stands."""

SHORTHAND = {"dmg": "damage", "lvls": "levels", "lvl": "level", "lv": "level"}
"""Said in full."""

SPENDING = re.compile(
    r"\b(?:buy|buys|bought|sell|sold|costs?|worth|bounty|gold|trades?|items?|wards?|kills?|recall|back|plates?|assists?|shop|swords?|boots|components?|lead)\b",
    re.IGNORECASE,
)
"""What speaks of spending and earning: there 350g are gold and not grams."""

_BEFORE_NAME = words_of("a an the my your his her our their this that new")
_SCREENS = {
    "video",
    "videos",
    "tv",
    "monitor",
    "screen",
    "resolution",
    "display",
    "uhd",
    "camera",
    "gaming",
    "footage",
} | {*("stream", "streams", "streaming", "content", "quality", "playback", "projector", "output", "image", "images")}

_SCORE = re.compile(r"(?<![\w.,/])\d{1,3}(?:/\d{1,3}){2,5}(?!(?!s\b)[\w/]|[.,]\d)")
_ON_EACH_SIDE = re.compile(r"(?<![\w.,/])\d+(?:\s?[vV]\s?\d+)+(?!\w)")
_ORDER = re.compile(r"(?<=\b[QWER])\s?>\s?(?=[QWER]\b)")
_BY = re.compile(
    rf"(?<![\w.,/])(?P<first>{NUMBER})(?P<space>\s?)[x×](?P=space)(?P<second>{NUMBER})(?:\s?(?P<unit>mm|cm|km|m|ft|px|ml|mg|kg|oz|GB|MB|TB)\b)?(?!\w)"
)
_TIMES = re.compile(rf"(?<![\w.,/])(?P<number>{NUMBER})[xX×](?!\w)")
_TIMES_AFTER = re.compile(rf"(?<!\w)[xX×](?P<number>{NUMBER})(?!\w)")
_MAGNITUDE = re.compile(rf"(?<![\w.,/])(?P<number>{NUMBER})(?P<magnitude>k|K|M|B|bn|BN|mil)(?![\w'])(?!/\w)")
_COMMA_MAGNITUDE = re.compile(
    r"(?<![\w.,/])(?P<whole>\d{1,3}),(?P<decimals>\d{1,2})(?:(?P<magnitude>k|K|M|bn)(?![\w'])|(?P<word>\s(?:thousand|million|billion|trillion))\b)"
)  # 1,5 million
_MILLIONS = re.compile(
    rf"(?<![\w.,/])(?P<number>{NUMBER})m(?=\s(?:more\s|new\s|young\s|active\s|extra\s|other\s)?(?:people|users|jobs|homes|"
    r"customers|views|viewers|followers|subscribers|copies|tonnes|tons|barrels|players|visitors|passengers|workers|children|"
    r"inhabitants|citizens|migrants|tourists|fans|readers|listeners|refugees|voters|votes|residents|students|members|households|cars|vehicles|units|shares|downloads|deaths|cases|doses|"
    r"patients|streams|adults|women|men|books|trees|acres|hectares|years|times|dollars|euros|pounds)\b)"
)
_LINES = re.compile(r"(?<![\w.,/])(?P<lines>240|360|480|720|1080|1440|2160|4320)p(?P<rate>\d{2,3})?(?!\w)")
_RACE = re.compile(r"\b(?:run|runs|ran|runner|running|race[sd]?|racing|jog|jogged|jogging|marathon)\b", re.IGNORECASE)
_DISTANCES = {"5", "8", "10", "15"}
_PLACES = words_of(
    "platform seat row table bay aisle coach carriage unit flat block section form plan line grade exhibit building"
) | (NAMED_BY_NUMBER)
_ENDS_WITH_MODEL = re.compile(r"(?<![\w'])[A-Za-z]\w*-$")
_BEST_OF = re.compile(r"(?<![\w'])[Bb][Oo](?=\d\b)")
_SHORTHAND = re.compile(rf"(?<![\w'])(?P<word>(?i:{'|'.join(SHORTHAND)}))\.?(?=\s?\d|\W|$)|(?<=\d)dmg\b")
_GOLD = re.compile(rf"(?<![\w.,/])(?P<number>{NUMBER})g(?!\w)")
_STAT = re.compile(rf"(?:(?<=\d)|(?<=[\d%+]\s)|(?<=%))(?:{STATS})(?![\w'-])")
_SPELT = re.compile(r"(?<![\w'.@-])(?<!\d\s)(?:" + "|".join(sorted(SPELT, key=len, reverse=True)) + r")(?![\w'@-])")
_LETTERS_BETWEEN_SLASHES = re.compile(r"(?<![\w/])[A-Z](?:/[A-Z])+(?![\w/])")
_SERIES = re.compile(r"(?P<name>\b(?:RTX|GTX|RX|GT|Ryzen|GeForce|Radeon)\s?)(?P<number>\d{4})(?=[A-Z]{0,3}\b)")


def _score(match: re.Match[str]) -> str:
    values = match.group().split("/")
    by_rank = len(values) > 3 or max(map(len, values)) > 2  # 80/120/160
    return (", " if by_rank else " ").join(map(integer, values))


def _by(match: re.Match[str]) -> str:
    first, second = match["first"], match["second"]
    if match["unit"] == "px":
        return f"{pairs(first)} by {pairs(second)} pixels"
    if match["unit"]:
        return f"{number(first)} by {number(second)} {several(UNITS[match['unit']])}"
    if match["space"]:
        return f"{number(first)} times {number(second)}"
    if min(len(first), len(second)) >= 3:
        return f"{pairs(first)} by {pairs(second)}"
    return f"{number(first)} by {number(second)}"


def _times_after(match: re.Match[str]) -> str | None:
    before = word_before(match)
    if match.group()[0] == "X" and (before[:1].isupper() or before in _BEFORE_NAME):
        return None  # BMW X5
    if match.group() in {"x64", "x86"}:
        return f"X {number(match['number'])}"
    return f"times {number(match['number'])}"


def _magnitude(match: re.Match[str]) -> str | None:
    if _ENDS_WITH_MODEL.search(behind(match)):
        return None  # i7-9700K
    if match["magnitude"] in "BMK" and word_before(match).lower() in _PLACES:
        return None  # platform 9B
    if match["magnitude"] == "B" and word_after(match)[:1].isupper():
        return None  # 221B Baker Street
    screen = match["magnitude"] == "K" and match["number"] in {"2", "4", "5", "8"}
    if screen and (word_after(match).lower() in _SCREENS or (match["number"] in "48" and not counts_something(match))):
        return f"{number(match['number'])} K"
    race = _RACE.search(match.string) or (match["magnitude"] == "K" and word_before(match).lower() in {"a", "the"})
    distance = race and match["magnitude"] in "kK" and match["number"] in _DISTANCES
    if distance and (not counts_something(match) or _RACE.match(word_after(match))):
        return f"{number(match['number'])} K"  # run 5k
    return f"{number(match['number'])} {MAGNITUDES[match['magnitude'].lower()]}"


def _comma_magnitude(match: re.Match[str]) -> str:
    said = number(f"{match['whole']}.{match['decimals']}")
    return said + (match["word"] or f" {MAGNITUDES[match['magnitude'].lower()]}")


def _lines(match: re.Match[str]) -> str:
    return f"{name_of(match['lines'])} P {integer(match['rate']) if match['rate'] else ''}".strip()


def _series(name: str) -> str:
    return letters(name) if name.isupper() else name


RULES = (
    Rule(_SCORE, _score),
    Rule(_ORDER, lambda _: " over "),
    Rule(_ON_EACH_SIDE, lambda match: alphanumeric(match.group().replace("v", "V"))),
    Rule(_LINES, _lines),
    Rule(_BY, _by),
    Rule(_TIMES, lambda match: f"{number(match['number'])} times"),
    Rule(_TIMES_AFTER, _times_after),
    Rule(_COMMA_MAGNITUDE, _comma_magnitude),
    Rule(_MAGNITUDE, _magnitude),
    Rule(_MILLIONS, lambda match: f"{number(match['number'])} million"),
    Rule(_SERIES, lambda match: f"{_series(match['name'].strip())} {pairs(match['number'])}"),
    Rule(_BEST_OF, lambda _: "best of"),
    Rule(_GOLD, lambda match: f"{number(match['number'])} gold" if SPENDING.search(match.string) else None),
    Rule(_SHORTHAND, lambda match: like(match.group(), SHORTHAND[match.group().rstrip(".").lower()])),
    Rule(_STAT, lambda match: letters(match.group())),
    Rule(_SPELT, lambda match: letters(match.group())),
    Rule(_LETTERS_BETWEEN_SLASHES, lambda match: letters(match.group())),
)
