"""Times of day, game clocks, ratios, and durations of several parts."""

from __future__ import annotations

import re

from text.english.rule import Rule, ahead, behind, with_stop, word_after, word_before, words_of
from text.english.words import cardinal, number, second_half, two_digits

DAY_WORDS = re.compile(
    r"\b(?:train|bus|flight|plane|meet(?:ing)?|tomorrow|tonight|today|yesterday|morning|afternoon|evening|noon|midnight|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|o'clock|utc|gmt|cest|cet|bst|[ecmp][sd]t|opens?|close[sd]?|"
    r"start(?:s|ed)? at|begins? at|schedule\w*|deadline|appointment|lunch|dinner|breakfast|wake|alarm|a\.?m|p\.?m)\b",
    re.IGNORECASE,
)
"""What speaks of the time of day."""

GAME_WORDS = re.compile(
    r"\b(?:games?|barons?|dragons?|drakes?|herald|nash(?:or)?|towers?|turrets?|inhib\w*|nexus|minions?|waves?|lanes?|gank\w*|"
    r"jungle\w*|adc|kill\w*|(?:re)?spawn\w*|wards?|cs|gold|levels?|lvl|timer|buffs?|scuttle|grubs|elder|soul|"
    r"ult\w*|flash|cooldown|match|cd|remaining|lasted|mark|video|track|song|lap|mile|surrender|ff|"
    r"died|deaths?|quadra|penta|ace|roam\w*|recall\w*|teamfights?|jg|objectives?|plates)\b",
    re.IGNORECASE,
)
"""What speaks of a game's clock, or another that counts minutes and seconds."""

BOOKS = words_of(
    """
    Genesis Exodus Leviticus Numbers Deuteronomy Joshua Judges Ruth Samuel Kings Chronicles Ezra Nehemiah Esther Job
    Psalm Psalms Proverbs Ecclesiastes Isaiah Jeremiah Lamentations Ezekiel Daniel Hosea Joel Amos Obadiah Jonah Micah
    Nahum Habakkuk Zephaniah Haggai Zechariah Malachi Matthew Mark Luke John Acts Romans Corinthians Galatians Ephesians
    Philippians Colossians Thessalonians Timothy Titus Philemon Hebrews James Peter Jude Revelation Quran
    """
)
"""Books with chapters and verses: Psalm 23:4."""

_HALF = r"(?P<half>[AaPp])(?:\.?\s?[Mm]\b\.?|(?<=:\d\d[ap])\b)"
_TIME_OF_DAY = re.compile(
    rf"(?<![\w.,:])(?P<hour>\d{{1,2}})(?:[:.](?P<minute>[0-5]\d))?(?::(?P<second>[0-5]\d))?\s?{_HALF}(?!\w)"
)
_CLOCK = re.compile(
    r"(?<![\w.,:/])(?P<first>\d{1,3}):(?P<second>[0-5]\d)(?::(?P<third>[0-5]\d))?(?P<decimals>\.\d+)?(?![\w:/]|[.,]\d)"
)
_PARTS = re.compile(r"\b(?:ratios?|mix(?:ed|ture)?|solution|dilut\w+|concentration|odds|scale of)\b", re.IGNORECASE)
_RATIO = re.compile(r"(?<![\w.,:/])(?P<first>\d+(?:\.\d+)?):(?P<second>\d+(?:\.\d+)?)(?![\w:/]|[.,]\d)")
_MILITARY = re.compile(
    r"(?<![\w.,:])(?P<hour>0\d|(?:(?<=at )|(?<=by )|(?<=until ))[12]\d)(?P<minute>[0-5]\d)(?=\s?(?:hrs|hours)\b)"
)
_ADDED_TIME = re.compile(r"(?<![\w.,])(?P<minutes>\d{1,3})\+(?P<added>\d{1,2})'(?!\w)")
_VERSE = re.compile(
    r"(?<=[a-z]\s)(?P<chapter>\d{1,3}):(?P<verse>\d{1,3})(?:\s?[-–]\s?(?P<to>\d{1,3}))?(?![\w:/]|[.,]\d)"
)
_DURATION = re.compile(
    r"(?<![\w.,:/])(?=\d+\s?[dhm])"
    r"(?:(?P<day>\d+)\s?(?:days?|d)(?![a-z]))?"
    r"(?:\s?(?P<hour>\d+)\s?(?:hours?|hrs?|h)\.?(?![a-z]))?"
    r"(?:\s?(?P<minute>\d+)\s?(?:minutes?|mins?|m)\.?(?![a-z]))?"
    r"(?:\s?(?P<second>\d+(?:\.\d+)?)\s?(?:seconds?|secs?|s)\.?(?![a-z]))?(?!\w)"
)
_BARE_MINUTE = re.compile(r"(?<![\w'.])(?<!\d\s)min(?=\s\d)")
_TO_NOON = re.compile(
    r"(?:(?<=[ap]m)|(?<=[\dM.]))\s?[-–—]\s?(?=(?:noon|midnight)\b)|(?:(?<=\bnoon)|(?<=\bmidnight))\s?[-–—]\s?(?=\d)"
)
_COMPARED = {"earlier", "later", "faster", "slower", "ahead", "behind"}
_TIME_BEFORE = re.compile(r":\d\d\s?[-–—]\s?$")
_TIME_AFTER = re.compile(r"\s?[-–—]\s?\d{1,2}:\d")
_HOUR_AND_MINUTES = re.compile(r"(?<![\w.,:/])(?P<hour>\d{1,2})h(?P<minute>[0-5]\d)(?!\w)")


