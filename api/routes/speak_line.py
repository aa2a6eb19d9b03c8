"""What agents and MCP share: the operation speakLine, which answers with a link to the audio alone."""

from typing import TypedDict

import synthesis
from contract.line import Line
from observability import request_id
from schemas import SpokenLineLink
from settings import get_settings


class Operation(TypedDict):
    """What a route is told about its operation."""

    operation_id: str
    summary: str
    description: str


LIST_VOICES_TOOL = "champion-voice___listVoices"
"""The MCP tool as clients see it: template.yaml's McpTools, three underscores and the operation."""


def operation(list_voices: str) -> Operation:
    """The operation's description.

    Args:
        list_voices: what a caller of this door calls the operation that lists the champions.
    """
    return Operation(
        operation_id="speakLine",
        summary="Speak a line",
        description=(
            "Speaks a text in a champion's voice and returns a link to the audio. Use it when the user wants to hear a "
            f"champion say something. Get the champions' names from {list_voices} first unless the user gave an exact "
            "one."
        ),
    )


PROBLEMS = {
    "NOT_FOUND": "There is no such champion; the detail names the nearest ones.",
    "REQUEST_ENTITY_TOO_LARGE": "The text is too long.",
    "UNPROCESSABLE_ENTITY": "A field is missing, unknown or out of its range, or the text cannot be spoken.",
    "BAD_GATEWAY": "The endpoint failed to speak this, or the storage does not answer.",
    "TOO_MANY_REQUESTS": "Too many lines wait; the detail says when to try again.",
    "SERVICE_UNAVAILABLE": "No capacity now; the detail says when to try again.",
    "GATEWAY_TIMEOUT": "The endpoint took too long; a shorter text may work.",
}
"""What each HTTPStatus means that the operation can answer with beside success."""


def speak_line(line: Line) -> SpokenLineLink:
    """Speak a line and say where it can be heard.

    Raises:
        Problem: what `synthesis.speak` raises.
    """
    finished = synthesis.speak(line, request_id())
    return SpokenLineLink(
        audio_url=finished.url,
        duration=finished.description.duration,
        champion_id=finished.line.champion_id,
        expires_in_seconds=get_settings().audio_url_seconds,
        from_store=finished.from_store,
    )
