"""Bulk synthesis beside the engine in a plain loop, its memory and its start: `python -m bench.bulk`.

The figures go into bench/results/bulk.json, and from there into docs/bulk.md and docs/bulk.svg.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import ray

from bench import bulk_page
from bench.engine import SENTENCES, SMALL
from bench.measure import stamped
from bench.random_model import make_random_model
from bench.stand_in import stand_in
from bulk.cluster import connect
from bulk.keeping import keep
from bulk.model import digest
from bulk.planning import Desk, Job, Order
from bulk.progress import Bar
from bulk.rows import kind_of, read
from bulk.run import run
from bulk.stages import LoadEngine, load_engine
from bulk.voices import read_voices
from contract.invocation import DEFAULT_LUFS
from engine.speech import Speech
from loudness import level
from speaker import describe

ROOT = Path(__file__).parents[1]
VOICES = ROOT / "voices"
LINES = 100
MEMORY_ROWS = (1_000, 10_000)
SHORT = "Now."  # what rows say whose sound nobody needs
TOGETHER_SECONDS = 0.5  # the sounds of a batch are written within it
WATCH_SECONDS = 1.0  # between two looks at the memory


def lines(count: int) -> Iterator[dict[str, Any]]:
    """Lines of all sample champions, no two alike: sentences alone and in pairs."""
    texts = [*SENTENCES, *(f"{one} {other}" for one, other in product(SENTENCES, SENTENCES))]
    said = product(range(count), _champions(), texts)
    for number, (seed, champion, text) in enumerate(islice(said, count)):
        yield {"champion_id": champion, "text": text, "seed": seed, "name": f"line-{number}"}


def short_lines(count: int) -> Iterator[dict[str, Any]]:
    """Lines that say a word each, no two alike."""
    for number, (seed, champion) in enumerate(islice(product(range(count), _champions()), count)):
        yield {"champion_id": champion, "text": SHORT, "duration": 1, "seed": seed, "name": f"line-{number}"}


def _champions() -> list[str]:
    return sorted(path.name for path in VOICES.iterdir() if path.is_dir())


def order(folder: Path, said: Iterable[Mapping[str, Any]], model_dir: Path) -> Order:
    """An order for lines, into a folder of its own below another."""
    own = folder / f"order-{time.monotonic_ns()}"
    own.mkdir()
    source = own / "lines.jsonl"
    source.write_text("".join(json.dumps(line) + "\n" for line in said))
    voices = read_voices(str(VOICES))
    return Order((str(source),), str(own / "out"), str(model_dir), digest(model_dir), voices, None, DEFAULT_LUFS)


def plain_loop(asked: Order) -> dict[str, float]:
    """One line after the other through the same text, engine and files, in this process."""
    desk, engine = Desk(asked), load_engine(Path(asked.model))
    source = Path(asked.sources[0])
    spoken, count = 0.0, 0
    started = time.perf_counter()
    with Bar("Plain loop", LINES) as bar:
        for raw in read(source, kind_of(str(source)), 0):
            [job] = desk.plan([raw])
            if not isinstance(job, Job):
                raise TypeError(f"{raw} cannot be spoken: {job}")
            [result] = engine.speak_batch([job.utterance])
            if not isinstance(result, Speech):
                raise result
            described = describe(job.line.script, level(result, asked.lufs), job.line.row.format)
            keep(desk.place, job.line.file, job.line.key, described)
            spoken += described.description.duration
            count += 1
            bar.add(1)
    return _rates(count, spoken, time.perf_counter() - started)


def bulk_run(asked: Order, actors: int, load: LoadEngine = load_engine) -> dict[str, float]:
    """A run on the cluster that is connected: the rates from its first batch on, and what passed before.

    Raises:
        ValueError: all lines were one batch, which tells no rate.
    """
    started = time.time()
    run(asked, actors=actors, load_engine=load)
    records = sorted(Path(asked.out).glob(".lines/*/*.json"), key=lambda path: path.stat().st_mtime)
    first = records[0].stat().st_mtime
    later = [path for path in records if path.stat().st_mtime > first + TOGETHER_SECONDS]
    if not later:
        raise ValueError(f"{len(records)} lines are too few to tell a rate")
    spoken = sum(json.loads(path.read_text())["description"]["duration"] for path in later)
    rates = _rates(len(later), spoken, records[-1].stat().st_mtime - first)
    return rates | {"seconds_to_first_batch": round(first - started, 1)}


def _rates(count: int, spoken: float, seconds: float) -> dict[str, float]:
    return {
        "lines_a_second": round(count / seconds, 3),
        "speech_a_second": round(spoken / seconds, 3),
        "lines": count,
        "seconds": round(seconds, 1),
    }


def memory(asked: Order) -> dict[str, int]:
    """The most that a run takes, with a stand-in for the network, in MiB: this process, and all of Ray's with it."""
    done = threading.Event()
    peak = {"driver": 0, "all": 0}

    def watch() -> None:
        driver = psutil.Process()
        while not done.wait(WATCH_SECONDS):
            peak["driver"] = max(peak["driver"], driver.memory_info().rss >> 20)
            peak["all"] = max(peak["all"], sum(map(_share_mib, [driver, *driver.children(recursive=True)])))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        run(asked, load_engine=stand_in())
    finally:
        done.set()
        watching.join()
    return peak


