"""Champions' references: read from S3, prepared once, and read again when they change."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING

from contract.recording import ReferenceUnusableError
from engine.checkpoint import MelSpecDescription
from engine.reference import Reference, prepare_reference
from failures import InvocationError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX = "champion-voices/"
MAX_RECORDING_BYTES = 32 * 1024 * 1024
MAX_TRANSCRIPT_BYTES = 16 * 1024
MAX_PREPARED = 256  # references kept in memory, about half a megabyte each
MAX_NAMES_TOLD = 50


@dataclass(frozen=True)
class References:
    """The references in one or more buckets.

    Args:
        s3: a client that may list and read `champion-voices/` in these buckets.
        mel_spec: what to prepare references for.
        default_bucket: where to look if an invocation names no bucket; empty if it must name one.
        allowed_buckets: further buckets that an invocation may name.
        fallback_champion: who speaks instead of an unknown champion; None to answer with an error.
    """

    s3: S3Client
    mel_spec: MelSpecDescription
    default_bucket: str
    allowed_buckets: frozenset[str]
    fallback_champion: str | None
    _prepared: OrderedDict[tuple[str, str, str], Reference] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, champion_id: str, bucket: str | None) -> Reference:
        """The champion's reference as it stands in S3 now.

        One listing tells both files' ETags, so a reference that has not changed costs one call and no download.

        Raises:
            InvocationError: 403 if the bucket is not allowed, 404 if there is no such champion, 422 if the reference
                cannot be used.
        """
        bucket = self._allowed(bucket)
        found = self._listed(bucket, champion_id)
        if found is None and self.fallback_champion is not None:
            champion_id = self.fallback_champion
            found = self._listed(bucket, champion_id)
        if found is None:
            names = self._names(bucket)
            raise InvocationError(
                HTTPStatus.NOT_FOUND, f"There is no champion {champion_id!r}. There are: {', '.join(names) or 'none'}."
            )
        recording_etag, transcript_etag = found
        key = (bucket, recording_etag, transcript_etag)
        with self._lock:
            if key in self._prepared:
                self._prepared.move_to_end(key)
                return self._prepared[key]
        reference = self._prepare(bucket, champion_id, recording_etag, transcript_etag)
        with self._lock:
            self._prepared[key] = reference
            while len(self._prepared) > MAX_PREPARED:
                self._prepared.popitem(last=False)
        return reference

    def _allowed(self, bucket: str | None) -> str:
        if bucket is None and self.default_bucket:
            return self.default_bucket
        if bucket is not None and (bucket == self.default_bucket or bucket in self.allowed_buckets):
            return bucket
        raise InvocationError(
            HTTPStatus.FORBIDDEN, "voice_bucket: this endpoint does not read champions from that bucket."
        )

    def _listed(self, bucket: str, champion_id: str) -> tuple[str, str] | None:
        """ETags of recording and transcript, or None if one of them is not there."""
        folder = f"{PREFIX}{champion_id}/"
        listing = self.s3.list_objects_v2(Bucket=bucket, Prefix=f"{folder}reference.")
        found = {item["Key"].removeprefix(folder): item for item in listing.get("Contents", [])}
        recording, transcript = found.get("reference.wav"), found.get("reference.txt")
        if recording is None or transcript is None:
            return None
        if recording["Size"] > MAX_RECORDING_BYTES or transcript["Size"] > MAX_TRANSCRIPT_BYTES:
            raise _unusable(
                champion_id,
                f"reference.wav may have {MAX_RECORDING_BYTES} bytes and reference.txt {MAX_TRANSCRIPT_BYTES}",
            )
        return recording["ETag"], transcript["ETag"]

    def _names(self, bucket: str) -> list[str]:
        listing = self.s3.list_objects_v2(Bucket=bucket, Prefix=PREFIX, Delimiter="/", MaxKeys=MAX_NAMES_TOLD)
        folders = [folder["Prefix"] for folder in listing.get("CommonPrefixes", [])]
        return [folder.removeprefix(PREFIX).removesuffix("/") for folder in folders]

    def _prepare(self, bucket: str, champion_id: str, recording_etag: str, transcript_etag: str) -> Reference:
        folder = f"{PREFIX}{champion_id}/"
        recording = self.s3.get_object(Bucket=bucket, Key=f"{folder}reference.wav", IfMatch=recording_etag)
        transcript = self.s3.get_object(Bucket=bucket, Key=f"{folder}reference.txt", IfMatch=transcript_etag)
        try:
            wave, text = recording["Body"].read(), transcript["Body"].read().decode("utf-8")
            # In a thread that ends with it, and OpenMP's helpers with the thread: see `deployment.Endpoint`.
            with ThreadPoolExecutor(max_workers=1) as thread:
                return thread.submit(prepare_reference, wave, text, self.mel_spec).result()
        except (ReferenceUnusableError, UnicodeDecodeError) as error:
            reason = "the transcript is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
            raise _unusable(champion_id, reason) from error


def _unusable(champion_id: str, reason: str) -> InvocationError:
    return InvocationError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        f"The reference of champion {champion_id!r} cannot be used: {reason}.",
        fields=[("champion_id", reason)],
    )
