"""The durable function that does jobs: a text is cut, its parts are spoken, and in the end they are one file.

Lambda calls it again whenever a wait is over or an environment has died; all from the first line on is then gone
through anew, and a step that is done gives what it gave before. So what is not in a step must come out the same each
time, and a step may run twice: what it writes has one name, whoever writes it. Checkpoints hold where audio lies, not
audio.
https://docs.aws.amazon.com/durable-functions/
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import takewhile
from pathlib import Path
from threading import Lock
from typing import Any, Literal, TypeVar

from aws_durable_execution_sdk_python import BatchResult, DurableContext, StepError, durable_execution
from aws_durable_execution_sdk_python.config import CompletionConfig, Duration, JitterStrategy, MapConfig, StepConfig
from aws_durable_execution_sdk_python.exceptions import InvocationError
from aws_durable_execution_sdk_python.retries import RetryDecision, RetryStrategyConfig, create_retry_strategy
from aws_durable_execution_sdk_python.types import LambdaContext
from aws_durable_execution_sdk_python.waits import WaitForConditionConfig, WaitForConditionDecision
from aws_lambda_powertools.metrics import MetricUnit
from pydantic import BaseModel

import audio_store
import captions
import endpoint_client
import job_callbacks
import job_plan
import job_store
import jobs
import synthesis
import voices
from audio_store import Key
from contract.formats import FORMATS
from contract.line import Line
from contract.problem import CRASHED, Problem, ProblemDocument
from job_name import JobName
from job_schemas import JobRequest, JobStatus, PlannedPart, Progress, SkippedPart, SpokenPart
from joining import Joint, join, place, segments
from observability import logger, metrics
from problems import EndpointRefused, EndpointTimedOut, EndpointUnavailable, StorageFailed
from settings import get_settings

Kept = TypeVar("Kept")

PART_SECONDS = 55
"""How long a part is waited for: InvokeEndpoint ends after 60 seconds."""
PARTS_IN_A_ROW = 40
"""After so many, an invocation ends and another goes on: four at a time and each of them slow, they take less than the
15 minutes that Lambda gives an invocation."""
MAX_TIMEOUTS = 3
"""After so many a part is held to be too long for this endpoint."""
CAPACITY_SECONDS = 20
"""How often it is looked whether the endpoint has come up."""
CAPACITY_LOOKS = 45
"""After so many in vain the endpoint is asked once more: what was to wake it may have been lost."""

# Between tries about 2, 4, 8, 16 and then 30 seconds, each made up to half shorter at random.
_backoff = create_retry_strategy(
    RetryStrategyConfig(
        max_attempts=10,
        initial_delay=Duration.from_seconds(2),
        max_delay=Duration.from_seconds(30),
        jitter_strategy=JitterStrategy.HALF,
    )
)


def _patience(error: Exception, attempts: int) -> RetryDecision:
    """Whether to try once more: not what is refused for good."""
    for_good = isinstance(error, Problem) and error.status < 500 and error.status != 429
    hopeless = isinstance(error, EndpointTimedOut) and attempts >= MAX_TIMEOUTS
    return RetryDecision.no_retry() if for_good or hopeless else _backoff(error, attempts)


PATIENCE = StepConfig(retry_strategy=_patience)


class Outcome(BaseModel):
    """What a step that asks the endpoint comes to, as it is checkpointed.

    Attributes:
        kind: done; no_capacity, which is waited for; unspeakable; or cancelled.
        part: the part, if one was spoken.
        reason: why it is unspeakable, in words for the caller.
        status: the HTTP status that goes with it.
    """

    kind: Literal["done", "no_capacity", "unspeakable", "cancelled"]
    part: SpokenPart | None = None
    reason: str = ""
    status: int = 200


class JobEnded(Exception):  # noqa: N818 -- no error of ours
    """A job ends before its time. The message is how, as JSON: of an exception the engine keeps that.

    Args:
        progress: what is told from then on.
    """

    def __init__(self, progress: Progress) -> None:
        super().__init__(progress.model_dump_json(exclude_unset=True))
        self.progress = progress


@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:  # noqa: ANN401 -- what the SDK answers
    """Do a job, or go on with it, for Lambda's durable engine."""
    return _narrate(event, context)


