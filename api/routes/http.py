"""The HTTP door: API Gateway proxy events of a REST API."""

import base64
import json
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.middlewares.openapi_validation import OpenAPIRequestValidationMiddleware
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.types import EventHandlerInstance
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ValidationError

import endpoint_client
import problems
import synthesis
import voices
from contract import (
    LONGEST_TEXT,
    ChampionId,
    FieldError,
    Health,
    SpeakLineRequest,
    SpokenLine,
    VoiceDetail,
    VoiceList,
    VoiceRequest,
    VoiceResponse,
    VoiceSummary,
)
from observability import logger
from problems import (
    InvalidRequest,
    MethodNotAllowed,
    NotAcceptable,
    NotJson,
    UnknownPath,
    UnsupportedContentType,
)
from routes import operations
from routes.negotiation import negotiate
from routes.openapi import problem_responses, swagger_page, without_powertools_schemas
from settings import get_settings

JSON = "application/json"
PROBLEM = "application/problem+json"
WAV = "audio/wav"

# API Gateway turns base64 into bytes only if Accept begins with one of these. Nor does it validate a body whose media
# type is among them, so */* will not do.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html
BINARY_MEDIA_TYPES = (WAV, "audio/*")

# What a browser lets a page send and see, beyond what it always does.
CORS_REQUEST_HEADERS = "Accept, Content-Type, X-Api-Key"
CORS_ANSWER_HEADERS = "Location, Retry-After, X-Champion-Id, X-From-Store, X-Request-Id, X-Seed"
CORS_SECONDS = 7200  # the longest that Chromium remembers

# Lambda answers with at most 6 MB, in which audio is base64; the URL, the other fields and the headers need a few KB.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LARGEST_BASE64 = 6 * 1024 * 1024 - 64 * 1024


