"""English is read aloud as a person would, and nothing that is written is lost."""

import re
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from text.english import read_aloud
from text.english.abbreviations import BARE
from text.english.capitals import ACRONYMS
from text.english.dates import SHORT_MONTHS, SHORT_WEEKDAYS
from text.english.game import SHORTHAND

TABLE = Path(__file__).with_name("english_pairs.txt")

UP_TO_TEN = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
ONES = [
    *UP_TO_TEN,
    "eleven",
    "twelve",
    *(f"{word}teen" for word in ("thir", "four", "fif", "six", "seven", "eigh", "nine")),
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SCALES = ["thousand", "million", "billion", "trillion"]
VALUES = {word: n for n, word in enumerate(ONES)} | {word: 10 * n for n, word in enumerate(TENS, 2)}
SAY_A_NUMBER = re.compile(
    rf"\b(?:{'|'.join([*ONES, *SCALES])}|hundred|oh|half|halves|quarters?|squared|cubed|[a-z]*(?:th|ieth|ths|rds|ties)"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|first|second|third|January|February|March|April|May|June|July|August"
    r"|September|October|November|December)\b"
)

WORDS = st.sampled_from(["bado", "kimu", "lopane", "Vedri", "zantu", "Kai'Sa", "wave"])
SYMBOLS = st.text(alphabet="!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ €£°×–—…“’½²µ", min_size=1, max_size=3)
NUMBERS = st.text(alphabet="0123456789", min_size=1, max_size=6)
UNITS = st.sampled_from(["k", "km", "x", "am", "s", "st", "th", "v2", "%", "min", "GB", "h30", "M", "B"])
MIXTURES = st.lists(WORDS | SYMBOLS | NUMBERS | UNITS | st.just(" "), max_size=14).map("".join)
SPACED = st.lists(WORDS | SYMBOLS | NUMBERS, max_size=12).map(" ".join)
ONE_DIGIT = st.sampled_from([*"123456789", "_4", "x7_", "é3"])
FEW_DIGITS = st.lists(WORDS | SYMBOLS | ONE_DIGIT, min_size=1, max_size=8).map("".join)
TEXTS = MIXTURES | SPACED | st.text(alphabet="019 :/-.,$adk%", max_size=16)


def pairs() -> list[tuple[str, str]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [(written, spoken) for line in lines for written, mark, spoken in [line.partition(" => ")] if mark]


def counted(words: str) -> int:
    """The number that words say."""
    total, group = 0, 0
    for word in re.split(r"[ -]", words):
        if word in SCALES:
            total, group = total + group * 1000 ** (SCALES.index(word) + 1), 0
        else:
            group = group * 100 if word == "hundred" else group + VALUES[word]
    return total + group


@pytest.mark.parametrize(("written", "spoken"), pairs())
def test_what_is_written_is_read_as_a_person_would(written: str, spoken: str) -> None:
    assert read_aloud(written) == spoken


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_a_number_is_said_as_what_it_counts(number: int) -> None:
    said = re.fullmatch(r"bado (.*) kimu", read_aloud(f"bado {number} kimu"))
    assert said
    assert counted(said[1]) == number


@given(st.text(alphabet="0123456789", min_size=16, max_size=60))
def test_a_long_number_is_said_digit_by_digit(number: str) -> None:
    assert [VALUES[word] for word in read_aloud(number).split()] == [int(digit) for digit in number]


@given(FEW_DIGITS | TEXTS)
@example("bado_4")
def test_no_number_is_lost(text: str) -> None:
    written = [run for run in re.findall(r"[0-9]+", text) if int(run)]
    assert len(SAY_A_NUMBER.findall(read_aloud(text))) >= len(written)


@given(TEXTS)
def test_no_word_is_lost(text: str) -> None:
    words = re.findall(r"bado|kimu|lopane|vedri|zantu|kai'sa|wave", text.lower())
    assert re.findall(r"bado|kimu|lopane|vedri|zantu|kai'sa|wave", read_aloud(text).lower()) == words


@given(TEXTS)
def test_words_and_marks_alone_are_said(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z .,?!;:'-]*", read_aloud(text))


@given(st.from_regex(r"[A-Z]{2,9}", fullmatch=True))
def test_no_letter_of_a_word_in_capitals_is_lost(word: str) -> None:
    assume(word not in ACRONYMS and word.lower() not in {*BARE, *SHORTHAND, *SHORT_MONTHS, *SHORT_WEEKDAYS})
    assert read_aloud(f"bado {word} kimu").replace(" ", "").lower() == f"bado{word}kimu".lower()


@given(st.text())
@example("½²①٣")
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(read_aloud(text), str)
