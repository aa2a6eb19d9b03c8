"""Finished audio, kept in S3 under a hash of everything that shapes it: audio/{hash}.{extension} and audio/{hash}.json.

The JSON describes the sound. It is written last, so where it is, the sound is whole.
"""

import hashlib
import json
from collections.abc import Callable
from typing import NamedTuple

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

import s3
from contract.formats import FORMATS, JSON
from contract.invocation import AudioDescription, DescribedAudio
from contract.line import Line
from contract.references import StoredReference
from observability import logger
from settings import get_settings


class Key(NamedTuple):
    """Where the audio of a line is kept.

    Attributes:
        sound: the sound's S3 key.
        description: that of what is known of the sound.
        file_name: what the sound is called when it is saved.
    """

    sound: str
    description: str
    file_name: str

    @property
    def disposition(self) -> str:
        """The Content-Disposition of the sound: it is played in place, and saved under its name."""
        return f'inline; filename="{self.file_name}"'


class Sound(NamedTuple):
    """A sound file that need not have been fetched yet.

    Attributes:
        size: bytes.
        read: gives the file; call it once at most. Raises StorageFailed if S3 breaks off.
    """

    size: int
    read: Callable[[], bytes]


class KeptAudio(NamedTuple):
    """Audio in the store."""

    description: AudioDescription
    sound: Sound


def key(line: Line, reference: StoredReference) -> Key:
    """Name the audio of a line: another line, format, reference or model is another name.

    Args:
        line: what is spoken, by the champion that speaks it.
        reference: that champion's.
    """
    shape = {
        **line.model_dump(),
        "audio_etag": reference.recording_etag,
        "transcript_etag": reference.transcript_etag,
        "model_id": get_settings().model_id,
    }
    canonical = json.dumps(shape, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    extension = FORMATS[line.format].extension
    return Key(
        sound=f"audio/{digest}.{extension}",
        description=f"audio/{digest}.json",
        file_name=f"{line.champion_id}-{digest[:8]}.{extension}",
    )


def find(name: Key) -> KeptAudio | None:
    """Find audio that was kept; the sound is not fetched before it is read.

    Returns:
        None where the sound or its description is missing, or the description cannot be read.

    Raises:
        StorageFailed: S3 did not answer.
    """
    described = _open(name.description)
    if described is None:
        return None
    try:
        description = AudioDescription.model_validate_json(_read(described[0]))
    except ValueError:
        logger.warning("stored description cannot be read", key=name.description)
        return None
    sound = _open(name.sound)
    if sound is None:
        return None
    body, size = sound
    return KeptAudio(description, Sound(size, lambda: _read(body)))


def put(name: Key, spoken: DescribedAudio) -> None:
    """Keep audio.

    Raises:
        StorageFailed: S3 did not answer.
    """
    bucket = get_settings().audio_bucket
    sound_format, sample_rate = FORMATS[spoken.description.format], spoken.description.sample_rate
    description = spoken.description.model_dump_json().encode()
    with s3.storage_errors():
        s3.client().put_object(
            Bucket=bucket,
            Key=name.sound,
            Body=spoken.audio,
            ContentType=sound_format.content_type(sample_rate),
            ContentDisposition=name.disposition,
        )
        s3.client().put_object(Bucket=bucket, Key=name.description, Body=description, ContentType=JSON)


def url(name: Key) -> str:
    """Sign a URL under which kept audio can be downloaded for a while, by anybody who has it."""
    settings = get_settings()
    return s3.client().generate_presigned_url(
        "get_object", Params={"Bucket": settings.audio_bucket, "Key": name.sound}, ExpiresIn=settings.audio_url_seconds
    )


def _open(name: str) -> tuple[StreamingBody, int] | None:
    """An object's body and size; None if it is not there."""
    with s3.storage_errors():
        try:
            stored = s3.client().get_object(Bucket=get_settings().audio_bucket, Key=name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise
    return stored["Body"], stored["ContentLength"]


def _read(body: StreamingBody) -> bytes:
    with s3.storage_errors():
        return body.read()
