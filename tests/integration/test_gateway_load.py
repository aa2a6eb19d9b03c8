"""Many callers at once, and callers who hang up, cost the Lambda no more than they may."""

import os
import select
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from local.gateway import RestApi, create_app
from tests.support.serving import served
from tests.support.waiting import wait_until

MAX_CONCURRENCY = 4
CALLERS = 100
# What happens is noted in a file beside it, a line each. It waits until it may go on: then it would ask the endpoint.
HANDLER = """
import os, pathlib, time

folder = pathlib.Path(__file__).parent

def note(what):
    with (folder / "notes").open("a") as notes:
        notes.write(f"{what} {os.getpid()}\\n")

note("imported")

def handler(event, context):
    note("begun")
    until = time.monotonic() + 120
    while not (folder / "go").exists() and time.monotonic() < until:
        time.sleep(0.01)
    note("reached")
    return {"statusCode": 200, "body": str(os.getpid())}
"""


class Code:
    """The handler's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "app.py").write_text(HANDLER)

    def processes(self, what: str) -> list[int]:
        """Those that noted something, once for each time."""
        notes = self._folder / "notes"
        lines = notes.read_text().splitlines() if notes.exists() else []
        return [int(line.split()[1]) for line in lines if line.startswith(what)]

    def go_on(self) -> None:
        (self._folder / "go").touch()


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Code:
    monkeypatch.syspath_prepend(tmp_path)
    return Code(tmp_path)


@pytest.fixture
def gateway(code: Code) -> Iterator[str]:  # noqa: ARG001
    with served(create_app(RestApi.read(), max_concurrency=MAX_CONCURRENCY)) as url:
        yield url


def call(url: str) -> socket.socket:
    """Ask for a line and wait for nothing."""
    address = urlsplit(url)
    caller = socket.create_connection((address.hostname, address.port), timeout=30)
    caller.sendall(b"GET /line HTTP/1.1\r\nHost: gateway\r\n\r\n")
    return caller


def first_answered(callers: list[socket.socket], count: int) -> list[socket.socket]:
    """So many callers of which each has an answer, once they have."""
    assert wait_until(lambda: len(select.select(callers, [], [], 1)[0]) >= count, 60)
    return select.select(callers, [], [], 0)[0]


def is_up(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_hundred_callers_who_hang_up_leave_the_gateway_as_it_was(gateway: str, code: Code) -> None:
    callers = [call(gateway) for _ in range(CALLERS)]
    answered = first_answered(callers, CALLERS - MAX_CONCURRENCY)
    assert {caller.recv(12) for caller in answered} == {b"HTTP/1.1 429"}
    assert wait_until(lambda: len(code.processes("begun")) == MAX_CONCURRENCY, 30)

    for caller in callers:
        caller.close()

    assert wait_until(lambda: not any(map(is_up, code.processes("begun"))), 30), "nobody waits for them"
    code.go_on()
    answers = [httpx.get(f"{gateway}/line", timeout=30) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len(code.processes("reached")) == 5, "the five, and none of those who hung up"
    assert len(code.processes("imported")) == 1, "environments are forked from one that has imported the handler"
    assert len(set(code.processes("begun"))) == MAX_CONCURRENCY + 1, "the five were answered by one environment"


def test_beyond_the_limit_the_answer_is_429_at_once(gateway: str, code: Code) -> None:
    callers = [call(gateway) for _ in range(MAX_CONCURRENCY)]
    assert wait_until(lambda: len(code.processes("begun")) == MAX_CONCURRENCY, 30)

    answer = httpx.get(f"{gateway}/line", timeout=30)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert answer.json()["status"] == 429
    assert len(code.processes("begun")) == MAX_CONCURRENCY
    code.go_on()
    assert Counter(caller.recv(12) for caller in callers) == {b"HTTP/1.1 200": MAX_CONCURRENCY}
    assert httpx.get(f"{gateway}/line", timeout=30).status_code == 200


def test_a_killed_environment_is_replaced_and_so_is_what_it_was_forked_from(gateway: str, code: Code) -> None:
    code.go_on()
    first = int(httpx.get(f"{gateway}/line", timeout=30).text)
    [forked_from] = code.processes("imported")

    os.kill(forked_from, signal.SIGKILL)
    os.kill(first, signal.SIGKILL)

    # The environment may still look alive to the one request that finds it dead.
    assert wait_until(lambda: httpx.get(f"{gateway}/line", timeout=30).status_code == 200, 30)
    assert len(code.processes("imported")) == 2
