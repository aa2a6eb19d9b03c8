"""OpenAI's API for speech, as its clients and those of Kokoro-FastAPI and Open WebUI call it.

POST /v1/audio/speech, GET /v1/audio/voices, GET /v1/models and GET /v1/models/{model}.
"""

import base64
import json
import re
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import Field, ValidationError

import synthesis
import voices
from contract.formats import FORMATS, JSON
from contract.line import MAX_SPEED, MIN_SPEED, Line, Quality
from contract.problem import FieldError, invalid_request, refused_field
from contract.representation import MAX_BASE64_SOUND_BYTES, Representation
from observability import request_id
from routes.answers import json_answer, represent
from routes.body import JSON_BODY, PARAMETERS
from routes.openai_errors import UnknownModel, openai_responses
from routes.openai_schemas import Model, ModelList, SpeechRequest, Voice, Voices
from settings import get_settings
from synthesis import FinishedAudio

PREFIX = "/v1/"
EVENT_STREAM = "text/event-stream"
# As much sound as an event holds; a multiple of 3, so that base64 needs no padding.
EVENT_SOUND_BYTES = 48 * 1024

# OpenAI's own models, as clients with a fixed list name them. The stack's own model speaks under each of the names.
OPENAI_MODELS: dict[str, Quality] = {"tts-1": "standard", "tts-1-hd": "high", "gpt-4o-mini-tts": "standard"}
# OpenAI dates its models: tts-1-1106, gpt-4o-mini-tts-2025-12-15.
MODEL_DATE = re.compile(r"-(\d{4}|\d{4}-\d{2}-\d{2})$")

# Which champions OpenAI's own voices are: those of voices/, unless the stage's variable openaiVoices says otherwise.
OPENAI_VOICES = (
    "alloy=default,ash=yasuo,ballad=garen,cedar=garen,coral=ahri,echo=yasuo,fable=lux,marin=lux,nova=ahri,onyx=thresh,"
    "sage=lux,shimmer=jinx,verse=yasuo"
)

ModelName = Annotated[str, Field(description="A model's id, as the list of models gives it.")]

router = APIGatewayRouter()  # type: ignore[no-untyped-call]


@router.post(
    "/v1/audio/speech",
    operation_id="createSpeech",
    summary="Speak a text, as OpenAI's API does",
    description="Speaks a text as OpenAI's clients ask for it, by default as MP3.",
    responses={
        200: {
            "description": "The sound file, or events that hold it.",
            "content": {
                **{each.media_type: {"schema": {"type": "string", "format": "binary"}} for each in FORMATS.values()},
                EVENT_STREAM: {"schema": {"type": "string"}},
            },
            "headers": {"X-Speed": {"description": "How fast it is spoken.", "schema": {"type": "string"}}},
        },
        303: {
            "description": "The sound file is too large to be answered directly. It lies where Location says.",
            "content": {JSON: {"schema": {"type": "object"}}},
            "headers": {"Location": {"description": "Where to download it.", "schema": {"type": "string"}}},
        },
        **openai_responses(
            BAD_REQUEST="The body is not JSON, a field is missing or out of its range, or the text cannot be spoken.",
            NOT_FOUND="There is no such voice or model.",
            REQUEST_ENTITY_TOO_LARGE="The text is too long.",
            UNSUPPORTED_MEDIA_TYPE="The body is not declared as JSON.",
            BAD_GATEWAY="The endpoint crashed, or S3 does not answer.",
            TOO_MANY_REQUESTS="Too many lines wait; Retry-After says when to try again.",
            SERVICE_UNAVAILABLE="No capacity now; Retry-After says when to try again.",
            GATEWAY_TIMEOUT="The endpoint took too long.",
        ),
    },
    middlewares=[JSON_BODY],
)
def create_speech(request: SpeechRequest) -> Response[str | bytes]:
    """Speak a text."""
    line = _line(request)
    finished = synthesis.speak(line, request_id())
    if request.stream_format == "sse":
        answer = _events(finished)
    else:
        answer = represent(finished, Representation(FORMATS[line.format].media_type, line.format), router.current_event)
    answer.headers["X-Speed"] = str(line.speed)
    return answer