class JsonBody(OpenAPIRequestValidationMiddleware):
    """Validates a request, reading its body as JSON and as nothing else.

    Powertools by itself reads forms too, takes NaN for a number and the first item of a list for the object.
    """

    def _get_body(self, app: EventHandlerInstance) -> dict[str, Any]:
        event = app.current_event
        content_type = event.headers.get("content-type", JSON)
        media_type = content_type.partition(";")[0].strip().lower()
        if media_type != JSON and not media_type.endswith("+json"):
            raise UnsupportedContentType(f"Send the request as {JSON}.")
        body = event.body or ""
        try:
            text = base64.b64decode(body).decode() if event.is_base64_encoded else body
            value = json.loads(text, parse_constant=_refuse_constant)
        except json.JSONDecodeError as error:
            raise NotJson(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
        except (ValueError, RecursionError) as error:
            raise NotJson("The body is not JSON in UTF-8.") from error
        if not isinstance(value, dict):
            reason = "must be a JSON object"
            raise InvalidRequest(f"The body {reason}.", errors=[FieldError(field="body", reason=reason)])
        return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


resolver = APIGatewayRestResolver()
resolver.use([JsonBody()])  # type: ignore[no-untyped-call]
resolver.configure_openapi(
    title="Champion Voice",
    version="0.1.0",
    description="Text and a champion's name go in, that champion's voice comes out.",
)


def handle(event: dict[str, Any], context: LambdaContext, request_id: str) -> dict[str, Any]:
    """Answers one API Gateway proxy event; whatever happens on the way is an answer too."""
    resolver.context["request_id"] = request_id
    answer = resolver.resolve(event, context)
    answer["multiValueHeaders"] |= {"X-Request-Id": [request_id]} | _cors_headers()
    logger.info("answered", method=event["httpMethod"], path=event["path"], status=answer["statusCode"])
    return answer


@resolver.post(
    "/voice",
    operation_id="createVoice",
    summary="Speak a line",
    description=(
        "Speaks a text in a champion's voice. The answer is JSON, or the WAV file itself with `Accept: audio/wav`. "
        "The same request again is the same audio."
    ),
    responses={
        200: {
            "description": "The spoken line.",
            "content": {
                JSON: {"model": VoiceResponse},
                WAV: {"schema": {"type": "string", "format": "binary"}},
            },
            "headers": {
                "X-Champion-Id": {"description": "With audio/wav: who spoke.", "schema": {"type": "string"}},
                "X-Seed": {"description": "With audio/wav: the seed.", "schema": {"type": "string"}},
                "X-From-Store": {"description": "With audio/wav: true or false.", "schema": {"type": "string"}},
            },
        },
        303: {
            "description": (
                "The WAV file lies where Location says: it is too large to be answered directly, or Accept does not "
                "begin with it."
            ),
            "content": {JSON: {"model": VoiceResponse}},
            "headers": {"Location": {"description": "Where to download the WAV file.", "schema": {"type": "string"}}},
        },
        **problem_responses(
            PROBLEM,
            BAD_REQUEST="The body is not JSON, or not of the form described here.",
            NOT_FOUND="There is no such champion.",
            NOT_ACCEPTABLE="Neither application/json nor audio/wav is acceptable.",
            REQUEST_ENTITY_TOO_LARGE="The text is too long.",
            UNSUPPORTED_MEDIA_TYPE="The body is not declared as JSON.",
            UNPROCESSABLE_ENTITY="A field is missing, unknown or out of its range, or the text cannot be spoken.",
            BAD_GATEWAY="The endpoint crashed, or S3 does not answer.",
            SERVICE_UNAVAILABLE="No capacity now; Retry-After says when to try again.",
            GATEWAY_TIMEOUT="The endpoint took too long.",
        ),
    },
)
def create_voice(line: VoiceRequest) -> Response[str | bytes]:
    """Speaks a line."""
    accept = _accept()
    media_type = negotiate(accept, [JSON, WAV])
    if media_type is None:
        raise NotAcceptable(f"The answer can be {JSON} or {WAV}.")
    speech = synthesis.speak(line, resolver.context["request_id"])
    fits = 4 * -(-len(speech.wav.data) // 3) <= LARGEST_BASE64
    if media_type == WAV and fits and accept.partition(",")[0].strip() in BINARY_MEDIA_TYPES:
        return Response(
            status_code=HTTPStatus.OK,
            content_type=WAV,
            body=speech.wav.data,
            headers={
                "X-Champion-Id": speech.champion_id,
                "X-Seed": str(speech.seed),
                "X-From-Store": str(speech.from_store).lower(),
            },
        )
    answer = VoiceResponse(
        audio=base64.b64encode(speech.wav.data).decode() if fits and media_type == JSON else None,
        audio_url=speech.audio_url,
        sample_rate=speech.wav.sample_rate,
        duration=speech.wav.duration,
        champion_id=speech.champion_id,
        seed=speech.seed,
        from_store=speech.from_store,
    )
    if media_type == WAV:
        return _json(answer, HTTPStatus.SEE_OTHER, {"Location": speech.audio_url})
    return _json(answer)


@resolver.post(
    "/speak",
    **operations.SPEAK_LINE,
    responses={
        200: {"description": "The spoken line.", "content": {JSON: {"model": SpokenLine}}},
        **problem_responses(
            PROBLEM,
            BAD_REQUEST="The body is not JSON, or not of the form described here.",
            UNSUPPORTED_MEDIA_TYPE="The body is not declared as JSON.",
            **operations.SPEAK_LINE_PROBLEMS,
        ),
    },
)
def speak_line(line: SpeakLineRequest) -> Response[str | bytes]:
    """Speaks a line and says where it can be heard: an answer that stays small, for agents."""
    return _json(operations.speak_line(line, resolver.context["request_id"]))


@resolver.get(
    "/voices",
    operation_id="listVoices",
    summary="List the champions",
    description="Lists every champion that can speak, by name.",
    responses={
        200: {"description": "The champions.", "content": {JSON: {"model": VoiceList}}},
        **problem_responses(PROBLEM, BAD_GATEWAY="S3 does not answer."),
    },
)
def list_voices() -> Response[str | bytes]:
    """Lists the champions."""
    summaries = [
        VoiceSummary(champion_id=voice.champion_id, updated_at=voice.updated_at) for voice in voices.list_voices()
    ]
    return _json(VoiceList(voices=summaries))


@resolver.get(
    "/voices/<champion_id>",
    operation_id="getVoice",
    summary="Look at one champion",
    description="Says what a champion's reference says, and when it was last changed.",
    responses={
        200: {"description": "The champion.", "content": {JSON: {"model": VoiceDetail}}},
        **problem_responses(
            PROBLEM,
            NOT_FOUND="There is no such champion.",
            UNPROCESSABLE_ENTITY="No champion can have this name.",
            BAD_GATEWAY="S3 does not answer.",
        ),
    },
)
def get_voice(champion_id: Annotated[ChampionId, Path()]) -> Response[str | bytes]:
    """Looks at one champion."""
    voice = voices.find(champion_id)
    if voice is None:
        raise voices.unknown(champion_id)
    return _json(
        VoiceDetail(champion_id=champion_id, updated_at=voice.updated_at, transcript=voices.transcript(champion_id))
    )


@resolver.get(
    "/health",
    operation_id="getHealth",
    summary="Ask whether the voice is up",
    description="Says whether the endpoint is in service, starting, at zero instances or unavailable.",
    responses={
        200: {"description": "How the endpoint is.", "content": {JSON: {"model": Health}}},
        **problem_responses(PROBLEM),
    },
)
def get_health() -> Response[str | bytes]:
    """Says how the endpoint is."""
    status = endpoint_client.health()
    return _json(Health(status=status, ready=status == "in_service"))


@resolver.get("/openapi.json", include_in_schema=False)
def get_openapi() -> Response[str | bytes]:
    """Describes this API."""
    return Response(HTTPStatus.OK, JSON, _openapi_as_deployed())


@resolver.get("/docs", include_in_schema=False)
def get_docs() -> Response[str | bytes]:
    """Describes this API to a person."""
    if resolver.current_event.get_query_string_value("format") == "json":
        return get_openapi()  # where the page's own link leads
    return Response(HTTPStatus.OK, "text/html; charset=utf-8", swagger_page(_openapi_as_deployed()))


@resolver.not_found
def refuse_path(_: Exception) -> Response[str | bytes]:
    """Tells a path that is not there from a method that is not."""
    event = resolver.current_event
    # Powertools keeps its routes to itself, and has no 405 of its own.
    routes = resolver._static_routes + resolver._dynamic_routes
    allowed = sorted({route.method for route in routes if route.rule.match(event.path)})
    if allowed and event.http_method == "OPTIONS" and get_settings().cors_origin:
        return _preflight(allowed)
    if allowed:
        raise MethodNotAllowed(f"This path answers {' and '.join(allowed)}.", allowed)
    raise UnknownPath("There is nothing under this path. GET /openapi.json says what there is.")


@resolver.exception_handler(Exception)  # type: ignore[untyped-decorator]
def explain(error: Exception) -> Response[str | bytes]:
    """Answers with a problem document."""
    problem = problems.as_problem(error)
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if isinstance(problem, MethodNotAllowed):
        headers["Allow"] = ", ".join(problem.allowed)
    document = problems.details(problem, resolver.context["request_id"])
    return Response(problem.status, PROBLEM, document.model_dump_json(exclude_none=True), headers)


def openapi(stage: str = "/", longest_text: int = LONGEST_TEXT) -> str:
    """Describes this API as OpenAPI 3.1 in JSON.

    Args:
        stage: what stands before every path.
        longest_text: characters of text that are spoken in one request.
    """
    # Imported here because it takes its time, and few requests need it.
    from aws_lambda_powertools.event_handler.openapi.models import Server

    document = json.loads(without_powertools_schemas(resolver.get_openapi_json_schema(servers=[Server(url=stage)])))
    for request in (VoiceRequest, SpeakLineRequest):
        document["components"]["schemas"][request.__name__]["properties"]["text"]["maxLength"] = longest_text
    return json.dumps(document, indent=2) + "\n"


def _openapi_as_deployed() -> str:
    return openapi(_stage(), get_settings().max_text_characters)


def _stage() -> str:
    # API Gateway puts the stage before the path; under a domain of its own there is none.
    event = resolver.current_event
    path: str = event["requestContext"].get("path", "")
    return path.removesuffix(event.path) or "/"


def _preflight(allowed: list[str]) -> Response[str | bytes]:
    """Tells a browser what a page of the allowed origin may send; `handle` adds which origin that is."""
    headers = {
        "Access-Control-Allow-Methods": ", ".join(allowed),
        "Access-Control-Allow-Headers": CORS_REQUEST_HEADERS,
        "Access-Control-Max-Age": str(CORS_SECONDS),
    }
    return Response(HTTPStatus.NO_CONTENT, body="", headers=headers)


def _cors_headers() -> dict[str, list[str]]:
    with suppress(ValidationError):  # an environment that cannot be read: the answer says so already
        if origin := get_settings().cors_origin:
            return {
                "Access-Control-Allow-Origin": [origin],
                "Access-Control-Expose-Headers": [CORS_ANSWER_HEADERS],
            }
    return {}


def _accept() -> str:
    accepted = resolver.current_event.multi_value_headers.get("accept")
    return ",".join(accepted) if accepted else resolver.current_event.headers.get("accept", "")


def _json(
    answer: BaseModel, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Response[str | bytes]:
    return Response(status, JSON, answer.model_dump_json(), headers)