@durable_execution
def _narrate(event: dict[str, str], context: DurableContext) -> str:
    job = JobName(**event)
    logger.set_correlation_id(job.id)
    request = _kept(job_store.read_request, job)
    if request is None:
        return "gone"  # Lambda took the job, but its answer was lost, and the caller was told that there is none
    narration = Narration(job, request, context)
    try:
        narration.run()
    except JobEnded as ended:
        narration.end(ended.progress)
    except StepError as error:
        narration.end(_given_up(error.error_type, error.message))
    return narration.progress.status


@dataclass
class Narration:
    """One job, from where its checkpoints left it.

    Args:
        job: which.
        request: what was asked for.
        context: the durable engine's.

    Attributes:
        progress: how far it is.
        plan: its parts, once they are known.
        spoken: those that lie in the store, by their place.
        skipped: those that cannot be spoken.
    """

    job: JobName
    request: JobRequest
    context: DurableContext
    progress: Progress = field(default_factory=lambda: Progress(status="queued"))
    plan: list[PlannedPart] = field(default_factory=list)
    spoken: dict[int, SpokenPart] = field(default_factory=dict)
    skipped: dict[int, SkippedPart] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def run(self) -> None:
        """Do what is left of the job.

        Raises:
            JobEnded: it was cancelled, or a part cannot be spoken.
            StepError: the parts could not be joined.
        """
        self._ask(self.context, "plan", self._make_plan)
        self.plan = _kept(job_store.read_plan, self.job)
        for first in range(0, len(self.plan), PARTS_IN_A_ROW):
            if first:
                self.context.wait(Duration.from_seconds(1), name="a fresh invocation")
            self._speak(range(first, min(first + PARTS_IN_A_ROW, len(self.plan))))
        if not self.spoken:
            raise JobEnded(_failed("Nothing in the text can be spoken.", 422))
        duration = self.context.step(lambda _: self._join(), "join", PATIENCE)
        self.end(Progress(status="succeeded", progress=1.0, duration=duration))

    def end(self, ended: Progress) -> None:
        """Tell how the job has ended, also whoever wants to be called."""
        changed = {name: getattr(ended, name) for name in ended.model_fields_set}
        self.progress = self.progress.model_copy(update=changed)
        self.context.step(lambda _: self._keep_end(), "end", PATIENCE)
        if self.request.callback_url:
            try:
                self.context.step(lambda _: self._call_back(), "call back", PATIENCE)
            except StepError as error:
                logger.warning("callback given up", reason=error.message)

    def _speak(self, indices: range) -> None:
        """Speak some parts, a few of them at a time."""
        config: MapConfig[int] = MapConfig(
            max_concurrency=get_settings().job_concurrency,
            completion_config=CompletionConfig(tolerated_failure_count=0),
            item_namer=lambda index, _: f"part {index}",
        )
        result: BatchResult[dict[str, Any]] = self.context.map(
            indices, self._speak_part, f"parts from {indices.start}", config
        )
        for error in result.get_errors():
            kind, message = (error.type, error.message) if error else (None, None)
            if _class_name(kind) == JobEnded.__name__ and message:
                raise JobEnded(Progress.model_validate_json(message))
            raise JobEnded(_given_up(kind, message))
        for index, kept in zip(indices, result.get_results(), strict=True):
            self._take(index, Outcome.model_validate(kept))

    def _speak_part(self, context: DurableContext, index: int, _: int, __: object) -> dict[str, Any]:
        outcome = self._ask(context, f"speak {index}", partial(self._spoken_part, index))
        if outcome.kind == "unspeakable" and not self.request.skip_unspeakable:
            text = self.plan[index].line.text
            raise JobEnded(_failed(f"Part {index}, {text!r}, cannot be spoken: {outcome.reason}", outcome.status))
        with self._lock:
            self._take(index, outcome)
            if not context.is_replaying():
                self._keep_progress()
        return outcome.model_dump(mode="json")

    def _take(self, index: int, outcome: Outcome) -> None:
        """Count a part that is over. The engine calls no branch again whose map is done: it gives what they gave."""
        if outcome.part:
            self.spoken[index] = outcome.part
        else:
            text = self.plan[index].line.text
            self.skipped[index] = SkippedPart(index=index, text=text, reason=outcome.reason)

    def _ask(self, context: DurableContext, name: str, what: Callable[[], Outcome]) -> Outcome:
        """Do a step that asks the endpoint, and wait as long as there is none.

        Raises:
            JobEnded: the job was cancelled, or the step is given up.
        """
        while True:
            try:
                kept = context.step(lambda _: self._attempt(what).model_dump(mode="json"), name, PATIENCE)
            except StepError as error:
                raise JobEnded(_given_up(error.error_type, error.message)) from error
            outcome = Outcome.model_validate(kept)
            if outcome.kind == "cancelled":
                raise JobEnded(Progress(status="cancelled"))
            if outcome.kind != "no_capacity":
                return outcome
            context.wait_for_condition(
                lambda _, __: self._look_for_capacity(),
                WaitForConditionConfig(wait_strategy=_until_there_is_capacity, initial_state="at_zero"),
                f"capacity to {name}",
            )

    def _attempt(self, what: Callable[[], Outcome]) -> Outcome:
        if job_store.is_cancelled(self.job):
            return Outcome(kind="cancelled")
        try:
            outcome = what()
        except EndpointRefused as refused:
            return Outcome(kind="unspeakable", reason=refused.detail, status=refused.status)
        except EndpointUnavailable:
            if endpoint_client.health() not in AWAY:
                raise  # it is busy, and is asked again
            self._tell("waiting_for_capacity")
            return Outcome(kind="no_capacity")
        self._tell("running")
        return outcome

    def _look_for_capacity(self) -> str:
        if job_store.is_cancelled(self.job):
            return "cancelled"
        metrics.add_metric("JobWaitSeconds", MetricUnit.Seconds, time.time() - self.job.created_at.timestamp())
        return endpoint_client.health()

    def _make_plan(self) -> Outcome:
        if not job_store.read_plan(self.job):  # a try that died behind it may have made another
            limit = get_settings().max_text_characters
            job_store.put_plan(self.job, job_plan.plan(self.request.lines, limit, self._sentences))
        return Outcome(kind="done")

    def _sentences(self, line: Line) -> list[str]:
        speaker = voices.speaker(line.champion_id).champion_id
        try:
            said = endpoint_client.read(line.spoken_by(speaker), self.job.id, time.monotonic() + PART_SECONDS)
        except EndpointRefused:
            return job_plan.rough_sentences(line.text)
        return said.sentences

    def _spoken_part(self, index: int) -> Outcome:
        deadline = time.monotonic() + PART_SECONDS
        request_id = f"{self.job.id}-{index}"
        order = synthesis.resolve(self.plan[index].line)
        finished = synthesis.find(order, request_id, deadline) or synthesis.synthesise(order, request_id, deadline)
        description = finished.description
        part = SpokenPart(
            index=index,
            **finished.key._asdict(),
            duration=description.duration,
            spoken_text=description.spoken_text,
            segments=description.segments,
        )
        return Outcome(kind="done", part=part)

    def _joints(self) -> Iterator[Joint]:
        """The spoken parts in order, up to the first that is still to come."""
        over = self._over()
        for index in takewhile(over.__contains__, range(len(self.plan))):
            if index in self.spoken:
                yield Joint(self.spoken[index], self.plan[index].pause)

    def _over(self) -> set[int]:
        return self.spoken.keys() | self.skipped.keys()

    def _join(self) -> float:
        """Make one file of the parts, and its captions.

        Returns:
            Its seconds.
        """
        sound_format = FORMATS[self.request.format]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, jobs.audio_name(self.request))
            whole = join(((joint, _sound(joint.part)) for joint in self._joints()), sound_format, file)
            job_store.put_file(self.job, file.name, file, sound_format.content_type(whole.sample_rate))
        sentences = list(segments(whole.parts))
        for name, kind in jobs.CAPTIONS.items():
            written = captions.write(sentences, kind).encode()
            job_store.put_text(self.job, name, written, captions.MEDIA_TYPES[kind])
        job_store.put_parts(self.job, whole.parts)
        return round(whole.parts[-1].end, 3)

    def _tell(self, status: JobStatus) -> None:
        """Let the job's status be known, if it is another one."""
        with self._lock:
            if self.progress.status != status:
                self.progress.status = status
                self._keep_progress()

    def _keep_progress(self) -> None:
        """Write how far the job is; where that fails the next time will do."""
        characters = [len(each.line.text) for each in self.plan]
        if characters:
            over = sum(characters[index] for index in self._over())
            self.progress.progress = round(over / sum(characters), 4)
        self.progress.skipped = [self.skipped[index] for index in sorted(self.skipped)]
        try:
            job_store.put_parts(self.job, place(self._joints()))
            job_store.put_progress(self.job, self.progress)
        except StorageFailed:
            logger.warning("progress not kept")

    def _keep_end(self) -> None:
        self.progress.skipped = [self.skipped[index] for index in sorted(self.skipped)]
        job_store.put_progress(self.job, self.progress)
        metrics.add_metric(f"Jobs{self.progress.status.title()}", MetricUnit.Count, 1)
        if self.progress.problem and self.progress.problem.status >= 500:
            metrics.add_metric("JobsBroken", MetricUnit.Count, 1)  # not by what was asked for
        logger.info("job over", status=self.progress.status, parts=len(self.spoken))

    def _call_back(self) -> None:
        """Tell the caller's server; its answer is not kept."""
        url, key = self.request.callback_url, self.request.callback_key
        if url and key:
            data = {"id": self.job.id, "status": self.progress.status}
            told = {"type": f"job.{self.progress.status}", "timestamp": datetime.now(UTC).isoformat(), "data": data}
            job_callbacks.tell(url, key, self.job.id, json.dumps(told).encode())


