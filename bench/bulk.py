"""Bulk synthesis beside the engine in a plain loop, its memory and its start: `python -m bench.bulk`.

The figures go into this machine's results and into docs/bulk.md, the curve over the actors into docs/bulk.svg.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import islice, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import matplotlib as mpl
import psutil
import ray
import torch
from torch import Tensor

from bench.engine import SENTENCES, SMALL
from bench.measure import save
from bench.random_model import make_random_model
from bulk.cluster import connect
from bulk.keeping import keep
from bulk.model import digest
from bulk.planning import Desk, Job, Order
from bulk.rows import kind_of, read
from bulk.run import run
from bulk.stages import LoadEngine, load_engine
from bulk.voices import read_voices
from contract.invocation import DEFAULT_LUFS
from engine.checkpoint import Model, load_model
from engine.graphs import Graphs
from engine.network import Step
from engine.sampler import Condition
from engine.speech import Engine, Speech
from loudness import level
from speaker import describe

mpl.use("svg")
from matplotlib import pyplot as plt

ROOT = Path(__file__).parents[1]
PAGE, PLOT = ROOT / "docs/bulk.md", ROOT / "docs/bulk.svg"
BEGIN, END = "<!-- made by `make bench-bulk` -->\n", "<!-- end -->\n"
VOICES = ROOT / "voices"
LINES = 120
MEMORY_ROWS = (1_000, 10_000)
TOGETHER_SECONDS = 0.5  # the sounds of a batch are written within it


def lines(count: int) -> Iterator[dict[str, Any]]:
    """Lines of all sample champions, no two alike: sentences alone and in pairs."""
    champions = sorted(path.name for path in VOICES.iterdir() if path.is_dir())
    texts = [*SENTENCES, *(f"{one} {other}" for one, other in product(SENTENCES, SENTENCES))]
    endless = ((seed, champion, text) for seed in range(count) for champion in champions for text in texts)
    for number, (seed, champion, text) in enumerate(islice(endless, count)):
        yield {"champion_id": champion, "text": text, "seed": seed, "name": f"line-{number}"}


def order(folder: Path, count: int, model_dir: Path) -> Order:
    """An order for some lines, into a folder of its own."""
    source = folder / f"{count}.jsonl"
    source.write_text("".join(json.dumps(line) + "\n" for line in lines(count)))
    out = folder / f"out-{time.monotonic_ns()}"
    voices = read_voices(str(VOICES))
    return Order((str(source),), str(out), str(model_dir), digest(model_dir), voices, None, DEFAULT_LUFS)


def plain_loop(asked: Order) -> dict[str, float]:
    """One line after the other through the same text, engine and files, in this process."""
    desk, engine = Desk(asked), load_engine(Path(asked.model))
    source = Path(asked.sources[0])
    spoken, started = 0.0, time.perf_counter()
    count = 0
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
    seconds = time.perf_counter() - started
    return _rates(count, spoken, seconds)


def bulk_run(asked: Order, actors: int | None, load: LoadEngine = load_engine) -> dict[str, float]:
    """A run on the cluster that is connected: the rates from its first batch on, and what passed before."""
    started = time.time()
    run(asked, actors=actors, load_engine=load)
    records = sorted(Path(asked.out).glob(".lines/*/*.json"), key=lambda path: path.stat().st_mtime)
    first = records[0].stat().st_mtime
    later = [path for path in records if path.stat().st_mtime > first + TOGETHER_SECONDS]
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


def stand_in(model_dir: Path) -> Engine:
    """A tiny model whose network is not asked."""
    return Engine(load_model(model_dir, torch.device("cpu"), torch.float32), sampler=_noise)


def _noise(_: Model, __: Sequence[Step], conditions: Sequence[Condition], ___: Graphs | None) -> list[Tensor]:
    return [condition.noise - 3 for condition in conditions]


def memory(folder: Path, model_dir: Path) -> dict[str, dict[str, int]]:
    """The most that runs of few and of many rows take, in MiB: this process, and all of Ray's together."""
    return {str(rows): _peak(order(folder, rows, model_dir)) for rows in MEMORY_ROWS}


