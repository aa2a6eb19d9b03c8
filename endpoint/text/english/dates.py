"""Dates, weekdays, months, years and decades."""

from __future__ import annotations

import re

from text.english.context import counts_something
from text.english.rule import Rule, ahead, behind, like, with_stop, word_after, word_before
from text.english.words import cardinal, ordinal, plural, pronounceable, second_half, two_digits, year

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

SHORT_MONTHS = {month[:3].lower(): month for month in MONTHS} | {"sept": "September"}
SHORT_WEEKDAYS = {day[:3].lower(): day for day in WEEKDAYS} | {
    "tues": "Tuesday",
    "weds": "Wednesday",
    "thur": "Thursday",
    "thurs": "Thursday",
}
_DAYS = {*SHORT_WEEKDAYS, *map(str.lower, WEEKDAYS)}
_MONTH_OF = SHORT_MONTHS | {month.lower(): month for month in MONTHS}

_MONTH = "(?i:" + "|".join(sorted(_MONTH_OF, key=len, reverse=True)) + r")\b"
_SHORT_MONTH = "(?:" + "|".join(month.capitalize() for month in sorted(SHORT_MONTHS, key=len, reverse=True)) + r")\b"
_SHORT_DAY = "(?:" + "|".join(day.capitalize() for day in sorted(SHORT_WEEKDAYS, key=len, reverse=True)) + r")\b"
_ALSO_VERBS = {"may", "march", "mar"}
_BEFORE_DATE = {
    *("on", "since", "until", "till", "by", "from", "due", "before", "after", "starting", "dated", "between"),
    *("in", "of", "last", "next", "this", "every", "through"),
}
_ON = (
    _BEFORE_DATE - {"of", "in", "by", "from", "between", "every", "this", "last", "next", "through"}
    | {"by"}
    | {
        *(
            "starts",
            "start",
            "started",
            "begins",
            "ends",
            "ended",
            "released",
            "launches",
            "launched",
            "born",
            "updated",
        ),
        *("cob", "eod", "deadline", "expires", "arrives", "date", "date:", "updated:"),
    }
)
OF_LIVES = {"c": "circa", "r": "reigned", "b": "born", "d": "died", "fl": "flourished"}
"""With a stop, before a year."""

_BEFORE_YEAR = {
    *("in", "since", "until", "till", "by", "from", "before", "after", "around", "circa", "during", "year", "of"),
    *("early", "late", "mid", "spring", "summer", "autumn", "fall", "winter", "season", "born", "died", "between"),
    *("est", "established", "founded", "ca", "ad", "a.d"),
}
_BEFORE_DECADE = {"the", "early", "late", "mid", "his", "her", "their", "my", "your", "our", "high", "low"}
_AFTER_EVENT = {"is", "was", "will", "has", "had", "starts", "started", "begins", "began", "ends", "ended"}
_GAME_NOUNS = {"gold", "damage", "health", "mana", "armor", "exp", "cash"}

_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_END = r"(?![\w%°]|[.,:/]\d|-\d)"
_COMMA_YEAR = r"(?:,?\s(?P<year>\d{4})(?![\w]|[.,:]\d))?"

