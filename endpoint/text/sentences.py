"""Where a sentence ends: at a mark that is neither part of an abbreviation, an initial or a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from text.english.abbreviations import (
    AFTER_ORDINAL,
    CLOSING,
    NUMBERED,
    NUMERAL,
    PRONOUN,
    SIZES,
    STREETS,
    TITLES,
    WITHIN,
    has_number,
)
from text.english.capitals import SPECIES
from text.english.context import SENTENCE_STARTERS
from text.english.dates import MONTHS, OF_LIVES, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS
from text.english.rule import MAX_LOOK_AROUND, words_of
from text.english.units import STOPPED, STOPPED_ALONE

_CLOSERS = "\"'”’)\\]»›」』）】》"
_MARK = re.compile(
    rf"(?P<chinese>[。！？｡]+[{_CLOSERS}]*\s*)"
    rf"|(?P<mark>[.?!…؟।]+)(?P<closers>[{_CLOSERS}]*)(?P<space>\s+|$|(?<=!)(?=[A-Z]))"
    r"|(?P<empty_line>\s*\n\s*\n\s*)"
)
_DOTTED = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]|Ph\.?D|[BM]\.Sc")
_NUMBER_FOLLOWS = re.compile(rf"#?\d|{NUMERAL}")
_PRONOUN_FOLLOWS = re.compile(PRONOUN)
_ORDINAL = re.compile(r"\d(?:st|nd|rd|th)$")
_ENDS_AMOUNT = re.compile(r"[\d½-¾⅐-⅞]$")
_MORE_FOLLOWS = re.compile(r"[NS]?[EW]?\sof\b|\d+\s?(?:in|oz|mins?|secs?)\b")
_YEAR_FOLLOWS = re.compile(r"[12]\d{3}\b")
_AGE_FOLLOWS = re.compile(r"[1-9]\d{2,3}\b")
_WORD = re.compile(r"[^\W\d_][\w']*")
_OPENERS = "\"'“‘([¿¡«"

_ALWAYS_TITLES = words_of("mr mrs ms dr prof st")
_ALSO_LAST = words_of("min max avg temp misc")
_SAYING = words_of("say says said saying answer answers answered is was hell oh yeah nah well um uh")
_BEFORE_KEY = words_of("press use your his her their my its hit cast hold level max save dodge spam land miss throw")
_AFTER_TIME = words_of("et est edt ct cst cdt mt mst mdt pt pst pdt gmt utc cet cest bst eastern pacific central") | {
    word.lower() for word in (*MONTHS, *WEEKDAYS, *SHORT_MONTHS, *SHORT_WEEKDAYS)
}
_DATES = {*SHORT_MONTHS, *SHORT_WEEKDAYS}


def split(text: str) -> list[str]:
    """Split a text into sentences. Joined they give it back, but for white space."""
    edges = [0, *_ends(text), len(text)]
    sentences = (text[start:end].strip() for start, end in pairwise(edges))
    return [sentence for sentence in sentences if sentence]


def _ends(text: str) -> Iterator[int]:
    """Where a sentence of the text ends."""
    start = 0
    for match in _MARK.finditer(text):
        if _ends_sentence(match, start):
            yield match.end()
            start = match.end()


def _ends_sentence(match: re.Match[str], start: int) -> bool:
    if match["mark"] is None:
        return True
    following = match.string[match.end() : match.end() + MAX_LOOK_AROUND].lstrip(_OPENERS)
    if match["closers"] and following[:1].islower():
        return False  # "Stop!" she said.
    if match["mark"] == ".":
        return _stop_ends_sentence(match.string[max(start, match.start() - MAX_LOOK_AROUND) : match.start()], following)
    if match["mark"][-1] in ".…":
        return following[:1].isupper() and not re.match(r"I\b", following)
    return True


def _stop_ends_sentence(before: str, following: str) -> bool:
    """Whether a stop between two texts ends a sentence: what stands before it may be an abbreviation."""
    *earlier, last = ["", *before.split()]
    previous, written = earlier[-1].lstrip(_OPENERS) if earlier else "", last.lstrip(_OPENERS)
    word = written.lower()
    next_word = (_WORD.match(following) or [""])[0]
    begins = next_word[:1].isupper() and next_word.lower() in SENTENCE_STARTERS
    if word.isdecimal():
        return bool(previous)  # "1. Push the wave."
    if word == "rev" and next_word == "ed":
        return False
    if written == "c" and _AGE_FOLLOWS.match(following):
        return False
    if (written in OF_LIVES and _YEAR_FOLLOWS.match(following)) or (written == "Rs" and following[:1].isdecimal()):
        return False
    if word == "no" and has_number(previous) and next_word in {"of", "is", "was"}:
        return False
    if word in SIZES and following[:1].islower():
        return False
    if written in {"MR", "MS"} and not next_word.isupper():
        return True  # magic resist
    if word == "no" and _PRONOUN_FOLLOWS.match(following):
        return True
    if written == "v" and (previous[:1].isupper() or previous == "al.") and next_word[:1].isupper():
        return False  # Smith v. Jones
    if word in AFTER_ORDINAL and (_ORDINAL.search(previous) or previous.lower() == "rev."):
        return begins or not following
    if _is_measure(previous, written):
        return not following[:1].islower() and not _MORE_FOLLOWS.match(following)
    if word in NUMBERED and written != "S":
        return not _NUMBER_FOLLOWS.match(following) or previous.lower().rstrip(",") in _SAYING
    if word in WITHIN:
        return word in _ALSO_LAST and (begins or not following)
    if len(word) == 1 and written.isupper():
        return _letter_ends_sentence(previous, next_word, begins)
    if word in STREETS and (previous[:1].isupper() or word not in TITLES):
        return begins or not following
    if word in TITLES and not previous[-1:].isdecimal() and (written[0].isupper() or word in _ALWAYS_TITLES):
        return not following
    if word in ("a.m", "p.m", "etc"):
        return not following or (next_word[:1].isupper() and next_word.lower() not in _AFTER_TIME)
    if word in CLOSING or word in TITLES or _DOTTED.fullmatch(written) or (word in _DATES and written[0].isupper()):
        return begins or not following
    return True


def _is_measure(previous: str, word: str) -> bool:
    """Whether a stop is that of a unit: 2 lb., 20-min., 10min."""
    bare = word.lstrip("0123456789.,½⅓⅔¼¾-")
    unit = bare in STOPPED or bare in STOPPED_ALONE or bare in {"in", "ff"}
    return unit and bool(bare != word or _ENDS_AMOUNT.search(previous))


def _letter_ends_sentence(previous: str, next_word: str, begins: bool) -> bool:
    """A capital letter is an initial before a name, unless it is a key that is pressed."""
    if next_word in SPECIES:
        return False
    if next_word[:1].isupper():
        return begins or previous.lower() in _BEFORE_KEY
    return previous.rstrip(".").lower() not in TITLES or not next_word
