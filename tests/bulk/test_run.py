"""A run on a cluster: every line is spoken once and as the endpoint speaks it, whatever dies on the way."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pyarrow.parquet
import pytest
import torch
from ray.cluster_utils import Cluster

from bench.stand_in import nodes_with_engines, stand_in, traced
from bulk.errors import BulkError, WriteError
from bulk.places import absolute, open_place, s3
from bulk.planning import Order
from bulk.run import FaultyRowsError, run
from bulk.starting import MAX_STARTS
from bulk.voices import read_voices
from contract.invocation import DESCRIBED_AUDIO, DescribedAudio, Invocation
from engine.checkpoint import load_model
from engine.speech import Engine
from lexicons import Lexicons
from references import References
from speaker import Speaker, representation, respond
from tests.bulk.conftest import STORE_BYTES
from tests.support.bulk_lines import make_order, manifest_of, write_jsonl
from tests.support.small_disk import SmallDisk
from tests.support.waiting import wait_until
from text.front_end import FrontEnd

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("cluster")]

REPOSITORY = Path(__file__).resolve().parents[2]
LINES: list[dict[str, Any]] = [
    {"champion_id": "garen", "text": "Hold the line at 25:30.", "name": "hold", "quality": "fast"},
    {"champion_id": "lux", "text": "You have 3 kills. Well done!", "format": "opus", "quality": "fast", "seed": 7},
    {"champion_id": "lux", "text": "Now.", "format": "flac", "name": "now", "speed": 1.5, "quality": "fast"},
    {"champion_id": "lux", "text": "Kai'Sa waits for you.", "quality": "fast"},
    # The same sound under another name, and the same row again.
    {"champion_id": "garen", "text": "Hold the line at 25:30.", "name": "again", "quality": "fast"},
    {"champion_id": "garen", "text": "Hold the line at 25:30.", "name": "again", "quality": "fast"},
]
BROKEN: list[dict[str, Any]] = [
    {"champion_id": "garren", "text": "Now."},
    {"champion_id": "garen", "text": "Something else.", "name": "hold"},
    {"champion_id": "garen", "text": "Now.", "speed": 3},
]


def many(count: int) -> Iterator[dict[str, Any]]:
    """Lines of which no two are the same."""
    for number in range(count):
        champion = "garen" if number % 2 else "lux"
        text = f"Hold the line {'and wait ' * (number % 5)}now."
        yield {"champion_id": champion, "text": text, "seed": number, "name": f"line-{number}", "quality": "fast"}


def sounds(out: Path) -> set[str]:
    return {path.relative_to(out).as_posix() for path in out.glob("[!.]*/*")}


def finished(out: Path) -> int:
    return len(list(out.glob(".lines/*/*.json")))


@pytest.fixture
def one_thread() -> Iterator[None]:
    """What an actor computes with here: on some CPUs another number of threads rounds another way."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def spoken_by_endpoint(line: dict[str, Any], model_dir: Path, voices: Path) -> DescribedAudio:
    model = load_model(model_dir, torch.device("cpu"))
    files = cast("Any", read_voices(str(voices)))
    references = References(files, model.description.mel_spec, "any", frozenset(), None)
    front_end = FrontEnd(model.reader.can_say, model.reader.reads_phonemes)
    speaker = Speaker(Engine(model), front_end, references, Lexicons(files), -19)
    invocation = Invocation.model_validate({name: value for name, value in line.items() if name != "name"})
    answer = respond(speaker.speak(invocation), representation(DESCRIBED_AUDIO, invocation))
    return DescribedAudio.parse(answer.body)


@pytest.fixture
def order(tmp_path: Path, model_dir: Path, voices: Path) -> Order:
    return make_order([write_jsonl(tmp_path / "lines.jsonl", LINES)], tmp_path / "out", model_dir, voices)


def refuse_to_load(_: Path) -> Engine:
    raise AssertionError("a model is loaded, and there is nothing to speak")


