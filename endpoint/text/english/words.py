"""Numbers and letters as words."""

from __future__ import annotations

import re

from text.english.rule import words_of

NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?![\d])|\d+)(?:\.\d+)?|(?<!\d)\.\d+"
"""A number as it is written: 5, 12,345, 0.5, .5. To be put in a group."""

MAX_CARDINAL_DIGITS = 15
"""More digits without commas are read one by one."""

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = (
    *("", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion", " sextillion"),
    *(" septillion", " octillion", " nonillion", " decillion"),
)
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_LAST_WORD = re.compile(r"[a-z]+$")


def cardinal(n: int) -> str:
    """A whole number from 0 to below 10**36: 105 is "one hundred five"."""
    if n < 100:
        return _below_hundred(n)
    if n < 1000:
        hundreds, rest = divmod(n, 100)
        return f"{_SMALL[hundreds]} hundred" + (f" {_below_hundred(rest)}" if rest else "")
    groups = f"{n:,}".split(",")
    named = zip(groups, reversed(_SCALES[: len(groups)]), strict=True)
    return " ".join(cardinal(int(group)) + scale for group, scale in named if int(group))


def _below_hundred(n: int) -> str:
    if n < len(_SMALL):
        return _SMALL[n]
    tens, ones = divmod(n, 10)
    return _TENS[tens] + (f"-{_SMALL[ones]}" if ones else "")


def ordinal(n: int) -> str:
    """A place in a row: 21 is "twenty-first"."""
    return _LAST_WORD.sub(lambda last: _ordinal_of(last[0]), cardinal(n))


def _ordinal_of(word: str) -> str:
    return _ORDINALS.get(word) or (word.removesuffix("y") + "ieth" if word.endswith("y") else f"{word}th")


def plural(words: str) -> str:
    """More than one of a number: "nineties", "eighths"."""
    return words.removesuffix("y") + "ies" if words.endswith("y") else words + ("es" if words.endswith("x") else "s")


def digits(written: str) -> str:
    """Digits one by one; whatever stands between them is left out."""
    return " ".join(_SMALL[int(digit)] for digit in written if digit.isdecimal())


def number(written: str) -> str:
    """A number that `NUMBER` finds: "12.05" is "twelve point zero five"; with zeros in front, digit by digit."""
    whole, point, decimals = written.partition(".")
    words = integer(whole) if whole else ""
    return f"{words} point {digits(decimals)}".strip() if point else words


def integer(written: str) -> str:
    """A whole number, with or without commas."""
    bare = written.replace(",", "")
    longest = 3 * len(_SCALES) if "," in written else MAX_CARDINAL_DIGITS
    if len(bare) > longest or (len(bare) > 1 and int(bare[0]) == 0):
        return digits(bare)
    return cardinal(int(bare))


def year(n: int) -> str:
    """A year of four digits: 1905 is "nineteen oh five", 2005 "two thousand five", 2024 "twenty twenty-four"."""
    century, rest = divmod(n, 100)
    if not 1000 < n < 10000 or n % 1000 < 10:
        return cardinal(n)
    return f"{cardinal(century)} {second_half(rest)}"


def two_digits(n: int) -> str:
    """The second half of a year or a time: 5 is "oh five"."""
    return f"oh {_SMALL[n]}" if 0 < n < 10 else cardinal(n)


def second_half(n: int) -> str:
    """What follows the hundreds of a year, a name or a time: 0 is "hundred", 5 "oh five"."""
    return two_digits(n) if n else "hundred"


def pairs(written: str) -> str:
    """Four digits as two numbers, as in 1080 or 4090; others as a number."""
    if len(written) != 4 or written.endswith("00") or written[0] == "0":
        return integer(written)
    return f"{integer(written[:2])} {two_digits(int(written[2:]))}"


def name_of(written: str) -> str:
    """Three or four digits that name and do not count: 404 is "four oh four", 1204 "twelve oh four"."""
    return f"{cardinal(int(written[:-2]))} {second_half(int(written[-2:]))}"


def letters(written: str) -> str:
    """Letters one by one, as capitals: their names are said."""
    return " ".join(letter.upper() for letter in written if letter.isalpha())


def alphanumeric(written: str) -> str:
    """What mixes letters and digits: MP3, T1, H2O. Letters are spelt where they make no word."""
    return " ".join(_alphanumeric_part(part) for part in re.findall(r"[^\W\d_]+|\d+", written))


def _alphanumeric_part(part: str) -> str:
    if part.isdecimal():
        return integer(part) if len(part) < 3 else digits(part)
    return letters(part) if part.isupper() or not has_vowel(part) else part


_NO_VOWEL = re.compile(r"[^aeiouy\W\d_]+", re.IGNORECASE)
_TWO_CONSONANTS = re.compile(r"[^aeiouy\W\d_]{2}", re.IGNORECASE)
_NO_BEGINNING = re.compile(r"aa(?![ahrg])|ii|uu", re.IGNORECASE)
_WORDS_BEGIN_WITH = words_of(
    """
    bh bl br ch cl cr cz dj dr dw fj fl fr gh gl gn gr gw hw kh kl kn kr kw ll ph pl pn pr ps pt qu rh sc sh sj
    sk sl sm sn sp sq st sv sw sz th tr ts tw tz vl wh wr xh zh zw mc mn mb nd ng
    """
)


def has_vowel(word: str) -> bool:
    """Whether letters have a vowel: without one they are spelt."""
    return not _NO_VOWEL.fullmatch(word)


def pronounceable(word: str) -> bool:
    """Whether letters in capitals can be said as a word: they have a vowel, and begin as words do."""
    if not has_vowel(word):
        return False
    if _NO_BEGINNING.match(word):
        return False
    begins = _TWO_CONSONANTS.match(word)
    return begins is None or begins[0].lower() in _WORDS_BEGIN_WITH
