"""Child processes that do not outlive the process that started them.

Ray alone starts a dozen processes, some of which outlive their parents. So each child has its own session, by which all
that it started is found: a terminal's Ctrl-C does not reach it, and ending means: until nothing of it is left. Other
children of this process, be it a test's other stack, are nobody's business here. Orphans are adopted (Linux' child
subreaper), or those that have ended would be there until whoever adopts them cleans up.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from types import FrameType
from typing import Self

import psutil

from local.watchdog import members

GRACE_SECONDS = 6  # Ray ends itself within three
TAIL_LINES = 25
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
# Not where TMPDIR says: the path of a Unix socket, and Ray has some here, holds at most 107 bytes.
TEMP = Path("/tmp")  # noqa: S108 -- mkdtemp makes the names


class ProcessFailedError(Exception):
    """A child ended that should not have; the message carries the end of its log."""


@dataclass(frozen=True)
class Child:
    """A process and the file that its output goes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def failure(self) -> ProcessFailedError:
        """What to tell of a child that has ended."""
        lines = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        code = self.process.returncode
        how = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
        tail = "\n".join(f"    {line}" for line in lines)
        return ProcessFailedError(f"The {self.name} process ended ({how}). The end of {self.log}:\n{tail}")


class Processes:
    """The children of this process; leaving the context ends them and all that they started.

    Args:
        log_dir: each child's output goes to NAME.log there.
        cwd: where a child runs unless said otherwise.

    Attributes:
        temp: a folder for them that goes when they do.
    """

    def __init__(self, log_dir: Path, cwd: Path) -> None:
        self._log_dir = log_dir
        self._cwd = cwd
        self._children: list[Child] = []
        self._grace_seconds: float = GRACE_SECONDS

    def __enter__(self) -> Self:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        self._log_dir.mkdir(parents=True, exist_ok=True)
        self.temp = Path(mkdtemp(prefix="voice-", dir=TEMP))
        watchdog = [sys.executable, "-m", "local.watchdog", str(self.temp)]
        theirs, self._watched = os.pipe()
        self._watchdog = subprocess.Popen(watchdog, cwd=self._cwd, stdin=theirs, start_new_session=True)
        os.close(theirs)
        return self

    def __exit__(self, *_: object) -> None:
        before = {number: signal.signal(number, self._hurry) for number in STOP_SIGNALS}
        self._end_all()
        self._watchdog.kill()
        self._watchdog.wait()
        os.close(self._watched)
        shutil.rmtree(self.temp)
        for number, handler in before.items():
            signal.signal(number, handler)

    def start(
        self, name: str, arguments: Sequence[str], variables: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> None:
        """Start a child.

        Args:
            name: names the log and the child in messages.
            arguments: the command line.
            variables: what its environment has beyond this process's.
            cwd: where it runs, if not where the others do.
        """
        log = self._log_dir / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                arguments,
                cwd=cwd or self._cwd,
                env=os.environ | (variables or {}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        os.write(self._watched, b"%d\n" % process.pid)
        self._children.append(Child(name, process, log))

    def check(self) -> None:
        """See that all children are up.

        Raises:
            ProcessFailedError: one has ended.
        """
        for child in self._children:
            if child.process.poll() is not None:
                raise child.failure()

    def _end_all(self) -> None:
        sessions = {child.process.pid for child in self._children}
        for process in members(sessions):
            with suppress(psutil.NoSuchProcess):
                if process.ppid() == os.getpid():
                    process.terminate()
        deadline = time.monotonic() + self._grace_seconds
        while left := members(sessions):
            for process in left:
                with suppress(psutil.NoSuchProcess, ChildProcessError):
                    if time.monotonic() > deadline or not self._grace_seconds:
                        process.kill()
                    if process.ppid() == os.getpid():
                        os.waitpid(process.pid, os.WNOHANG)  # adopted ones too: until then they are there
            time.sleep(0.05)

    def _hurry(self, _number: int, _frame: FrameType | None) -> None:
        self._grace_seconds = 0
