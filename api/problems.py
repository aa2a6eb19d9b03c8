"""What can go wrong, each with the HTTP status that says so (RFC 9457)."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from contract import CHAMPION_ID_RULE, FieldError, ProblemDetails
from observability import logger

# pydantic's own reasons read well, but for these.
REASONS = {
    "extra_forbidden": "is not a field of this request",
    "missing": "is required",
    "string_pattern_mismatch": CHAMPION_ID_RULE,
}
# A caller chooses the names and the number of unknown fields, so both are cut.
MOST_FIELD_ERRORS = 20
LONGEST_FIELD_NAME = 64


class Problem(Exception):  # noqa: N818 -- named as RFC 9457 names it
    """Why a request was not answered, in words for the caller.

    Attributes:
        status: the HTTP status.
        detail: what happened and what can be done about it; nothing internal.
        errors: the fields that were refused.
        retry_after: seconds after which trying again makes sense.
    """

    status: int = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = (), retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after


class NotJson(Problem):
    """The body cannot be read as JSON."""

    status = HTTPStatus.BAD_REQUEST


class UnknownPath(Problem):
    """Nothing is served under the path."""

    status = HTTPStatus.NOT_FOUND


class UnknownChampion(Problem):
    """No champion has that name."""

    status = HTTPStatus.NOT_FOUND


class MethodNotAllowed(Problem):
    """The path is served, but not by this method.

    Attributes:
        allowed: the methods that are.
    """

    status = HTTPStatus.METHOD_NOT_ALLOWED

    def __init__(self, detail: str, allowed: Sequence[str]) -> None:
        super().__init__(detail)
        self.allowed = allowed


class NotAcceptable(Problem):
    """The caller takes none of the media types there are."""

    status = HTTPStatus.NOT_ACCEPTABLE


class TextTooLong(Problem):
    """The text has more characters than are spoken in one request."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedContentType(Problem):
    """The body is of a media type that is not read."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class InvalidRequest(Problem):
    """The request breaks a rule of its schema."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class StorageFailed(Problem):
    """S3 did not do what was asked."""

    status = HTTPStatus.BAD_GATEWAY


class EndpointFailed(Problem):
    """The endpoint crashed, or answered what cannot be read."""

    status = HTTPStatus.BAD_GATEWAY


class EndpointUnavailable(Problem):
    """The endpoint has no capacity now: it is warming up, overloaded or out of reach."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class EndpointTimedOut(Problem):
    """The endpoint took too long."""

    status = HTTPStatus.GATEWAY_TIMEOUT


class EndpointRefused(Problem):
    """The endpoint refused the request, with a status of its own."""

    def __init__(self, status: int, detail: str, *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail, errors=errors)
        self.status = status


def invalid_request(errors: Iterable[Mapping[str, Any]]) -> InvalidRequest:
    """Says what pydantic found.

    Args:
        errors: pydantic's error dicts; a `loc` begins with where the field stood ("body", "path"), then names it.
    """
    found = [
        FieldError(
            field=".".join(map(str, error["loc"][1:] or error["loc"]))[:LONGEST_FIELD_NAME],
            reason=REASONS.get(error["type"], error["msg"]),
        )
        for error in errors
    ][:MOST_FIELD_ERRORS]
    return InvalidRequest("; ".join(f"{error.field}: {error.reason}" for error in found), errors=found)


def as_problem(error: Exception) -> Problem:
    """Turns whatever stopped a request into what its caller is told; only the log learns of a bug."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return invalid_request(error.errors())
    if isinstance(error, NotFoundError):
        return UnknownPath("There is nothing under this path.")
    logger.error("crashed", exc_info=error)
    return Problem("Something went wrong on our side. If it stays, report the request id.")


def details(problem: Problem, request_id: str) -> ProblemDetails:
    """Builds the problem document of a request."""
    phrases = {status.value: status.phrase for status in HTTPStatus}
    return ProblemDetails(
        title=phrases.get(problem.status, "Request refused"),
        status=problem.status,
        detail=problem.detail,
        request_id=request_id,
        errors=list(problem.errors) or None,
    )
