"""The agent's door: events of a Bedrock action group.

An agent is answered with at most 25 KB, so it gets a URL, never audio, and only so many names.
"""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import BedrockAgentResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

import problems
import voices
from contract.formats import JSON
from contract.version import VERSION
from job_name import owner_of
from observability import logger, request_id
from problems import UnknownPath
from routes import narration, speak_line
from routes.answers import problem_responses
from routes.body import PARAMETERS, PROPERTIES_BODY
from routes.description import pretty, without_powertools_schemas
from routes.in_time import answer_in_time
from schemas import AgentLine, AgentNarration, ChampionNames, Narration, SpokenLineLink

# A name has up to 64 characters, so these take up to 17 KB.
MAX_NAMES = 250

resolver = BedrockAgentResolver(enable_validation=False)
resolver.use(middlewares=[answer_in_time])


def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one call of an agent; whatever happens on the way is an answer too."""
    # An event of another kind of action group has no path. All three are in the answer, which has to be UTF-8.
    named = {
        name: str(event.get(name, "")).encode(errors="replace").decode()
        for name in ("actionGroup", "apiPath", "httpMethod")
    }
    event = event | named | {"parameters": _parameters(event)}
    answer = resolver.resolve(event, context)
    logger.info("answered", path=event["apiPath"], status=answer["response"]["httpStatusCode"])
    return answer


def openapi() -> str:
    """Describe the operations to Bedrock, as OpenAPI 3.0 in JSON."""
    document = resolver.get_openapi_json_schema(
        title="Champion Voice for agents",
        version=VERSION,
        description="Speaks lines in the voices of champions.",
    )
    return pretty(without_powertools_schemas(document))


@resolver.post(  # type: ignore[untyped-decorator]
    "/speak",
    **speak_line.operation("listVoices"),
    responses={
        200: {"description": "The spoken line.", "content": {JSON: {"model": SpokenLineLink}}},
        **problem_responses(JSON, **speak_line.PROBLEMS),
    },
    middlewares=[PROPERTIES_BODY],
)
def speak(line: AgentLine) -> Response[str]:
    """Speak a line and say where it can be heard."""
    return _json(speak_line.speak_line(line))


@resolver.get(
    "/voices",
    operation_id="listVoices",
    summary="List the champions",
    description="Lists the names of the champions that can speak. Use it to find the champion_id for speakLine.",
    responses={
        200: {"description": "The champions.", "content": {JSON: {"model": ChampionNames}}},
        **problem_responses(JSON, BAD_GATEWAY="The storage does not answer."),
    },
)
def list_voices() -> Response[str]:
    """List the champions' names."""
    names = [reference.champion_id for reference in voices.list_voices()]
    return _json(ChampionNames(champion_ids=names[:MAX_NAMES], total=len(names)))


@resolver.post(  # type: ignore[untyped-decorator]
    narration.PATH,
    **narration.start_operation("listVoices", "getNarration"),
    responses={
        200: {"description": "The narration.", "content": {JSON: {"model": Narration}}},
        **problem_responses(JSON, **narration.START_PROBLEMS),
    },
    middlewares=[PROPERTIES_BODY],
)
def start_narration(request: AgentNarration) -> Response[str]:
    """Have a long text read."""
    return _json(narration.start(owner_of(None), request))


@resolver.get(
    narration.PATH,
    **narration.get_operation("startNarration"),
    responses={
        200: {"description": "The narration.", "content": {JSON: {"model": Narration}}},
        **problem_responses(JSON, **narration.GET_PROBLEMS),
    },
    middlewares=[PARAMETERS],
)
def get_narration(narration_id: Annotated[str, Query(**narration.NARRATION_ID)]) -> Response[str]:
    """Look at a narration."""
    return _json(narration.look(owner_of(None), narration_id))


@resolver.not_found
def refuse_operation(_: Exception) -> Response[str]:
    """Tell an agent that there is no such operation."""
    raise UnknownPath(
        "There is no such operation. There are speakLine (POST /speak), listVoices (GET /voices), startNarration "
        f"(POST {narration.PATH}) and getNarration (GET {narration.PATH})."
    )


@resolver.exception_handler(Exception)  # type: ignore[untyped-decorator]
def explain(error: Exception) -> Response[str]:
    """Answer with a problem document, which the agent reads like any other answer."""
    problem = problems.as_problem(error)
    return _json(problems.document(problem, request_id()), problem.status)


def _parameters(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The parameters that are some; Powertools by itself breaks on others."""
    sent = event.get("parameters")
    named = [each for each in sent if isinstance(each, dict)] if isinstance(sent, list) else []
    return [{"value": None} | each for each in named if isinstance(each.get("name"), str)]


def _json(answer: BaseModel, status: int = HTTPStatus.OK) -> Response[str]:
    # Problems too: an action group knows no other content type.
    return Response(status, JSON, answer.model_dump_json(exclude_none=True))
