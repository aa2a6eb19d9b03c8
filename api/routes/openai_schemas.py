"""What OpenAI's clients send and read.

https://platform.openai.com/docs/api-reference/audio/createSpeech
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from contract.formats import FormatName


def _voice_name(voice: object) -> object:
    """The name of a voice that is given as an object, as OpenAI's clients name voices that were made by their users."""
    return voice["id"] if isinstance(voice, dict) and "id" in voice else voice


class SpeechRequest(BaseModel):
    """A text to speak. Fields that other servers know beside these are left unread."""

    model: str = Field(description="One of the list of models.")
    input: str = Field(min_length=1, description="What to say. Up to 2,000 characters by default.")
    voice: Annotated[str, BeforeValidator(_voice_name)] = Field(
        description="A champion, one of OpenAI's own voices, or an object that holds either as its id."
    )
    instructions: str = Field(default="", description="Left unread: a champion speaks as its reference does.")
    response_format: FormatName = Field(default="mp3", description="The sound file.")
    speed: float = Field(
        default=1.0, ge=0.25, le=4, description="How fast to speak; below 0.5 it is 0.5, and above 2 it is 2."
    )
    stream_format: Literal["audio", "sse"] = Field(
        default="audio", description="The sound file itself, or events that hold it."
    )

    @model_validator(mode="before")
    @classmethod
    def _leave_null_out(cls, fields: Any) -> Any:  # noqa: ANN401 -- whatever the caller sent
        """Take null for a field that was left out."""
        return {name: value for name, value in fields.items() if value is not None}


class Model(BaseModel):
    """A model."""

    id: str
    object: Literal["model"] = "model"
    created: int = Field(default=0, description="Not known: always 0.")
    owned_by: Literal["champion-voice"] = "champion-voice"


class ModelList(BaseModel):
    """The models that a request may name."""

    object: Literal["list"] = "list"
    data: list[Model]


class Voice(BaseModel):
    """A champion that speaks."""

    id: str
    name: str


class Voices(BaseModel):
    """Every champion that speaks, in the shape that Open WebUI reads and Kokoro-FastAPI answers."""

    voices: list[Voice]


class OpenAiError(BaseModel):
    """What went wrong."""

    message: str
    type: str = Field(description="invalid_request_error, rate_limit_error or server_error.")
    param: str | None = Field(default=None, description="The field that was refused.")
    code: str | None = Field(default=None, description="What went wrong, for programs.")


class OpenAiErrorAnswer(BaseModel):
    """Why a request was not answered, as OpenAI's API tells it."""

    error: OpenAiError
