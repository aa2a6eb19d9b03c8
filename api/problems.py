"""What only the API can fail with, and what becomes of whatever stopped a request.

contract.problem.Problem
├── NotJson, UnknownChampion, NotAcceptable, TextTooLong,
│   UnsupportedContentType, InvalidRequest          contract/problem.py: both programs refuse them
├── UnknownPath 404, MethodNotAllowed 405           nothing answers there
├── UnknownJob 404, JobNotStarted 502                jobs
├── NotAForm 400, KeyNotAllowed 403, Conflict 409,
│   ConditionFailed 412, RequestTooLarge 413        a voice is not written
├── StorageFailed 502                               S3
├── OutOfTime 504                                   whatever took so long
└── EndpointFailed 502, EndpointUnavailable 503,
    EndpointBusy 429, EndpointTimedOut 504,
    BecameJob 504, EndpointRefused                  the endpoint
"""

from collections.abc import Sequence
from http import HTTPStatus

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from contract.line import Line
from contract.problem import FieldError, Problem, invalid_request
from job_schemas import JobRequest
from observability import logger
from schemas import ProblemDetails
from voice_schemas import OfferedVoice

# The names that may be logged. A caller chooses any other, so it may be the caller's own words.
LOGGED_FIELDS = {
    *Line.model_fields,
    *JobRequest.model_fields,
    *OfferedVoice.model_fields,
    *("body", "Accept", "Content-Type"),
}


class UnknownPath(Problem):
    """Nothing is served under the path."""

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


class NotAForm(Problem):
    """The body cannot be read as the form that it is declared as."""

    status = HTTPStatus.BAD_REQUEST


class KeyNotAllowed(Problem):
    """The API key may not do this."""

    status = HTTPStatus.FORBIDDEN


class UnknownJob(Problem):
    """This caller has no such job."""

    status = HTTPStatus.NOT_FOUND


class Conflict(Problem):
    """What is asked for does not go with what there is."""

    status = HTTPStatus.CONFLICT


class JobNotStarted(Problem):
    """Lambda did not take a job."""

    status = HTTPStatus.BAD_GATEWAY


class ConditionFailed(Problem):
    """If-Match or If-None-Match does not hold."""

    status = HTTPStatus.PRECONDITION_FAILED


class RequestTooLarge(Problem):
    """The body has more bytes than are read."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class StorageFailed(Problem):
    """S3 did not do what was asked."""

    status = HTTPStatus.BAD_GATEWAY


class OutOfTime(Problem):
    """The Lambda's time is nearly up."""

    status = HTTPStatus.GATEWAY_TIMEOUT


class EndpointFailed(Problem):
    """The endpoint crashed, or answered what cannot be read."""

    status = HTTPStatus.BAD_GATEWAY


class EndpointUnavailable(Problem):
    """The endpoint has no capacity now: it is at zero, warming up or out of reach."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class EndpointBusy(EndpointUnavailable):
    """The endpoint speaks for others, and could not do so for this caller in time."""

    status = HTTPStatus.TOO_MANY_REQUESTS


class EndpointTimedOut(Problem):
    """The endpoint took too long."""

    status = HTTPStatus.GATEWAY_TIMEOUT


class BecameJob(EndpointTimedOut):
    """The endpoint took too long, and what was asked for is done as a job.

    Attributes:
        location: the path of the job.
    """

    def __init__(self, detail: str, location: str) -> None:
        super().__init__(detail)
        self.location = location


class EndpointRefused(Problem):
    """The endpoint refused the request, with a status of its own."""

    def __init__(self, status: int, detail: str, *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail, errors=errors)
        self.status = status


def as_problem(error: Exception) -> Problem:
    """Turn whatever stopped a request into what its caller is told, and log its kind and the fields it is about.

    Only the log learns of a bug.
    """
    if isinstance(error, RequestValidationError):
        # Powertools puts where the field stood ("body", "path") before its name.
        problem: Problem = invalid_request({**each, "loc": each["loc"][1:]} for each in error.errors())
    elif isinstance(error, Problem):
        problem = error
    else:
        logger.error("crashed", exc_info=error)
        return Problem()
    fields = sorted({each.field if each.field in LOGGED_FIELDS else "(unknown)" for each in problem.errors})
    logger.info("problem", kind=type(problem).__name__, fields=fields)
    return problem


def document(problem: Problem, request_id: str) -> ProblemDetails:
    """The problem document of a request."""
    return ProblemDetails(
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        errors=problem.errors or None,
        request_id=request_id,
    )
