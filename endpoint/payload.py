"""The /invocations contract: what the endpoint takes and what it answers."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from failures import InvocationError

MAX_TEXT_CHARACTERS = 5000

Quality = Literal["fast", "standard", "high"]

NFE_STEPS: dict[Quality, int] = {"fast": 7, "standard": 16, "high": 32}
"""How many times the network is evaluated for each quality."""


def _speakable(text: str) -> str:
    if not any(character.isalnum() for character in text):
        raise ValueError("has no letter or digit, so there is nothing to speak")
    return text


class Invocation(BaseModel):
    """One line to speak, as it arrives at `POST /invocations`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    champion_id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="Folder of the reference.")
    text: Annotated[str, AfterValidator(_speakable)] = Field(min_length=1, description="What to say.")
    voice_bucket: str | None = Field(default=None, description="Bucket of the references; default VOICE_BUCKET.")
    duration: float | None = Field(default=None, ge=0.5, le=120, description="Seconds of speech wanted.")
    speed: float = Field(default=1.0, ge=0.5, le=2, description="1 is the reference's own pace.")
    seed: int = Field(default=0, ge=0, lt=2**32, description="Same seed, same request: same audio.")
    quality: Quality = Field(default="standard", description="fast, standard or high: 7, 16 or 32 NFE steps.")


class Answer(BaseModel):
    """The JSON answer. With `Accept: audio/wav` the bytes come as they are and the rest as custom attributes."""

    audio: str = Field(description="The WAV file, base64.")
    sample_rate: int = Field(description="Samples a second.")
    duration: float = Field(description="Seconds of speech.")
    format: Literal["wav"] = "wav"


def parse_invocation(body: str | bytes) -> Invocation:
    """Read the JSON body of an invocation.

    Raises:
        InvocationError: 400 if the body is no JSON object, 413 if the text is too long, 422 if a field is wrong.
    """
    try:
        invocation = Invocation.model_validate_json(body)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        if any(problem["type"] in ("json_invalid", "model_type") for problem in problems):
            raise InvocationError(HTTPStatus.BAD_REQUEST, "The body must be a JSON object in UTF-8.") from None
        fields = [(".".join(map(str, problem["loc"])), problem["msg"]) for problem in problems]
        detail = "; ".join(f"{field}: {reason}" for field, reason in fields)
        raise InvocationError(HTTPStatus.UNPROCESSABLE_ENTITY, detail, fields=fields) from None
    if len(invocation.text) > MAX_TEXT_CHARACTERS:
        raise InvocationError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"text: {len(invocation.text)} characters, at most {MAX_TEXT_CHARACTERS} are spoken at once. Split it.",
        )
    return invocation
