"""The use case of the champions: who there is, and what is known of each."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import recordings
import s3
from contract import references, voice_label
from contract.references import StoredReference
from contract.voice_label import Label, Transcript
from observability import logger
from problems import StorageFailed
from settings import get_settings

MAX_DURATIONS = 4096  # kept in memory


@dataclass(frozen=True, slots=True)
class Voice:
    """A champion's voice.

    Attributes:
        champion_id: whose it is.
        updated_at: when it was last changed.
        duration: seconds of the recording; None if it cannot be read.
        said: its transcript.
        label: what else is known; None of a recording that was put by hand.
        etag: another one for another recording, transcript or label.
    """

    champion_id: str
    updated_at: datetime
    duration: float | None
    said: Transcript
    label: Label | None
    etag: str

    @property
    def transcript(self) -> str:
        """What is said in the recording.

        Raises:
            StorageFailed: it is not UTF-8.
        """
        try:
            return self.said.data.decode("utf-8-sig").strip()
        except UnicodeDecodeError as error:
            logger.error("transcript is not UTF-8", champion_id=self.champion_id)
            raise StorageFailed(f"The transcript of {self.champion_id!r} cannot be read.") from error


def list_voices() -> list[StoredReference]:
    """Every champion, by name.

    Raises:
        StorageFailed: S3 did not answer.
    """
    return _below(references.PREFIX)


def get(champion_id: str) -> StoredReference:
    """One champion.

    Args:
        champion_id: a valid champion id, so that it cannot reach out of its folder.

    Raises:
        UnknownChampion: there is no such champion.
        StorageFailed: S3 did not answer.
    """
    return references.choose(champion_id, None, _find, _names)


def speaker(champion_id: str) -> StoredReference:
    """The champion that speaks when this one is asked for: FALLBACK_CHAMPION in place of an unknown one.

    Args:
        champion_id: as for `get`.

    Raises:
        UnknownChampion: there is neither.
        StorageFailed: S3 did not answer.
    """
    return references.choose(champion_id, get_settings().fallback_champion, _find, _names)


def common_lexicon_etag() -> str | None:
    """S3's ETag of the lexicon that holds for all champions; None where there is none.

    Raises:
        StorageFailed: S3 did not answer.
    """
    with s3.storage_errors():
        listed = s3.client().list_objects_v2(
            Bucket=get_settings().voices_bucket, Prefix=references.COMMON_LEXICON_KEY, MaxKeys=1
        )
    return references.common_lexicon_etag(listed.get("Contents", []))


def look_at(champion_id: str) -> Voice:
    """All that is known of one champion.

    Args:
        champion_id: as for `get`.

    Raises:
        UnknownChampion: there is no such champion.
        StorageFailed: S3 did not answer.
    """
    return s3.until_settled(lambda: read(get(champion_id)))


def read(reference: StoredReference) -> Voice:
    """All that is known of a champion as it was found.

    Raises:
        ObjectChanged: it was replaced or deleted since.
        StorageFailed: S3 did not answer.
    """
    champion_id, recording_etag = reference.champion_id, reference.recording_etag
    label, (copy, copy_metadata) = s3.together(lambda: _label(champion_id, recording_etag), lambda: _copy(reference))
    said = voice_label.transcript(label, copy, copy_metadata)
    return Voice(
        reference.champion_id,
        reference.updated_at,
        label.measures.duration if label else _duration(reference),
        said,
        label,
        etag(reference.recording_etag, said.etag, label),
    )


def etag(recording_etag: str, transcript_etag: str, label: Label | None) -> str:
    """The ETag of a voice, as HTTP has it, quotes and all.

    Args:
        recording_etag: S3's.
        transcript_etag: S3's, of what is said.
        label: the recording's.
    """
    parts = (recording_etag, transcript_etag, label.revision if label else "")
    return f'"{hashlib.sha256(" ".join(parts).encode()).hexdigest()[:32]}"'


def durations(found: list[StoredReference]) -> list[float | None]:
    """The seconds of champions' recordings; None for one that cannot be read.

    Raises:
        StorageFailed: S3 did not answer.
    """
    return s3.together(*(lambda reference=reference: _duration(reference) for reference in found))


def sample_url(champion_id: str) -> str:
    """Sign a URL under which a champion's recording can be heard for a while, by anybody who has it."""
    return s3.link(get_settings().voices_bucket, references.key(champion_id, references.RECORDING))


def _duration(reference: StoredReference) -> float | None:
    try:
        return _kept_duration(reference.champion_id, reference.recording_etag, reference.recording_bytes)
    except s3.ObjectChanged:
        return None  # it went between the listing and now


@lru_cache(MAX_DURATIONS)
def _kept_duration(champion_id: str, recording_etag: str, recording_bytes: int) -> float | None:
    if label := _label(champion_id, recording_etag):
        return label.measures.duration
    if recording_bytes > references.MAX_RECORDING_BYTES:
        return None
    name = references.key(champion_id, references.RECORDING)
    with s3.condition():
        stored = s3.client().get_object(Bucket=get_settings().voices_bucket, Key=name, IfMatch=recording_etag)
        return recordings.seconds(stored["Body"].read())


def _label(champion_id: str, recording_etag: str) -> Label | None:
    name = references.key(champion_id, references.RECORDING)
    with s3.condition():
        stored = s3.client().head_object(Bucket=get_settings().voices_bucket, Key=name, IfMatch=recording_etag)
    return Label.read(stored["Metadata"])


def _copy(reference: StoredReference) -> tuple[Transcript, dict[str, str]]:
    """The file of a transcript, and its metadata."""
    name = references.key(reference.champion_id, references.TRANSCRIPT)
    with s3.condition():
        stored = s3.client().get_object(
            Bucket=get_settings().voices_bucket, Key=name, IfMatch=reference.transcript_etag
        )
        return Transcript(stored["Body"].read(), reference.transcript_etag), stored["Metadata"]


def _find(champion_id: str) -> StoredReference | None:
    # One listing tells of both files.
    return next(iter(_below(references.key(champion_id, ""))), None)


def _names() -> list[str]:
    return [reference.champion_id for reference in list_voices()]


def _below(prefix: str) -> list[StoredReference]:
    with s3.storage_errors():
        listing = s3.client().get_paginator("list_objects_v2")
        pages = listing.paginate(Bucket=get_settings().voices_bucket, Prefix=prefix)
        return references.complete(stored for page in pages for stored in page.get("Contents", []))
