"""Every row of the bench can be measured, with a tiny model and few requests in place of its own."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from bench import engine as bench
from bench.random_model import make_random_model
from bench.table import engine_table
from contract.formats import FORMATS
from engine.plan import END_SECONDS


@pytest.fixture(scope="module")
def contest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bench.Contest]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(tmp_path_factory.mktemp("upstream")))
        directory = tmp_path_factory.mktemp("model")
        make_random_model(directory)
        yield bench.Contest(directory, torch.device("cpu"), reference_seconds=3)


@pytest.fixture(autouse=True)
def little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "LONG_TEXT_CHARACTERS", 250)
    monkeypatch.setattr(bench, "CALLERS", 3)
    monkeypatch.setattr(bench, "REQUESTS", 3)
    monkeypatch.setattr(bench, "MATMUL_SIZE", 64)


def test_both_sides_say_as_much(contest: bench.Contest) -> None:
    model = bench.split_as_upstream(contest.in_dtype(torch.float32))
    line, text = contest.utterance(bench.LINE, 7, duration=4.0), contest.utterance(bench.text_of(300), 7)
    for said, silence in ((line, 0), (text, END_SECONDS)):
        [ours], [theirs] = contest.ours([said], model)(), contest.theirs([said], 7)()
        assert ours.seconds == pytest.approx(theirs + silence, abs=0.02)


def assert_measured(row: dict[str, Any]) -> None:
    assert row["ours"]["median"] > 0
    assert row["upstream"]["median"] > 0
    assert row["times_as_fast"] > 0


@pytest.mark.slow
def test_the_rows_of_a_cpu_are_measured_and_told(contest: bench.Contest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "import_row", lambda *_: {})  # two processes of twenty seconds
    contest.model = contest.in_dtype(torch.bfloat16)  # as where a CPU has tiles for it
    rows = bench.cpu_rows(contest, runs=1)
    compared = {name: row for name, row in rows.items() if "upstream" in row}
    assert sum("both in fp32" in name for name in compared) == 2
    assert sum("both in bf16" in name for name in compared) == 2
    for row in compared.values():
        assert_measured(row)
    told = "\n".join(engine_table({"rows": rows}))
    assert all(name in told for name in compared)
    assert "| `fast` | 7 |" in told
    for name in FORMATS:
        assert rows["Formats"][name]["median"] > 0
        assert f"| `{name}` | " in told
    assert f"To read a line of {len(bench.WRITTEN)} characters" in told


@pytest.mark.slow
def test_the_rows_of_a_gpu_are_measured_and_told(contest: bench.Contest) -> None:
    rows = bench.gpu_rows(contest, runs=1)
    told = "\n".join(engine_table({"rows": rows}))
    for name in (f"One 5 s line, 8 s reference, {bench.OUR_NFE} steps", "3 callers at once, 3 to 3.8 s, 16 steps"):
        assert_measured(rows[name])
        assert rows[name]["matmul_seconds"] > 0
        assert f"{name}: matrix products alone take" in told
