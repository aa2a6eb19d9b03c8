"""Invocations are read strictly, and what is wrong is told by field."""

import json
from typing import Any

import pytest

from failures import InvocationError
from payload import MAX_TEXT_CHARACTERS, NFE_STEPS, parse_invocation

LINE: dict[str, Any] = {"champion_id": "yasuo", "text": "Ward the river."}


def refused(body: str | bytes) -> dict[str, Any]:
    with pytest.raises(InvocationError) as caught:
        parse_invocation(body)
    problem: dict[str, Any] = json.loads(caught.value.message)
    assert problem["status"] == caught.value.status_code
    return problem


def test_champion_and_text_are_enough() -> None:
    invocation = parse_invocation(json.dumps(LINE))
    assert invocation.model_dump() == LINE | {
        "voice_bucket": None,
        "duration": None,
        "speed": 1.0,
        "seed": 0,
        "quality": "standard",
    }


def test_qualities_are_counts_of_network_evaluations() -> None:
    assert NFE_STEPS == {"fast": 7, "standard": 16, "high": 32}


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"text"', b"\xff{}"])
def test_a_body_that_is_no_json_object_is_400(body: str | bytes) -> None:
    assert refused(body)["status"] == 400


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("champion_id", "../secrets"),
        ("champion_id", "Yasuo"),
        ("champion_id", "yasuo/.."),
        ("champion_id", "yasuo\n"),
        ("champion_id", ""),
        ("champion_id", None),
        ("text", ""),
        ("text", " ... !?"),
        ("text", 7),
        ("duration", 0.4),
        ("duration", 121),
        ("duration", "10"),
        ("duration", True),
        ("speed", 0.49),
        ("speed", 2.01),
        ("speed", None),
        ("seed", -1),
        ("seed", 2**32),
        ("seed", 1.5),
        ("quality", "best"),
        ("quality", 16),
        ("format", "wav"),
    ],
)
def test_a_wrong_field_is_422_and_named(field: str, value: object) -> None:
    problem = refused(json.dumps(LINE | {field: value}))
    assert problem["status"] == 422
    assert [error["field"] for error in problem["errors"]] == [field]
    assert problem["detail"].startswith(f"{field}: ")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(number: str) -> None:
    body = json.dumps(LINE | {"speed": "SPEED"}).replace('"SPEED"', number)
    assert refused(body)["status"] in (400, 422)


def test_a_text_over_the_limit_is_413() -> None:
    assert parse_invocation(json.dumps(LINE | {"text": "a" * MAX_TEXT_CHARACTERS}))
    assert refused(json.dumps(LINE | {"text": "a" * (MAX_TEXT_CHARACTERS + 1)}))["status"] == 413
