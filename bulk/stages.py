"""The stages of a run as Ray Data calls them, on any machine of a cluster.

    rows of files -> read -> check                    every row, before any is spoken
    rows of files -> read -> plan -> Speak -> keep    those that are missing

Between them run tables of one column, which holds pickled objects. A stage may be called again for what it has done
before, when a machine was lost: then it does the same, and what is kept already is not spoken again. Ray ends the run
if it then hands on more or fewer tables than before. So `plan` does not look what was kept meanwhile, and `Speak` and
`keep_spoken` make one row of a table, however large.
"""

from __future__ import annotations

import hashlib
import pickle
import platform
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow
import ray
import torch
from numpy.typing import NDArray

import speaker
from bulk import rows
from bulk.errors import BulkError, WriteError
from bulk.keeping import find, keep
from bulk.model import fetch
from bulk.places import S3_THREADS, on_disk, open_place
from bulk.planning import Desk, Entry, Job, Missing, Order, batches
from bulk.rows import RawRow, Where
from bulk.starting import starting
from engine.checkpoint import ModelError
from engine.speech import Engine, Speech
from loudness import level

WINDOW = 256  # rows that are planned, and put in order of length, together

LoadEngine = Callable[[Path], Engine]


class Checked(NamedTuple):
    """What the check says of a row.

    Attributes:
        where: the row.
        fault: why it cannot be spoken; None if it can.
        file: [64 bits], a hash of its file's name.
        key: [64 bits], a hash of everything that shapes its sound.
        missing: it is to be spoken.
    """

    where: Where
    fault: str | None
    file: int = 0
    key: int = 0
    missing: bool = False


class Verdicts(NamedTuple):
    """What the check of all rows found that no row shows by itself.

    Attributes:
        faults: why a row cannot be spoken beside the others.
        repeats: rows whose sound is that of another.
        missing: [rows], `Where.packed` of those that were not there, in order.
    """

    faults: Mapping[Where, str]
    repeats: Collection[Where]
    missing: NDArray[np.uint64]

    def were_missing(self, raw_rows: Iterable[RawRow]) -> set[Where]:
        """Those of some rows that were not there."""
        wheres = [raw.where for raw in raw_rows]
        places = np.searchsorted(self.missing, np.array([where.packed for where in wheres], np.uint64))
        return {
            where
            for where, place in zip(wheres, places, strict=True)
            if place < len(self.missing) and int(self.missing[place]) == where.packed
        }


class Spoken(NamedTuple):
    """A row, and what came of it.

    Attributes:
        line: the row.
        result: its speech, or why there is none.
    """

    line: Missing
    result: Speech | str


def pack(items: Iterable[object]) -> pyarrow.Table:
    """Objects as a table."""
    pickled = [pickle.dumps(item, pickle.HIGHEST_PROTOCOL) for item in items]
    return pyarrow.table({"item": pyarrow.array(pickled, pyarrow.large_binary())})


def unpack(table: pyarrow.Table) -> list[Any]:
    """The objects of a table that a stage of the same run made."""
    if not table.num_rows:  # then it may have no column
        return []
    return [pickle.loads(item) for item in table["item"].to_pylist()]  # noqa: S301


def read(table: pyarrow.Table, sources: Mapping[int, str]) -> Iterator[pyarrow.Table]:
    """Read the rows of files."""
    for source in table["item"].to_pylist():
        with on_disk(sources[source]) as path:
            raw_rows = rows.read(path, rows.kind_of(sources[source]), source)
            while chunk := list(islice(raw_rows, WINDOW)):
                yield pack(chunk)


def check(table: pyarrow.Table, order: ray.ObjectRef[Order]) -> pyarrow.Table:
    """Find what is wrong with rows, and which of them are missing."""
    return pack(_checked(item) for item in desk(order).plan(unpack(table)))


def plan(
    table: pyarrow.Table, order: ray.ObjectRef[Order], verdicts: ray.ObjectRef[Verdicts], max_frames: int
) -> Iterator[pyarrow.Table]:
    """Make rows batches for the engine; what it is not to speak comes first, as a batch of its own."""
    told, raw_rows = ray.get(verdicts), unpack(table)
    judged = [_judged(item, told) for item in desk(order).plan(raw_rows, told.were_missing(raw_rows))]
    others = [item for item in judged if not isinstance(item, Job)]
    for batch in [others, *batches((item for item in judged if isinstance(item, Job)), max_frames)]:
        if batch:
            yield pack([batch])


