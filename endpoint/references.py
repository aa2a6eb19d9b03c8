"""Champions' references: read from S3, prepared once, and read again when they change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from contract import references as stored
from contract import voice_label
from contract.problem import FieldError, InvalidRequest, Problem
from contract.recording.finding import ReferenceUnusableError
from contract.voice_label import Label, Transcript
from engine.checkpoint import MelSpecDescription
from engine.reference import Reference, prepare_reference
from recent import Recent
from storage import MAX_LOOKS, GoneError, StorageFailed, Stored, read

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_PREPARED = 256  # references kept in memory, about half a megabyte each
MAX_CHAMPIONS_LISTED = 10_000  # to find names like an unknown one


class BucketNotAllowed(Problem):
    """The invocation names a bucket that this endpoint does not read."""

    status = HTTPStatus.FORBIDDEN


class Voice(NamedTuple):
    """Who speaks, and the reference for it.

    Attributes:
        champion_id: whose reference it is.
        reference: ready for the network.
        recording_etag: S3's ETag of its recording.
        transcript_etag: S3's ETag of what is said in it.
        bucket: where it was read from.
        lexicon_etag: S3's ETag of the champion's own lexicon there; None where there is none.
    """

    champion_id: str
    reference: Reference
    recording_etag: str
    transcript_etag: str
    bucket: str
    lexicon_etag: str | None


class Ready(NamedTuple):
    """A reference ready for the network, and S3's ETag of what is said in it."""

    reference: Reference
    transcript_etag: str


Version: TypeAlias = tuple[str, str, str, datetime]
"""A bucket, the ETags of a recording and of reference.txt in it, and when the later of them was written."""


@dataclass(frozen=True)
class References:
    """The references in one or more buckets.

    Args:
        s3: a client that may list and read `champion-voices/` in these buckets.
        mel_spec: what to prepare references for.
        default_bucket: where to look if an invocation names no bucket; empty if it must name one.
        allowed_buckets: further buckets that an invocation may name.
        fallback_champion: who speaks instead of an unknown champion; None to answer with an error.
        prepared: the references that were prepared lately.
    """

    s3: S3Client
    mel_spec: MelSpecDescription
    default_bucket: str
    allowed_buckets: frozenset[str]
    fallback_champion: str | None
    prepared: Recent[Version, Ready] = field(default_factory=lambda: Recent(MAX_PREPARED))

    def get(self, champion_id: str, bucket: str | None) -> Voice:
        """The champion, or the fallback, with its reference as it stands in S3 now.

        One listing tells both files' ETags, so a reference that has not changed costs one call and no download. One
        that is replaced while it is read is read again.

        Raises:
            BucketNotAllowed: see there.
            UnknownChampion: there is no such champion and no fallback.
            InvalidRequest: the reference cannot be used.
            BotoCoreError, ClientError: S3 did not answer.
            StorageFailed: the reference is changed whenever it is about to be read.
        """
        bucket = self._allowed(bucket)
        for _ in range(MAX_LOOKS):
            try:
                return self._get(champion_id, bucket)
            except GoneError:
                continue
        raise StorageFailed

    def _get(self, champion_id: str, bucket: str) -> Voice:
        found = stored.choose(
            champion_id, self.fallback_champion, lambda name: self._find(bucket, name), lambda: self._names(bucket)
        )
        version = (bucket, found.recording_etag, found.transcript_etag, found.updated_at)
        reference, transcript_etag = self.prepared.get(version, lambda: self._prepare(bucket, found))
        return Voice(found.champion_id, reference, found.recording_etag, transcript_etag, bucket, found.lexicon_etag)

    def _allowed(self, bucket: str | None) -> str:
        if bucket is None and self.default_bucket:
            return self.default_bucket
        if bucket is not None and (bucket == self.default_bucket or bucket in self.allowed_buckets):
            return bucket
        reason = "this endpoint does not read champions from that bucket"
        raise BucketNotAllowed(f"voice_bucket: {reason}.", errors=[FieldError(field="voice_bucket", reason=reason)])

    def _find(self, bucket: str, champion_id: str) -> stored.StoredReference | None:
        listing = self.s3.list_objects_v2(Bucket=bucket, Prefix=stored.key(champion_id, ""))
        return next(iter(stored.complete(listing.get("Contents", []))), None)

    def _names(self, bucket: str) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=stored.PREFIX, Delimiter="/", PaginationConfig={"MaxItems": MAX_CHAMPIONS_LISTED}
        )
        folders = [folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", [])]
        return [folder.removeprefix(stored.PREFIX).removesuffix("/") for folder in folders]

    def _prepare(self, bucket: str, found: stored.StoredReference) -> Ready:
        if found.recording_bytes > stored.MAX_RECORDING_BYTES or found.transcript_bytes > stored.MAX_TRANSCRIPT_BYTES:
            raise _unusable(
                found.champion_id,
                f"{stored.RECORDING} may have {stored.MAX_RECORDING_BYTES} bytes and {stored.TRANSCRIPT} "
                f"{stored.MAX_TRANSCRIPT_BYTES}",
            )

        def stored_file(name: str, etag: str, limit: int) -> Stored:
            return read(self.s3, bucket, stored.key(found.champion_id, name), etag, limit)

        recording, metadata = stored_file(stored.RECORDING, found.recording_etag, stored.MAX_RECORDING_BYTES)
        copy, copy_metadata = stored_file(stored.TRANSCRIPT, found.transcript_etag, stored.MAX_TRANSCRIPT_BYTES)
        transcript = voice_label.transcript(
            Label.read(metadata), Transcript(copy, found.transcript_etag), copy_metadata
        )
        try:
            # In a thread that ends with it, and OpenMP's helpers with the thread: see `deployment.Replica`.
            with ThreadPoolExecutor(max_workers=1) as thread:
                text = transcript.data.decode("utf-8")
                reference = thread.submit(prepare_reference, recording, text, self.mel_spec).result()
        except UnicodeDecodeError as error:
            raise _unusable(found.champion_id, "the transcript is not UTF-8") from error
        except ReferenceUnusableError as error:
            raise _unusable(found.champion_id, str(error)) from error
        return Ready(reference, transcript.etag)


def _unusable(champion_id: str, reason: str) -> InvalidRequest:
    return InvalidRequest(
        f"The reference of champion {champion_id!r} cannot be used: {reason}.",
        errors=[FieldError(field="champion_id", reason=reason)],
    )
