"""Finished audio, kept in S3 under a hash of everything that shapes it: what is said, by whom and how.

audio/{hash}.{extension}    a sound
audio/{hash}.json           what is known of it; written after it, so where it is, the sound is whole
audio/lines/{hash}.json     for a line as it was written: what is known of its sound, and under which reference and
                            lexicons that held

What is said is the endpoint's to tell. `audio/lines/` spares a line that came before from asking it; two ways of
writing the same have one sound.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple, Self, TypeVar

from pydantic import BaseModel

import s3
from contract.formats import FORMATS, JSON
from contract.invocation import AudioDescription, DescribedAudio, Origin
from contract.line import Line
from observability import logger
from settings import get_settings

Shape = TypeVar("Shape", bound=BaseModel)


class Key(NamedTuple):
    """Where audio is kept.

    Attributes:
        digest: of everything that shapes it.
        extension: of the sound's file.
        champion_id: who speaks.
    """

    digest: str
    extension: str
    champion_id: str

    @property
    def sound(self) -> str:
        """The sound's S3 key."""
        return f"audio/{self.digest}.{self.extension}"

    @property
    def description(self) -> str:
        """The S3 key of what is known of the sound."""
        return f"audio/{self.digest}.json"

    @property
    def disposition(self) -> str:
        """The Content-Disposition of the sound: it is played in place, and saved under its name."""
        return f'inline; filename="{self.champion_id}-{self.digest[:8]}.{self.extension}"'


class Sound(NamedTuple):
    """A sound file that need not have been fetched yet.

    Attributes:
        size: bytes.
        read: gives the file; call it once at most. Raises StorageFailed if S3 breaks off.
    """

    size: int
    read: Callable[[], bytes]


class Provenance(Origin):
    """What shapes a line's audio beside the line: another one of these is another sound."""

    champion_id: str
    lexicon_etags: list[str | None]
    model_id: str

    def as_told(self, origin: Origin | None) -> Self:
        """The same with what the endpoint says that it spoke from: the voice may have been replaced meanwhile."""
        return self.model_copy(update=origin.model_dump() if origin else None)


class RememberedLine(BaseModel):
    """What is kept of a line as it was written."""

    provenance: Provenance
    description: AudioDescription


def key(line: Line, provenance: Provenance, script_digest: str) -> Key:
    """Name the audio of what is said: other words, another format, reference or model are another name.

    Args:
        line: how it is spoken; neither its text nor the lexicons count, but what comes of them.
        provenance: by whom.
        script_digest: what is said.
    """
    how = line.model_dump(exclude={"champion_id", "text", "text_type"})
    by_whom = provenance.model_dump(exclude={"lexicon_etags"})
    digest = _hash(how | by_whom | {"script": script_digest})
    return Key(digest, FORMATS[line.format].extension, provenance.champion_id)


def line_digest(line: Line) -> str:
    """The name that a line is remembered under: of everything that was asked for, as it was written."""
    return _hash(line.model_dump())


def recall(line: Line) -> RememberedLine | None:
    """What is kept of a line that was written so before; whether it still holds is for its provenance to tell.

    Raises:
        StorageFailed: S3 did not answer.
    """
    return recall_by_digest(line_digest(line))


def recall_by_digest(digest: str) -> RememberedLine | None:
    """What is kept of the line that has this digest.

    Raises:
        StorageFailed: S3 did not answer.
    """
    return _read_json(_line_key(digest), RememberedLine)


def remember(line: Line, provenance: Provenance, description: AudioDescription) -> None:
    """Keep for a line as it is written what is known of its sound, which is in the store.

    Raises:
        StorageFailed: S3 did not answer.
    """
    remembered = RememberedLine(provenance=provenance, description=description)
    _put(_line_key(line_digest(line)), remembered.model_dump_json().encode(), ContentType=JSON)


def open_sound(name: Key) -> Sound | None:
    """A sound that was kept; it is not fetched before it is read.

    Returns:
        None where it is missing.

    Raises:
        StorageFailed: S3 did not answer.
    """
    return _open(name.sound)


def find(name: Key) -> AudioDescription | None:
    """What is known of a sound that was kept; where this is, the sound is whole.

    Returns:
        None where it is missing or cannot be read.

    Raises:
        StorageFailed: S3 did not answer.
    """
    return _read_json(name.description, AudioDescription)


def put(name: Key, spoken: DescribedAudio) -> None:
    """Keep a sound; `describe` is to follow.

    Raises:
        StorageFailed: S3 did not answer.
    """
    sound_format, sample_rate = FORMATS[spoken.description.format], spoken.description.sample_rate
    _put(
        name.sound,
        spoken.audio,
        ContentType=sound_format.content_type(sample_rate),
        ContentDisposition=name.disposition,
    )


def describe(name: Key, description: AudioDescription) -> None:
    """Keep what is known of a sound, which is in the store.

    Raises:
        StorageFailed: S3 did not answer.
    """
    _put(name.description, description.model_dump_json().encode(), ContentType=JSON)


def url(name: Key) -> str:
    """Sign a URL under which kept audio can be downloaded for a while, by anybody who has it."""
    return s3.link(get_settings().audio_bucket, name.sound)


def _hash(shape: dict[str, Any]) -> str:
    canonical = json.dumps(shape, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _line_key(digest: str) -> str:
    return f"audio/lines/{digest}.json"


def _put(name: str, body: bytes, **headers: str) -> None:
    with s3.storage_errors():
        s3.client().put_object(Bucket=get_settings().audio_bucket, Key=name, Body=body, **headers)  # type: ignore[arg-type]


def _read_json(name: str, shape: type[Shape]) -> Shape | None:
    """An object that was kept as JSON; None where it is missing or cannot be read."""
    kept = _open(name)
    if kept is None:
        return None
    try:
        return shape.model_validate_json(kept.read())
    except ValueError:
        logger.warning("stored JSON cannot be read", key=name)
        return None


def _open(name: str) -> Sound | None:
    """An object that need not be fetched yet; None if it is not there."""
    stored = s3.get(get_settings().audio_bucket, name)
    if stored is None:
        return None
    body = stored["Body"]

    def read() -> bytes:
        with s3.storage_errors():
            return body.read()

    return Sound(stored["ContentLength"], read)
