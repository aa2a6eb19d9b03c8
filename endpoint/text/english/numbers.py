"""Numbers that stand by themselves: ordinals, fractions, powers, decimals, cardinals."""

from __future__ import annotations

import re

from text.english.context import counts_something
from text.english.rule import Rule, behind, word_after, word_before, words_of
from text.english.words import NUMBER, alphanumeric, cardinal, integer, letters, name_of, number, ordinal, plural

VULGAR = {
    "½": (1, 2),
    "⅓": (1, 3),
    "⅔": (2, 3),
    "¼": (1, 4),
    "¾": (3, 4),
    "⅕": (1, 5),
    "⅖": (2, 5),
    "⅗": (3, 5),
    "⅘": (4, 5),
    "⅙": (1, 6),
    "⅚": (5, 6),
    "⅐": (1, 7),
    "⅛": (1, 8),
    "⅜": (3, 8),
    "⅝": (5, 8),
    "⅞": (7, 8),
    "⅑": (1, 9),
    "⅒": (1, 10),
}
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")

_DENOMINATORS = {*range(2, 13), 16, 32, 64, 100}
NAMED_BY_NUMBER = words_of(
    "room gate error code route highway interstate flight boeing airbus suite apartment apt bus channel studio area"
    " port http https status rfc exit hwy rte rm bldg"
)
"""Words after which 101 is no count, and is read "one oh one"."""

_RATED = re.compile(
    r"\b(?:rat(?:e|ed|ing)|gives?|gave|scored?|say|said|solid|is|a|strong|easy)(?:\s\w+)?[\s:(]*$", re.IGNORECASE
)
_TENTHS_OF = {"of", "mile", "miles", "inch", "inches", "second", "seconds"}
_PARTS_OF_A_SET = {5, 6, 7, 9, 10, 12}
_BOTH_SAID = {"24/7", "9/11"}

_BLOOD_PRESSURE = re.compile(r"\bBP\b|\b[Bb]lood pressure\b|\bmm ?Hg\b")
_GROUPED_BY_SPACES = re.compile(r"(?<![\w.,])\d{1,3}(?:(?: 000)+|(?:[\u00a0\u2009\u202f]\d{3})+)(?![\w]|[.,]\d)")
_ORDINAL = re.compile(r"(?<![\w.,])(?P<number>\d{1,3}(?:,\d{3})+|\d{1,15})(?i:st|nd|rd|th)(?![\w])")
_MIXED = re.compile(
    r"(?<![\w.,/])(?P<whole>\d+)(?:\s(?P<top>\d+)[/⁄](?P<bottom>\d+)(?![\w/])|\s?(?P<sign>[½⅓⅔¼¾⅕-⅞⅐⅑⅒]))"
)
_OUT_OF = re.compile(r"(?<![\w.,/])(?P<top>\d+\.\d+)/(?P<bottom>5|10|20|100)(?![\w/%]|[.,]\d)")
_FRACTION = re.compile(r"(?<![\w.,/])(?P<top>\d[\d,]*)[/⁄](?P<bottom>[\d,]*\d)(?![\w/]|\.\d)")
_VULGAR = re.compile(f"[{''.join(VULGAR)}]")
_POWER = re.compile(rf"(?<![\w.,])(?P<base>{NUMBER})(?:\^(?P<sign>-?)(?P<exponent>\d+)(?!\w)|(?P<raised>[⁻⁰¹²³⁴-⁹]+))")
_HOUSE = re.compile(
    r"(?<![\w.,#$€£-])[1-9]\d{2,3}(?=\s(?:[NSEW]\.?\s)?(?:[A-Z][a-z]+\s){1,2}"
    r"(?:Street|Avenue|Road|Drive|Lane|Boulevard|Way|Court|Place|Terrace|Parkway|Highway|St|Ave|Rd|Dr|Ln|Blvd|Ct|Pl|Pkwy|Hwy)\b)"
)
_FLIGHT = re.compile(r"\b[Ff]light [A-Z][A-Z\d] $")
_STATUS = re.compile(
    r"(?:(?<=\b[Aa] )|(?<=\b[Aa]n )|(?<=\b[Tt]he ))"
    r"[1-5](?!00)\d\d(?=\s(?:error|status|response|page|means|when|from)\b)"
)
_PART_WITH_ENDING = re.compile(r"(?<![\w.,/])(?P<top>\d{1,2})/(?P<bottom>\d{1,4})(?:st|nd|rd|th)s?(?!\w)")
_RAISED = re.compile(r"[⁻⁰¹²³⁴-⁹]+|(?<=[A-Za-z)])\^-?\d+(?!\w)")
_LOWERED = re.compile(r"[₀-₉]+")
_SCIENTIFIC = re.compile(r"(?<![\w.,])(?P<base>\d+(?:\.\d+)?)[eE](?P<sign>[-+]?)(?P<exponent>\d{1,3})(?!\w)")
_NAMING = re.compile(r"(?<![\w.,#-])[1-9]\d\d\d?(?![\w%]|[.,:/-]\d)")
_ROAD = re.compile(r"(?<![\w'.-])(?P<road>I|US)-(?P<number>[1-9]\d\d(?<!00))(?![\w-])")
_NUMBER = re.compile(rf"(?<!\w)(?:{NUMBER})(?!\w)")
_DIGITS = re.compile(r"\d+")


