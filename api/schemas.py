"""What the doors answer, and what agents send; every other request is the contract's own Line."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue, SkipJsonSchema
from pydantic_core import CoreSchema

from contract.formats import FormatName, max_seconds
from contract.invocation import Segment
from contract.line import ChampionName, Line, Quality, Text, TextType
from contract.problem import ProblemDocument
from contract.representation import MAX_BASE64_SOUND_BYTES
from contract.request import Request
from job_schemas import MAX_JOB_CHARACTERS, as_in_a_line


class SpokenLine(BaseModel):
    """A spoken line."""

    audio: str | None = Field(
        description=(
            "The sound file in base64; null when it would not fit the answer, as may be from "
            f"{max_seconds('wav', MAX_BASE64_SOUND_BYTES)} s of wav or {max_seconds('mp3', MAX_BASE64_SOUND_BYTES)} s "
            "of mp3 on."
        )
    )
    audio_url: str = Field(description="Where the sound file can be downloaded for a while.")
    captions_url: str = Field(description="Where its captions (WebVTT) are for as long; no key is needed.")
    subtitles_url: str = Field(description="The same as SubRip (SRT).")
    format: FormatName = Field(description="The kind of sound file.")
    sample_rate: int = Field(description="Samples per second.")
    duration: float = Field(description="Seconds.")
    champion_id: str = Field(description="The champion that spoke.")
    seed: int
    from_store: bool = Field(description="Whether this line had been spoken before and was kept.")
    spoken_text: str = Field(description="What was said, after numbers and abbreviations were written out.")
    segments: list[Segment] = Field(description="The sentences in order, and when each is heard.")


class Health(BaseModel):
    """Whether the endpoint can speak now."""

    status: Literal["in_service", "starting", "at_zero", "unavailable"] = Field(
        description=(
            "in_service speaks; starting will soon; at_zero has no instance and gets one when asked to speak; "
            "unavailable does not speak."
        )
    )
    ready: bool = Field(description="Whether a line would be spoken at once.")


class ProblemDetails(ProblemDocument):
    """Why a request was not answered (RFC 9457)."""

    request_id: str = Field(description="Names this request in the logs.")


class ForAgents(Request):
    """What agents send: lax, because they send numbers as strings."""

    model_config = ConfigDict(strict=False)

    @classmethod
    def is_left_out(cls, value: object) -> bool:
        """As for every request; and agents, which must fill in every field, fill in such words."""
        return value is None or (isinstance(value, str) and value.strip().casefold() in {"", "none", "null"})

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the fields as a Bedrock action group understands them: without enum, const, anyOf and null."""
        described = super().__get_pydantic_json_schema__(schema, handler)
        fields = handler.resolve_ref_schema(described)
        for name in fields["properties"].keys() - set(fields["required"]):
            fields["properties"][name] = _for_agents(fields["properties"][name])
        return described


class AgentLine(ForAgents, Line):
    """A line for a champion to speak."""

    model_config = ForAgents.model_config  # not the line's, which is strict


class AgentNarration(ForAgents):
    """A long text for a champion to read."""

    champion_id: ChampionName
    text: Text = Field(
        description="What to read: up to 100,000 characters, with at least one letter or digit.",
        json_schema_extra={"maxLength": MAX_JOB_CHARACTERS},
    )
    text_type: TextType = as_in_a_line("text_type")
    speed: float = as_in_a_line("speed")
    quality: Quality = as_in_a_line("quality")
    format: FormatName = as_in_a_line("format")


def _for_agents(field: JsonSchemaValue) -> JsonSchemaValue:
    """The schema of an optional field, its choices in words."""
    [rules] = [dict(option) for option in field.pop("anyOf", [{}]) if option != {"type": "null"}]
    field = field | rules
    choices: list[Any] = field.pop("enum", [])
    if "const" in field:
        choices = [field.pop("const")]
    advice = [f"One of: {', '.join(choices)}."] if choices else []
    advice.append("Leave it out unless the user asks.")
    if field["default"] is None:
        del field["default"]
    return field | {"description": " ".join([field["description"], *advice])}


class SpokenLineLink(BaseModel):
    """Where a spoken line can be heard."""

    audio_url: str = Field(description="Link to the sound file. Give it to the user unchanged.")
    duration: float = Field(description="Length of the audio in seconds.")
    champion_id: str = Field(description="The champion that spoke.")
    expires_in_seconds: int = Field(description="How long the link works, in seconds.")
    from_store: bool = Field(description="Whether this line had been spoken before and was kept.")


def _told_later(description: str) -> Any:  # noqa: ANN401 -- what Field() returns, too
    """A field that is left out until it is known: agents know no null."""
    return Field(default=None, description=description, json_schema_extra=_without_default)


def _without_default(schema: dict[str, Any]) -> None:
    del schema["default"]


class Narration(BaseModel):
    """How far the reading of a long text is."""

    narration_id: str = Field(description="Names it; getNarration takes it.")
    status: str = Field(
        description=(
            "queued, waiting_for_capacity or running: look again later. succeeded, failed or cancelled: it is over."
        )
    )
    progress: float = Field(description="0 to 1, of the characters.")
    first_part_url: str | SkipJsonSchema[None] = _told_later(
        "Link to the beginning, which can be heard already. Give it to the user unchanged."
    )
    audio_url: str | SkipJsonSchema[None] = _told_later(
        "Once it succeeded: link to the whole. Give it to the user unchanged."
    )
    captions_url: str | SkipJsonSchema[None] = _told_later("Once it succeeded: link to its captions (WebVTT).")
    duration: float | SkipJsonSchema[None] = _told_later("Once it succeeded: length of the audio in seconds.")
    reason: str | SkipJsonSchema[None] = _told_later("Why it failed. Tell the user.")


class ChampionNames(BaseModel):
    """The champions there are."""

    champion_ids: list[str] = Field(description="The champions, by name; the first of them if there are many.")
    total: int = Field(description="How many champions there are altogether.")