AWAY = ("at_zero", "starting")
"""How the endpoint is while it has no instance."""


def _until_there_is_capacity(status: str, looks: int) -> WaitForConditionDecision:
    if looks >= CAPACITY_LOOKS or status not in AWAY:
        return WaitForConditionDecision.stop_polling()
    return WaitForConditionDecision.continue_waiting(Duration.from_seconds(CAPACITY_SECONDS))


def _kept(read: Callable[[JobName], Kept], job: JobName) -> Kept:
    """What is kept of a job; where S3 does not answer, Lambda calls again in a while.

    Raises:
        InvocationError: S3 did not answer.
    """
    try:
        return read(job)
    except StorageFailed as error:
        raise InvocationError(error.detail) from error


def _sound(part: SpokenPart) -> bytes:
    """The sound file of a part.

    Raises:
        StorageFailed: S3 did not answer, or has it no more.
    """
    sound = audio_store.open_sound(Key(part.digest, part.extension, part.champion_id))
    if sound is None:
        raise StorageFailed("A part of the job is no longer in the storage. Ask for the job again.")
    return sound.read()


def _given_up(error_type: str | None, message: str | None) -> Progress:
    """How a job has failed whose step was tried for the last time, in words for the caller."""
    statuses = {kind.__name__: int(kind.status) for kind in Problem.__subclasses__()}
    name = _class_name(error_type)
    if name in statuses and message:
        return _failed(message, statuses[name])
    logger.error("job crashed", error_type=error_type)
    return _failed(CRASHED, Problem.status)


def _class_name(error_type: str | None) -> str:
    """The engine keeps an exception's class with its module before it."""
    return (error_type or "").rpartition(".")[2]


def _failed(detail: str, status: int) -> Progress:
    problem = ProblemDocument(title="The job failed", status=status, detail=detail)
    return Progress(status="failed", problem=problem)
