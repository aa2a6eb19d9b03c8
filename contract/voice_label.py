"""A recording's label: its transcript and what else is known of a voice, in the metadata of the recording in S3.

Recording and transcript are two objects, and S3 replaces one after the other. A label makes one object of them: what it
says is said in that very recording, and reference.txt is a copy of it, for people and for listings. Whoever reads while
a voice is replaced gets the old recording with its transcript, or the new one with its own: the recording is written
first, and that alone decides. A recording that was put by hand has no label: its reference.txt counts, as it does
where a person wrote it after the label.
"""

import base64
import hashlib
import uuid
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict

from contract.recording.finding import Finding
from contract.recording.kinds import media_type_of
from contract.recording.measures import Measures
from contract.references import RECORDING, TRANSCRIPT, key

METADATA = "voice"  # the name in S3's metadata, x-amz-meta-voice
COPIED = {METADATA: "copied from the label"}
"""Metadata of a reference.txt that was not written by a person."""

MAX_LABEL_BYTES = 1900  # S3 takes 2 KB of metadata, names included
MAX_UNPACKED_BYTES = 64 * 1024

Put: TypeAlias = dict[str, Any]
"""Arguments of S3's PutObject, but for the bucket and a condition."""


class Label(BaseModel):
    """What is known of a voice.

    Attributes:
        transcript: what is said in the recording, as reference.txt holds it.
        measures: the recording in numbers, as it was when it was taken.
        revision: another one each time that the voice is written.
        stale_etag: S3's ETag of the reference.txt that stood there before, and is not what is said.
        consent_by: who agreed to the voice being cloned; None where nobody was asked for it.
        request: a digest of the Idempotency-Key that the voice was written under.
        content: a digest of what was sent under it.
        created: whether there was no such voice before.
    """

    model_config = ConfigDict(frozen=True)

    transcript: str
    measures: Measures
    revision: str
    stale_etag: str | None = None
    consent_by: str | None = None
    request: str | None = None
    content: str | None = None
    created: bool = False

    @classmethod
    def new(cls, transcript: str, measures: Measures, consent_by: str | None = None) -> "Label":
        """The label of a voice that is about to be written, with a revision of its own."""
        return cls(transcript=transcript, measures=measures, revision=uuid.uuid4().hex, consent_by=consent_by)

    @property
    def findings(self) -> list[Finding]:
        """What is wrong with it: S3 has room for any transcript that can be said in 12 s, and not for much more."""
        if len(self._packed()) <= MAX_LABEL_BYTES:
            return []
        return [Finding("transcript", "is longer than what can be said in 12 s: write down only what is said")]

    @property
    def said(self) -> "Transcript":
        """The transcript as reference.txt holds it."""
        data = self.transcript.encode()
        return Transcript(data, etag_of(data))

    def metadata(self) -> dict[str, str]:
        """The label as S3's metadata."""
        return {METADATA: self._packed()}

    @classmethod
    def read(cls, metadata: Mapping[str, str]) -> "Label | None":
        """The label in an object's metadata; None if there is none that can be read."""
        try:
            packed = base64.b64decode(metadata[METADATA], validate=True)
            return cls.model_validate_json(zlib.decompressobj().decompress(packed, MAX_UNPACKED_BYTES))
        except (KeyError, ValueError, zlib.error):
            return None

    def _packed(self) -> str:
        # Metadata is ASCII, and letters of many scripts take three bytes each.
        return base64.b64encode(zlib.compress(self.model_dump_json(exclude_defaults=True).encode(), 9)).decode()


class Transcript(NamedTuple):
    """What is said in a recording.

    Attributes:
        data: the text in UTF-8.
        etag: S3's ETag of a reference.txt that holds it.
    """

    data: bytes
    etag: str


def etag_of(data: bytes) -> str:
    """S3's ETag of what is put at once, unless it is encrypted with a key of one's own."""
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def transcript(label: Label | None, copy: Transcript, copy_metadata: Mapping[str, str]) -> Transcript:
    """What is said in a recording, whatever is being replaced meanwhile.

    Args:
        label: the recording's.
        copy: reference.txt as it was read.
        copy_metadata: its metadata.
    """
    if label is None:
        return copy
    by_a_person = copy_metadata.get(METADATA) != COPIED[METADATA] and copy.etag != label.stale_etag
    return copy if by_a_person else label.said


def put_recording(champion_id: str, recording: bytes, label: Label) -> Put:
    """How a recording is written, which replaces the voice; `put_copy` comes after it."""
    return {
        "Key": key(champion_id, RECORDING),
        "Body": recording,
        "Metadata": label.metadata(),
        "ContentType": media_type_of(recording),
    }


def put_copy(champion_id: str, label: Label) -> Put:
    """How the label's transcript is written for people and listings."""
    return {
        "Key": key(champion_id, TRANSCRIPT),
        "Body": label.said.data,
        "Metadata": COPIED,
        "ContentType": "text/plain; charset=utf-8",
    }