@router.get(
    "/v1/audio/voices",
    operation_id="listSpeechVoices",
    summary="List the voices, as clients of OpenAI's API read them",
    description="Lists every champion that can speak, by name, for clients of OpenAI's API.",
    responses={
        200: {"description": "The champions.", "content": {JSON: {"model": Voices}}},
        **openai_responses(BAD_GATEWAY="S3 does not answer."),
    },
)
def list_voices() -> Response[str | bytes]:
    """List the champions."""
    names = [reference.champion_id for reference in voices.list_voices()]
    return json_answer(Voices(voices=[Voice(id=name, name=name) for name in names]))


@router.get(
    "/v1/models",
    operation_id="listModels",
    summary="List the models, as OpenAI's API does",
    description="Lists the model that speaks, and the names of OpenAI's models, under which it speaks too.",
    responses={200: {"description": "The models.", "content": {JSON: {"model": ModelList}}}, **openai_responses()},
)
def list_models() -> Response[str | bytes]:
    """List the models."""
    return json_answer(ModelList(data=[Model(id=name) for name in _models()]))


@router.get(
    "/v1/models/<model>",
    operation_id="getModel",
    summary="Look at one model, as OpenAI's API does",
    description="Says of a model that it is there.",
    responses={
        200: {"description": "The model.", "content": {JSON: {"model": Model}}},
        **openai_responses(NOT_FOUND="There is no such model."),
    },
    middlewares=[PARAMETERS],
)
def get_model(model: Annotated[ModelName, Path()]) -> Response[str | bytes]:
    """Look at one model."""
    _quality(model)
    return json_answer(Model(id=model))


def _line(request: SpeechRequest) -> Line:
    """The line that a request asks for.

    Raises:
        UnknownModel: there is no such model.
        InvalidRequest: a line cannot have such a text or champion.
    """
    try:
        return Line(
            champion_id=_champion(request.voice),
            text=request.input,
            speed=min(max(request.speed, MIN_SPEED), MAX_SPEED),
            quality=_quality(request.model),
            format=request.response_format,
        )
    except ValidationError as error:
        raise invalid_request(dict(each) for each in error.errors()) from error


def _champion(voice: str) -> str:
    """Who speaks when a voice is asked for."""
    names = router.current_event.stage_variables.get("openaiVoices", OPENAI_VOICES)
    return dict(pair.split("=") for pair in names.split(",")).get(voice.lower(), voice)


def _models() -> dict[str, Quality]:
    return {get_settings().model_id: "standard", **OPENAI_MODELS}


def _quality(model: str) -> Quality:
    """How well a line is spoken when a model is asked for.

    Raises:
        UnknownModel: there is no such model.
    """
    models = _models()
    quality = models.get(model) or models.get(MODEL_DATE.sub("", model))
    if quality is None:
        reason = f"must be one of {', '.join(models)}"
        raise UnknownModel(
            f"There is no model {model!r}: it {reason}.", errors=[FieldError(field="model", reason=reason)]
        )
    return quality


def _events(finished: FinishedAudio) -> Response[str | bytes]:
    """The sound as the events of a stream, which come all at once: a line is spoken before it is sent.

    https://platform.openai.com/docs/api-reference/audio/speech-audio-delta-event

    Raises:
        InvalidRequest: the sound is too large for an answer.
    """
    if finished.sound.size > MAX_BASE64_SOUND_BYTES:
        raise refused_field(
            "stream_format", "must be audio for a sound of this length, or response_format a denser one"
        )
    sound = finished.sound.read()
    events: list[dict[str, object]] = [
        {
            "type": "speech.audio.delta",
            "audio": base64.b64encode(sound[start : start + EVENT_SOUND_BYTES]).decode(),
        }
        for start in range(0, len(sound), EVENT_SOUND_BYTES)
    ]
    # Nothing here is counted in tokens.
    usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    events.append({"type": "speech.audio.done", "usage": usage})
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    return Response(HTTPStatus.OK, f"{EVENT_STREAM}; charset=utf-8", body, {"Cache-Control": "no-cache"})
