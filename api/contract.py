"""What callers send and get: the only source of every schema of the API."""

import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

CHAMPION_ID_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,63}$"
CHAMPION_ID_RULE = (
    "must be 1 to 64 lower-case letters, digits, hyphens or underscores, the first of them a letter or digit"
)

# The endpoint refuses more, and so does API Gateway, which cannot know what a stack sets as MAX_TEXT_CHARACTERS.
LONGEST_TEXT = 5000

# Cc holds controls, Cs lone surrogates, Co private use, Cn what Unicode has not assigned: none of them has a sound.
UNSPOKEN_CATEGORIES = {"Cc", "Cs", "Co", "Cn"}
WRITTEN_WHITESPACE = "\t\r\n"


def normalise_text(text: str) -> str:
    """Brings text into the one form it is spoken and stored in: NFC, single spaces, no space at either end.

    Raises:
        PydanticCustomError: the text holds a character that cannot be written, or nothing that can be spoken.
    """
    for position, character in enumerate(text):
        if unicodedata.category(character) in UNSPOKEN_CATEGORIES and character not in WRITTEN_WHITESPACE:
            raise PydanticCustomError(
                "control_character",
                "must hold no control, private-use or unassigned character (U+{code_point} at position {position})",
                {"code_point": f"{ord(character):04X}", "position": position},
            )
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if not any(character.isalnum() for character in text):
        raise PydanticCustomError("nothing_speakable", "must hold at least one letter or digit to speak")
    return text


def whole_number(value: object) -> object:
    """Takes 7.0 for 7, as JSON Schema does; everything else is left to pydantic."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


ChampionId = Annotated[
    str, Field(pattern=CHAMPION_ID_PATTERN, description="The champion's name, as the list of voices gives it.")
]
Text = Annotated[str, Field(min_length=1), AfterValidator(normalise_text)]
Duration = Annotated[float, Field(ge=0.5, le=120)]
Quality = Literal["fast", "standard", "high"]


class Line(BaseModel):
    """A line to speak: the request of every door, and, as it stands, of the endpoint."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    champion_id: ChampionId
    # The length is documented, not checked: MAX_TEXT_CHARACTERS may be less, and the text's normal form is shorter.
    text: Text = Field(
        description="What to say, with at least one letter or digit. Up to 2,000 characters by default.",
        json_schema_extra={"maxLength": LONGEST_TEXT},
    )
    duration: Duration | None = Field(
        default=None, description="Seconds of speech wanted. Left out, the champion's own pace decides."
    )
    speed: float = Field(default=1.0, ge=0.5, le=2, description="How fast to speak; 1 is the champion's own pace.")
    seed: Annotated[int, BeforeValidator(whole_number)] = Field(
        default=0, ge=0, le=2**32 - 1, description="The same request and seed are the same audio."
    )
    quality: Quality = Field(
        default="standard", description="Synthesis steps: fast takes 7, standard 16, high 32. More steps take longer."
    )


class VoiceRequest(Line):
    """A line to speak."""

    # JSON has types of its own: true is not a number, and neither is "1".
    model_config = ConfigDict(strict=True)


class VoiceResponse(BaseModel):
    """A spoken line."""

    audio: str | None = Field(description="The WAV file in base64; null when it would not fit the answer.")
    audio_url: str = Field(description="Where the WAV file can be downloaded for a while.")
    format: Literal["wav"] = "wav"
    sample_rate: int = Field(description="Samples per second.")
    duration: float = Field(description="Seconds.")
    champion_id: str = Field(description="The champion that spoke.")
    seed: int
    from_store: bool = Field(description="Whether this line had been spoken before and was kept.")


class VoiceSummary(BaseModel):
    """One champion."""

    champion_id: str
    updated_at: datetime = Field(description="When the reference was last changed.")


class VoiceList(BaseModel):
    """All champions, by name."""

    voices: list[VoiceSummary]


class VoiceDetail(VoiceSummary):
    """One champion and what its reference says."""

    transcript: str


class Health(BaseModel):
    """Whether the endpoint can speak now."""

    status: Literal["in_service", "starting", "at_zero", "unavailable"] = Field(
        description=(
            "in_service speaks; starting will soon; at_zero has no instance and gets one when asked to speak; "
            "unavailable does not speak."
        )
    )
    ready: bool = Field(description="Whether a line would be spoken at once.")


class FieldError(BaseModel):
    """What is wrong with one field of a request."""

    field: str
    reason: str


class ProblemDetails(BaseModel):
    """Why a request was not answered (RFC 9457)."""

    type: str = "about:blank"
    title: str = Field(description="The HTTP status in words.")
    status: int
    detail: str = Field(description="What happened, and what can be done about it.")
    request_id: str = Field(description="Names this request in the logs.")
    errors: list[FieldError] | SkipJsonSchema[None] = Field(default=None, description="The fields that were refused.")


# From here on: agents' operations. Their schemas keep to what a Bedrock action group understands, a subset of
# OpenAPI 3.0 without enum.


class SpeakLineRequest(Line):
    """A line for a champion to speak."""

    duration: Annotated[
        Duration | None, WithJsonSchema({"type": "number", "format": "float", "minimum": 0.5, "maximum": 120})
    ] = Field(default=None, description="Seconds of speech wanted, 0.5 to 120. Leave it out unless the user asks.")
    quality: Annotated[Quality, WithJsonSchema({"type": "string"})] = Field(
        default="standard", description="One of: fast, standard, high. Leave it out unless the user asks."
    )


class SpokenLine(BaseModel):
    """Where a spoken line can be heard."""

    audio_url: str = Field(description="Link to the WAV file. Give it to the user unchanged.")
    duration: float = Field(description="Length of the audio in seconds.")
    champion_id: str = Field(description="The champion that spoke.")
    expires_in_seconds: int = Field(description="How long the link works, in seconds.")
    from_store: bool = Field(description="Whether this line had been spoken before and was kept.")


class ChampionNames(BaseModel):
    """The champions there are."""

    champion_ids: list[str] = Field(description="The champions, by name; the first of them if there are many.")
    total: int = Field(description="How many champions there are altogether.")
