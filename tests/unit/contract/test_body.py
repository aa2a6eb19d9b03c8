"""The body of a request is read as JSON and as nothing else."""

import pytest

from contract.body import read_json
from contract.problem import InvalidRequest, NotJson, UnsupportedContentType


@pytest.mark.parametrize(
    "content_type",
    ["", "application/json", "application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json"],
)
def test_json_under_any_of_its_names_or_none_is_read(content_type: str) -> None:
    assert read_json('{"text": "世界"}'.encode(), content_type) == {"text": "世界"}


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "application/jsonp", "json"])
def test_another_content_type_is_refused_by_name(content_type: str) -> None:
    with pytest.raises(UnsupportedContentType) as refused:
        read_json(b"{}", content_type)

    assert [error.field for error in refused.value.errors] == ["Content-Type"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Hello.",
        b'{"speed": NaN}',
        b'{"speed": -Infinity}',
        b'{"seed": ' + b"1" * 5000 + b"}",
        b"\xef\xbb\xbf{}",
        b"[" * 200_000,
        b'{"text": "\xff"}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_json_is_told_so(body: bytes) -> None:
    with pytest.raises(NotJson, match="JSON"):
        read_json(body, "")


def test_a_syntax_error_is_located() -> None:
    with pytest.raises(NotJson, match="line 2, column 1"):
        read_json(b'{"text":\n}', "")


@pytest.mark.parametrize("body", [b"null", b"3", b'"text"', b"[]", b"true"])
def test_json_that_is_no_object_is_told_so(body: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_json(body, "")

    assert [error.field for error in refused.value.errors] == ["body"]