def fraction(top: int, bottom: int) -> str:
    """A part: 3/4 is "three quarters", 2/3 "two thirds"."""
    names = {2: ("half", "halves"), 4: ("quarter", "quarters")}
    part = ordinal(bottom)
    one, several = names.get(bottom, (part, plural(part)))
    return f"{cardinal(top)} {one if top == 1 else several}"


def _mixed(match: re.Match[str]) -> str | None:
    top, bottom = VULGAR[match["sign"]] if match["sign"] else (int(match["top"]), int(match["bottom"]))
    if not 0 < top < bottom or bottom not in _DENOMINATORS:
        return None
    part = fraction(top, bottom)
    return f"{integer(match['whole'])} and {'a half' if bottom == 2 else part}"


def _fraction(match: re.Match[str]) -> str:
    top, bottom = match["top"].strip(","), match["bottom"].strip(",")
    n, of = int(top.replace(",", "")), int(bottom.replace(",", ""))
    if match.group() in _BOTH_SAID or (n + of == 100 and min(n, of) >= 10) or (n == of == 20):
        return f"{integer(top)} {'seven' if bottom == '7' else integer(bottom)}"
    if n == 1 and of == 1000:
        return fraction(n, of)
    if _BLOOD_PRESSURE.search(match.string):
        return f"{integer(top)} over {integer(bottom)}"
    if n > of or (n == 0 and of not in {5, 10, 100} and not counts_something(match)):
        return f"{integer(top)} {integer(bottom)}"
    rated = (of in {10, 100} and word_after(match) not in _TENTHS_OF) or (
        of == 5 and (_RATED.search(behind(match)) or word_after(match) in {"would", "will"})
    )
    counted = of in _PARTS_OF_A_SET and counts_something(match) and word_after(match).endswith("s")  # 3/5 towers
    if not n or n == of or rated or counted or of not in _DENOMINATORS or (len(bottom) > 1 and bottom[0] == "0"):
        return f"{integer(top)} out of {integer(bottom)}"
    return fraction(n, of)


def _naming(match: re.Match[str]) -> str | None:
    before = word_before(match).lower().rstrip(".")
    named = (before in NAMED_BY_NUMBER or _FLIGHT.search(behind(match))) and not match.group().endswith("00")
    if not named or (len(match.group()) > 3 and counts_something(match)):
        return None
    return name_of(match.group())


def _house(match: re.Match[str]) -> str:
    thousands = len(match.group()) > 3 and match.group()[1] == "0"  # "two thousand five Elm Street"
    return integer(match.group()) if thousands else name_of(match.group())


def power(sign: str, exponent: str) -> str:
    """What is said after the base."""
    if not sign and exponent in {"2", "3"}:
        return "squared" if exponent == "2" else "cubed"
    return f"to the power of {'minus ' if sign == '-' else ''}{integer(exponent)}"


def _power(match: re.Match[str]) -> str:
    raised = (match["raised"] or "").translate(SUPERSCRIPTS)
    sign = match["sign"] or raised[:1].strip("0123456789")
    return f"{number(match['base'])} {power(sign, match['exponent'] or raised.strip('-') or '1')}"


def _raised(match: re.Match[str]) -> str:
    written = match.group().lstrip("^").translate(SUPERSCRIPTS)
    return f" {power('-' if written.startswith('-') else '', written.strip('-') or '1')} "


def _scientific(match: re.Match[str]) -> str:
    exponent = f"ten {power(match['sign'], match['exponent'])}"
    return f"{number(match['base'])} times {exponent}"


RULES = (
    Rule(_SCIENTIFIC, _scientific),
    Rule(_POWER, _power),
    Rule(_MIXED, _mixed),
    Rule(_OUT_OF, lambda match: f"{number(match['top'])} out of {integer(match['bottom'])}"),
    Rule(_FRACTION, _fraction),
    Rule(_PART_WITH_ENDING, lambda match: fraction(int(match["top"]), int(match["bottom"]))),
    Rule(_VULGAR, lambda match: fraction(*VULGAR[match.group()])),
    Rule(_ORDINAL, lambda match: ordinal(int(match["number"].replace(",", "")))),
    Rule(_GROUPED_BY_SPACES, lambda match: integer(re.sub(r"\s", "", match.group()))),
    Rule(_NAMING, _naming),
    Rule(_HOUSE, _house),
    Rule(_STATUS, lambda match: name_of(match.group())),
    Rule(_ROAD, lambda match: f"{letters(match['road'])} {name_of(match['number'])}"),
    Rule(_RAISED, _raised),
    Rule(_NUMBER, lambda match: number(match.group())),
    Rule(_LOWERED, lambda match: " " + alphanumeric(match.group().translate(SUBSCRIPTS)) + " "),
)
REMAINING = (
    # Whatever digits are left: none may be lost.
    Rule(_DIGITS, lambda match: alphanumeric(match.group())),
)
