"""The use case of whoever keeps the voices: a voice is added, replaced or deleted, and whoever speaks notices at once.

champion-voices/{champion_id}/    see contract/references.py and contract/voice_label.py
voice-uploads/{champion_id}/      recordings that were too large for a request; they count only once they are checked

A voice is replaced by one write, that of its recording, whose label holds all the rest. The write has a condition: that
the recording is still the one that was looked at. Of two who replace the same recording by itself at the same moment,
with different transcripts, the later one wins.
"""

import hashlib
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple, TypeAlias

import recordings
import s3
import voices
from contract import references, voice_label
from contract.problem import FieldError, refused_field, refused_fields
from contract.references import MAX_RECORDING_BYTES, RECORDING, TRANSCRIPT
from contract.voice_label import Label
from observability import logger
from problems import ConditionFailed, Conflict
from settings import get_settings
from voice_schemas import OfferedVoice, Upload
from voices import Voice

MAX_VOICES = 1000
UPLOADS = "voice-uploads/"
UPLOAD_SECONDS = 15 * 60
DIGEST_CHARACTERS = 32

Condition: TypeAlias = Callable[[str | None], bool]
"""Whether a voice may be written; it is given the ETag of the one that is there, None where there is none."""


class Written(NamedTuple):
    """A voice as it was written, and whether there was none before."""

    voice: Voice
    created: bool


class _Standing(NamedTuple):
    """What there is of a voice: S3's ETags of its files, and the voice if both are there."""

    recording_etag: str | None
    transcript_etag: str | None
    voice: Voice | None


def put(champion_id: str, offered: OfferedVoice, condition: Condition, idempotency_key: str | None) -> Written:
    """Add a voice or replace it.

    Args:
        champion_id: a valid champion id, so that it cannot reach out of its folder.
        offered: the recording, its transcript and who agreed.
        condition: holds for the voice that is replaced.
        idempotency_key: names the request: the same one again changes nothing and is answered as the first was.

    Raises:
        InvalidRequest: the recording cannot be cloned, or its transcript is not what is said in it.
        ConditionFailed: the condition does not hold.
        Conflict: another voice was put under the key, or there are MAX_VOICES.
        StorageFailed: S3 did not answer.
    """
    request, content = idempotency_key and _digest(idempotency_key.encode()), _content(offered)
    standing = _look_at(champion_id)
    if (before := standing.voice) and request and before.label and before.label.request == request:
        if before.label.content != content:
            raise Conflict("Another voice was put under this Idempotency-Key. Give each request a key of its own.")
        if before.said.etag != standing.transcript_etag:
            _settle_copy(champion_id, before.label)  # the first one broke off before it did
        return Written(before, before.label.created)
    _check(condition, standing.voice)
    if standing.voice is None and len(voices.list_voices()) >= MAX_VOICES:
        raise Conflict(f"There are {MAX_VOICES:,} voices, which is as many as there can be. Delete one first.")
    recording = _recording(champion_id, offered)
    label = label_of(recording, offered).model_copy(
        update={"request": request, "content": content if request else None}
    )

    def replace() -> Written:
        standing = _look_at(champion_id)
        _check(condition, standing.voice)
        created = standing.voice is None
        whole = label.model_copy(update={"stale_etag": standing.transcript_etag, "created": created})
        recording_etag = _write_recording(champion_id, recording, whole, standing.recording_etag)
        etag = voices.etag(recording_etag, whole.said.etag, whole)
        now = datetime.now(UTC).replace(microsecond=0)
        return Written(Voice(champion_id, now, whole.measures.duration, whole.said, whole, etag), created)

    written = s3.until_settled(replace)
    _settle_copy(champion_id, written.voice.label)
    if offered.upload:
        _delete(_upload_key(champion_id, offered.upload))
    logger.info("voice written", champion_id=champion_id, is_new=written.created)
    return written


def delete(champion_id: str, condition: Condition) -> None:
    """Delete a voice.

    Args:
        champion_id: as for `put`.
        condition: holds for the voice.

    Raises:
        UnknownChampion: there is no such voice.
        ConditionFailed: the condition does not hold.
        StorageFailed: S3 did not answer.
    """

    def remove() -> None:
        found = voices.get(champion_id)
        _check(condition, voices.read(found))
        with s3.condition():
            s3.client().delete_object(
                Bucket=get_settings().voices_bucket,
                Key=references.key(champion_id, RECORDING),
                IfMatch=found.recording_etag,
            )

    s3.until_settled(remove)
    _settle_copy(champion_id, None)
    logger.info("voice deleted", champion_id=champion_id)


