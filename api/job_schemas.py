"""What is asked of a job and what is told of it.

PUT HERE: the shapes that the door, the use case and the durable function hand to each other.
DO NOT PUT HERE: where they are kept, `job_store`.
"""

import copy
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from contract.formats import FormatName
from contract.invocation import Segment
from contract.line import ChampionId, Line, Quality, Text, TextType
from contract.problem import ProblemDocument
from job_callbacks import check_address

MAX_JOB_CHARACTERS = 100_000
"""Of all texts of a job together."""
MAX_SCRIPT_ENTRIES = 1000

JobStatus = Literal["queued", "waiting_for_capacity", "running", "succeeded", "failed", "cancelled"]

FINAL_STATUSES: frozenset[JobStatus] = frozenset({"succeeded", "failed", "cancelled"})


def _as_in_a_line(name: str) -> Any:  # noqa: ANN401 -- what Field() returns, too
    """A field with the bounds, the default and the description that a line's has."""
    return copy.copy(Line.model_fields[name])


class JobRequest(BaseModel):
    """A long text, or a script of several voices, to be spoken without anybody waiting."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    champion_id: ChampionId | None = Field(default=None, description="Who speaks `text`.")
    text: Text | None = Field(
        default=None,
        description="What to say: up to 100,000 characters.",
        json_schema_extra={"maxLength": MAX_JOB_CHARACTERS},
    )
    script: list[Line] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_SCRIPT_ENTRIES,
        description="In place of `champion_id` and `text`: lines with a voice each, said one after the other.",
    )
    text_type: TextType = _as_in_a_line("text_type")
    speed: float = _as_in_a_line("speed")
    seed: int = _as_in_a_line("seed")
    quality: Quality = _as_in_a_line("quality")
    format: FormatName = _as_in_a_line("format")
    skip_unspeakable: bool = Field(
        default=False, description="Leave out what cannot be said; otherwise the job fails there."
    )
    callback_url: Annotated[str, AfterValidator(check_address)] | None = Field(
        default=None, max_length=2000, description="Told once the job is over: a public https address."
    )
    callback_key: str | None = Field(
        default=None, min_length=16, max_length=128, description="With callback_url: the key of the HMAC that signs it."
    )

    @model_validator(mode="before")
    @classmethod
    def _leave_null_out(cls, fields: Any) -> Any:  # noqa: ANN401 -- whatever the caller sent
        """Take null in a field for a field that was left out."""
        return (
            {name: value for name, value in fields.items() if value is not None} if isinstance(fields, dict) else fields
        )

    @model_validator(mode="after")
    def _be_text_or_script(self) -> Self:
        text = (self.champion_id is not None, self.text is not None)
        if (self.script is None and not all(text)) or (self.script is not None and any(text)):
            raise PydanticCustomError("text_or_script", "must name champion_id and text, or script in their place")
        for index, line in enumerate(self.script or []):
            if refused := {"duration", "format"} & line.model_fields_set:
                raise PydanticCustomError(
                    "line_of_script",
                    "line {index} of script must not have {fields}: a job has one format, and the pace of its speed",
                    {"index": index, "fields": " and ".join(sorted(refused))},
                )
        if (self.callback_url is None) != (self.callback_key is None):
            raise PydanticCustomError("callback", "callback_url and callback_key go together")
        return self

    @property
    def lines(self) -> list[Line]:
        """What is to be said, by whom; of any length."""
        if self.script is not None:
            return self.script
        common = self.model_dump(include={"champion_id", "text", "text_type", "speed", "seed", "quality"})
        return [Line.model_construct(**common)]


class PlannedPart(BaseModel):
    """A part of a job: a line of its own, and the silence after it.

    Attributes:
        line: what to speak.
        pause: seconds of silence from its speech to the next part's.
    """

    line: Line
    pause: float


class SpokenPart(BaseModel):
    """A part that lies in the store.

    Attributes:
        index: its place in the job, from 0.
        champion_id: who spoke it.
        digest: with the extension, the name of its sound.
        extension: of the sound's file.
        duration: seconds.
        spoken_text: what was said.
        segments: its sentences, in seconds from the part's own beginning.
    """

    index: int
    champion_id: str
    digest: str
    extension: str
    duration: float
    spoken_text: str
    segments: list[Segment]


class SkippedPart(BaseModel):
    """A part that could not be said."""

    index: int
    text: str
    reason: str


class PlacedPart(BaseModel):
    """A spoken part and when it is heard, in seconds from the job's beginning."""

    part: SpokenPart
    start: float
    end: float


class Progress(BaseModel):
    """How far a job is.

    Attributes:
        status: as told.
        progress: 0 to 1, of the characters.
        duration: seconds of the whole, at the end.
        skipped: what could not be said.
        problem: why the job failed.
    """

    status: JobStatus
    progress: float = 0.0
    duration: float | None = None
    skipped: list[SkippedPart] = []
    problem: ProblemDocument | None = None


class JobSummary(BaseModel):
    """A job at a glance."""

    id: str
    status: JobStatus = Field(
        description="queued, waiting_for_capacity, running; then succeeded, failed or cancelled for good."
    )
    progress: float = Field(description="0 to 1, of the characters.")
    created_at: datetime


class JobPart(BaseModel):
    """A part that can be heard already."""

    index: int = Field(description="Its place in the job, from 0.")
    text: str = Field(description="As it was written.")
    start: float = Field(description="Seconds from the job's beginning.")
    end: float = Field(description="Seconds from the job's beginning.")
    audio_url: str = Field(description="Where its sound, in flac, can be downloaded for a while.")


class Job(JobSummary):
    """A job: how far it is, what can be heard, and at the end where all of it is."""

    parts: list[JobPart] = Field(description="Those that are finished, in order, up to the first that is not.")
    skipped: list[SkippedPart] = Field(description="What could not be said and was left out.")
    format: FormatName = Field(description="The kind of sound file that audio_url leads to.")
    duration: float | None = Field(description="Seconds of the whole.")
    audio_url: str | None = Field(description="Where the whole can be downloaded for a while.")
    captions_url: str | None = Field(description="Its captions as WebVTT.")
    subtitles_url: str | None = Field(description="Its captions as SRT.")
    spoken_text: str | None = Field(description="What was said, after numbers and abbreviations were written out.")
    problem: ProblemDocument | None = Field(description="Why it failed.")


class JobList(BaseModel):
    """Jobs, the newest first."""

    jobs: list[JobSummary]
    next: str | None = Field(description="Ask for after=NEXT to see older ones; null where there is none.")
