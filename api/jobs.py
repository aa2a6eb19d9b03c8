"""The use case of jobs: they are asked for, looked at and cancelled here; `job_handler` does them."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import audio_store
import durable
import job_name
import job_plan
import job_store
import s3
import voices
from audio_store import Key
from captions import CaptionFormat
from contract.formats import FORMATS
from contract.problem import CRASHED, FieldError, Problem, ProblemDocument, TextTooLong, check_length
from job_name import JobName
from job_schemas import (
    FINAL_STATUSES,
    MAX_JOB_CHARACTERS,
    Job,
    JobList,
    JobPart,
    JobRequest,
    JobSummary,
    PlacedPart,
    Progress,
)
from job_store import KeptKey
from observability import logger
from problems import Conflict, UnknownJob
from settings import get_settings

JOB_HOURS = 24
"""After which a job is given up, as DurableConfig in template.yaml has it."""
QUIET = timedelta(minutes=10)
"""After so long without a word it is asked whether Lambda is still at a job."""
CAPTIONS: dict[str, CaptionFormat] = {"captions.vtt": "vtt", "subtitles.srt": "srt"}
"""The files of captions of a job."""


def create(owner: str, request: JobRequest, idempotency_key: str | None) -> JobName:
    """Have a job done.

    Args:
        owner: whose it is.
        request: what is to be said.
        idempotency_key: the same key and request are the same job.

    Raises:
        TextTooLong: it has more characters than a job may have, or a line of its script more than a line.
        InvalidRequest: it holds SSML that is longer than a line can be.
        UnknownChampion: one of its champions is not there, and no fallback.
        Conflict: the key stands for another request.
        StorageFailed: S3 did not answer.
        JobNotStarted: Lambda did not.
    """
    characters = sum(len(line.text) for line in request.lines)
    if characters > MAX_JOB_CHARACTERS:
        reason = f"has {characters:,} characters; a job has at most {MAX_JOB_CHARACTERS:,}"
        raise TextTooLong(f"The text {reason}.", errors=[FieldError(field="text", reason=reason)])
    limit = get_settings().max_text_characters
    for line in request.lines:
        job_plan.check(line, limit)
    for line in request.script or []:
        check_length(line.text, limit)
    for champion_id in {line.champion_id for line in request.lines}:
        voices.speaker(champion_id)
    job = job_name.new(owner)
    if idempotency_key is not None:
        digest = hashlib.sha256(request.model_dump_json().encode()).hexdigest()
        kept = job_store.keep_key(owner, idempotency_key, KeptKey(job_id=job.id, digest=digest))
        if kept.digest != digest:
            raise Conflict("This Idempotency-Key was sent with another request. Send a new key with a new request.")
        job = JobName(owner, kept.job_id)
    # All from here on may be done again: a repeat with the same key ends what the first try began.
    job_store.put_request(job, request)
    try:
        durable.start(job)
    except Problem:
        job_store.delete_request(job)
        raise
    logger.info("job asked for", job_id=job.id, characters=characters, lines=len(request.lines))
    return job


def get(job: JobName) -> Job:
    """How far a job is.

    Raises:
        UnknownJob: this owner has no such job.
        StorageFailed: S3 did not answer.
    """
    request, progress, placed, cancelled = s3.together(
        *_bound(job, job_store.read_request, job_store.read_progress, job_store.read_parts, job_store.is_cancelled)
    )
    if request is None:
        raise UnknownJob(f"There is no job {job.id!r}. GET /jobs lists yours.")
    progress = progress if cancelled else _looked_after(job, progress)
    summary = _summary(job, progress, cancelled)
    done = summary.status == "succeeded"
    return Job(
        **summary.model_dump(),
        parts=[_part(each) for each in placed],
        skipped=progress.skipped if progress else [],
        format=request.format,
        duration=progress.duration if progress and done else None,
        audio_url=job_store.url(job, audio_name(request)) if done else None,
        captions_url=job_store.url(job, "captions.vtt") if done else None,
        subtitles_url=job_store.url(job, "subtitles.srt") if done else None,
        spoken_text=" ".join(each.part.spoken_text for each in placed) if done else None,
        problem=_problem(summary, progress),
    )


def list_jobs(owner: str, limit: int, after: str | None) -> JobList:
    """Jobs of an owner, the newest first.

    Args:
        owner: whose.
        limit: at most so many.
        after: the id of a job, to see older ones.

    Raises:
        StorageFailed: S3 did not answer.
    """
    names = job_store.list_names(owner, limit, after)
    asked = (call for job in names for call in _bound(job, job_store.read_progress, job_store.is_cancelled))
    answers = s3.together(*asked)
    summaries = [_summary(job, *answers[2 * at : 2 * at + 2]) for at, job in enumerate(names)]
    return JobList(jobs=summaries, next=names[-1].id if len(names) == limit else None)


def cancel(job: JobName) -> Job:
    """Have a job not go on: no further part is spoken. One that is over stays as it is.

    Raises:
        UnknownJob: this owner has no such job.
        StorageFailed: S3 did not answer.
    """
    found = get(job)
    if found.status in FINAL_STATUSES:
        return found
    job_store.cancel(job)
    return get(job)


def audio_name(request: JobRequest) -> str:
    """The name of the file that a job ends in."""
    return f"audio.{FORMATS[request.format].extension}"


def _bound(job: JobName, *reads: Callable[[JobName], object]) -> list[Callable[[], object]]:
    return [lambda read=read: read(job) for read in reads]  # type: ignore[misc]


def _summary(job: JobName, progress: Progress | None, cancelled: bool) -> JobSummary:
    progress = progress or Progress(status="queued")
    status = progress.status
    if status not in FINAL_STATUSES:
        if cancelled:
            status = "cancelled"
        elif _given_up(job):
            status = "failed"
    return JobSummary(id=job.id, status=status, progress=progress.progress, created_at=job.created_at)


def _looked_after(job: JobName, progress: Progress | None) -> Progress | None:
    """How far a job is; one that Lambda has ended without a word has failed from now on."""
    heard = (progress and progress.told_at) or job.created_at
    is_final = progress is not None and progress.status in FINAL_STATUSES
    if is_final or datetime.now(UTC) - heard < QUIET or not durable.is_over(job):
        return progress
    last = job_store.read_progress(job) or Progress(status="queued")  # it may have ended well in the meantime
    if last.status in FINAL_STATUSES:
        return last
    problem = ProblemDocument(title="Job given up", status=500, detail=CRASHED)
    broken = last.model_copy(update={"status": "failed", "problem": problem})
    job_store.put_progress(job, broken)
    return broken


def _given_up(job: JobName) -> bool:
    """Whether Lambda has ended a job by now, which it does without a word."""
    return datetime.now(UTC) - job.created_at > timedelta(hours=JOB_HOURS)


def _problem(summary: JobSummary, progress: Progress | None) -> ProblemDocument | None:
    if summary.status != "failed":
        return None
    if progress and progress.problem:
        return progress.problem
    reason = f"It was not done after {JOB_HOURS} hours." if _given_up(JobName("", summary.id)) else CRASHED
    return ProblemDocument(title="Job given up", status=500, detail=reason)


def _part(placed: PlacedPart) -> JobPart:
    part = placed.part
    return JobPart(
        index=part.index,
        text=" ".join(segment.text for segment in part.segments),
        start=placed.start,
        end=placed.end,
        audio_url=audio_store.url(Key(part.digest, part.extension, part.champion_id)),
    )
