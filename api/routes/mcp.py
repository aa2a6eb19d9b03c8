"""POST /speak, POST /narration and GET /narration: what is there to be MCP tools, with answers that stay small."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from contract.formats import JSON
from contract.problem import PROBLEM_JSON
from routes import narration, speak_line
from routes.answers import json_answer, problem_responses
from routes.body import JSON_BODY, PARAMETERS
from routes.caller import owner
from schemas import AgentLine, AgentNarration, Narration, SpokenLineLink

router = APIGatewayRouter()  # type: ignore[no-untyped-call]

JSON_PROBLEMS = {
    "BAD_REQUEST": "The body is not JSON.",
    "UNSUPPORTED_MEDIA_TYPE": "The body is declared as something else than JSON.",
}


@router.post(
    "/speak",
    **speak_line.operation(speak_line.LIST_VOICES_TOOL),
    responses={
        200: {"description": "The spoken line.", "content": {JSON: {"model": SpokenLineLink}}},
        **problem_responses(PROBLEM_JSON, **JSON_PROBLEMS, **speak_line.PROBLEMS),
    },
    middlewares=[JSON_BODY],
)
def speak(line: AgentLine) -> Response[str | bytes]:
    """Speak a line and say where it can be heard."""
    return json_answer(speak_line.speak_line(line))


@router.post(
    narration.PATH,
    **narration.start_operation(speak_line.LIST_VOICES_TOOL, narration.GET_TOOL),
    responses={
        202: {"description": "The narration.", "content": {JSON: {"model": Narration}}},
        **problem_responses(PROBLEM_JSON, **JSON_PROBLEMS, **narration.START_PROBLEMS),
    },
    middlewares=[JSON_BODY],
)
def start_narration(request: AgentNarration) -> Response[str | bytes]:
    """Have a long text read."""
    return _answer(HTTPStatus.ACCEPTED, narration.start(owner(router.current_event), request))


@router.get(
    narration.PATH,
    **narration.get_operation(narration.START_TOOL),
    responses={
        200: {"description": "The narration.", "content": {JSON: {"model": Narration}}},
        **problem_responses(PROBLEM_JSON, **narration.GET_PROBLEMS),
    },
    middlewares=[PARAMETERS],
)
def get_narration(narration_id: Annotated[str, Query(**narration.NARRATION_ID)]) -> Response[str | bytes]:
    """Look at a narration."""
    return _answer(HTTPStatus.OK, narration.look(owner(router.current_event), narration_id))


def _answer(status: int, told: Narration) -> Response[str | bytes]:
    # What is not known yet is left out.
    return Response(status, JSON, told.model_dump_json(exclude_none=True))
