"""The local gateway in a process of its own, as `make run` has it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.layout import ROOT
from tests.support.serving import answers, free_ports
from tests.support.waiting import wait_until

START_SECONDS = 60


@contextmanager
def gateway(environment: dict[str, str]) -> Iterator[str]:
    """Start it before a Lambda with this environment; tells its URL."""
    [port] = free_ports(1)
    process = subprocess.Popen(
        [sys.executable, "-m", "local.gateway", str(port)],
        cwd=ROOT,
        env=environment | {"PYTHONPATH": str(ROOT / "api")},
    )
    try:
        url = f"http://127.0.0.1:{port}"
        assert wait_until(lambda: answers(url), START_SECONDS)
        yield url
    finally:
        process.terminate()
        process.wait()
