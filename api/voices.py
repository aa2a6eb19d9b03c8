"""The champions: each one a folder in the voices bucket that holds a reference and its transcript."""

import difflib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

import s3
from contract import ChampionId
from observability import logger
from problems import StorageFailed, UnknownChampion
from settings import get_settings

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectTypeDef

FOLDER = "champion-voices/"
AUDIO = "reference.wav"
TRANSCRIPT = "reference.txt"

_champion_id: TypeAdapter[str] = TypeAdapter(ChampionId)


@dataclass(frozen=True, slots=True)
class Voice:
    """A champion that can speak.

    Attributes:
        champion_id: its name.
        audio_etag: S3's ETag of the reference audio.
        transcript_etag: S3's ETag of the transcript.
        updated_at: when the later of the two was written.
    """

    champion_id: str
    audio_etag: str
    transcript_etag: str
    updated_at: datetime


def list_voices() -> list[Voice]:
    """Lists every champion, by name.

    Raises:
        StorageFailed: S3 did not answer.
    """
    return _under(FOLDER)


def find(champion_id: str) -> Voice | None:
    """Finds one champion, with one listing for both of its files.

    Args:
        champion_id: a valid champion id, so that it cannot reach out of its folder.

    Raises:
        StorageFailed: S3 did not answer.
    """
    return next(iter(_under(f"{FOLDER}{champion_id}/")), None)


def unknown(champion_id: str) -> UnknownChampion:
    """Says that there is no such champion, and which names come nearest.

    Raises:
        StorageFailed: S3 did not answer.
    """
    nearest = difflib.get_close_matches(champion_id, [voice.champion_id for voice in list_voices()])
    advice = f"Did you mean {' or '.join(nearest)}?" if nearest else "No champion has a name like it."
    return UnknownChampion(f"There is no champion {champion_id!r}. {advice}")


def transcript(champion_id: str) -> str:
    """Reads what a champion's reference says.

    Raises:
        StorageFailed: S3 did not answer, or the transcript is not UTF-8.
    """
    with s3.failures_told():
        stored = s3.client().get_object(Bucket=get_settings().voices_bucket, Key=f"{FOLDER}{champion_id}/{TRANSCRIPT}")
        data = stored["Body"].read()
    try:
        return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        logger.error("transcript is not UTF-8", champion_id=champion_id)
        raise StorageFailed(f"The transcript of {champion_id!r} cannot be read.") from error


def _under(prefix: str) -> list[Voice]:
    files: defaultdict[str, dict[str, ObjectTypeDef]] = defaultdict(dict)
    with s3.failures_told():
        listing = s3.client().get_paginator("list_objects_v2")
        for page in listing.paginate(Bucket=get_settings().voices_bucket, Prefix=prefix):
            for stored in page.get("Contents", []):
                champion_id, _, name = stored["Key"].removeprefix(FOLDER).partition("/")
                files[champion_id][name] = stored
    return [
        Voice(
            champion_id=champion_id,
            audio_etag=held[AUDIO]["ETag"],
            transcript_etag=held[TRANSCRIPT]["ETag"],
            updated_at=max(held[AUDIO]["LastModified"], held[TRANSCRIPT]["LastModified"]),
        )
        for champion_id, held in sorted(files.items())
        if AUDIO in held and TRANSCRIPT in held and _is_champion_id(champion_id)
    ]


def _is_champion_id(name: str) -> bool:
    try:
        _champion_id.validate_python(name)
    except ValidationError:
        return False
    return True
