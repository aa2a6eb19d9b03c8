"""What an agent can do, whichever door it comes through: an action group or, as an MCP tool, the HTTP API."""

from typing import TypedDict

import synthesis
from contract import Line, SpokenLine
from settings import get_settings


class Operation(TypedDict):
    """What a route is told about its operation."""

    operation_id: str
    summary: str
    description: str


SPEAK_LINE = Operation(
    operation_id="speakLine",
    summary="Speak a line",
    description=(
        "Speaks a text in a champion's voice and returns a link to the audio. Use it when the user wants to hear a "
        "champion say something. Get the champions' names from listVoices first unless the user gave an exact one."
    ),
)


SPEAK_LINE_PROBLEMS = {
    "NOT_FOUND": "There is no such champion; the detail names the nearest ones.",
    "REQUEST_ENTITY_TOO_LARGE": "The text is too long.",
    "UNPROCESSABLE_ENTITY": "A field is missing, unknown or out of its range, or the text cannot be spoken.",
    "BAD_GATEWAY": "The voice failed to speak this, or its store does not answer.",
    "SERVICE_UNAVAILABLE": "No capacity now; the detail says when to try again.",
    "GATEWAY_TIMEOUT": "The voice took too long; a shorter text may work.",
}
"""What each HTTPStatus means that speakLine can answer with beside success."""


def speak_line(line: Line, request_id: str) -> SpokenLine:
    """Speaks a line and says where it can be heard.

    Raises:
        Problem: what `synthesis.speak` raises.
    """
    speech = synthesis.speak(line, request_id)
    return SpokenLine(
        audio_url=speech.audio_url,
        duration=speech.wav.duration,
        champion_id=speech.champion_id,
        expires_in_seconds=get_settings().audio_url_seconds,
        from_store=speech.from_store,
    )
