"""`<say-as interpret-as>`: text said as digits, a date, a time, whatever it looks like.

Formats are Amazon Polly's: https://docs.aws.amazon.com/polly/latest/dg/say-as-tag.html. Each function takes the text
and its format, and gives words, or None if the text is not such a thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from text.characters import tidy
from text.english import read_aloud

MAX_DIGITS = 15

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SYMBOLS = {
    "!": "exclamation mark", '"': "quote", "#": "hash", "$": "dollar", "%": "percent", "&": "and", "'": "apostrophe",
    "(": "open parenthesis", ")": "close parenthesis", "*": "asterisk", "+": "plus", ",": "comma", "-": "dash",
    ".": "dot", "/": "slash", ":": "colon", ";": "semicolon", "<": "less than", "=": "equals", ">": "greater than",
    "?": "question mark", "@": "at", "[": "open bracket", "\\": "backslash", "]": "close bracket", "^": "caret",
    "_": "underscore", "{": "open brace", "|": "bar", "}": "close brace", "~": "tilde", "€": "euro", "£": "pound",
}  # fmt: skip
_NAMES = {**_SYMBOLS, **dict(zip("0123456789", _DIGITS, strict=True))}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DATE_FORMATS = ("mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y")
_WIDTHS = {"y": 4, "m": 2, "d": 2}
_NUMBER = re.compile(r"([-+]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?(?:\s*([ap])\.?m\.?)?", re.ASCII | re.IGNORECASE)
_HOUR = re.compile(r"(\d{1,2})\s*([ap])\.?m\.?", re.ASCII | re.IGNORECASE)
_LENGTH = re.compile(r"(?:(\d{1,4})')?\s*(?:(\d{1,4})\")?", re.ASCII)


def _characters(text: str, _: str) -> str | None:
    return " ".join(_NAMES.get(each, each.upper()) for each in tidy(text) if each != " ") or None


def _digits(text: str, _: str) -> str | None:
    groups = re.findall(r"\d+", tidy(text), re.ASCII)
    if not groups or re.search(r"[^\d\s.,()/-]", tidy(text), re.ASCII):
        return None
    return ", ".join(" ".join(_DIGITS[int(digit)] for digit in group) for group in groups)


def _telephone(text: str, _: str) -> str | None:
    text = tidy(text).strip()
    if re.search(r"[^\d\s().*#/A-Za-z+-]", text, re.ASCII) or not re.search(r"\d", text, re.ASCII):
        return None
    names = {**_NAMES, "*": "star", "#": "pound"}
    parts = re.findall(r"\+|\d+|[*#]|[A-Za-z]+", text)
    said = [part if part.isalpha() and part.islower() and len(part) > 1 else
            " ".join(names.get(each, each.upper()) for each in part) for part in parts]  # fmt: skip
    return ", ".join(said).replace("plus, ", "plus ")


def _cardinal(text: str, _: str) -> str | None:
    return _number(text, lambda sign, whole, rest: read_aloud(f"{sign}{whole:,}{rest}"))


def _ordinal(text: str, _: str) -> str | None:
    return _number(text, lambda sign, whole, rest: None if sign or rest else read_aloud(_nth(whole)))


def _number(text: str, say: Callable[[str, int, str], str | None]) -> str | None:
    """Read a number: `say` gets its sign, its whole part and `.` with the digits after it."""
    found = _NUMBER.fullmatch(tidy(text).replace("−", "-").replace(" ", ""))
    if not found or len(found[2]) > MAX_DIGITS:
        return None
    return say(found[1], int(found[2].replace(",", "")), found[3] or "")


def _nth(number: int) -> str:
    teen = number % 100 in (11, 12, 13)
    return f"{number:,}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _date(text: str, form: str) -> str | None:
    text = tidy(text).strip()
    order = re.sub(r"(.)\1+", r"\1", form.lower())  # yyyymmdd is ymd
    if re.search("[A-Za-z]", text) or not order:
        return read_aloud(text) if re.search(r"\d", text, re.ASCII) else None
    if order not in _DATE_FORMATS:
        return None
    numbers = re.findall(r"\d+", text, re.ASCII)
    if len(numbers) == 1 and len(order) > 1:  # 19600922: no marks between
        numbers = re.findall("".join(rf"(\d{{{_WIDTHS[part]}}})" for part in order), text)
        numbers = list(numbers[0]) if numbers else []
    if len(numbers) != len(order):
        return None
    return _say_date(**{part: int(number) for part, number in zip(order, numbers, strict=True)})


def _say_date(y: int | None = None, m: int | None = None, d: int | None = None) -> str | None:
    if not (1 <= (m or 1) <= len(_MONTHS) and 1 <= (d or 1) <= 31 and 0 <= (y or 0) <= 9999) or m == 0 or d == 0:
        return None
    if y is not None and y < 100:  # a year of two digits: 1950 to 2049
        y += 1900 if y >= 50 else 2000
    month = _MONTHS[m - 1] if m else ""
    day = _nth(d) if d else ""
    if month or day:
        before_year = " ".join(part for part in (month, day) if part) + ("," if day and y is not None else "")
        return read_aloud(f"{before_year} {'' if y is None else y}")
    return read_aloud(f"the year {y}").removeprefix("the year ")


def _time(text: str, _: str) -> str | None:
    text = tidy(text).strip()
    if (found := _LENGTH.fullmatch(text)) and any(found.groups()):
        return read_aloud(
            " ".join(_counted(n, unit) for n, unit in zip(found.groups(), ("minute", "second"), strict=True) if n)
        )
    if found := _HOUR.fullmatch(text):
        return _clock(int(found[1]), 0, 0, found[2])
    if found := _CLOCK.fullmatch(text):
        return _clock(int(found[1]), int(found[2]), int(found[3] or 0), found[4])
    return None


def _counted(number: str, unit: str) -> str:
    return f"{number} {unit}{'' if int(number) == 1 else 's'}"


def _clock(hour: int, minute: int, second: int, half: str | None) -> str | None:
    if hour > (12 if half else 24) or minute > 59 or second > 59:
        return None
    said = [read_aloud(str(hour))]
    if minute:
        said += ["oh"] * (minute < 10) + [read_aloud(str(minute))]
    elif not half:
        said.append("o'clock" if hour <= 12 else "hundred")
    if second:
        said.append(f"and {read_aloud(_counted(str(second), 'second'))}")
    if half:
        said.append(f"{half.upper()} M")
    return " ".join(said)


SAY_AS: dict[str, Callable[[str, str], str | None]] = {
    "cardinal": _cardinal,
    "characters": _characters,
    "date": _date,
    "digits": _digits,
    "number": _cardinal,
    "ordinal": _ordinal,
    "spell-out": _characters,
    "telephone": _telephone,
    "time": _time,
}
"""By `interpret-as`, how text is said; two names are Polly's second ones."""
