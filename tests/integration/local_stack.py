"""`python -m local.stack`, which is `make run` once everything is installed, as a process of the test."""

import io
import json
import os
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt
import psutil

from deploy.layout import ROOT
from local.checks import CannotStartError, check_ports
from local.stack import BUILD, Ports, url
from tests.support.waiting import wait_until

READY = "Ctrl-C ends all of it."
START_SECONDS = 300
STOP_SECONDS = 10
# What a developer's shell may hold, and what must lead the stack nowhere.
MISLEADING = {
    "AWS_PROFILE": "no-such-profile",
    "AWS_ENDPOINT_URL": "http://192.0.2.1",
    "RAY_ADDRESS": "192.0.2.1:6379",
    "HTTP_PROXY": "http://192.0.2.1:3128",
}


@dataclass(frozen=True)
class LocalStack:
    """A stack that is being started, or up."""

    ports: Ports
    process: psutil.Popen
    printed: Path

    @property
    def url(self) -> str:
        return url(self.ports.gateway)

    def output(self) -> str:
        return self.printed.read_text()

    def log(self, name: str) -> str:
        return (BUILD / "logs" / str(self.ports.gateway) / f"{name}.log").read_text()

    def wait_until_printed(self, text: str) -> None:
        wait_until(lambda: text in self.output() or self.process.poll() is not None, START_SECONDS)
        assert text in self.output(), self.output()

    def wait_until_process_starts(self, name: str) -> None:
        def has_started() -> bool:
            with suppress(psutil.NoSuchProcess):  # some do not live long
                return any(process.name().startswith(name) for process in self.processes())
            return False

        assert wait_until(has_started, START_SECONDS), self.output()

    def speak(self, accept: str = "application/json", **line: object) -> httpx.Response:
        return httpx.post(f"{self.url}/voice", json=line, headers={"Accept": accept}, timeout=30)

    def invocations(self) -> int:
        """How often the endpoint has been asked: what a line says, and to speak it, make two."""
        return self.log("sagemaker").count("/invocations HTTP/1.1")

    def processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def temporary_folder(self) -> Path:
        [ray_serve] = [process for process in self.process.children() if "--temp-dir" in process.cmdline()]
        return Path(ray_serve.cmdline()[-1]).parent

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)


@contextmanager
def started(folder: Path) -> Iterator[LocalStack]:
    """Start a stack on free ports and end it, if the test has not."""
    ports = free_ports()
    printed = folder / "printed.txt"
    with printed.open("wb") as sink:
        process = psutil.Popen(
            [sys.executable, "-m", "local.stack"],
            cwd=ROOT,
            env=os.environ | MISLEADING | {"PORT": str(ports.gateway)},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    stack = LocalStack(ports, process, printed)
    try:
        yield stack
    finally:
        if process.poll() is None:
            stack.interrupt()
            process.wait(STOP_SECONDS)


def free_ports() -> Ports:
    """Ports in a row below those that the kernel hands out by itself."""
    count = len(Ports._fields)
    for first in range(13000, 20000, count):
        ports = Ports(*range(first, first + count))
        try:
            check_ports(ports)
        except CannotStartError:
            continue
        return ports
    raise AssertionError("no free ports in a row")


def samples(wav: bytes) -> npt.NDArray[np.int16]:
    """The samples of a WAV file, which must be RIFF, 24 kHz, mono and 16 bit."""
    assert wav[:4] == b"RIFF"
    assert wav[8:12] == b"WAVE"
    assert int.from_bytes(wav[4:8], "little") == len(wav) - 8
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24000, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")


def event(name: str) -> dict[str, Any]:
    """An event of events/."""
    loaded: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text())
    return loaded
