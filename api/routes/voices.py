"""GET /voices and GET /voices/{champion_id}: the champions."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

import voices
from contract.formats import JSON
from contract.line import ChampionName
from contract.problem import PROBLEM_JSON
from routes.answers import json_answer, problem_responses
from routes.body import PARAMETERS
from schemas import VoiceDetail, VoiceList, VoiceSummary

router = APIGatewayRouter()  # type: ignore[no-untyped-call]


@router.get(
    "/voices",
    operation_id="listVoices",
    summary="List the champions",
    description="Lists every champion that can speak, by name.",
    responses={
        200: {"description": "The champions.", "content": {JSON: {"model": VoiceList}}},
        **problem_responses(PROBLEM_JSON, BAD_GATEWAY="S3 does not answer."),
    },
)
def list_voices() -> Response[str | bytes]:
    """List the champions."""
    summaries = [
        VoiceSummary(champion_id=reference.champion_id, updated_at=reference.updated_at)
        for reference in voices.list_voices()
    ]
    return json_answer(VoiceList(voices=summaries))


@router.get(
    "/voices/<champion_id>",
    operation_id="getVoice",
    summary="Look at one champion",
    description="Says what a champion's reference says, and when it was last changed.",
    responses={
        200: {"description": "The champion.", "content": {JSON: {"model": VoiceDetail}}},
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
    reference = voices.get(champion_id)
    return json_answer(
        VoiceDetail(champion_id=champion_id, updated_at=reference.updated_at, transcript=voices.transcript(champion_id))
    )