_MONTH_DAY = re.compile(
    rf"\b(?P<month>{_MONTH})\.?\s{_DAY}(?:\s?[-–]\s?(?P<to>\d{{1,2}})(?:st|nd|rd|th)?)?{_COMMA_YEAR}{_END}"
)
_DAY_MONTH = re.compile(
    rf"(?<![\w.,:/-])(?P<the>[Tt]he\s)?{_DAY}\s(?P<of>of\s)?(?P<month>{_MONTH})(?P<dot>\.(?=,|\s[\da-z]))?{_COMMA_YEAR}"
)
_DAYS_MONTH = re.compile(
    rf"(?<![\w.,:/-])(?P<first>\d{{1,2}})(?:st|nd|rd|th)?\s?[-–]\s?{_DAY}\s(?P<month>{_MONTH})"
    rf"(?P<dot>\.(?=,|\s[\da-z]))?{_COMMA_YEAR}"
)
_SLASHED_DAYS = re.compile(
    r"(?<![\w.,/-])(?P<month>\d{1,2})/(?P<day>\d{1,2})\s?[-–]\s?(?P<to_month>\d{1,2})/(?P<to>\d{1,2})(?![\w%/]|[.,:-]\d)"
)
_MONTH_YEAR = re.compile(rf"\b(?P<month>{_MONTH})\.?,?\s(?P<year>\d{{4}})(?!\w|[.,:]\d)")
_MONTH_ALONE = re.compile(rf"\b(?P<month>{_SHORT_MONTH})(?P<dot>\.)?(?![\w'])")
_WEEKDAY = re.compile(rf"\b(?P<name>{_SHORT_DAY})(?P<dot>\.)?(?![\w'])")
_AWAY = {"ooo", "pto", "off", "away", "out", "vacation", "leave"}
_BEFORE_DAY = {"on", "by", "next", "this", "last", "every", "until", "till"}
_DAY_FOLLOWS = re.compile(rf"\s(?:or|and|&)\s{_SHORT_DAY}")
_DATE_FOLLOWS = re.compile(rf"\.?,?\s(?:{_MONTH}|\d)")
_NAME_RANGE = re.compile(
    rf"\b(?P<first>{_SHORT_DAY}|{_SHORT_MONTH})\.?\s?[-–]\s?(?P<second>{_SHORT_DAY}|{_SHORT_MONTH})(?![\w'])(?:\.(?=,|\s[\da-z]|$))?"
)
_ISO = re.compile(
    r"(?<![\w.-])(?P<year>\d{4})(?P<mark>[-/])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    r"(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?(?P<zone>Z)?)?(?![\w]|[.,:/-]\d)"
)
_NUMERIC = re.compile(
    r"(?<![\w.,/-])(?P<first>\d{1,2})(?P<mark>[/.-])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4}|\d\d)(?![\w]|[.,:/-]\d)"
)
_MONTH_SLASH_DAY = re.compile(r"(?<![\w.,/-])(?P<month>\d{1,2})/(?P<day>\d{1,2})(?![\w%]|[.,:/-]\d)")
_TIME_FOLLOWS = re.compile(r",?\s(?:@|at)\s?\d{1,2}(?::\d\d)?\s?[AaPp]\.?[Mm]")
_YEARS = re.compile(
    r"(?<![\w.,:/$€£-])(?P<first>1[1-9]\d\d|20\d\d|(?:(?<=c\. )|(?<=ca\. )|(?<=circa ))1\d\d\d)"
    r"\s?[-–]\s?(?P<second>1\d\d\d|20\d\d|\d\d)(?![\w]|[.,:/-]\d)"
)
_YEAR = re.compile(r"(?<![\w.,:/$€£¥+#-])(?:1[0-9]\d\d|20\d\d)(?![\w%]|[.,:/]\d|\s?[-+*/=]\s?\d)")
_ERA = re.compile(r"(?<![\w.,:/])(?P<year>\d{1,4})\s(?P<era>BCE?|CE)\b")
_DECADE = re.compile(r"(?<![\w.,:/$€£])(?P<century>1[0-9]|20)?(?P<decade>\d0)'?s\b")
_SHORT_DECADE = re.compile(r"(?<!\w)['’](?P<decade>[2-9]0)'?s\b")
_PART_OF_YEAR = re.compile(
    r"(?<![\w-])(?P<part>(?i:mid|early|late|pre|post))-(?P<year>1[0-9]\d\d|20\d\d)(?![\w%]|[.,:/-]\d)"
)
_PART_OF_DECADE = re.compile(r"(?<![\w-])(?P<part>(?i:mid|early|late|pre|post))-(?P<decade>[2-9]0)'?s\b")
_OF_LIVES = re.compile(rf"(?<![\w'.])(?P<word>{'|'.join(OF_LIVES)})\.\s?(?=[12]\d{{3}}\b|(?<=c\. )[1-9]\d\d\b)")
_EVENT_OF = re.compile(
    r"\b(?:treaty|battle|siege|war|act|law|code|constitution|charter|revolution|revolt|uprising|riots?|crash|panic|crisis|"
    r"depression|recession|drought|famine|flood|fire|blizzard|hurricane|earthquake|flu|epidemic|pandemic|plague|election|"
    r"census|convention|congress|compromise|games|olympics|class|spring|summer|autumn|fall|winter|season|months?|"
    r"half|quarter|end|start|beginning|january|february|march|april|may|june|july|august|september|october|november|"
    r"december)\sof\s(?:the\s)?$",
    re.IGNORECASE,
)
_ENDS_WITH_LIFE = re.compile(rf"(?<![\w'.])(?:{'|'.join(OF_LIVES)})\.\s?$")
_LETTER_OF = re.compile(r"\b(?:letter|e-?mail|message|note|memo|order|invoice|report|meeting)\s(?:of|from)\s$")
_IT_WAS = re.compile(r"\b(?:[Ii]t|[Yy]ear)\s(?:is|was)\s(?:now\s|then\s)?$")
_PERIOD = re.compile(r"(?:Q[1-4]|H[12]|FY)")
_SHORT_YEAR = re.compile(r"(?<!\w)['’](?P<year>\d\d)(?![\w'’])")


