"""The shapes of answers over HTTP, and their part in the OpenAPI document.

PUT HERE: a shape that more than one route answers with.
DO NOT PUT HERE: what decides on the content of an answer.
"""

import base64
import time
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from pydantic import BaseModel

import caption_links
import problems
from contract.formats import FORMATS, JSON
from contract.problem import PROBLEM_JSON, Problem
from contract.representation import MAX_BASE64_SOUND_BYTES, Representation
from job_schemas import Job
from observability import request_id
from problems import BecameJob, MethodNotAllowed
from routes import address
from schemas import ProblemDetails, SpokenLine
from synthesis import FinishedAudio

_TEXT: dict[str, Any] = {"type": "string"}

SPOKEN_RESPONSES: dict[int, OpenAPIResponse] = {
    200: {
        "description": "The spoken line.",
        "content": {
            JSON: {"model": SpokenLine},
            **{each.media_type: {"schema": {"type": "string", "format": "binary"}} for each in FORMATS.values()},
        },
        "headers": {
            "X-Champion-Id": {"description": "With audio: who spoke.", "schema": _TEXT},
            "X-Seed": {"description": "With audio: the seed.", "schema": _TEXT},
            "X-From-Store": {"description": "With audio: true or false.", "schema": _TEXT},
            "X-Duration": {"description": "With audio: seconds.", "schema": _TEXT},
            "X-Sample-Rate": {"description": "With audio: samples per second.", "schema": _TEXT},
            "Content-Disposition": {"description": "With audio: what to save it as.", "schema": _TEXT},
        },
    },
    303: {
        "description": "The audio is too large to be answered directly. It lies where Location says.",
        "content": {JSON: {"model": SpokenLine}},
        "headers": {"Location": {"description": "Where to download the sound file.", "schema": _TEXT}},
    },
}
"""How `represent` answers."""


def json_answer(
    answer: BaseModel, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Response[str | bytes]:
    """An answer in JSON."""
    return Response(status, JSON, answer.model_dump_json(), headers)


def represent(
    finished: FinishedAudio, representation: Representation, event: APIGatewayProxyEvent
) -> Response[str | bytes]:
    """Answer with audio as the caller wants it; audio that is too large is left where it is kept.

    Args:
        finished: the audio.
        representation: its format, and whether it comes in JSON or as it is.
        event: the request.
    """
    fits = finished.sound.size <= MAX_BASE64_SOUND_BYTES
    if representation.media_type == JSON:
        return json_answer(_spoken_line(finished, finished.sound.read() if fits else None, event))
    if not fits:
        return json_answer(_spoken_line(finished, None, event), HTTPStatus.SEE_OTHER, {"Location": finished.url})
    description = finished.description
    headers = {
        "Content-Disposition": finished.key.disposition,
        "X-Champion-Id": finished.line.champion_id,
        "X-Seed": str(finished.line.seed),
        "X-From-Store": str(finished.from_store).lower(),
        "X-Duration": str(description.duration),
        "X-Sample-Rate": str(description.sample_rate),
    }
    content_type = FORMATS[description.format].content_type(description.sample_rate)
    return Response(HTTPStatus.OK, content_type, finished.sound.read(), headers)


def job_answer(job: Job) -> Response[str | bytes]:
    """The answer to a request that has become a job."""
    return json_answer(job, HTTPStatus.ACCEPTED, {"Location": job_path(job.id)})


def job_path(job_id: str) -> str:
    """Where a job is looked at."""
    return f"/jobs/{job_id}"


def _spoken_line(finished: FinishedAudio, audio: bytes | None, event: APIGatewayProxyEvent) -> SpokenLine:
    captions = caption_links.sign(finished.written, finished.description.segments, time.time())
    return SpokenLine(
        audio=None if audio is None else base64.b64encode(audio).decode(),
        audio_url=finished.url,
        captions_url=address.url(event, f"/captions/{captions}.vtt"),
        subtitles_url=address.url(event, f"/captions/{captions}.srt"),
        champion_id=finished.line.champion_id,
        seed=finished.line.seed,
        from_store=finished.from_store,
        **finished.description.model_dump(exclude={"digest", "origin"}),
    )


def problem_answer(problem: Problem) -> Response[str | bytes]:
    """A problem document (RFC 9457), with the headers that go with it."""
    document = problems.document(problem, request_id())
    return Response(problem.status, PROBLEM_JSON, document.model_dump_json(exclude_none=True), problem_headers(problem))


def problem_headers(problem: Problem) -> dict[str, str]:
    """What a problem says in headers, whatever shape its body has."""
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if isinstance(problem, MethodNotAllowed):
        headers["Allow"] = ", ".join(problem.allowed)
    if isinstance(problem, BecameJob):
        headers["Location"] = problem.location
    return headers


def problem_responses(media_type: str, **descriptions: str) -> dict[int, OpenAPIResponse]:
    """Document the problems an operation can answer with, as `error_responses` does.

    Args:
        media_type: what they come as.
        descriptions: what each means, under the name of its HTTPStatus.
    """
    return error_responses(media_type, ProblemDetails, descriptions)


def error_responses(
    media_type: str, model: type[BaseModel], descriptions: dict[str, str]
) -> dict[int, OpenAPIResponse]:
    """Document the errors an operation can answer with, a bug of our own always among them.

    Args:
        media_type: what they come as.
        model: their shape.
        descriptions: what each means, under the name of its HTTPStatus.
    """
    return {
        HTTPStatus[name].value: {"description": meaning, "content": {media_type: {"model": model}}}
        for name, meaning in (descriptions | {"INTERNAL_SERVER_ERROR": "A bug on our side."}).items()
    }
