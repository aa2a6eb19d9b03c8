"""Telephone and card numbers, PINs and postal codes: digit by digit, a comma between groups."""

from __future__ import annotations

import re

from text.english.context import counts_something
from text.english.rule import Rule, behind, word_before
from text.english.words import digits, pairs

_CALL = {"call", "dial", "text", "phone", "tel", "tel.", "telephone", "ring", "fax", "hotline"}
_THINGS = {"ring"}  # that have a price, too
_CODE = re.compile(
    r"\b(?:(?:PIN|[Zz]ip|ZIP|postcode|passcode|OTP)(?:\s(?:[Cc]ode|number))?(?:\sis|:)?|[Pp]in(?:\scode|\snumber)?(?:\sis|:)"
    r"|[Cc]ode(?:\sis|:)|\bcode(?=\s$))\s$"
)
_AFTER_ANOTHER = re.compile(rf"\b(?:{'|'.join(sorted(_CALL - {'tel.'}))})\s\d+\s(?:or|and)\s$", re.IGNORECASE)
_MIN_CODE = 4  # "code 404" is a name rather than digits
_SHORT_NUMBERS = {"911"}

_HEX = re.compile(r"(?<!\w)0x(?P<digits>[0-9A-Fa-f]+)(?!\w)")
_ISBN = re.compile(r"(?:(?<=ISBN )|(?<=ISBN: )|(?<=ISSN )|(?<=ISSN: ))[\d-]{8,17}X?(?!\w)")
_GROUPS_OF_CODE = re.compile(
    r"(?:(?<=[A-Z]{2}-)|(?<=[A-Z]{2} (?=\d+-\d+-))|(?<=\b[Nn]o\. )|(?<=\b[Cc]ase ))"
    r"(?=\d+(?:-\d{1,3})*-\d{4}|\d{4}-)\d+(?:-\d+)+(?![\w])"
)
_ID = re.compile(r"(?:(?<=\bID )|(?<=\bID: )|(?<=[Pp]asscode: ))\d{2,}(?:[ -]\d{2,})+(?![\w-])")
_GROUP = re.compile(r"\d+")
_AMERICAN = re.compile(r"(?<![\w.,+-])(?:\+?\d{1,3}[-.\s])?(?:\(\d{3}\)\s?|\d{3}[-.\s])\d{3}[-.\s]\d{4}(?![\w-])")
_INTERNATIONAL = re.compile(r"(?<!\w)\+\d{1,3}(?:[\s-]?\(?\d{2,4}\)?){2,5}(?![\w-])")
_ABROAD = re.compile(r"(?<![\w.,+-])(?:0\d{2,4}|\(0\d{2,4}\))[\s-]\d{3,4}[\s-]?\d{3,4}(?![\w-])")
_LOCAL = re.compile(r"(?<![\w.,+$€£-])\d{3}-\d{4}(?![\w-]|\.\d)")
_CARD = re.compile(r"(?<![\w.,-])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?![\w-])")
_AFTER_CALL = re.compile(r"(?<![\w.,+-])\d{3,}(?![\w]|[.,:/-]\d)")


def groups(written: str) -> str:
    """A number's groups, each digit by digit; 800 stays whole."""
    said = ["eight hundred" if group == "800" else digits(group) for group in _GROUP.findall(written)]
    return ("plus " if written.startswith("+") else "") + ", ".join(said)


def _hexadecimal(match: re.Match[str]) -> str:
    return " ".join(["zero X", *(digits(each) if each.isdecimal() else each.upper() for each in match["digits"])])


def _code_groups(match: re.Match[str]) -> str:
    """CVE-2023-24329, ISO-8859-1, No. 17-1299: years and pairs as such, what is longer digit by digit."""
    return ", ".join(pairs(group) if len(group) <= _MIN_CODE else digits(group) for group in match.group().split("-"))


def _international(match: re.Match[str]) -> str | None:
    return groups(match.group()) if sum(map(str.isdecimal, match.group())) >= 8 else None


def _local(match: re.Match[str]) -> str | None:
    first, second = match.group().split("-")
    round_numbers = first.endswith("0") and second.endswith("0")
    if round_numbers and word_before(match).lower() not in _CALL:
        return None  # 500-1000 gold
    return f"{digits(first)}, {digits(second)}"


def _called(match: re.Match[str]) -> str | None:
    word, number = word_before(match), match.group()
    if number in _SHORT_NUMBERS and not counts_something(match):
        return digits(number)
    if not counts_something(match) and _AFTER_ANOTHER.search(behind(match)):
        return digits(number)
    # "Ring = 500" and "Ring 400 gold" are prices.
    beside = match.string[: match.start()].rstrip(" :").endswith(word)
    is_thing = word.lower() in _THINGS and counts_something(match)
    return digits(number) if word.lower() in _CALL and beside and not is_thing else None


def _code(match: re.Match[str]) -> str | None:
    long = len(match.group()) >= _MIN_CODE
    return digits(match.group()) if long and _CODE.search(behind(match)) and not counts_something(match) else None


RULES = (
    Rule(_HEX, _hexadecimal),
    Rule(_ISBN, lambda match: groups(match.group().strip("X")) + (", X" if match.group().endswith("X") else "")),
    Rule(_ID, lambda match: groups(match.group())),
    Rule(_GROUPS_OF_CODE, _code_groups),
    Rule(_CARD, lambda match: groups(match.group())),
    Rule(_AMERICAN, lambda match: groups(match.group())),
    Rule(_INTERNATIONAL, _international),
    Rule(_ABROAD, lambda match: groups(match.group())),
    Rule(_LOCAL, _local),
    Rule(_AFTER_CALL, _called),
    Rule(_AFTER_CALL, _code),
)
