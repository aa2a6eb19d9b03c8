"""A line's fields have their bounds, the same at every door and at the endpoint."""

from typing import Any

import pytest
from pydantic import ValidationError

from contract.line import MAX_CHAMPION_ID, MAX_MARKS, MAX_TEXT_CHARACTERS, Line, is_champion_id, plain_name
from contract.problem import TextTooLong, check_length


def line(**fields: Any) -> Line:  # noqa: ANN401 -- what json.loads gives
    return Line.model_validate({"champion_id": "yasuo", "text": "Hello."} | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"speed": 0.5},
        {"speed": 2},
        {"duration": 0.5},
        {"duration": 120},
        {"seed": 2**32 - 1},
        {"seed": 7.0},
        {"quality": "high"},
        {"text_type": "plain"},
        {"text_type": "ssml"},
        {"text_type": "markdown"},
        {"format": "wav"},
    ],
    ids=str,
)
def test_a_field_within_its_bounds_is_taken(fields: dict[str, Any]) -> None:
    assert line(**fields).model_dump() | fields == line(**fields).model_dump()


@pytest.mark.parametrize(
    "fields",
    [
        {"speed": 0.49},
        {"speed": 2.01},
        {"speed": "1"},
        {"speed": float("nan")},
        {"duration": 0.4},
        {"duration": 121},
        {"duration": True},
        {"seed": -1},
        {"seed": 2**32},
        {"seed": 1.5},
        {"quality": "best"},
        {"text_type": "html"},
        {"format": "aiff"},
        {"text": None},
        {"champion_id": None},
        {"volume": 11},
    ],
    ids=str,
)
def test_a_field_out_of_its_bounds_is_refused_by_name(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        line(**fields)

    assert [error["loc"] for error in refused.value.errors()] == [tuple(fields)]


def test_the_text_takes_no_pile_of_marks_which_would_take_hours_to_bring_into_order() -> None:
    assert line(text="Z" + "\u0315\u0300" * (MAX_MARKS // 2)).text

    with pytest.raises(ValidationError, match="at most 30 combining marks in a row \\(2000000 at position 1\\)"):
        line(text="Z" + "\u0315\u0300" * 1_000_000)


def test_a_text_of_a_million_spaces_is_read() -> None:
    assert line(text=f"A{' ' * 1_000_000}B\t\n\tC").text == f"A{' ' * 1_000_000}B\nC"


def test_null_in_an_optional_field_is_the_field_left_out() -> None:
    nothing = dict.fromkeys(("text_type", "duration", "speed", "seed", "quality", "format"))

    assert line(**nothing) == line()
    assert line(**nothing).model_fields_set == {"champion_id", "text"}


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("  Cafe\u0301, please\r\n now ", "Café, please\nnow"),
        ("A\r\n\r\nB\rC\nD", "A\n\nB\nC\nD"),
        ("A \t\n \n\tB", "A\n\nB"),
        ("\u00a0A\u3000", "A"),
        ("A  B\tC\u2028D", "A  B\tC\u2028D"),  # the endpoint's to tidy
        ("A\u200dB", "A\u200dB"),
        ("Hi\ue000\u0378", "Hi\ue000\u0378"),
    ],
)
def test_text_has_one_normal_form(written: str, normal: str) -> None:
    assert line(text=written).text == normal


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "...", "🎉", "\u0301", "Hi\x00", "Hi\x07", "Hi\x0b", "Hi\x85", "Hi\ud800"]
)
def test_text_without_a_letter_or_with_what_cannot_be_written_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        line(text=text)


@pytest.mark.parametrize("text", ["Hi\r\n  there.\r\rNow", " \u00a0Å\n\n\nB ", "e\u0301 \t\n \tx", "a\n\u00a0\nb"])
def test_the_normal_form_of_a_text_is_its_own(text: str) -> None:
    normal = line(text=text).text

    assert line(text=normal).text == normal


def test_a_text_is_too_long_when_it_has_more_characters_than_allowed() -> None:
    check_length("a" * MAX_TEXT_CHARACTERS, MAX_TEXT_CHARACTERS)

    with pytest.raises(TextTooLong, match="5,001 characters; at most 5,000") as refused:
        check_length("a" * (MAX_TEXT_CHARACTERS + 1), MAX_TEXT_CHARACTERS)
    assert [error.field for error in refused.value.errors] == ["text"]


@pytest.mark.parametrize("name", ["yasuo", "0", "a_b-1", "a" * 64])
def test_a_champion_can_have_this_name(name: str) -> None:
    assert is_champion_id(name)


@pytest.mark.parametrize(
    "name", ["", "..", "../ahri", "Yasuo", "yasuo\n", "-yasuo", "_", "yäsuo", "a" * 65, "a b", "a/b"]
)
def test_no_champion_can_have_this_name(name: str) -> None:
    assert not is_champion_id(name)


def test_the_same_line_is_spoken_by_another_champion() -> None:
    assert line(seed=3).spoken_by("ahri") == line(champion_id="ahri", seed=3)


@pytest.mark.parametrize(
    ("written", "champion_id"),
    [
        ("ahri", "ahri"),
        ("Ahri", "ahri"),
        (" ahri\n", "ahri"),
        ("Kai'Sa", "kaisa"),
        ("Kai\u2019Sa", "kaisa"),
        ("Lee Sin", "leesin"),
        ("Dr. Mundo", "drmundo"),
        ("Nunu & Willump", "nunuwillump"),
        ("S\u00e9raphine", "seraphine"),
        ("a_b-1", "a_b-1"),
    ],
)
def test_a_name_is_found_however_people_write_it(written: str, champion_id: str) -> None:
    assert line(champion_id=written).champion_id == plain_name(champion_id) == champion_id


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "../ahri",
        "yasuo/../ahri",
        "/yasuo",
        "%2e%2e",
        "yasuo\x00",
        "-yasuo",
        "_",
        "*",
        "\u4e16\u754c",
        "a" * 65,
        "a" * 10**6,
    ],
)
def test_what_is_no_name_stays_none(name: str) -> None:
    assert not is_champion_id(line(champion_id=name).champion_id)
    assert len(line(champion_id=name).champion_id) <= MAX_CHAMPION_ID + 1
