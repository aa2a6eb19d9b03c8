"""A run: check every row, speak those that are missing, write the manifest."""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import ray
from numpy.typing import NDArray
from ray.data import Dataset

from bulk import stages
from bulk.cluster import Shares, shares
from bulk.errors import BulkError, WriteError
from bulk.keeping import keep
from bulk.manifest import ROOM, Manifest
from bulk.places import S3_THREADS, Folder, Place, open_place
from bulk.planning import Entry, Missing, Order
from bulk.progress import Bar, Summary
from bulk.rows import Where
from bulk.stages import Checked, LoadEngine, Speak, Verdicts
from contract.invocation import DescribedAudio

MAX_FAULTS_TOLD = 1000
SAME_FILE = "has the champion and name of a row before it, and says something else: name it otherwise"


class FaultyRowsError(BulkError):
    """Rows cannot be spoken; the message lists them."""


class Checks(NamedTuple):
    """What the check of all rows found.

    Attributes:
        rows: how many there are.
        missing: how many are to be spoken.
        faults: for each row that cannot be spoken, where it stands and why, in the rows' order.
        verdicts: what later stages must know.
        repeated: [64 bits each], the keys of sounds that several rows have.
    """

    rows: int
    missing: int
    faults: list[tuple[Where, str]]
    verdicts: Verdicts
    repeated: frozenset[int]


def run(
    order: Order,
    keep_going: bool = False,
    actors: int | None = None,
    gpus: bool = False,
    load_engine: LoadEngine = stages.load_engine,
) -> Summary:
    """Speak what an order asks for and what is not there yet, on the cluster that is connected.

    Args:
        order: the order.
        keep_going: speak the other rows where some cannot be spoken.
        actors: see `cluster.shares`.
        gpus: see `cluster.shares`.
        load_engine: makes the engine of a model directory.

    Raises:
        FaultyRowsError: rows cannot be spoken, and nothing was; not with keep_going.
        BulkError: the run could not go on.
    """
    place = open_place(order.out)
    if isinstance(place, Folder):
        place.tidy()
    share = shares(actors, gpus)
    order_ref = ray.put(order)
    checks = check(order, order_ref, share)
    if checks.faults:
        told = told_faults(order, checks.faults)
        if not keep_going:
            raise FaultyRowsError(f"{told}\nNothing was spoken.")
        print(told, file=sys.stderr)
    with Manifest(order.sources) as manifest:
        try:
            with place.reserved(checks.rows * ROOM) if checks.missing else nullcontext():
                summary = speak(order, order_ref, share, checks, load_engine, manifest)
        except (BulkError, KeyboardInterrupt):
            if len(manifest):  # else an earlier run's is right
                manifest.put(place)
            raise
        manifest.put(place)
    return summary


def check(order: Order, order_ref: ray.ObjectRef[Order], share: Shares) -> Checks:
    """Check every row, and find those that cannot be spoken beside others."""
    found = _read(order, share).map_batches(
        partial(stages.check, order=order_ref), batch_size=stages.WINDOW, batch_format="pyarrow", **share.text
    )
    wheres, files, keys, missing = array("Q"), array("Q"), array("Q"), array("B")
    faults: list[tuple[Where, str]] = []
    with Bar("Checking", None) as bar:
        for each in _items(found):
            bar.add(1)
            checked: Checked = each
            if checked.fault is not None:
                faults.append((checked.where, checked.fault))
                continue
            wheres.append(checked.where.packed)
            files.append(checked.file)
            keys.append(checked.key)
            missing.append(checked.missing)
    columns = [np.array(column) for column in (wheres, files, keys, missing)]
    return _judge(columns, faults)


def speak(
    order: Order,
    order_ref: ray.ObjectRef[Order],
    share: Shares,
    checks: Checks,
    load_engine: LoadEngine,
    manifest: Manifest,
) -> Summary:
    """Speak what is missing, and write every row into the manifest."""
    plan = partial(stages.plan, order=order_ref, verdicts=ray.put(checks.verdicts), max_frames=share.max_frames)
    planned = _read(order, share).map_batches(plan, batch_size=stages.WINDOW, batch_format="pyarrow", **share.text)
    if checks.missing:  # else nobody waits for a model
        planned = planned.map_batches(
            Speak,
            batch_size=None,
            batch_format="pyarrow",
            compute=share.actors,
            fn_constructor_args=(order_ref, share.threads, load_engine),
            **share.speaking,
        )
    kept = planned.map_batches(
        partial(stages.keep_spoken, order=order_ref), batch_size=None, batch_format="pyarrow", **share.text
    )
    summary = Summary()
    sources: dict[str, Entry] = {}
    repeats: list[Missing] = []
    with Bar("Speaking", checks.rows) as bar:

        def finish(entry: Entry) -> None:
            summary.add(entry)
            manifest.add(entry)
            bar.add(1, summary.bar_text())

        with closing(_items(kept)) as batches:
            for item in chain.from_iterable(batches):
                if isinstance(item, WriteError):
                    raise item
                if isinstance(item, Missing):
                    repeats.append(item)
                    continue
                finish(item)
                if item.record and stages.hash_of(item.record.key) in checks.repeated:
                    sources[item.record.key] = item
        for entry in _copies(open_place(order.out), repeats, sources):
            finish(entry)
    return summary