def offer_upload(champion_id: str, size: int) -> Upload:
    """Sign a URL to which a recording can be sent that is too large for a request. It counts once it is put.

    Args:
        champion_id: as for `put`.
        size: bytes of the recording; S3 takes no other number of them.
    """
    name = uuid.uuid4().hex
    url = s3.client().generate_presigned_url(
        "put_object",
        Params={
            "Bucket": get_settings().voices_bucket,
            "Key": _upload_key(champion_id, name),
            "ContentLength": size,
        },
        ExpiresIn=UPLOAD_SECONDS,
    )
    return Upload(upload=name, upload_url=url, expires_in_seconds=UPLOAD_SECONDS)


def _look_at(champion_id: str) -> _Standing:
    """What there is of a voice now, whole or in part."""

    def look() -> _Standing:
        with s3.storage_errors():
            listed = s3.client().list_objects_v2(
                Bucket=get_settings().voices_bucket, Prefix=references.key(champion_id, "")
            )
        files = listed.get("Contents", [])
        etags = {stored["Key"]: stored["ETag"] for stored in files}
        found = next(iter(references.complete(files)), None)
        return _Standing(
            etags.get(references.key(champion_id, RECORDING)),
            etags.get(references.key(champion_id, TRANSCRIPT)),
            voices.read(found) if found else None,
        )

    return s3.until_settled(look)


def _check(condition: Condition, voice: Voice | None) -> None:
    if not condition(voice.etag if voice else None):
        raise ConditionFailed(
            "The voice is not as If-Match or If-None-Match says: somebody else has changed it, or it is there already. "
            "GET it, and decide anew."
        )


def _recording(champion_id: str, offered: OfferedVoice) -> bytes:
    if offered.audio is not None:
        return offered.audio
    try:
        with s3.condition():
            sent = s3.client().get_object(
                Bucket=get_settings().voices_bucket, Key=_upload_key(champion_id, str(offered.upload))
            )
            if sent["ContentLength"] > MAX_RECORDING_BYTES:
                raise refused_field(
                    "upload", f"has {sent['ContentLength']} bytes: make it at most {MAX_RECORDING_BYTES}"
                )
            return sent["Body"].read()
    except s3.ObjectChanged:
        raise refused_field("upload", "is not there (any more): send the file to its upload_url first") from None


def label_of(recording: bytes, offered: OfferedVoice) -> Label:
    """The label of a recording that a voice can be cloned from.

    Raises:
        InvalidRequest: no voice can be cloned from it, or its transcript is not what is said in it.
    """
    findings, measures = recordings.examine(recording, offered.transcript)
    if measures:
        label = Label.new(offered.transcript, measures, offered.consent_by)
        findings = findings + label.findings
        if not findings:
            return label
    fields = {"transcript": "transcript", "recording": "audio" if offered.audio is not None else "upload"}
    raise refused_fields([FieldError(field=fields[finding.part], reason=finding.problem) for finding in findings])


def _write_recording(champion_id: str, recording: bytes, label: Label, replaced_etag: str | None) -> str:
    """Write a recording over the one that was looked at, or where there was none.

    Returns:
        S3's ETag of it.

    Raises:
        ObjectChanged: somebody else has written it meanwhile.
    """
    put = voice_label.put_recording(champion_id, recording, label)
    put |= {"IfMatch": replaced_etag} if replaced_etag else {"IfNoneMatch": "*"}
    with s3.condition():
        return s3.client().put_object(Bucket=get_settings().voices_bucket, **put)["ETag"]


def _settle_copy(champion_id: str, label: Label | None) -> None:
    """Write a label's transcript beside its recording, or delete it where there is none, whoever writes meanwhile."""
    bucket = get_settings().voices_bucket
    while True:
        if label:
            with s3.storage_errors():
                s3.client().put_object(Bucket=bucket, **voice_label.put_copy(champion_id, label))
        else:
            _delete(references.key(champion_id, TRANSCRIPT))
        try:
            with s3.condition():
                stored = s3.client().head_object(Bucket=bucket, Key=references.key(champion_id, RECORDING))
            there = Label.read(stored["Metadata"])
            if there is None:
                return  # put by hand
        except s3.ObjectChanged:
            there = None
        if there == label:
            return
        label = there


def _delete(name: str) -> None:
    with s3.storage_errors():
        s3.client().delete_object(Bucket=get_settings().voices_bucket, Key=name)


def _upload_key(champion_id: str, name: str) -> str:
    return f"{UPLOADS}{champion_id}/{name}"


def _content(offered: OfferedVoice) -> str:
    """A digest of all that was sent."""
    recording = offered.audio if offered.audio is not None else str(offered.upload).encode()
    parts = (recording, offered.transcript.encode(), offered.consent_by.encode())
    return _digest(b"".join(hashlib.sha256(part).digest() for part in parts))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:DIGEST_CHARACTERS]
