"""What is kept of a run: sound files, and beside each a record of what shaped it.

{champion_id}/{name or hash}.{format}              a sound
.lines/{champion_id}/{name or hash}.{format}.json  its record: removed before the sound is written and written after it,
                                                   so where a record is, it tells of the sound that is there

A row that is asked for again is not spoken again while its record has its key.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ValidationError

from bulk.places import Place
from bulk.rows import Row
from contract.formats import FORMATS, JSON
from contract.invocation import AudioDescription, DescribedAudio
from contract.line import is_champion_id

HASH_DIGITS = 16  # of a file's name; two of a million lines have the same once in 37 million runs


class Record(BaseModel):
    """What is known of a sound file.

    Attributes:
        key: of everything that shaped it.
        sha256: of its bytes.
        description: what the endpoint would say of it.
    """

    key: str
    sha256: str
    description: AudioDescription


def file_of(row: Row, speaker: str) -> str:
    """The name of a row's sound file.

    Args:
        row: the line.
        speaker: the champion that speaks it. Its folder is the one of a line for a name that no champion can have,
            which may hold anything.
    """
    folder = row.champion_id if is_champion_id(row.champion_id) else speaker
    name = row.name or _hash(row.model_dump(exclude={"name"}))[:HASH_DIGITS]
    return f"{folder}/{name}.{FORMATS[row.format].extension}"


def key_of(row: Row, shaped_by: dict[str, Any]) -> str:
    """A hash of everything that shapes a row's sound: neither its text nor its lexicon count, but what comes of them.

    Args:
        row: how it is spoken.
        shaped_by: what else does: what is said, whose reference, which model.
    """
    return _hash(row.model_dump(exclude={"champion_id", "text", "text_type", "name"}) | shaped_by)


def find(place: Place, file: str, key: str) -> Record | None:
    """The record of a sound that is there as it should be; None where it is to be spoken."""
    kept = place.read(_record(file))
    if kept is None:
        return None
    try:
        record = Record.model_validate_json(kept)
    except ValidationError:
        return None
    return record if record.key == key and place.has(file) else None


def keep(place: Place, file: str, key: str, described: DescribedAudio) -> Record:
    """Write a sound and its record.

    Raises:
        WriteError: they cannot be written; no record is left then.
    """
    record = Record(key=key, sha256=hashlib.sha256(described.audio).hexdigest(), description=described.description)
    place.remove(_record(file))
    place.write(file, described.audio, FORMATS[record.description.format].content_type(record.description.sample_rate))
    place.write(_record(file), record.model_dump_json().encode(), JSON)
    return record


def _record(file: str) -> str:
    return f".lines/{file}.json"


def _hash(shape: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(shape, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