def _month_first(month: str, day: int, years: int | None) -> str | None:
    if not 1 <= day <= 31:
        return None
    return f"{month} {ordinal(day)}" + (f", {year(years)}" if years else "")


def _day_first(month: str, day: int, years: int | None) -> str | None:
    said = _month_first(month, day, years)
    return said and f"the {ordinal(day)} of {month}" + (f", {year(years)}" if years else "")


def _number(written: str | None) -> int | None:
    return int(written) if written else None


def _is_month(match: re.Match[str]) -> bool:
    """May and March with a small letter are verbs, unless what stands before wants a date."""
    return (
        match["month"].lower() not in _ALSO_VERBS
        or match["month"][0].isupper()
        or word_before(match).lower() in _BEFORE_DATE
    )


def _month_day(match: re.Match[str]) -> str | None:
    starts = not behind(match).strip()
    verb = match["month"].lower() in _ALSO_VERBS and starts and counts_something(match)
    if verb or not _is_month(match):
        return None
    said = _month_first(_MONTH_OF[match["month"].lower()], int(match["day"]), _number(match["year"]))
    if said and match["to"]:
        if not 1 <= int(match["to"]) <= 31:
            return None
        day, comma, years = said.partition(",")
        return f"{day} to {ordinal(int(match['to']))}{comma}{years}"
    return said


def _day_month(match: re.Match[str]) -> str | None:
    if not _is_month(match) or (match["month"].islower() and match["month"].lower() in _ALSO_VERBS and not match["of"]):
        return None
    said = _day_first(_MONTH_OF[match["month"].lower()], int(match["day"]), _number(match["year"]))
    return like(match.group(), said) if said and match["the"] else said


def _days_month(match: re.Match[str]) -> str | None:
    if not 1 <= int(match["first"]) < int(match["day"]) or not match["month"][0].isupper():
        return None
    said = _day_first(_MONTH_OF[match["month"].lower()], int(match["day"]), _number(match["year"]))
    return said and f"the {ordinal(int(match['first']))} to {said}"


def _slashed_days(match: re.Match[str]) -> str | None:
    """12/23 - 1/2 are two days where one of them is no fraction that people use."""
    days = [(int(match["month"]), int(match["day"])), (int(match["to_month"]), int(match["to"]))]
    away = word_before(match).lower() in _AWAY or any(day > 12 for _, day in days)
    if not away or not all(1 <= month <= 12 for month, _ in days) or counts_something(match):
        return None
    said = [_month_first(MONTHS[month - 1], day, None) for month, day in days]
    return f"{said[0]} to {said[1]}" if all(said) else None


