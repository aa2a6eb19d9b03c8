"""Why a request is refused or fails: the exceptions and the document (RFC 9457) that both programs answer with."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema

from contract.line import CHAMPION_ID_RULE

PROBLEM_JSON = "application/problem+json"

TOO_MUCH = "Too many lines wait to be spoken. Try again in {retry_after} s."
CRASHED = "Something went wrong on our side. If it stays, report the request id."
TOO_SLOW = "The answer took too long. Try a shorter text, or quality fast."

# What pydantic says of a model that is no `contract.request.Request` reads well, but for these.
REASONS = {
    "extra_forbidden": "is not a field of this request",
    "missing": "is required",
    "string_pattern_mismatch": CHAMPION_ID_RULE,
}
# A caller chooses the names and the number of unknown fields, so both are cut.
MAX_FIELD_ERRORS = 10
MAX_FIELD_NAME = 64


class FieldError(BaseModel):
    """What is wrong with one field of a request."""

    field: str
    reason: str


class ProblemDocument(BaseModel):
    """Why a request was not answered (RFC 9457)."""

    type: str = "about:blank"
    title: str = Field(description="The HTTP status in words.")
    status: int
    detail: str = Field(description="What happened, and what can be done about it.")
    errors: list[FieldError] | SkipJsonSchema[None] = Field(default=None, description="The fields that were refused.")


class Problem(Exception):  # noqa: N818 -- named as RFC 9457 names it
    """Why a request was not answered, in words for the caller.

    Attributes:
        status: the HTTP status; each kind of problem has its own.
        detail: what happened and what can be done about it; nothing internal.
        errors: the fields that were refused.
        retry_after: seconds after which trying again makes sense.
    """

    status: int = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(
        self, detail: str = CRASHED, *, errors: Sequence[FieldError] = (), retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        self.retry_after = retry_after

    @property
    def title(self) -> str:
        """The status in words."""
        phrases = {status.value: status.phrase for status in HTTPStatus}
        return phrases.get(self.status, "Request refused")


class NotJson(Problem):
    """The body cannot be read as JSON."""

    status = HTTPStatus.BAD_REQUEST


class UnknownChampion(Problem):
    """No champion has that name."""

    status = HTTPStatus.NOT_FOUND


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
    """The request breaks a rule of its schema, or asks for what cannot be spoken."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TooSlow(Problem):
    """The line was begun, and could not be finished while its caller waited. What was slow is not the service.

    Not 504: that would count as a fault of the model, and take a new one back.
    """

    status = HTTPStatus.REQUEST_TIMEOUT

    def __init__(self) -> None:
        super().__init__(TOO_SLOW)


class Busy(Problem):
    """Other lines come first, and this one could not be spoken while its caller waits.

    Attributes:
        queue_seconds: how long the work takes that waits; None where that is not known.
    """

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, retry_after: int, queue_seconds: float | None = None) -> None:
        super().__init__(TOO_MUCH.format(retry_after=retry_after), retry_after=retry_after)
        self.queue_seconds = queue_seconds


def refused_field(field: str, reason: str) -> InvalidRequest:
    """One field that is refused.

    Args:
        field: its name.
        reason: what is wrong with it and what to do, as it follows on "field: ".
    """
    return refused_fields([FieldError(field=field, reason=reason)])


def refused_fields(errors: Sequence[FieldError]) -> InvalidRequest:
    """Fields that are refused, told one after the other."""
    return InvalidRequest("; ".join(f"{error.field}: {error.reason}" for error in errors), errors=errors)


def invalid_request(errors: Iterable[Mapping[str, Any]]) -> InvalidRequest:
    """What pydantic refused.

    Args:
        errors: pydantic's error dicts, each `loc` being the path to a field.
    """
    found = [
        FieldError(
            field=".".join(map(str, error["loc"]))[:MAX_FIELD_NAME] or "body",
            reason=REASONS.get(error["type"], error["msg"].replace("Input should be ", "must be ", 1)),
        )
        for error in errors
    ][:MAX_FIELD_ERRORS]
    return refused_fields(found)


def check_length(text: str, limit: int) -> None:
    """See that a text is not longer than is spoken in one request.

    Args:
        text: in its normal form.
        limit: characters.

    Raises:
        TextTooLong: it is.
    """
    if len(text) > limit:
        reason = f"has {len(text):,} characters; at most {limit:,} are spoken in one request"
        raise TextTooLong(f"The text {reason}.", errors=[FieldError(field="text", reason=reason)])
