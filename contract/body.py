"""The JSON body of a request, read as JSON and as nothing else."""

import json
from codecs import BOM_UTF8
from typing import Any, NoReturn

from contract.formats import JSON
from contract.problem import FieldError, InvalidRequest, NotJson, UnsupportedContentType

JSON_TYPES = {JSON, "text/json"}
"""JSON's names, beside everything that ends in `+json`."""
UNDECLARED = {"application/x-www-form-urlencoded", "text/plain", "application/octet-stream"}
"""What clients declare that were told nothing: `curl -d`, a page's fetch() and others."""

MAX_FIELDS = 1000
"""Of the object: pydantic keeps some two kilobytes for each that is refused."""


def read_json(body: bytes, content_type: str) -> dict[str, Any]:
    """Read the object that a request holds.

    Args:
        body: as it came; a byte order mark before it is ignored.
        content_type: the header; empty for none, which is taken for JSON, as is a name of UNDECLARED on what begins
            like an object.

    Raises:
        UnsupportedContentType: the body is declared as something else.
        NotJson: it is not JSON in UTF-8. NaN and Infinity, which Python would read, are not JSON either.
        InvalidRequest: it is JSON, but no object, or one with more fields than any request has.
    """
    body = body.removeprefix(BOM_UTF8).strip(b" \t\r\n")
    media_type = (content_type or JSON).partition(";")[0].strip().lower()
    declared = media_type in JSON_TYPES or media_type.endswith("+json")
    if not declared and not (media_type in UNDECLARED and body.startswith(b"{")):
        raise UnsupportedContentType(
            f"Send the request as JSON, with Content-Type: {JSON}.",
            errors=[FieldError(field="Content-Type", reason=f"must be {JSON}")],
        )
    value = _parse(body)
    if not isinstance(value, dict):
        raise _refused("must be a JSON object")
    if len(value) > MAX_FIELDS:
        raise _refused(f"must have at most {MAX_FIELDS:,} fields")
    return value


def _parse(body: bytes) -> object:
    if not body:
        raise _not_json("it is empty")
    try:
        return json.loads(body.decode(), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise _not_json(f"byte {error.start} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise _not_json(f"{error.msg} at line {error.lineno}, column {error.colno}") from error
    except ValueError as error:  # Python's limit of digits
        raise _not_json("a number in it has thousands of digits") from error
    except RecursionError as error:
        raise _not_json("it is nested too deeply") from error


def _refuse_constant(name: str) -> NoReturn:
    raise _not_json(f"{name} is not a number of JSON")


def _refused(reason: str) -> InvalidRequest:
    return InvalidRequest(f"The body {reason}.", errors=[FieldError(field="body", reason=reason)])


def _not_json(why: str) -> NotJson:
    return NotJson(f"The body is not JSON: {why}.", errors=[FieldError(field="body", reason=f"is not JSON: {why}")])