def _share_mib(process: psutil.Process) -> int:
    """What several processes share, as they do the object store, is counted in parts, so that it counts once."""
    try:
        return int(process.memory_full_info().pss >> 20)
    except psutil.Error:
        return 0


def start_up(asked: Order) -> float:
    """Seconds from the command to the first line's sound, Ray's start and the model's load included."""
    command = [sys.executable, "-W", "ignore", "-m", "bulk", *asked.sources, "--out", asked.out, "--model", asked.model]
    started = time.time()
    subprocess.run(command, cwd=ROOT, check=True)
    [record] = Path(asked.out).glob(".lines/*/*.json")
    return round(record.stat().st_mtime - started, 1)


def actor_counts(most: int) -> list[int]:
    """How many actors are tried: one, twice as many each time, and all."""
    return [*(1 << power for power in range(most.bit_length()) if 1 << power < most), most]


def measure(folder: Path) -> dict[str, Any]:
    """Every row, on a cluster of this machine's own."""
    os.environ["RAY_ADDRESS"] = "local"  # also where another is up
    tiny = folder / "model"
    make_random_model(tiny)
    _tell("start-up")
    rows: dict[str, Any] = {"start_up": start_up(order(folder, lines(1), SMALL))}
    connect()
    try:
        rows["memory"] = {}  # before this process has had a model in its memory
        for count in MEMORY_ROWS:
            _tell(f"memory, {count} rows")
            rows["memory"][str(count)] = memory(order(folder, short_lines(count), tiny))
        _tell("the engine in a plain loop")
        rows["plain_loop"] = plain_loop(order(folder, lines(LINES), SMALL))
        rows["actors"] = {}
        resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        for count in actor_counts(int(resources.get("GPU", resources["CPU"]))):
            _tell(f"make bulk, actors: {count}")
            rows["actors"][str(count)] = bulk_run(order(folder, lines(LINES), SMALL), count)
    finally:
        ray.shutdown()
    return rows


def _tell(what: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {what}", flush=True)


def main() -> int:
    """Measure everything, and write results, table and plot.

    Returns:
        0, or 130 after Ctrl-C, when nothing is written.
    """
    try:
        with TemporaryDirectory() as folder:
            rows = measure(Path(folder))
    except KeyboardInterrupt:
        print("\nStopped. Nothing was written.", file=sys.stderr)
        return 130
    bulk_page.BULK.write_text(json.dumps(stamped(rows), indent=2) + "\n")
    bulk_page.write()
    print(bulk_page.BULK.read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