@pytest.mark.usefixtures("one_thread")
def test_lines_are_what_the_endpoint_speaks_and_are_not_spoken_again(
    order: Order, tmp_path: Path, model_dir: Path, voices: Path
) -> None:
    out = tmp_path / "out"
    first = run(order)
    assert (first.spoken, first.there, first.failed) == (6, 0, 0)
    rows = manifest_of(out)
    assert [row["row"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert sounds(out) == {row["file"] for row in rows}
    for row, line in zip(rows, LINES, strict=True):
        expected = spoken_by_endpoint(line, model_dir, voices)
        sound = (out / row["file"]).read_bytes()
        assert sound == expected.audio
        assert row["sha256"] == hashlib.sha256(sound).hexdigest()
        assert (row["seconds"], row["spoken_text"]) == (expected.description.duration, expected.description.spoken_text)
        assert row["segments"] == [segment.model_dump() for segment in expected.description.segments]
        assert (row["champion_id"], row["seed"], row["error"]) == (line["champion_id"], line.get("seed", 0), None)
    assert pyarrow.parquet.read_table(out / "manifest.parquet").to_pylist() == rows

    again = run(order, load_engine=refuse_to_load)
    assert (again.spoken, again.there, again.failed) == (0, 6, 0)
    assert manifest_of(out) == rows

    (voices / "lexicon.txt").write_text("kai'sa = Kai sah")
    (out / "lux" / "now.flac").unlink()
    changed = run(replace(order, voices=read_voices(str(voices))))
    assert (changed.spoken, changed.there) == (2, 4)
    assert [row["spoken_text"] for row in manifest_of(out)][3] == "Kai sah waits for you."
    assert [row["sha256"] for row in manifest_of(out)][2] == rows[2]["sha256"]


def test_wrong_rows_are_told_all_at_once_and_the_others_are_spoken_if_asked_for(order: Order, tmp_path: Path) -> None:
    out, trace = tmp_path / "out", tmp_path / "trace"
    write_jsonl(tmp_path / "lines.jsonl", [BROKEN[0], *LINES, *BROKEN[1:]])
    with pytest.raises(FaultyRowsError) as caught:
        run(order, load_engine=stand_in(trace))
    first, second, third, count, end = str(caught.value).splitlines()
    assert first.startswith(f"{tmp_path}/lines.jsonl:1: champion_id: is no champion's name. Did you mean garen")
    assert second.startswith(f"{tmp_path}/lines.jsonl:8: has the champion and name of a row before it")
    assert third.startswith(f"{tmp_path}/lines.jsonl:9: speed: ")
    assert (count, end) == ("3 rows cannot be spoken.", "Nothing was spoken.")
    assert not out.exists()
    assert not traced(trace)

    summary = run(order, keep_going=True, load_engine=stand_in(trace))
    assert (summary.spoken, summary.failed) == (6, 3)
    assert len(traced(trace)) == 4, "two rows repeat another"
    failed = [row for row in manifest_of(out) if row["error"]]
    assert [(row["row"], row["file"]) for row in failed] == [(1, None), (8, None), (9, None)]


def test_lines_references_and_sounds_may_lie_in_s3(order: Order, tmp_path: Path, model_dir: Path, voices: Path) -> None:
    s3().create_bucket(Bucket="bulk-run")
    bucket = open_place("s3://bulk-run")
    bucket.write("in/lines.jsonl", (tmp_path / "lines.jsonl").read_bytes(), "")
    for folder, prefix in ((voices, "champion-voices"), (model_dir, "model")):
        for path in filter(Path.is_file, folder.rglob("*")):
            bucket.take(path, f"{prefix}/{path.relative_to(folder).as_posix()}", "")
    in_s3 = replace(
        order,
        sources=("s3://bulk-run/in/lines.jsonl",),
        out="s3://bulk-run/out",
        model="s3://bulk-run/model",
        voices=read_voices("s3://bulk-run/champion-voices"),
    )
    assert (run(in_s3).spoken, run(in_s3, load_engine=refuse_to_load).there) == (6, 6)
    run(order)
    for row in manifest_of(tmp_path / "out"):
        assert bucket.read(f"out/{row['file']}") == (tmp_path / "out" / row["file"]).read_bytes()
    assert bucket.has("out/manifest.parquet")


@pytest.fixture
def in_the_background() -> Iterator[Executor]:
    """Does something beside the test; what it raised is in its result."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        yield thread


def test_a_killed_worker_a_lost_machine_and_a_new_one_cost_no_line(
    order: Order,
    tmp_path: Path,
    cluster: Cluster,
    in_the_background: Executor,
) -> None:
    count, out, trace, hold = 400, tmp_path / "out", tmp_path / "trace", tmp_path / "hold"
    write_jsonl(tmp_path / "lines.jsonl", many(count))
    running = in_the_background.submit(run, order, load_engine=stand_in(trace, seconds_each=0.05, hold=hold))

    def wait_for(condition: Callable[[], bool]) -> None:
        assert wait_until(lambda: running.done() or condition(), 300)
        assert not running.done(), running.result()

    wait_for(lambda: finished(out) >= 40)
    os.kill(traced(trace)[-1].process, signal.SIGKILL)
    wait_for(lambda: finished(out) >= 120)
    hold.touch()  # or on a busy machine the last line is spoken before a new one has come
    try:
        cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
        # It sets a signal's handler, which no thread but this may do, and would wait no longer than half a minute.
        new = cluster.add_node(wait=False, num_cpus=1, object_store_memory=STORE_BYTES)
        wait_for(lambda: new.node_id in nodes_with_engines(trace))
    finally:
        hold.unlink()
    summary = running.result()
    assert new.node_id in {spoken.node for spoken in traced(trace)}
    assert (summary.spoken, summary.failed) == (count, 0)
    rows = manifest_of(out)
    assert [row["row"] for row in rows] == list(range(1, count + 1))
    assert (
        sounds(out)
        == {row["file"] for row in rows}
        == {f"{'garen' if n % 2 else 'lux'}/line-{n}.wav" for n in range(count)}
    )
    for row in rows:
        assert hashlib.sha256((out / row["file"]).read_bytes()).hexdigest() == row["sha256"]
    # What was on its way when something died is spoken again, and nothing else.
    pieces = Counter(spoken.piece for spoken in traced(trace))
    assert len(pieces) >= count
    assert sum(pieces.values()) - len(pieces) <= 100


def test_what_was_spoken_before_ctrl_c_is_not_spoken_again(
    order: Order, tmp_path: Path, model_dir: Path, voices: Path
) -> None:
    count, out, trace = 60, tmp_path / "out", tmp_path / "trace"
    write_jsonl(tmp_path / "lines.jsonl", many(count))
    command = [
        *(sys.executable, "-W", "ignore", "-m", "bulk", str(tmp_path / "lines.jsonl")),
        *("--out", str(out), "--voices", str(voices), "--model", str(model_dir)),
    ]
    process = subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True)
    assert wait_until(lambda: finished(out) >= 5 or process.poll() is not None, 300)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 130, told
    assert told.endswith("the same command goes on from there.\n")
    before = finished(out)
    assert 5 <= before < count

    summary = run(order, load_engine=stand_in(trace))
    assert (summary.there, summary.spoken) == (before, count - before)
    assert len(manifest_of(out)) == count
    assert not list(out.glob(".partial/*"))


def test_a_run_that_cannot_write_ends_and_says_so(order: Order, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "lux").write_text("no folder")
    with pytest.raises(WriteError, match=r"/out/lux/.* cannot be written: "):
        run(order, load_engine=stand_in(tmp_path / "trace"))
    (tmp_path / "out" / "lux").unlink()
    assert run(order, load_engine=stand_in(tmp_path / "trace")).failed == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with SmallDisk(tmp_path / "disk", kib=2048) as disk:
        yield disk


def test_a_full_disk_ends_a_run_and_with_room_the_next_speaks_what_is_missing(
    order: Order, tmp_path: Path, small_disk: SmallDisk
) -> None:
    count, out, trace = 60, small_disk.path / "out", tmp_path / "trace"
    write_jsonl(tmp_path / "lines.jsonl", many(count))
    into_it = replace(order, out=absolute(str(out)))
    with pytest.raises(WriteError) as caught:
        run(into_it, load_engine=stand_in())
    assert re.fullmatch(
        f"There is no space left for {out}/.*: make some, and the same command goes on from there\\.", str(caught.value)
    )
    kept = {file: (out / file).read_bytes() for file in sounds(out)}
    before, rows = finished(out), manifest_of(out)
    assert 0 < len(rows) <= before <= len(kept) < count
    for row in rows:
        assert hashlib.sha256(kept[row["file"]]).hexdigest() == row["sha256"]

    small_disk.grow(kib=16 * 1024)
    summary = run(into_it, load_engine=stand_in(trace))
    assert (summary.there, summary.spoken, summary.failed) == (before, count - before, 0)
    assert len(traced(trace)) == count - before
    assert len(manifest_of(out)) == len(sounds(out)) == count
    assert {file: (out / file).read_bytes() for file in kept} == kept, "a file was not whole"
    assert not list(out.glob(".partial/*"))


def test_a_model_that_cannot_be_loaded_where_it_is_to_speak_ends_the_run_and_is_told(
    order: Order, tmp_path: Path, model_dir: Path
) -> None:
    broken = tmp_path / "model"
    shutil.copytree(model_dir, broken)
    (broken / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(BulkError, match=f"^{broken} cannot be loaded on .*: .*header"):
        run(replace(order, model=str(broken)))
    shutil.rmtree(broken)
    with pytest.raises(BulkError, match=r"lacks the model: .*model\.yaml is missing"):
        run(replace(order, model=str(broken)))
    assert not sounds(tmp_path / "out")


def test_a_model_whose_process_dies_whenever_it_is_loaded_ends_the_run(order: Order, tmp_path: Path) -> None:
    starts = tmp_path / "starts"

    def run_out_of_memory(_: Path) -> Engine:
        with starts.open("a") as file:
            file.write(f"{os.getpid()}\n")
        os.kill(os.getpid(), signal.SIGKILL)  # as the kernel does then
        raise AssertionError

    with pytest.raises(BulkError, match=f"cannot be loaded on .*: {MAX_STARTS} processes died of it"):
        run(order, actors=1, load_engine=run_out_of_memory)
    assert len(starts.read_text().split()) == MAX_STARTS, "both machines are this one"
