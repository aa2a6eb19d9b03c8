"""What players write: scores, levels, magnitudes, factors, stats and shorthand."""

from __future__ import annotations

import re

from text.english.context import counts_something
from text.english.money import MAGNITUDES
from text.english.numbers import NAMED_BY_NUMBER
from text.english.rule import Rule, behind, like, word_after, word_before, words_of
from text.english.units import ENDS_WITH_LENGTH, UNITS, several
from text.english.words import NUMBER, alphanumeric, integer, letters, name_of, number, pairs

STATS = "cs|ap|ad|hp|mp|mr|xp|cd|cdr|ah|dps|lp|kda|mmr|aoe|AS|MS|BE|CS|AP|AD|HP|MP|MR|XP|CD|CDR|AH|DPS|LP|KDA|MMR|AOE"
"""Shorthand that is spelt after a number. In small letters, ms are milliseconds and "as" is a word."""

SPELT = words_of(
    """
    gg wp ggwp afk brb glhf adc kda aoe pvp pve mmo mmr rpg mvp xp hp ap fps otp
    ggez ttyl af lmfao wdym istg hbu otw
    idk idc idek omg imo imho irl fyi ofc afaik iirc ikr icymi ily atm diy faq
    api cpu gpu ui usb url usa
    """
)
"""Shorthand of games, chats and computers that is spelt wherever it stands."""

SHORTHAND = {
    "dmg": "damage",
    "lvls": "levels",
    "lvl": "level",
    "lv": "level",
    "pts": "points",
    "jg": "jungle",
    "jgl": "jungle",
    "jng": "jungle",
    "jgler": "jungler",
}
"""Said in full."""

CHAT = {
    "ur": "your",
    "cya": "see ya",
    "pt": "point",
    "ppl": "people",
    "msg": "message",
    "msgs": "messages",
    "tmrw": "tomorrow",
    "abt": "about",
    "sry": "sorry",
    "smth": "something",
    "ty": "thank you",
    "tysm": "thank you so much",
    "yw": "you're welcome",
    "b4": "before",
    "no1": "no one",
    "omw": "on my way",
    "m8": "mate",
    "gr8": "great",
    "h8": "hate",
    "w8": "wait",
    "l8r": "later",
    "l8": "late",
}
"""Said in full where it is written in small letters: M8 is a screw."""

