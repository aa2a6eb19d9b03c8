"""Errors as OpenAI's API answers them, from which its clients make their exceptions.

https://platform.openai.com/docs/guides/error-codes
"""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from contract.formats import JSON
from contract.problem import Problem, TextTooLong, UnknownChampion
from routes.answers import error_responses, json_answer, problem_headers
from routes.openai_schemas import OpenAiError, OpenAiErrorAnswer


class UnknownModel(Problem):
    """No model has that name."""

    status = HTTPStatus.NOT_FOUND


CODES: dict[type[Problem], str] = {
    UnknownModel: "model_not_found",
    UnknownChampion: "voice_not_found",
    TextTooLong: "string_above_max_length",
}
# A line's fields under the names that they have here.
FIELDS = {"champion_id": "voice", "text": "input", "format": "response_format"}


def error_answer(problem: Problem) -> Response[str | bytes]:
    """Tell a problem as OpenAI's API would; what breaks a rule is a 400 there, not a 422."""
    named = [(FIELDS.get(each.field, each.field), each.reason) for each in problem.errors]
    message, status = problem.detail, problem.status
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        message = "; ".join(": ".join(each) for each in named) or message
        status = HTTPStatus.BAD_REQUEST
    throttled = status == HTTPStatus.TOO_MANY_REQUESTS
    error = OpenAiError(
        message=message,
        type="rate_limit_error" if throttled else "invalid_request_error" if status < 500 else "server_error",
        param=named[0][0] if named else None,
        code="rate_limit_exceeded" if throttled else CODES.get(type(problem)),
    )
    return json_answer(OpenAiErrorAnswer(error=error), status, problem_headers(problem))


def openai_responses(**descriptions: str) -> dict[int, OpenAPIResponse]:
    """Document the errors that an operation can answer with, as `error_responses` does."""
    return error_responses(JSON, OpenAiErrorAnswer, descriptions)