class Speak:
    """An engine that speaks batches. It computes in one thread: see `deployment.Replica`.

    Args:
        order: the run's.
        threads: of its CPU computations.
        load_engine: makes the engine of a model directory.

    Raises:
        BulkError: that failed, or ended with this actor's process again and again.
    """

    def __init__(self, order: ray.ObjectRef[Order], threads: int, load_engine: LoadEngine) -> None:
        told = ray.get(order)
        self._place = open_place(told.out)
        self._torch = ThreadPoolExecutor(max_workers=1, initializer=torch.set_num_threads, initargs=(threads,))
        with starting(told.model):
            self._engine = self._torch.submit(load_engine, fetch(told.model)).result()

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        """Speak batches."""
        return pack([[item for batch in unpack(table) for item in self._speak(batch)]])

    def _speak(self, batch: list[Entry | Missing | Job]) -> list[Entry | Missing | Spoken]:
        others = [item for item in batch if not isinstance(item, Job)]
        there, jobs = self._unless_kept([item for item in batch if isinstance(item, Job)])
        results = self._torch.submit(self._engine.speak_batch, [job.utterance for job in jobs]).result()
        spoken = [
            Spoken(job.line, result if isinstance(result, Speech) else f"The engine failed: {result!r}")
            for job, result in zip(jobs, results, strict=True)
        ]
        return [*others, *there, *spoken]

    def _unless_kept(self, jobs: list[Job]) -> tuple[list[Entry], list[Job]]:
        """What need not be spoken, because it was when this batch was here before, and what must."""
        with ThreadPoolExecutor(S3_THREADS) as threads:
            records = list(threads.map(lambda job: find(self._place, job.line.file, job.line.key), jobs))
        there = [job.line.spoken(record) for job, record in zip(jobs, records, strict=True) if record]
        return there, [job for job, record in zip(jobs, records, strict=True) if not record]


def load_engine(model_dir: Path) -> Engine:
    """The engine of a model, on a GPU if this worker holds one."""
    return speaker.load_engine(model_dir)[0]


def keep_spoken(table: pyarrow.Table, order: ray.ObjectRef[Order]) -> pyarrow.Table:
    """Write what was spoken; rows that repeat others go on as they are.

    What cannot be written is told at the end, by a WriteError in the place of a row. Ray, if it were raised, would lose
    what it was not asked for yet of the rows that were kept before.
    """
    place, lufs = desk(order).place, desk(order).lufs

    def keep_one(item: Entry | Missing | Spoken) -> Entry | Missing | WriteError:
        if not isinstance(item, Spoken):
            return item
        if isinstance(item.result, str):
            return item.line.failed(item.result)
        described = speaker.describe(item.line.script, level(item.result, lufs), item.line.row.format)
        try:
            return item.line.spoken(keep(place, item.line.file, item.line.key, described))
        except WriteError as error:
            return error

    with ThreadPoolExecutor(S3_THREADS) as threads:
        kept = threads.map(keep_one, [item for batch in unpack(table) for item in batch])
        return pack([sorted(kept, key=lambda item: isinstance(item, WriteError))])


@lru_cache(maxsize=1)
def desk(order: ray.ObjectRef[Order]) -> Desk:
    """A worker's desk, made once for each run.

    Raises:
        BulkError: its machine lacks the model.
    """
    told = ray.get(order)
    try:
        return Desk(told)
    except ModelError as error:
        raise BulkError(f"{platform.node()} lacks the model: {error}") from error


def _checked(item: Entry | Job) -> Checked:
    if isinstance(item, Job):
        return Checked(item.line.where, None, hash_of(item.line.file), hash_of(item.line.key), missing=True)
    if item.record is None or item.file is None:
        return Checked(item.where, item.error)
    return Checked(item.where, None, hash_of(item.file), hash_of(item.record.key))


def _judged(item: Entry | Job, verdicts: Verdicts) -> Entry | Missing | Job:
    row = item.line if isinstance(item, Job) else item
    if row.where in verdicts.faults:
        return Entry(row.where, row.row, error=verdicts.faults[row.where])
    return item.line if isinstance(item, Job) and row.where in verdicts.repeats else item


def hash_of(name: str) -> int:
    """[64 bits]. The letters' case does not count, as on some disks."""
    return int.from_bytes(hashlib.sha256(name.casefold().encode()).digest()[:8], "little")