def amount(written: str, unit: str) -> str:
    """A number of units: "1 second", "30 seconds" in words."""
    return f"{number(written)} {unit}" + ("" if re.fullmatch("0*1", written) else "s")


def _time_of_day(match: re.Match[str]) -> str | None:
    if not 0 <= int(match["hour"]) <= 24:
        return None
    return with_stop(match, f"{_read(match['hour'], match['minute'], match['second'])} {match['half'].upper()} M")


def _read(hour: str, minute: str | None, second: str | None) -> str:
    said = cardinal(int(hour))
    if int(minute or 0):
        said += f" {two_digits(int(minute or 0))}"
    if int(second or 0):
        said += f" and {amount((second or '').lstrip('0'), 'second')}"
    return said


def _clock(match: re.Match[str]) -> str:
    first, second, third, decimals = match.group("first", "second", "third", "decimals")
    if _PARTS.search(match.string) and not third:
        return f"{cardinal(int(first))} to {cardinal(int(second))}"
    of_day = DAY_WORDS.search(match.string)
    counts = not of_day and (third or GAME_WORDS.search(match.string) or word_after(match) in _COMPARED)
    if counts or int(first) > 24 or first == "0" or decimals:
        hours, minutes, seconds = (first, second, third) if third else ("0", first, second)
        return _elapsed(hours, minutes, seconds + (decimals or ""))
    if int(second) or int(third or 0):
        return _read(first, second, third)  # without a word that decides, right for both
    if int(first) <= 12 and (_TIME_BEFORE.search(behind(match)) or _TIME_AFTER.match(ahead(match))):
        return cardinal(int(first))
    return f"{cardinal(int(first))} " + ("o'clock" if int(first) <= 12 else "hundred")


def _elapsed(hours: str, minutes: str, seconds: str) -> str:
    """What a counter shows: "one hour, five minutes and thirty seconds"."""
    units = ((hours, "hour"), (minutes, "minute"), (seconds, "second"))
    said = [amount(written.lstrip("0"), unit) for written, unit in units if float(written)]
    if len(said) < 2:
        return said[0] if said else "zero seconds"
    return f"{', '.join(said[:-1])} and {said[-1]}"


def _military(match: re.Match[str]) -> str:
    return f"{two_digits(int(match['hour'])) if int(match['hour']) else 'zero'} {second_half(int(match['minute']))}"


def _verse(match: re.Match[str]) -> str | None:
    if word_before(match) not in BOOKS:
        return None
    said = f"{cardinal(int(match['chapter']))} {cardinal(int(match['verse']))}"
    return f"{said} to {cardinal(int(match['to']))}" if match["to"] else said


def _duration(match: re.Match[str]) -> str | None:
    parts = [(written, unit) for unit, written in match.groupdict().items() if written]
    if len(parts) < 2:
        return None
    return with_stop(match, " ".join(amount(written, unit) for written, unit in parts))


RULES = (
    Rule(_VERSE, _verse),
    Rule(_MILITARY, _military),
    Rule(_ADDED_TIME, lambda match: f"{number(match['minutes'])} plus {number(match['added'])} minutes"),
    Rule(_BARE_MINUTE, lambda _: "minute"),
    Rule(_TIME_OF_DAY, _time_of_day),
    Rule(_TO_NOON, lambda _: " to "),
    Rule(_CLOCK, _clock),
    Rule(_RATIO, lambda match: f"{number(match['first'])} to {number(match['second'])}"),
    Rule(_DURATION, _duration),
    Rule(_HOUR_AND_MINUTES, lambda match: f"{amount(match['hour'], 'hour')} {two_digits(int(match['minute']))}"),
)
