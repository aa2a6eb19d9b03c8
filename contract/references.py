"""Champions' references in a bucket: a folder for each, with a recording and its transcript.

champion-voices/{champion_id}/reference.wav
champion-voices/{champion_id}/reference.txt
champion-voices/{champion_id}/lexicon.txt     may be there: how words are said, for this champion
champion-voices/lexicon.txt                   may be there: for all

How both are replaced at once: see voice_label.
"""

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contract.line import is_champion_id
from contract.problem import FieldError, UnknownChampion
from contract.request import one_of

PREFIX = "champion-voices/"
RECORDING = "reference.wav"
TRANSCRIPT = "reference.txt"
LEXICON = "lexicon.txt"
COMMON_LEXICON_KEY = f"{PREFIX}{LEXICON}"
MAX_LEXICON_BYTES = 256 * 1024
MAX_RECORDING_BYTES = 32 * 1024 * 1024
MAX_TRANSCRIPT_BYTES = 16 * 1024
MAX_NAMES_TOLD = 10
"""How many champions are named to a caller who asks for one like no other."""

# S3 says 403 in place of 404 to those who may not list all there is.
CHANGED = {403, 404, 412}
"""How S3 answers who asks for a file as it was listed, when it was replaced or deleted since."""


@dataclass(frozen=True, slots=True)
class StoredReference:
    """A champion's recording and transcript, as a bucket's listing tells of them.

    Attributes:
        champion_id: whose they are.
        recording_etag: S3's ETag of the recording.
        transcript_etag: S3's ETag of the transcript.
        recording_bytes: size of the recording.
        transcript_bytes: size of the transcript.
        updated_at: when the later of the two was written.
        lexicon_etag: S3's ETag of the champion's own lexicon; None where there is none.
    """

    champion_id: str
    recording_etag: str
    transcript_etag: str
    recording_bytes: int
    transcript_bytes: int
    updated_at: datetime
    lexicon_etag: str | None


def key(champion_id: str, name: str) -> str:
    """The S3 key of a champion's file.

    Args:
        champion_id: a valid champion id, so that the key cannot reach out of its folder.
        name: RECORDING, TRANSCRIPT or LEXICON; empty for the folder itself.
    """
    return f"{PREFIX}{champion_id}/{name}"


def complete(objects: Iterable[Mapping[str, Any]]) -> list[StoredReference]:
    """The references that are there whole, by champion.

    Args:
        objects: the `Contents` of a listing (S3's ListObjectsV2) below PREFIX.
    """
    files: defaultdict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for stored in objects:
        champion_id, _, name = stored["Key"].removeprefix(PREFIX).partition("/")
        files[champion_id][name] = stored
    return [
        StoredReference(
            champion_id=champion_id,
            recording_etag=held[RECORDING]["ETag"],
            transcript_etag=held[TRANSCRIPT]["ETag"],
            recording_bytes=held[RECORDING]["Size"],
            transcript_bytes=held[TRANSCRIPT]["Size"],
            updated_at=max(held[RECORDING]["LastModified"], held[TRANSCRIPT]["LastModified"]),
            lexicon_etag=held[LEXICON]["ETag"] if LEXICON in held else None,
        )
        for champion_id, held in sorted(files.items())
        if RECORDING in held and TRANSCRIPT in held and is_champion_id(champion_id)
    ]


def common_lexicon_etag(objects: Iterable[Mapping[str, Any]]) -> str | None:
    """S3's ETag of the lexicon that holds for all champions; None where there is none.

    Args:
        objects: the `Contents` of a listing below COMMON_LEXICON_KEY, which may tell of longer keys too.
    """
    return next((stored["ETag"] for stored in objects if stored["Key"] == COMMON_LEXICON_KEY), None)


def choose(
    champion_id: str,
    fallback: str | None,
    find: Callable[[str], StoredReference | None],
    names: Callable[[], Iterable[str]],
) -> StoredReference:
    """The reference that a line is spoken with.

    Args:
        champion_id: who was asked for, as `contract.line.plain_name` writes it.
        fallback: who speaks in place of an unknown champion; None for nobody.
        find: looks one champion up, by an id that is valid.
        names: lists all champions; called only to tell which names are near.

    Raises:
        UnknownChampion: neither champion is there.
    """
    found = find(champion_id) if is_champion_id(champion_id) else None
    found = found or (find(fallback) if fallback else None)
    if found is None:
        raise unknown_champion(champion_id, list(names()))
    return found


def unknown_champion(champion_id: str, names: Sequence[str]) -> UnknownChampion:
    """The refusal of a champion that is not there; it tells the nearest names, or else the first.

    Args:
        champion_id: as for `choose`.
        names: all champions.
    """
    near = difflib.get_close_matches(champion_id, names)
    if near:
        advice = f"Did you mean {one_of(near)}?"
    elif len(names) > MAX_NAMES_TOLD:
        advice = f"There are {', '.join(names[:MAX_NAMES_TOLD])} and {len(names) - MAX_NAMES_TOLD:,} more."
    else:
        advice = f"There is {', '.join(names)}." if names else "There is none yet."
    return UnknownChampion(
        f"There is no champion {champion_id!r}. {advice}",
        errors=[FieldError(field="champion_id", reason=f"is no champion's name. {advice}")],
    )
