"""The way in under a real Ray Serve, before a model that dies, hangs and sleeps as it is told."""

import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
import yaml

from deploy.layout import ENDPOINT, ROOT, SERVE_CONFIG
from local.processes import Processes
from tests.support.serving import free_ports
from tests.support.waiting import wait_until

START_SECONDS = 300


@dataclass
class Way:
    """The way in."""

    url: str
    folder: Path
    server: psutil.Process

    def speak(self, text: str, wait: float = 60, **more: float) -> httpx.Response:
        line = {"text": text, "wait_seconds": wait, "log": str(self.folder / "spoken"), **more}
        return httpx.post(self.url, json=line, timeout=90)

    def times_spoken(self, text: str) -> int:
        """How often a replica has begun a line."""
        log = self.folder / "spoken"
        return log.read_text().splitlines().count(text) if log.exists() else 0


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    folder = tmp_path_factory.mktemp("way")
    [port] = free_ports(1)
    config = yaml.safe_load(SERVE_CONFIG.read_text())
    config["http_options"] |= {"host": "127.0.0.1", "port": port}
    config["applications"][0]["import_path"] = "deadly_model:build"
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "RAY_"))}
    with pytest.MonkeyPatch.context() as monkeypatch, Processes(folder / "logs", ROOT) as processes:
        for name in os.environ.keys() - kept.keys():
            monkeypatch.delenv(name)
        command = [str(ROOT / "local/ray_serve.py"), str(folder / "config.yaml"), "--temp-dir", f"{processes.temp}/ray"]
        # By its folder: a package that is installed brings a folder named tests.
        path = os.pathsep.join(map(str, (ROOT, ENDPOINT, Path(__file__).parent)))
        # Of a busy machine more patience is asked than Ray has by itself.
        variables = {"PYTHONPATH": path, "RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": "200"}
        processes.start("ray", [sys.executable, *command], variables)
        [server] = [child for child in psutil.Process().children() if "--temp-dir" in child.cmdline()]
        started = Way(f"http://127.0.0.1:{port}/", folder, server)

        def speaks() -> bool:
            processes.check()
            try:
                return started.speak("Hello.").status_code == 200
            except httpx.TransportError:
                return False

        assert wait_until(speaks, START_SECONDS), (folder / "logs/ray.log").read_text()[-8000:]
        yield started


def test_a_line_whose_replica_dies_is_spoken_again_and_so_are_all_beside_it(way: Way) -> None:
    with ThreadPoolExecutor() as callers:
        beside = [callers.submit(way.speak, f"Beside {number}.", sleep=1) for number in range(3)]
        dies = callers.submit(way.speak, "Dies once.", deaths=1, sleep=0.5)
        answers = [each.result() for each in (*beside, dies)]

    assert [(answer.status_code, answer.text) for answer in answers] == [
        *((200, f"Beside {number}.") for number in range(3)),
        (200, "Dies once."),
    ]
    assert way.times_spoken("Dies once.") == 2


def test_a_line_that_kills_its_replica_twice_is_refused_alone_and_not_tried_again(way: Way) -> None:
    with ThreadPoolExecutor() as callers:
        beside = [callers.submit(way.speak, f"Beside poison {number}.", sleep=1) for number in range(2)]
        poison = callers.submit(way.speak, "Poison.", deaths=9, sleep=0.5).result()
        assert [each.result().status_code for each in beside] == [200, 200]

    assert (poison.status_code, poison.json()["status"]) == (500, 500)
    assert "not tried a third time" in poison.json()["detail"]
    assert poison.headers["Content-Type"] == "application/problem+json"
    assert way.times_spoken("Poison.") == 2


def test_a_replica_that_hangs_is_503_when_the_caller_stops_to_wait(way: Way) -> None:
    answer = way.speak("Hangs.", wait=1, sleep=30)

    assert (answer.status_code, answer.json()["retry_after"]) == (503, 5)


def test_nobody_hears_of_a_line_that_was_given_up(way: Way) -> None:
    way.speak("Given up.", wait=0.5, sleep=3)

    # It would be in the way of the next ones, of which so many may be spoken at once.
    with ThreadPoolExecutor(4) as callers:
        assert [answer.status_code for answer in callers.map(way.speak, [f"After {n}." for n in range(4)])] == [200] * 4


def test_more_lines_than_can_wait_are_429_at_once(way: Way) -> None:
    with ThreadPoolExecutor(30) as callers:
        answers = list(callers.map(lambda number: way.speak(f"Crowd {number}.", sleep=3), range(30)))

    refused = [answer.json() for answer in answers if answer.status_code != 200]
    assert {problem["status"] for problem in refused} == {429}
    assert {problem["retry_after"] for problem in refused} == {5}
    assert len(refused) < 30


def test_a_server_that_is_told_to_end_answers_what_it_has_taken_and_takes_no_more(way: Way) -> None:
    """The last test of this file: nothing is there afterwards."""
    with ThreadPoolExecutor() as callers:
        taken = callers.submit(way.speak, "Taken.", sleep=3)
        assert wait_until(lambda: way.times_spoken("Taken.") == 1, 30)
        way.server.send_signal(signal.SIGTERM)
        assert wait_until(lambda: refuses(way), 10)
        late = way.times_spoken("Too late.")

        assert taken.result().text == "Taken."
    assert late == way.times_spoken("Too late.")
    way.server.wait(30)


def refuses(way: Way) -> bool:
    """Whether nobody takes a line any more."""
    try:
        return way.speak("Too late.").status_code == 404
    except httpx.TransportError:
        return True