def _peak(asked: Order) -> dict[str, int]:
    done = threading.Event()
    peak = {"driver": 0, "all": 0}

    def watch() -> None:
        while not done.wait(0.5):
            driver = psutil.Process()
            peak["driver"] = max(peak["driver"], driver.memory_info().rss >> 20)
            peak["all"] = max(peak["all"], sum(map(_own_mib, [driver, *driver.children(recursive=True)])))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        run(asked, load_engine=stand_in)
    finally:
        done.set()
        watching.join()
    return peak


def _own_mib(process: psutil.Process) -> int:
    """Without what is shared, so that the object store counts once, where it is written."""
    try:
        return int(process.memory_full_info().uss >> 20)
    except psutil.Error:
        return 0


def start_up(folder: Path) -> float:
    """Seconds from the command to the first line's sound, Ray's start and the model's load included."""
    asked = order(folder, 1, SMALL)
    command = [sys.executable, "-W", "ignore", "-m", "bulk", asked.sources[0], "--out", asked.out]
    started = time.time()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [record] = Path(asked.out).glob(".lines/*/*.json")
    return round(record.stat().st_mtime - started, 1)


def table(rows: dict[str, Any]) -> str:
    """The figures in words."""
    plain, actors = rows["plain_loop"], rows["actors"]
    text = [
        f"On {_machine(rows['machine'])}, {rows['date']}, with the small model, {LINES} lines:",
        "",
        "| | lines a second | seconds of speech a second | of the plain loop |",
        "|---|---|---|---|",
        f"| the engine in a plain loop | {plain['lines_a_second']:.2f} | {plain['speech_a_second']:.2f} | |",
    ]
    for count, row in actors.items():
        share = row["speech_a_second"] / plain["speech_a_second"]
        name = f"`make bulk`, {count} actor{'s' if count != '1' else ''}"
        text.append(f"| {name} | {row['lines_a_second']:.2f} | {row['speech_a_second']:.2f} | {share:.2f} |")
    few, many = (
        f"{row['driver']} MiB in the command's process, {row['all']} in all" for row in rows["memory"].values()
    )
    text += [
        "",
        f"From the command to the first sound: {rows['start_up']:.0f} s.",
        "",
        f"Memory, with a stand-in for the network: {MEMORY_ROWS[0]:,} rows {few}; {MEMORY_ROWS[1]:,} rows {many}.",
        "",
    ]
    return "\n".join(text)


def draw(rows: dict[str, Any]) -> None:
    """The curve over the actors."""
    figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
    counts = [int(count) for count in rows["actors"]]
    axes.plot(counts, [row["speech_a_second"] for row in rows["actors"].values()], marker="o", label="make bulk")
    axes.axhline(rows["plain_loop"]["speech_a_second"], linestyle="--", color="grey", label="plain loop")
    axes.set(xlabel="actors", ylabel="seconds of speech a second", xticks=counts, ylim=(0, None))
    axes.set_title(_machine(rows["machine"]), fontsize="medium")
    axes.legend()
    figure.savefig(PLOT, metadata={"Date": None})


def _machine(about: dict[str, Any]) -> str:
    return about["gpu"] or f"{about['processor']}, {about['cores']} cores"


def main() -> None:
    """Measure everything, and write results, table and plot."""
    with TemporaryDirectory() as directory:
        folder = Path(directory)
        tiny = folder / "model"
        make_random_model(tiny)
        rows: dict[str, Any] = {"start_up": start_up(folder)}
        print(f"start-up: {rows['start_up']} s", flush=True)
        rows["plain_loop"] = plain_loop(order(folder, LINES, SMALL))
        print(f"plain loop: {rows['plain_loop']}", flush=True)
        connect()
        resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        most = int(resources.get("GPU", resources["CPU"]))
        rows["actors"] = {}
        for count in range(1, most + 1):
            rows["actors"][str(count)] = bulk_run(order(folder, LINES, SMALL), count)
            print(f"{count} actors: {rows['actors'][str(count)]}", flush=True)
        rows["memory"] = memory(folder, tiny)
        ray.shutdown()
    path = save("bulk", rows)
    measured = json.loads(path.read_text())["bulk"]
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}{table(measured)}{END}{after}", encoding="utf-8")
    draw(measured)
    print(table(measured))


if __name__ == "__main__":
    main()
