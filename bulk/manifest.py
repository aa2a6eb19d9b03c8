"""The manifest of a run: what is known of every row, in the rows' order, as JSONL and as Parquet.

A run tells of rows as they are finished. They are written down on this machine's disk, and at the end copied in order:
of a million rows only the positions are in memory.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet

from bulk.places import Place, telling
from bulk.planning import Entry

JSONL, PARQUET = "manifest.jsonl", "manifest.parquet"
MEDIA_TYPES = {JSONL: "application/jsonl", PARQUET: "application/vnd.apache.parquet"}
ROOM = 1024  # [bytes] of a row in both files; a long text takes more, and a short one less
GROUP_ROWS = 4096  # of Parquet's row groups, which are in memory one at a time
SEGMENT = pyarrow.struct([("text", pyarrow.string()), ("start", pyarrow.float64()), ("end", pyarrow.float64())])
SCHEMA = pyarrow.schema(
    [
        ("source", pyarrow.string()),
        ("row", pyarrow.int64()),
        ("champion_id", pyarrow.string()),
        ("name", pyarrow.string()),
        ("file", pyarrow.string()),
        ("seconds", pyarrow.float64()),
        ("spoken_text", pyarrow.string()),
        ("segments", pyarrow.list_(SEGMENT)),
        ("seed", pyarrow.int64()),
        ("sha256", pyarrow.string()),
        ("error", pyarrow.string()),
    ]
)


class Manifest:
    """The manifest, as it grows; close it by leaving its context.

    Args:
        sources: the files of the run.
    """

    def __init__(self, sources: tuple[str, ...]) -> None:
        self._sources = sources
        self._folder = TemporaryDirectory(prefix="manifest-")
        self._unsorted = (Path(self._folder.name) / "unsorted").open("w+b")
        self._order = array("Q")  # where they stand
        self._positions = array("Q")

    def __enter__(self) -> Manifest:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # what does not fit on the disk does not now either
            self._unsorted.close()
        self._folder.cleanup()

    def __len__(self) -> int:
        """The rows that were added."""
        return len(self._order)

    def add(self, entry: Entry) -> None:
        """Write a row down.

        Raises:
            WriteError: this machine's disk is full.
        """
        with telling(self._unsorted.name):
            position = self._unsorted.tell()
            self._unsorted.write(json.dumps(self._fields(entry), ensure_ascii=False).encode() + b"\n")
        self._positions.append(position)
        self._order.append(entry.where.packed)

    def put(self, place: Place) -> None:
        """Put both files into a place.

        Raises:
            WriteError: they cannot be written there, or first on this machine's disk.
        """
        folder = Path(self._folder.name)
        with (
            telling(f"{folder}/{JSONL}"),
            (folder / JSONL).open("wb") as jsonl,
            pyarrow.parquet.ParquetWriter(folder / PARQUET, SCHEMA) as parquet,
        ):
            for lines in _groups(self._sorted()):
                jsonl.writelines(lines)
                parquet.write_table(pyarrow.Table.from_pylist([json.loads(line) for line in lines], SCHEMA))
        for name, media_type in MEDIA_TYPES.items():
            place.take(folder / name, name, media_type)

    def _fields(self, entry: Entry) -> dict[str, Any]:
        row, description = entry.row, entry.record and entry.record.description
        return {
            "source": self._sources[entry.where.source],
            "row": entry.where.number,
            "champion_id": row and row.champion_id,
            "name": row and row.name,
            "file": entry.file,
            "seconds": description and description.duration,
            "spoken_text": description and description.spoken_text,
            "segments": description and [segment.model_dump() for segment in description.segments],
            "seed": row and row.seed,
            "sha256": entry.record and entry.record.sha256,
            "error": entry.error,
        }

    def _sorted(self) -> Iterator[bytes]:
        for index in np.argsort(np.array(self._order)):
            self._unsorted.seek(self._positions[index])
            yield self._unsorted.readline()


def _groups(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    for line in lines:
        group.append(line)
        if len(group) == GROUP_ROWS:
            yield group
            group = []
    yield group
