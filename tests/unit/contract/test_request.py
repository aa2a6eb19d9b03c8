"""A refused field is told its rule and the nearest right form; null in an optional field leaves it out."""

from typing import Any

import pytest
from pydantic import Field, ValidationError

from contract.line import Line
from contract.problem import invalid_request
from contract.request import MAX_UNKNOWN, Request, nearest
from tests.support.refusals import Refusal, refusals


class Errand(Request):
    """A request of another kind than a line."""

    name: str
    loud: bool = False
    times: list[int] = Field(default=[], max_length=2)
    ratio: float = Field(default=1, gt=0)


def reasons(model: type[Request], fields: object) -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(fields)
    return {error.field: error.reason for error in invalid_request(refused.value.errors()).errors}


@pytest.mark.parametrize("refusal", refusals(), ids=lambda refusal: str(refusal.sent)[:60])
def test_a_field_is_refused_in_the_words_of_the_page(refusal: Refusal) -> None:
    told = reasons(Line, {"champion_id": "yasuo", "text": "Hello."} | refusal.sent)

    assert told == {refusal.field: refusal.reason}


def test_the_page_has_a_row_for_every_field_and_kind_of_mistake() -> None:
    assert {refusal.field for refusal in refusals()} >= Line.model_fields.keys()
    assert len(refusals()) > 30


def test_of_any_number_of_unknown_fields_only_the_first_are_looked_at() -> None:
    with pytest.raises(ValidationError) as refused:
        Line.model_validate({"text": "Hello."} | {f"field_{number}": 1 for number in range(1000)} | {"speed": 9})

    names = [error["loc"][0] for error in refused.value.errors()]
    assert {"champion_id", "speed"} < set(names)
    assert [name for name in names if name not in Line.model_fields] == [f"field_{n}" for n in range(MAX_UNKNOWN)]


def test_what_is_missing_is_told_with_all_else() -> None:
    assert reasons(Line, {"voice": "yasuo"}) == {
        "champion_id": "is required",
        "text": "is required",
        "voice": "is not a field of this request. Did you mean champion_id?",
    }


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": "x", "loud": "yes"}, {"loud": "must be true or false"}),
        ({"name": "x", "loud": 1}, {"loud": "must be true or false, not a number"}),
        ({"name": "x", "times": 3}, {"times": "must be a valid list"}),
        ({"name": "x", "times": [1, "2"]}, {"times.1": "must be a valid integer"}),
        ({"name": "x", "ratio": 0}, {"ratio": "must be a number above 0"}),
        ({"name": "x", "nme": 1}, {"nme": "is not a field of this request. Did you mean name?"}),
        ({"name": "x", "zzz": 1}, {"zzz": "is not a field of this request. Its fields are name, loud, times, ratio."}),
        ([], {"body": "must be a valid dictionary or instance of Errand"}),
    ],
)
def test_every_request_is_told_so_not_lines_alone(fields: object, told: dict[str, str]) -> None:
    assert reasons(Errand, fields) == told


def test_null_leaves_an_optional_field_out_and_no_required_one() -> None:
    assert Errand.model_validate({"name": "x", "loud": None}).model_fields_set == {"name"}
    assert reasons(Errand, {"name": None}) == {"name": "is required, so it cannot be null"}


@pytest.mark.parametrize(
    ("name", "names", "near"),
    [
        ("FAST ", ["fast", "high"], "fast"),
        ("Text-Type", ["text", "text_type"], "text_type"),
        ("text_typ", ["text", "text_type"], "text_type"),
        ("best", ["fast", "standard", "high"], "high"),
        ("best", ["worst"], None),
        ("dur", ["speed", "duration"], "duration"),
        ("", ["speed"], None),
        ("x" * 1_000_000, ["speed"], None),
    ],
)
def test_a_wrong_name_stands_for_the_right_one_that_is_near(name: str, names: list[str], near: str | None) -> None:
    assert nearest(name, names) == near


def test_what_was_sent_as_text_is_never_told() -> None:
    told: dict[str, Any] = reasons(Line, {"champion_id": 3, "text": ["private words"], "quality": "private words"})

    assert "private" not in str(told)
