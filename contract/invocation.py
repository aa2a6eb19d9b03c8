"""What the API and the endpoint say to each other: the /invocations payload, its answer and its refusals."""

import base64
import re
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import BaseModel, Field, ValidationError

from contract.formats import FormatName
from contract.line import Line
from contract.problem import Busy, Problem, ProblemDocument

RETRY_SECONDS = 5
"""After how long a refusal that does not say so may be tried again."""

MAX_WAIT_SECONDS = 60
"""How long InvokeEndpoint waits for an answer.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

WaitSeconds = Annotated[
    float, Field(gt=0, le=MAX_WAIT_SECONDS, description="How long the caller waits for the answer, in seconds.")
]

_QUEUE = re.compile(r"(?:^|,)queue_seconds=(\d+(?:\.\d+)?)(?:,|$)")


class Invocation(Line):
    """One line to speak, as it arrives at `POST /invocations`."""

    voice_bucket: str | None = Field(default=None, description="Bucket of the references; default VOICE_BUCKET.")
    script_only: bool = Field(default=False, description="Answer with what would be said, and do not speak it.")
    # In the body: that reaches the model in both of AWS's containers.
    wait_seconds: WaitSeconds = MAX_WAIT_SECONDS


class _Patience(BaseModel):
    wait_seconds: WaitSeconds = MAX_WAIT_SECONDS


def patience(body: bytes) -> float:
    """How long the caller of an invocation waits, in seconds, whatever else its body holds."""
    try:
        return _Patience.model_validate_json(body).wait_seconds
    except ValidationError:
        return MAX_WAIT_SECONDS  # whoever reads all of it refuses it


def tell_queue(attributes: str, seconds: float) -> str:
    """Add to custom attributes how much work waits at the endpoint.

    Args:
        attributes: what they tell already.
        seconds: how long that work takes.
    """
    return ",".join(filter(None, [attributes, f"queue_seconds={seconds:.2f}"]))


def queue_seconds(attributes: str) -> float | None:
    """What `tell_queue` told; None where nothing of it is told."""
    found = _QUEUE.search(attributes)
    return float(found[1]) if found else None


class Segment(BaseModel):
    """A sentence, and when it is heard."""

    text: str = Field(description="The sentence as the caller wrote it, without markup.")
    start: float = Field(ge=0, description="Seconds from the beginning of the audio.")
    end: float = Field(ge=0, description="Seconds from the beginning of the audio.")


class ScriptDescription(BaseModel):
    """What is said for a line: the endpoint's answer where `script_only` is asked for."""

    digest: str = Field(pattern="^[0-9a-f]{64}$", description="The same for two texts of which the same is said.")
    spoken_text: str = Field(description="What is said, after numbers and abbreviations were written out.")
    sentences: list[str] = Field(description="The sentences as the caller wrote them, without markup.")


DEFAULT_LUFS = -19.0
"""How loud a line is unless a stack says otherwise: for mono as loud as stereo at -16, which is usual for speech."""
MIN_LUFS, MAX_LUFS = -36.0, -9.0


class Origin(BaseModel):
    """What speech was made from beside the line, as it stood when it was made: a voice may be replaced at any time."""

    recording_etag: str = Field(description="S3's ETag of the champion's recording.")
    transcript_etag: str = Field(description="S3's ETag of what is said in it.")
    loudness_lufs: float = Field(description="The integrated loudness that it was given.")


class AudioDescription(BaseModel):
    """What is known of a line's audio beside its bytes: the endpoint says it, and the store keeps it."""

    digest: str = Field(description="Of what is said: see ScriptDescription.")
    format: FormatName
    sample_rate: int = Field(gt=0, description="Samples a second.")
    duration: float = Field(gt=0, description="Seconds of speech, to the millisecond.")
    spoken_text: str = Field(description="What is said, after numbers and abbreviations were written out.")
    segments: list[Segment] = Field(description="The sentences in order, and when each is heard.")
    origin: Origin | None = Field(default=None, description="What it was made from beside the line.")

    def written_as(self, sentences: list[str]) -> Self:
        """The same audio for other writings of its sentences."""
        segments = [
            segment.model_copy(update={"text": sentence})
            for segment, sentence in zip(self.segments, sentences, strict=True)
        ]
        return self.model_copy(update={"segments": segments})


class JsonAnswer(AudioDescription):
    """The endpoint's answer as JSON."""

    audio: str = Field(description="The sound file, base64.")


DESCRIBED_AUDIO = "application/vnd.champion-voice.described-audio"
"""The media type that the API asks the endpoint for: the description as one line of JSON, then the sound file's bytes.

InvokeEndpoint lets 6 MiB through. In base64 a third of that would be lost; in headers a description does not fit.
"""


@dataclass(frozen=True, slots=True)
class DescribedAudio:
    """A spoken line: a sound file and what is known of it."""

    description: AudioDescription
    audio: bytes

    def to_json(self) -> bytes:
        """The answer as JSON."""
        audio = base64.b64encode(self.audio).decode("ascii")
        return JsonAnswer(**self.description.model_dump(), audio=audio).model_dump_json().encode()

    def to_bytes(self) -> bytes:
        """The answer as DESCRIBED_AUDIO."""
        return self.description.model_dump_json().encode() + b"\n" + self.audio

    @classmethod
    def parse(cls, body: bytes) -> "DescribedAudio":
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: it is something else, or holds no audio.
        """
        description, _, audio = body.partition(b"\n")
        if not audio:
            raise ValueError("there is no audio behind the description")
        return cls(AudioDescription.model_validate_json(description), audio)


class EndpointProblem(ProblemDocument):
    """The endpoint's answer to what it does not speak.

    SageMaker passes no header of an error answer on, so that the time to wait stands in the body.
    """

    detail: str = Field(min_length=1, max_length=1000)
    retry_after: Annotated[int, Field(ge=1, le=3600)] | None = Field(
        default=None, description="Seconds after which the same request may succeed."
    )
    queue_seconds: Annotated[float, Field(ge=0)] | None = Field(
        default=None, description="How long the work takes that waits at the endpoint."
    )

    @classmethod
    def of(cls, problem: Problem) -> "EndpointProblem":
        """The document of a problem."""
        return cls(
            title=problem.title,
            status=problem.status,
            detail=problem.detail,
            errors=problem.errors or None,
            retry_after=problem.retry_after,
            queue_seconds=problem.queue_seconds if isinstance(problem, Busy) else None,
        )