def told_faults(order: Order, faults: list[tuple[Where, str]]) -> str:
    """What is wrong with rows, a line for each."""
    lines = [f"{order.sources[where.source]}:{where.number}: {reason}" for where, reason in faults[:MAX_FAULTS_TOLD]]
    if len(faults) > MAX_FAULTS_TOLD:
        lines.append(f"and {len(faults) - MAX_FAULTS_TOLD:,} more")
    return "\n".join([*lines, f"{len(faults):,} rows cannot be spoken."])


def _read(order: Order, share: Shares) -> Dataset:
    sources = dict(enumerate(order.sources))
    indices = ray.data.from_items(list(sources), override_num_blocks=len(sources))
    return indices.map_batches(
        partial(stages.read, sources=sources), batch_size=1, batch_format="pyarrow", **share.reading
    )


def _items(dataset: Dataset) -> Generator[Any]:
    """What the last stage made, as it is made.

    Raises:
        BulkError: a stage raised it.
    """
    try:
        for table in dataset.iter_batches(batch_size=None, batch_format="pyarrow"):
            yield from stages.unpack(table)
        return
    except ray.exceptions.RayError as error:
        told = _bulk_error(error)
        if told is None:
            raise
    # Out here, where nothing leads from it to Ray's error, which holds the run's actors and with them the CPUs.
    raise told


def _bulk_error(error: BaseException | None) -> BulkError | None:
    """What a stage raised, within what Ray made of it: a chain of exceptions, or their text."""
    text = str(error)
    kinds: list[type[BulkError]] = [BulkError, *BulkError.__subclasses__()]
    while error is not None and type(error) not in kinds:
        error = getattr(error, "cause", None) or error.__cause__
    if isinstance(error, BulkError):
        return error
    told = re.findall(r"bulk\.errors\.(\w+): (.+)", text)[-1:]  # what it was raised from is told before it
    return next((kind(message) for name, message in told for kind in kinds if kind.__name__ == name), None)


def _judge(columns: list[NDArray[Any]], faults: list[tuple[Where, str]]) -> Checks:
    """Find the rows that would have another's file, and those that sound as another does."""
    rows = len(columns[0]) + len(faults)
    in_order = np.argsort(columns[0])
    wheres, files, keys, missing = (column[in_order] for column in columns)
    clash = keys != keys[_first_alike(files)]
    found = {Where.unpack(each): SAME_FILE for each in wheres[clash]}
    wheres, keys, missing = wheres[~clash], keys[~clash], missing[~clash].astype(bool)
    repeats = _first_alike(keys) != np.arange(len(keys))
    return Checks(
        rows,
        int((missing & ~repeats).sum()),
        sorted([*faults, *found.items()]),
        Verdicts(found, frozenset(map(Where.unpack, wheres[repeats & missing])), wheres[missing]),
        frozenset(keys[repeats & missing].tolist()),
    )


def _first_alike(values: NDArray[Any]) -> NDArray[Any]:
    """For each value the index at which it is first seen."""
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    return first[inverse]


def _copies(place: Place, repeats: list[Missing], sources: dict[str, Entry]) -> Iterator[Entry]:
    """Give rows that say what others say the sounds of those."""

    def copy(line: Missing) -> Entry:
        source = sources.get(line.key)
        if source is None or source.record is None or source.file is None:
            return line.failed("The row that sounds the same was not spoken.")
        if source.file == line.file:
            return line.spoken(source.record)
        description = source.record.description.written_as([each.written for each in line.script.sentences])
        sound = place.read(source.file) or b""
        return line.spoken(keep(place, line.file, line.key, DescribedAudio(description, sound)))

    with ThreadPoolExecutor(S3_THREADS) as threads:
        yield from threads.map(copy, repeats)