SPENDING = re.compile(
    r"\b(?:buy|buys|bought|sell|sold|costs?|worth|bounty|gold|trades?|items?|wards?|pinks?|kills?|recall|back|plates?|assists?|shop|swords?|boots|components?|lead|"
    r"towers?|turrets?|waves?|minions?|cannons?|drakes?|herald|baron|cs|camps?|lane|pay(?:s|ing)?|paid|earn(?:s|ed)?|spen[dt]|gain(?:s|ed)?|income|passive)\b",
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

_SCORE = re.compile(
    r"(?<![\w.,/])\d{1,4}(?:\.\d+)?(?P<slash> / |/)\d{1,4}(?:\.\d+)?(?:(?P=slash)\d{1,4}(?:\.\d+)?){1,4}"
    r"(?!(?!s\b)[\w/]|[.,]\d|\s?=)"
)
_ORDERED = re.compile(r"(?<![\w.$])[A-Za-z][\w'’+]*\s?>\s?[\w'’+]+(?:\s[\w'’+]+)?\s?>\s?[A-Za-z]")
_CHAIN = re.compile(r"(?<=[A-Za-z])\s?>\s?(?=[A-Za-z])")
_ON_EACH_SIDE = re.compile(r"(?<![\w.,/])\d+(?:\s?[vV]\s?\d+)+(?!\w)")
_ORDER = re.compile(r"(?<=\b[QWER])\s?>\s?(?=[QWER]\b)")
_BY = re.compile(
    rf"(?<![\w.,/])(?P<first>{NUMBER})(?P<space>\s?)[x×](?P=space)(?P<second>{NUMBER})(?:\s?(?P<unit>mm|cm|km|m|ft|px|ml|mg|kg|oz|GB|MB|TB)\b)?(?!\w)"
)
_TIMES = re.compile(rf"(?<![\w.,/])(?P<number>{NUMBER})[xX×](?!\w)")
_TIMES_BETWEEN = re.compile(r"(?<=[a-z)])\s[x×]\s(?=\d)")
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
_LINES = re.compile(r"(?<![\w.,/-])(?P<lines>\d{3,4})p(?P<rate>\d{2,3})?(?!\w)")  # 1080p60
_RACE = re.compile(r"\b(?:run|runs|ran|runner|running|race[sd]?|racing|jog|jogged|jogging|marathon)\b", re.IGNORECASE)
_RACES = words_of("run runs runner runners race races jog jogs")
_DISTANCES = {"5", "8", "10", "15"}
_PLACES = words_of(
    """
    platform seat row table bay aisle coach carriage unit flat block section form plan line grade exhibit building
    terminal
    """
) | (NAMED_BY_NUMBER)
_ENDS_WITH_MODEL = re.compile(r"(?<![\w'])[A-Za-z]\w*-$")
_BEST_OF = re.compile(r"(?<![\w'])[Bb][Oo](?=\d\b)")
_SHORTHAND = re.compile(
    rf"(?<![\w'])(?<!\d/)(?<!\d%/)(?P<word>(?i:{'|'.join(SHORTHAND)}))\.?(?=\s?\d|\W|$)|(?<=\d)dmg\b"
)
_CHAT = re.compile(
    rf"(?<![\w'@#$./-])(?<!\b(?:to|on) (?=b4))(?P<word>{'|'.join(sorted(CHAT, key=len, reverse=True))})"
    r"(?![\w'@-]|\.\w|(?<=pt)\.?\s?\d)"
)
_PLEASE = re.compile(r"(?<![\w'])(?:p+l+(?:s{2,}|z{2,}))(?!\w)", re.IGNORECASE)
_GOLD = re.compile(rf"(?<![\w.,/])(?P<number>{NUMBER})g(?!\w)")
_NUMBER_STAT = re.compile(rf"(?<![\w.,/])(?P<number>{NUMBER})(?P<stat>{STATS})(?![\w'-])")
_WINS_AND_LOSSES = re.compile(r"(?<![\w.,/])(?P<wins>\d{1,4})W(?P<mark>[ /–-]|, )(?P<losses>\d{1,4})L(?!\w)")
_NAMED_STAT = re.compile(r"(?:(?<=\b[Bb]ase )|(?<=\b[Bb]onus )|(?<=\b[Tt]otal ))(?:AD|AS|AP|MR|MS|HP)(?![\w'-])")
_STAT = re.compile(rf"(?:(?<=\d)|(?<=[\d%+]\s)|(?<=%))(?:{STATS})(?![\w'-])")
_SPELT_WORDS = "|".join(sorted(SPELT, key=len, reverse=True))
# A telephone writes the first letter of a sentence as a capital.
_SPELT = re.compile(rf"(?<![\w'.@-])(?<!\d\s)(?:{_SPELT_WORDS}|^(?:{_SPELT_WORDS.title()}))(?![\w'@-])")
_LETTERS_BETWEEN_SLASHES = re.compile(r"(?<![\w/])[A-Z](?:/[A-Z])+(?![\w/])")
_SERIES = re.compile(r"(?P<name>\b(?:RTX|GTX|RX|GT|Ryzen|GeForce|Radeon)\s?)(?P<number>\d{4})(?=[A-Z]{0,3}\b)")


def _score(match: re.Match[str]) -> str:
    values = match.group().split(match["slash"])
    by_rank = len(values) > 3 or max(map(len, values)) > 2  # 80/120/160
    return (", " if by_rank else " ").join(map(number, values))


def _chain(match: re.Match[str]) -> str | None:
    """An order of several, LCK > LEC > LCS, and no tags."""
    return " over " if "<" not in match.string and _ORDERED.search(match.string) else None


def _gold(match: re.Match[str]) -> str | None:
    """Grams of thousands are written as kilograms, or are "of" something."""
    costs = float(match["number"].replace(",", "")) >= 2000 and word_after(match) != "of"
    return f"{number(match['number'])} gold" if costs or SPENDING.search(match.string) else None


def _wins_and_losses(match: re.Match[str]) -> str:
    wins, losses = match["wins"], match["losses"]
    comma = "," if match["mark"] == ", " else ""
    return (
        f"{number(wins)} {'win' if wins == '1' else 'wins'}{comma} "
        f"{number(losses)} {'loss' if losses == '1' else 'losses'}"
    )


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
    before = word_before(match).lower().rstrip(".")
    if match["magnitude"] in "BMK" and before in _PLACES:
        return f"{number(match['number'])} {match['magnitude']}"  # Gate 12B
    if match["magnitude"] == "B" and word_after(match)[:1].isupper():
        return None  # 221B Baker Street
    screen = match["magnitude"] == "K" and match["number"] in {"2", "4", "5", "8"}
    if screen and (word_after(match).lower() in _SCREENS or (match["number"] in "48" and not counts_something(match))):
        return f"{number(match['number'])} K"
    of_race = _RACE.search(match.string) or (match["magnitude"] == "K" and before in {"a", "the"})
    ran = of_race and match["number"] in _DISTANCES and not counts_something(match)
    if match["magnitude"] in "kK" and (ran or word_after(match).lower() in _RACES):
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
    Rule(_CHAIN, _chain),
    Rule(_ON_EACH_SIDE, lambda match: alphanumeric(match.group().replace("v", "V"))),
    Rule(_LINES, _lines),
    Rule(_BY, _by),
    Rule(_TIMES, lambda match: f"{number(match['number'])} times"),
    Rule(_TIMES_BETWEEN, lambda match: None if ENDS_WITH_LENGTH.search(behind(match)) else " times "),
    Rule(_TIMES_AFTER, _times_after),
    Rule(_COMMA_MAGNITUDE, _comma_magnitude),
    Rule(_MAGNITUDE, _magnitude),
    Rule(_MILLIONS, lambda match: f"{number(match['number'])} million"),
    Rule(_SERIES, lambda match: f"{_series(match['name'].strip())} {pairs(match['number'])}"),
    Rule(_BEST_OF, lambda _: "best of"),
    Rule(_GOLD, _gold),
    Rule(_CHAT, lambda match: CHAT[match["word"]]),
    Rule(_PLEASE, lambda _: "please"),
    Rule(_WINS_AND_LOSSES, _wins_and_losses),
    Rule(_NUMBER_STAT, lambda match: f"{number(match['number'])} {letters(match['stat'])}"),
    Rule(_NAMED_STAT, lambda match: letters(match.group())),
    Rule(_SHORTHAND, lambda match: like(match.group(), SHORTHAND[match.group().rstrip(".").lower()])),
    Rule(_STAT, lambda match: letters(match.group())),
    Rule(_SPELT, lambda match: letters(match.group())),
    Rule(_LETTERS_BETWEEN_SLASHES, lambda match: letters(match.group())),
)