def _month_year(match: re.Match[str]) -> str | None:
    if not _is_month(match) or counts_something(match):
        return None
    return f"{_MONTH_OF[match['month'].lower()]} {year(int(match['year']))}"


def _month_alone(match: re.Match[str]) -> str | None:
    # Without a stop some are names or words: Jan, Mar, Jun.
    if match["month"] == "May" or not (match["dot"] or match["month"] in {"Feb", "Aug", "Sept", "Oct", "Nov", "Dec"}):
        return None
    return with_stop(match, SHORT_MONTHS[match["month"].lower()])


def _name_range(match: re.Match[str]) -> str | None:
    names = SHORT_WEEKDAYS | SHORT_MONTHS
    first, second = names[match["first"].lower()], names[match["second"].lower()]
    return with_stop(match, f"{first} to {second}") if (first in MONTHS) == (second in MONTHS) else None


def _weekday(match: re.Match[str]) -> str | None:
    dated = _DATE_FOLLOWS.match(match.string, match.end("name"))
    sure = match["dot"] and (match["name"] not in {"Sat", "Sun"} or match.string[match.end() :].strip())
    before = word_before(match).lower()
    sure = sure or before in _BEFORE_DAY or (before in {"or", "and"} and match["name"] not in {"Sat", "Sun"})
    dated = dated or _DAY_FOLLOWS.match(ahead(match))
    if not (dated or sure or match["name"] in {"Tues", "Weds", "Thur", "Thurs", "Fri"}):
        return None
    return with_stop(match, SHORT_WEEKDAYS[match["name"].lower()])


def _iso(match: re.Match[str]) -> str | None:
    month, day = int(match["month"]), int(match["day"])
    if not 1 <= month <= 12:
        return None
    said = _month_first(MONTHS[month - 1], day, int(match["year"]))
    if said and match["hour"]:
        said += f", {cardinal(int(match['hour']))} {second_half(int(match['minute']))}"
        said += f" and {cardinal(int(match['second']))} seconds" if int(match["second"] or 0) else ""
        said += " U T C" if match["zone"] else ""
    return said


def _numeric(match: re.Match[str]) -> str | None:
    """Month first as Americans write it, unless that makes no date; with stops day first."""
    first, second, short = int(match["first"]), int(match["second"]), len(match["year"]) == 2
    if short and match["mark"] != "/":
        return None
    dated = word_before(match).lower() in _ON or match.group().startswith("0")
    dated = dated or bool(_LETTER_OF.search(behind(match)))
    if short and not dated:
        return None  # 5/2/11 is a score
    years = int(match["year"]) + ((1900 if int(match["year"]) >= 50 else 2000) if short else 0)
    day_first = second <= 12 and (first > 12 or match["mark"] == ".")
    month, day = (second, first) if day_first else (first, second)
    if not 1 <= month <= 12:
        return None
    return (_day_first if day_first else _month_first)(MONTHS[month - 1], day, years)


def _month_slash_day(match: re.Match[str]) -> str | None:
    month, day = int(match["month"]), int(match["day"])
    before = word_before(match).lower().rstrip(".")
    timed = _TIME_FOLLOWS.match(match.string, match.end()) or behind(match).lower().endswith("as of ")
    dated = (before in _ON | _DAYS or timed) and not counts_something(match) and word_after(match) != "of"
    return _month_first(MONTHS[month - 1], day, None) if dated and 1 <= month <= 12 else None


def _years(match: re.Match[str]) -> str | None:
    first, second = int(match["first"]), match["second"]
    if len(second) == 4 and (int(second) < first or counts_something(match)):
        return None
    return f"{year(first)} to {year(int(second)) if len(second) == 4 else two_digits(int(second))}"


