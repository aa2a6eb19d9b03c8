"""The agent's door: events of a Bedrock action group.

An agent is answered with at most 25 KB, so it gets a URL, never audio, and only so many names.
"""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import BedrockAgentResolver, Response
from aws_lambda_powertools.event_handler.middlewares.openapi_validation import OpenAPIRequestValidationMiddleware
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

import problems
import voices
from contract import ChampionNames, SpeakLineRequest, SpokenLine
from observability import logger
from routes import operations
from routes.openapi import problem_responses, without_powertools_schemas

# Problems come as it too: an action group knows no other content type.
JSON = "application/json"
# A name has up to 64 characters, so these take up to 17 KB.
MOST_NAMES = 250

resolver = BedrockAgentResolver(enable_validation=False)
# Requests alone: what a route returns is typed already, and Powertools would blame the caller for an answer it refuses.
resolver.use([OpenAPIRequestValidationMiddleware()])  # type: ignore[no-untyped-call]


def handle(event: dict[str, Any], context: LambdaContext, request_id: str) -> dict[str, Any]:
    """Answers one call of an agent; whatever happens on the way is an answer too."""
    resolver.context["request_id"] = request_id
    answer = resolver.resolve(event, context)
    logger.info("answered", path=event["apiPath"], status=answer["response"]["httpStatusCode"])
    return answer


def openapi() -> str:
    """Describes the operations to Bedrock, as OpenAPI 3.0 in JSON."""
    return without_powertools_schemas(
        resolver.get_openapi_json_schema(
            title="Champion Voice for agents",
            version="0.1.0",
            description="Speaks lines in the voices of champions.",
        )
    )


@resolver.post(  # type: ignore[untyped-decorator]
    "/speak",
    **operations.SPEAK_LINE,
    responses={
        200: {"description": "The spoken line.", "content": {JSON: {"model": SpokenLine}}},
        **problem_responses(JSON, **operations.SPEAK_LINE_PROBLEMS),
    },
)
def speak_line(line: SpeakLineRequest) -> Response[str]:
    """Speaks a line and says where it can be heard."""
    return _json(operations.speak_line(line, resolver.context["request_id"]))


@resolver.get(
    "/voices",
    operation_id="listVoices",
    summary="List the champions",
    description="Lists the names of the champions that can speak. Use it to find the champion_id for speakLine.",
    responses={
        200: {"description": "The champions.", "content": {JSON: {"model": ChampionNames}}},
        **problem_responses(JSON, BAD_GATEWAY="The store of voices does not answer."),
    },
)
def list_voices() -> Response[str]:
    """Lists the champions' names."""
    names = [voice.champion_id for voice in voices.list_voices()]
    return _json(ChampionNames(champion_ids=names[:MOST_NAMES], total=len(names)))


@resolver.exception_handler(Exception)  # type: ignore[untyped-decorator]
def explain(error: Exception) -> Response[str]:
    """Answers with a problem document, which the agent reads like any other answer."""
    problem = problems.as_problem(error)
    return _json(problems.details(problem, resolver.context["request_id"]), problem.status)


def _json(answer: BaseModel, status: int = HTTPStatus.OK) -> Response[str]:
    return Response(status, JSON, answer.model_dump_json(exclude_none=True))
