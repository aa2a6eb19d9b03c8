"""What is sent to write a voice, and what is answered of one."""

import base64
import re
import unicodedata
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from contract.line import normalise_text
from contract.recording.measures import Measures
from contract.references import MAX_RECORDING_BYTES

MAX_TRANSCRIPT_CHARACTERS = 1000
MAX_NAME_CHARACTERS = 100
TOKEN = re.compile("[0-9a-f]{32}")


def _from_base64(value: object) -> object:
    """Read what JSON holds; a form holds the bytes themselves."""
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except ValueError:
        raise PydanticCustomError("base64", "must be a sound file in base64") from None


def _token(value: str | None) -> str | None:
    if value is not None and not TOKEN.fullmatch(value):
        raise PydanticCustomError("upload", "must be what POST /voices/{champion_id}/upload answered as upload")
    return value


def _agreed(value: bool) -> bool:
    if not value:
        raise PydanticCustomError("consent", "must be true: a voice is kept only if its owner agreed")
    return value


def _name(value: str) -> str:
    value = unicodedata.normalize("NFC", " ".join(value.split()))
    if not value or not value.isprintable():
        raise PydanticCustomError("name", "must name a person or an organisation")
    return value


class OfferedVoice(BaseModel):
    """A recording of a voice, what is said in it, and who agreed to its being cloned."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    audio: Annotated[
        bytes | None, BeforeValidator(_from_base64), WithJsonSchema({"type": "string", "format": "byte"})
    ] = Field(
        default=None,
        description="The recording, 1 to 12 s of speech: WAV, FLAC, MP3, Ogg and others; in JSON in base64.",
    )
    upload: Annotated[str | None, AfterValidator(_token), WithJsonSchema({"type": "string"})] = Field(
        default=None, description="In place of audio: what the recording is called that was sent to an upload_url."
    )
    transcript: Annotated[str, AfterValidator(normalise_text)] = Field(
        min_length=1, max_length=MAX_TRANSCRIPT_CHARACTERS, description="What is said in it, word for word."
    )
    consent: Annotated[bool, AfterValidator(_agreed)] = Field(
        description="That the owner of the voice agreed to its being cloned: true.", json_schema_extra={"const": True}
    )
    consent_by: Annotated[str, AfterValidator(_name)] = Field(
        min_length=1, max_length=MAX_NAME_CHARACTERS, description="Who agreed. It is kept with the voice."
    )

    @model_validator(mode="after")
    def _one_recording(self) -> Self:
        if (self.audio is None) == (self.upload is None):
            raise PydanticCustomError("one_recording", "must hold either audio or upload")
        return self


class UploadRequest(BaseModel):
    """A recording that is too large for a request."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    bytes: int = Field(ge=1, le=MAX_RECORDING_BYTES, description="How large the file is, exactly.")


class Upload(BaseModel):
    """Where a recording is sent that is too large for a request."""

    upload: str = Field(description="What the recording is called when the voice is put.")
    upload_url: str = Field(description="Where the file is sent by an HTTP PUT of its bytes, as long as was said.")
    expires_in_seconds: int = Field(description="How long the link works.")


class VoiceSummary(BaseModel):
    """One champion."""

    champion_id: str
    updated_at: datetime = Field(description="When the reference was last changed.")
    duration: float | None = Field(description="Seconds of the recording; null if it cannot be read.")
    sample_url: str = Field(description="Where the recording can be heard for a while.")


class VoiceList(BaseModel):
    """Champions, by name."""

    voices: list[VoiceSummary]
    next: str | None = Field(description="Given as `after`, it brings the champions that follow; null at the end.")


class VoiceDetail(VoiceSummary):
    """One champion and what its reference says."""

    transcript: str
    consent: Literal[True] | None = Field(description="Whether consent was told; null for files put by hand.")
    consent_by: str | None = Field(description="Who agreed to the voice's being cloned; null for files put by hand.")
    measures: Measures | None = Field(
        description="The recording as it was measured when it was taken; null for files put by hand."
    )
