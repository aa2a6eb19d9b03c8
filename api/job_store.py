"""What is kept of jobs, in S3 beside the finished audio.

jobs/{owner}/{id}/request.json      what was asked for; where this is, there is the job
jobs/{owner}/{id}/plan.json         its parts, once it is known how the text is cut
jobs/{owner}/{id}/parts.json        those that are spoken, with their places
jobs/{owner}/{id}/progress.json     how far it is; written after the parts that it counts
jobs/{owner}/{id}/cancelled         it is not to go on
jobs/{owner}/{id}/audio.{extension}, captions.vtt, subtitles.srt
jobs/keys/{owner}/{hash}.json       the job that an Idempotency-Key stands for

The API writes request.json, cancelled and the keys; the durable function everything else, so that neither can undo what
the other has written. Of a job that Lambda has ended without a word the API writes progress.json.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from botocore.exceptions import ClientError
from pydantic import BaseModel, TypeAdapter

import s3
from contract.formats import JSON
from job_name import JobName
from job_schemas import JobRequest, PlacedPart, PlannedPart, Progress
from settings import get_settings

Shape = TypeVar("Shape", bound=BaseModel)

_PLAN = TypeAdapter(list[PlannedPart])
_PARTS = TypeAdapter(list[PlacedPart])


class KeptKey(BaseModel):
    """What an Idempotency-Key stands for: a job, and the hash of what was asked for by it."""

    job_id: str
    digest: str


def keep_key(owner: str, idempotency_key: str, kept: KeptKey) -> KeptKey:
    """Let an Idempotency-Key stand for a job, unless it does for one already.

    Returns:
        What it stands for from now on, or has stood for before.

    Raises:
        StorageFailed: S3 did not answer.
    """
    name = f"jobs/keys/{owner}/{hashlib.sha256(idempotency_key.encode()).hexdigest()}.json"
    if _put(name, kept.model_dump_json().encode(), JSON, only_new=True):
        return kept
    return _read(name, KeptKey) or kept


def put_request(job: JobName, request: JobRequest) -> None:
    """Keep what was asked for.

    Raises:
        StorageFailed: S3 did not answer.
    """
    _put(job.key("request.json"), request.model_dump_json(exclude_none=True, exclude_unset=True).encode(), JSON)


def delete_request(job: JobName) -> None:
    """Let there be no such job.

    Raises:
        StorageFailed: S3 did not answer.
    """
    with s3.storage_errors():
        s3.client().delete_object(Bucket=get_settings().audio_bucket, Key=job.key("request.json"))


def read_request(job: JobName) -> JobRequest | None:
    """What was asked for; None where there is no such job.

    Raises:
        StorageFailed: S3 did not answer.
    """
    return _read(job.key("request.json"), JobRequest)


def put_plan(job: JobName, plan: list[PlannedPart]) -> None:
    """Keep the parts that a job is spoken in.

    Raises:
        StorageFailed: S3 did not answer.
    """
    _put(job.key("plan.json"), _PLAN.dump_json(plan), JSON)


def read_plan(job: JobName) -> list[PlannedPart]:
    """The parts that a job is spoken in; none before that is known.

    Raises:
        StorageFailed: S3 did not answer.
    """
    kept = _get(job.key("plan.json"))
    return _PLAN.validate_json(kept) if kept else []


def put_parts(job: JobName, parts: list[PlacedPart]) -> None:
    """Keep the parts that can be heard, with their places.

    Raises:
        StorageFailed: S3 did not answer.
    """
    _put(job.key("parts.json"), _PARTS.dump_json(parts), JSON)


def put_progress(job: JobName, progress: Progress) -> None:
    """Keep how far a job is, and that this is so now.

    Raises:
        StorageFailed: S3 did not answer.
    """
    now = progress.model_copy(update={"told_at": datetime.now(UTC)})
    _put(job.key("progress.json"), now.model_dump_json().encode(), JSON)


def read_progress(job: JobName) -> Progress | None:
    """How far a job is; None before it has begun.

    Raises:
        StorageFailed: S3 did not answer.
    """
    return _read(job.key("progress.json"), Progress)


def read_parts(job: JobName) -> list[PlacedPart]:
    """The parts of a job that can be heard.

    Raises:
        StorageFailed: S3 did not answer.
    """
    kept = _get(job.key("parts.json"))
    return _PARTS.validate_json(kept) if kept else []


def cancel(job: JobName) -> None:
    """Have a job not go on.

    Raises:
        StorageFailed: S3 did not answer.
    """
    _put(job.key("cancelled"), b"", "text/plain")


def is_cancelled(job: JobName) -> bool:
    """Whether a job is not to go on.

    Raises:
        StorageFailed: S3 did not answer.
    """
    return _get(job.key("cancelled")) is not None


def put_text(job: JobName, name: str, body: bytes, content_type: str) -> None:
    """Keep a small file of a job.

    Raises:
        StorageFailed: S3 did not answer.
    """
    _put(job.key(name), body, content_type)


def put_file(job: JobName, name: str, file: Path, content_type: str) -> None:
    """Keep a file of a job; a large one goes up in pieces.

    Raises:
        StorageFailed: S3 did not answer.
    """
    headers = {
        "ContentType": content_type,
        "ContentDisposition": f'inline; filename="{job.id[-8:]}-{name}"',
    }
    with s3.storage_errors():
        s3.client().upload_file(str(file), get_settings().audio_bucket, job.key(name), ExtraArgs=headers)


def url(job: JobName, name: str) -> str:
    """Sign a URL under which a file of a job can be downloaded for a while, by anybody who has it."""
    return s3.link(get_settings().audio_bucket, job.key(name))


def list_names(owner: str, limit: int, after: str | None) -> list[JobName]:
    """Jobs of an owner, the newest first.

    Args:
        owner: whose.
        limit: at most so many, up to 1000.
        after: the id of the job that is older than none of them; None to begin with the newest.

    Raises:
        StorageFailed: S3 did not answer.
    """
    folder = f"jobs/{owner}/"
    # "~" sorts behind all that is in a job's folder.
    beyond = f"{folder}{after}/~" if after else folder
    with s3.storage_errors():
        listed = s3.client().list_objects_v2(
            Bucket=get_settings().audio_bucket, Prefix=folder, Delimiter="/", MaxKeys=limit, StartAfter=beyond
        )
    prefixes = (str(each["Prefix"]) for each in listed.get("CommonPrefixes", []))
    return [JobName(owner, prefix.removeprefix(folder).rstrip("/")) for prefix in prefixes]


def _read(key: str, shape: type[Shape]) -> Shape | None:
    kept = _get(key)
    return shape.model_validate_json(kept) if kept else None


def _get(key: str) -> bytes | None:
    """An object; None where it is missing."""
    stored = s3.get(get_settings().audio_bucket, key)
    if stored is None:
        return None
    with s3.storage_errors():
        return stored["Body"].read()


def _put(key: str, body: bytes, content_type: str, only_new: bool = False) -> bool:
    """Write an object.

    Returns:
        False where only a new one was to be written and there is one.
    """
    condition = {"IfNoneMatch": "*"} if only_new else {}
    with s3.storage_errors():
        try:
            s3.client().put_object(
                Bucket=get_settings().audio_bucket,
                Key=key,
                Body=body,
                ContentType=content_type,
                **condition,  # type: ignore[arg-type]
            )
        except ClientError as error:
            if only_new and error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"):
                return False
            raise
    return True
