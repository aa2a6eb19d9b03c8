"""A supervisor ends what it started, and nothing else that its process started."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.layout import ROOT
from local.processes import STOP_SIGNALS, Processes
from tests.support.waiting import wait_until

LEAVES_AN_ORPHAN = "(sleep 600 & echo $! >orphan.part && mv orphan.part orphan) & exec sleep 600"


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """Another child of this process, as another stack may be."""
    process = subprocess.Popen(["sleep", "600"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def test_leaving_ends_what_was_started_and_what_that_left_behind_and_no_other_child_of_this_process(
    other: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    handlers = [signal.getsignal(number) for number in STOP_SIGNALS]
    with Processes(tmp_path / "logs", ROOT) as processes:
        processes.start("shell", ["bash", "-c", LEAVES_AN_ORPHAN], cwd=tmp_path)
        assert wait_until((tmp_path / "orphan").exists, 30)
        orphan = psutil.Process(int((tmp_path / "orphan").read_text()))
        assert wait_until(lambda: orphan.ppid() == os.getpid(), 30)
        started = [child for child in psutil.Process().children() if child.pid != other.pid]
        assert len(started) >= 3, "the child, its orphan and the watchdog"

    with pytest.raises(subprocess.TimeoutExpired):
        other.wait(0.2)
    assert [child for child in started if child.is_running()] == []
    assert not processes.temp.exists()
    assert [signal.getsignal(number) for number in STOP_SIGNALS] == handlers