def _year(match: re.Match[str]) -> str | None:
    n, before = int(match.group()), word_before(match)
    if _PERIOD.fullmatch(before) or _EVENT_OF.search(behind(match)):
        return year(n)  # Q3 2024 revenue, the Treaty of 1839 lasted
    if _IT_WAS.search(behind(match)) and n % 50 and not counts_something(match):
        return year(n)
    if behind(match).endswith(("(", ", ")) and ahead(match).startswith((")", " est.")):
        return year(n) if n >= 1900 or n % 50 else None  # (1973), but a price of (1300)
    if counts_something(match):
        dated = before.lower() in {"the", "this", "that", "a", "each"} and n >= 1900 and _names_one_thing(match)
    else:
        to_year = re.search(r"\b(?:1\d|20)\d\d (?:to|and|or|until|through|till) $", behind(match))
        name = n >= 1900 and before[:1].isupper() and behind(match).endswith(" ") and not _starts(match, before)
        dated = bool(
            before.lower().rstrip(".") in _BEFORE_YEAR
            or to_year
            or _ENDS_WITH_LIFE.search(behind(match))
            or name
            or behind(match).endswith(("© ", "©"))
            or (n >= 1900 and not before and word_after(match) in _AFTER_EVENT)
            or (n >= 1900 and before.lower() in {"the", "this", "a"} and word_after(match)[:1].isupper())
        )
    return year(n) if dated else None


def _starts(match: re.Match[str], word: str) -> bool:
    """Whether the word before a year begins the sentence as a verb may: "Buy 2000." rather than "Worlds 2022"."""
    if (word.isupper() and not pronounceable(word)) or word_after(match) in _AFTER_EVENT:
        return False  # MSI 2025
    return behind(match).strip() == word and word.isalpha() and not word.endswith("s")


def _names_one_thing(match: re.Match[str]) -> bool:
    following = word_after(match).lower()
    return not following.endswith("s") and following not in _GAME_NOUNS and len(following) > 2


def _decade(match: re.Match[str]) -> str | None:
    decade = int(match["decade"])
    if match["century"]:
        century = int(match["century"])
        if decade:
            return f"{cardinal(century)} {plural(cardinal(decade))}"
        return "two thousands" if century == 20 else f"{cardinal(century)} hundreds"
    return plural(cardinal(decade)) if decade > 10 and word_before(match).lower() in _BEFORE_DECADE else None


RULES = (
    Rule(_ISO, _iso),
    Rule(_NUMERIC, _numeric),
    Rule(_DAYS_MONTH, _days_month),
    Rule(_DAY_MONTH, _day_month),
    Rule(_SLASHED_DAYS, _slashed_days),
    Rule(_MONTH_DAY, _month_day),
    Rule(_MONTH_YEAR, _month_year),
    Rule(_NAME_RANGE, _name_range),
    Rule(_WEEKDAY, _weekday),
    Rule(_MONTH_ALONE, _month_alone),
    Rule(_MONTH_SLASH_DAY, _month_slash_day),
    Rule(_YEARS, _years),
    Rule(_ERA, lambda match: f"{year(int(match['year']))} {' '.join(match['era'])}"),
    Rule(_SHORT_DECADE, lambda match: plural(cardinal(int(match["decade"])))),
    Rule(_DECADE, _decade),
    Rule(_SHORT_YEAR, lambda match: two_digits(int(match["year"])) if int(match["year"]) else None),
    Rule(_YEAR, _year),
    Rule(_PART_OF_YEAR, lambda match: f"{match['part']} {year(int(match['year']))}"),
    Rule(_PART_OF_DECADE, lambda match: f"{match['part']} {plural(cardinal(int(match['decade'])))}"),
    Rule(_OF_LIVES, lambda match: f"{OF_LIVES[match['word']]} "),
)
