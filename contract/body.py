"""The JSON body of a request, read as JSON and as nothing else."""

import json
from typing import Any, NoReturn

from contract.formats import JSON
from contract.problem import FieldError, InvalidRequest, NotJson, UnsupportedContentType


def read_json(body: bytes, content_type: str) -> dict[str, Any]:
    """Read the object that a request holds.

    Args:
        body: as it came.
        content_type: the header; empty for none, which is taken for JSON.

    Raises:
        UnsupportedContentType: the body is declared as something else.
        NotJson: it is not JSON in UTF-8. NaN and Infinity, which Python would read, are not JSON either.
        InvalidRequest: it is JSON, but no object.
    """
    media_type = (content_type or JSON).partition(";")[0].strip().lower()
    if media_type != JSON and not media_type.endswith("+json"):
        reason = f"must be {JSON}"
        raise UnsupportedContentType(
            f"Send the request as {JSON}.", errors=[FieldError(field="Content-Type", reason=reason)]
        )
    try:
        value = json.loads(body.decode(), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise NotJson(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    except (ValueError, RecursionError) as error:
        raise NotJson("The body is not JSON in UTF-8.") from error
    if not isinstance(value, dict):
        reason = "must be a JSON object"
        raise InvalidRequest(f"The body {reason}.", errors=[FieldError(field="body", reason=reason)])
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
