"""The body of a request is read as JSON and as nothing else."""

import json

import pytest

from contract.body import MAX_FIELDS, read_json
from contract.problem import InvalidRequest, NotJson, UnsupportedContentType


@pytest.mark.parametrize(
    "content_type",
    [
        *("", "application/json", "application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json"),
        *("text/json", "application/x-www-form-urlencoded", "text/plain;charset=UTF-8", "application/octet-stream"),
    ],
)
def test_json_under_any_of_its_names_or_none_is_read(content_type: str) -> None:
    assert read_json('{"text": "世界"}'.encode(), content_type) == {"text": "世界"}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data; boundary=x", b"{}"),
        ("text/html", b"{}"),
        ("application/jsonp", b"{}"),
        ("json", b"{}"),
        ("application/x-www-form-urlencoded", b"text=Hello"),
        ("text/plain", b"Hello."),
    ],
)
def test_another_content_type_is_refused_by_name(content_type: str, body: bytes) -> None:
    with pytest.raises(UnsupportedContentType, match="application/json") as refused:
        read_json(body, content_type)

    assert [error.field for error in refused.value.errors] == ["Content-Type"]


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf \r\n", b"\n"])
def test_a_byte_order_mark_and_space_before_it_are_read_over(before: bytes) -> None:
    assert read_json(before + b'{"seed": 1} ', "text/plain") == {"seed": 1}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"Hello.", "Expecting value at line 1, column 1"),
        (b'{"speed": NaN}', "NaN is not a number of JSON"),
        (b'{"speed": -Infinity}', "-Infinity is not a number of JSON"),
        (b'{"seed": ' + b"1" * 5000 + b"}", "a number in it has thousands of digits"),
        (b"[" * 200_000, "it is nested too deeply"),
        (b'{"text": "\xff"}', "byte 10 is not UTF-8"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_what_is_no_json_is_told_why(body: bytes, why: str) -> None:
    with pytest.raises(NotJson) as refused:
        read_json(body, "")

    assert refused.value.detail == f"The body is not JSON: {why}."
    assert [(error.field, error.reason) for error in refused.value.errors] == [("body", f"is not JSON: {why}")]


def test_a_syntax_error_is_located() -> None:
    with pytest.raises(NotJson, match="line 2, column 1"):
        read_json(b'{"text":\n}', "")


@pytest.mark.parametrize("body", [b"null", b"3", b'"text"', b"[]", b"true"])
def test_json_that_is_no_object_is_told_so(body: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_json(body, "")

    assert [error.field for error in refused.value.errors] == ["body"]


def test_an_object_with_more_fields_than_any_request_has_is_refused_before_they_are_looked_at() -> None:
    fields = {f"field_{number}": 1 for number in range(MAX_FIELDS)}
    assert read_json(json.dumps(fields).encode(), "") == fields

    with pytest.raises(InvalidRequest, match="at most 1,000 fields"):
        read_json(json.dumps(fields | {"text": "Hello."}).encode(), "")
