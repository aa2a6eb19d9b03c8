"""GET /captions/{name}: the captions of a kept line."""

import time
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import Field

import caption_links
from captions import MEDIA_TYPES, write
from contract.problem import PROBLEM_JSON
from routes.answers import problem_responses
from routes.body import PARAMETERS

CaptionsName = Annotated[str, Field(description="As captions_url and subtitles_url of an answer end.")]

router = APIGatewayRouter()  # type: ignore[no-untyped-call]


@router.get(
    "/captions/<name>",
    operation_id="getCaptions",
    summary="Get the captions of a line",
    description=(
        "Gives a line's captions, WebVTT or SubRip, to whoever has the link from the line's answer; no key is needed. "
        "The link works as long as the one to the audio."
    ),
    responses={
        200: {
            "description": "The captions.",
            "content": {media_type: {"schema": {"type": "string"}} for media_type in MEDIA_TYPES.values()},
        },
        **problem_responses(
            PROBLEM_JSON, NOT_FOUND="There are no such captions, or not any more.", BAD_GATEWAY="S3 does not answer."
        ),
    },
    middlewares=[PARAMETERS],
)
def get_captions(name: Annotated[CaptionsName, Path()]) -> Response[str | bytes]:
    """Get the captions of a line."""
    signed, _, ending = name.partition(".")
    if ending not in MEDIA_TYPES:
        raise caption_links.CaptionsNotFound(f"Captions end in .{' or .'.join(MEDIA_TYPES)}.")
    segments = caption_links.follow(signed, time.time())
    return Response(HTTPStatus.OK, f"{MEDIA_TYPES[ending]}; charset=utf-8", write(segments, ending))
