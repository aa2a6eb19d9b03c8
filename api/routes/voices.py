"""The champions: GET /voices and GET /voices/{champion_id}; for their keeper also PUT, DELETE and POST .../upload."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponseHeader
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import Field

import voice_library
import voices
from contract.formats import JSON
from contract.line import ChampionId, ChampionName
from contract.problem import PROBLEM_JSON
from routes.admin import admin_key
from routes.answers import json_answer, problem_responses
from routes.body import JSON_BODY, PARAMETERS
from routes.form import JSON_OR_FORM
from routes.idempotency import IdempotencyKey
from routes.precondition import precondition
from voice_schemas import OfferedVoice, Upload, UploadRequest, VoiceDetail, VoiceList, VoiceSummary
from voices import Voice

MAX_PAGE = 100

IfMatch = Annotated[
    str, Header(alias="If-Match"), Field(description="ETag of the voice that is meant: another one is not touched.")
]
IfNoneMatch = Annotated[str, Header(alias="If-None-Match"), Field(description="*: only a new voice is written.")]

ETAG: dict[str, OpenAPIResponseHeader] = {
    "ETag": {"description": "Another one for each change.", "schema": {"type": "string"}}
}
WRITING_PROBLEMS = {
    "FORBIDDEN": "The API key does not write voices.",
    "PRECONDITION_FAILED": "The voice is not the one that If-Match or If-None-Match names.",
    "UNPROCESSABLE_ENTITY": "A field is missing, unknown or out of its range, or the recording cannot be cloned.",
    "BAD_GATEWAY": "S3 does not answer.",
}

router = APIGatewayRouter()  # type: ignore[no-untyped-call]


@router.get(
    "/voices",
    operation_id="listVoices",
    summary="List the champions",
    description="Lists every champion that can speak, by name.",
    responses={
        200: {"description": "The champions.", "content": {JSON: {"model": VoiceList}}},
        **problem_responses(
            PROBLEM_JSON, UNPROCESSABLE_ENTITY="A parameter is out of its range.", BAD_GATEWAY="S3 does not answer."
        ),
    },
    middlewares=[PARAMETERS],
)
def list_voices(
    limit: Annotated[
        int, Query(), Field(ge=1, le=MAX_PAGE, description="How many champions are told at most.")
    ] = MAX_PAGE,
    after: Annotated[str, Query(), Field(max_length=64, description="The last champion of the page before.")] = "",
) -> Response[str | bytes]:
    """List the champions."""
    following = [reference for reference in voices.list_voices() if reference.champion_id > after]
    page = following[:limit]
    summaries = [
        VoiceSummary(
            champion_id=reference.champion_id,
            updated_at=reference.updated_at,
            duration=duration,
            sample_url=voices.sample_url(reference.champion_id),
        )
        for reference, duration in zip(page, voices.durations(page), strict=True)
    ]
    return json_answer(VoiceList(voices=summaries, next=page[-1].champion_id if len(following) > limit else None))


@router.get(
    "/voices/<champion_id>",
    operation_id="getVoice",
    summary="Look at one champion",
    description="Says what a champion's reference says, and when it was last changed.",
    responses={
        200: {"description": "The champion.", "content": {JSON: {"model": VoiceDetail}}, "headers": ETAG},
        **problem_responses(
            PROBLEM_JSON,
            NOT_FOUND="There is no such champion.",
            BAD_GATEWAY="S3 does not answer.",
        ),
    },
    middlewares=[PARAMETERS],
)
def get_voice(champion_id: Annotated[ChampionName, Path()]) -> Response[str | bytes]:
    """Look at one champion."""
    return _detail(voices.look_at(champion_id))


@router.put(
    "/voices/<champion_id>",
    operation_id="putVoice",
    summary="Add or replace a voice",
    description=(
        "Takes a recording, what is said in it, and who agreed to its being cloned, as JSON or as a form with the same "
        "fields. The next line is spoken with it. Needs the admin key."
    ),
    responses={
        200: {"description": "The voice was replaced.", "content": {JSON: {"model": VoiceDetail}}, "headers": ETAG},
        201: {"description": "The voice is new.", "content": {JSON: {"model": VoiceDetail}}, "headers": ETAG},
        **problem_responses(
            PROBLEM_JSON,
            BAD_REQUEST="The body is neither JSON nor a form.",
            CONFLICT="The Idempotency-Key was given with another voice, or there are too many voices.",
            REQUEST_ENTITY_TOO_LARGE="The request is too large; POST /voices/{champion_id}/upload takes more.",
            UNSUPPORTED_MEDIA_TYPE="The body is declared neither as JSON nor as a form.",
            **WRITING_PROBLEMS,
        ),
    },
    middlewares=[admin_key, JSON_OR_FORM],
)
def put_voice(
    champion_id: Annotated[ChampionId, Path()],
    voice: OfferedVoice,
    if_match: IfMatch = "",
    if_none_match: IfNoneMatch = "",
    idempotency_key: IdempotencyKey = "",
) -> Response[str | bytes]:
    """Add or replace a voice."""
    written = voice_library.put(champion_id, voice, precondition(if_match, if_none_match), idempotency_key or None)
    return _detail(written.voice, HTTPStatus.CREATED if written.created else HTTPStatus.OK)


@router.delete(
    "/voices/<champion_id>",
    operation_id="deleteVoice",
    summary="Delete a voice",
    description="Deletes a champion's recording and transcript. Needs the admin key.",
    responses={
        204: {"description": "The voice is gone.", "content": {}},
        **problem_responses(PROBLEM_JSON, NOT_FOUND="There is no such champion.", **WRITING_PROBLEMS),
    },
    middlewares=[admin_key, PARAMETERS],
)
def delete_voice(
    champion_id: Annotated[ChampionId, Path()], if_match: IfMatch = "", if_none_match: IfNoneMatch = ""
) -> Response[str | bytes]:
    """Delete a voice."""
    voice_library.delete(champion_id, precondition(if_match, if_none_match))
    return Response(HTTPStatus.NO_CONTENT, body="")


@router.post(
    "/voices/<champion_id>/upload",
    operation_id="uploadRecording",
    summary="Send a large recording",
    description=(
        "Answers where a recording can be sent that is too large for a request. It is checked, and counts, once the "
        "voice is put with its upload. Needs the admin key."
    ),
    responses={
        201: {"description": "Where it can be sent.", "content": {JSON: {"model": Upload}}},
        **problem_responses(
            PROBLEM_JSON,
            BAD_REQUEST="The body is not JSON.",
            FORBIDDEN=WRITING_PROBLEMS["FORBIDDEN"],
            UNSUPPORTED_MEDIA_TYPE="The body is not declared as JSON.",
            UNPROCESSABLE_ENTITY="The file is too large, or a field is wrong.",
        ),
    },
    middlewares=[admin_key, JSON_BODY],
)
def upload_recording(champion_id: Annotated[ChampionId, Path()], wanted: UploadRequest) -> Response[str | bytes]:
    """Say where a large recording can be sent."""
    return json_answer(voice_library.offer_upload(champion_id, wanted.bytes), HTTPStatus.CREATED)


def _detail(voice: Voice, status: HTTPStatus = HTTPStatus.OK) -> Response[str | bytes]:
    label = voice.label
    consent_by = label.consent_by if label else None
    detail = VoiceDetail(
        champion_id=voice.champion_id,
        updated_at=voice.updated_at,
        duration=voice.duration,
        sample_url=voices.sample_url(voice.champion_id),
        transcript=voice.transcript,
        consent=True if consent_by else None,
        consent_by=consent_by,
        measures=label.measures if label else None,
    )
    return json_answer(detail, status, {"ETag": voice.etag})
