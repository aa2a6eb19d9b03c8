"""Every row of the bulk bench can be measured, with a tiny model and few lines in place of its own, and is told."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import bulk, bulk_page
from bench.random_model import make_random_model
from tests.support.waiting import wait_until

REPOSITORY = Path(__file__).resolve().parents[2]

TINY = """
import sys
from collections.abc import Iterator
from pathlib import Path
from bench import bulk, bulk_page
bulk.LINES, bulk.MEMORY_ROWS, bulk.TOGETHER_SECONDS, bulk.WATCH_SECONDS = 12, (3, 6), 0, 0.1
bulk.SMALL = Path({model!r})
bulk_page.BULK, bulk_page.PAGE, bulk_page.PLOT = (Path({out!r}) / name for name in ("bulk.json", "bulk.md", "bulk.svg"))
sys.exit(bulk.main())
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The bench, as `make bench-bulk` starts it, in a tiny form; it writes into the test's folder."""
    make_random_model(tmp_path / "model")
    shutil.copy(bulk_page.PAGE, tmp_path)
    program = TINY.format(model=str(tmp_path / "model"), out=str(tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=REPOSITORY,
        # Ray's workers are nice, so all that runs beside the tests would come before them.
        env=os.environ | {"OMP_NUM_THREADS": "1", "RAY_worker_niceness": "0"},
        stdout=(tmp_path / "told").open("w"),
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.slow
def test_every_row_is_measured_and_told(bench: subprocess.Popen[str], tmp_path: Path) -> None:
    code = bench.wait(600)
    told = (tmp_path / "told").read_text()
    assert code == 0, told
    for step in ("start-up", "memory, 3 rows", "memory, 6 rows", "plain loop", "make bulk, actors: 1"):
        assert step in told
    results = json.loads((tmp_path / "bulk.json").read_text())
    assert results["start_up"] > 0
    assert results["plain_loop"]["lines"] == 12
    assert results["machine"]["cores"] == len(os.sched_getaffinity(0))
    for row in results["actors"].values():
        assert 0 < row["lines"] < 12
        assert row["speech_a_second"] > 0
        assert row["seconds_to_first_batch"] > 0
    for row in results["memory"].values():
        assert 0 < row["driver"] < row["all"]
    page = (tmp_path / "bulk.md").read_text()
    assert len(re.findall(r"^\| `make bulk`, \d+ actors? \|", page, re.MULTILINE)) == len(results["actors"])
    assert "| 6 rows | " in page
    assert page.endswith(bulk_page.PAGE.read_text().partition(bulk_page.END)[2])
    assert "plain loop" in (tmp_path / "bulk.svg").read_text()


@pytest.mark.slow
def test_ctrl_c_ends_it_and_writes_nothing(bench: subprocess.Popen[str], tmp_path: Path) -> None:
    told = tmp_path / "told"
    assert wait_until(lambda: "memory, 3 rows" in told.read_text(), 300), told.read_text()
    os.killpg(bench.pid, signal.SIGINT)  # as a terminal does
    assert bench.wait(120) == 130, told.read_text()
    assert told.read_text().endswith("Stopped. Nothing was written.\n")
    assert "Traceback" not in told.read_text()
    assert not (tmp_path / "bulk.json").exists()
    assert not (tmp_path / "bulk.svg").exists()


def test_the_page_quotes_the_committed_results() -> None:
    page = bulk_page.PAGE.read_text(encoding="utf-8")
    assert bulk_page.BEGIN in page
    assert bulk_page.with_table(page) == page, "run `make bench-table`"
    assert bulk_page.PLOT.exists() == bulk_page.BULK.exists()


@pytest.mark.parametrize(("most", "counts"), [(1, [1]), (2, [1, 2]), (6, [1, 2, 4, 6]), (8, [1, 2, 4, 8])])
def test_the_curve_has_a_point_for_one_actor_and_twice_as_many_each_time(most: int, counts: list[int]) -> None:
    assert bulk.actor_counts(most) == counts
