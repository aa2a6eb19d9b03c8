"""The use case of the champions: who there is, and what each one's reference says."""

import s3
from contract import references
from contract.references import StoredReference
from observability import logger
from problems import StorageFailed
from settings import get_settings


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


def transcript(champion_id: str) -> str:
    """What a champion's reference says.

    Raises:
        StorageFailed: S3 did not answer, or the transcript is not UTF-8.
    """
    name = references.key(champion_id, references.TRANSCRIPT)
    with s3.storage_errors():
        data = s3.client().get_object(Bucket=get_settings().voices_bucket, Key=name)["Body"].read()
    try:
        return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        logger.error("transcript is not UTF-8", champion_id=champion_id)
        raise StorageFailed(f"The transcript of {champion_id!r} cannot be read.") from error


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
