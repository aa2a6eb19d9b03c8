"""The way in asks once more for a line whose replica has died, and knows which line it was that killed it.

Before it stands a model of this file's; under a real Ray Serve it is in tests/integration/test_ingress.py.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from ray import serve
from ray.exceptions import ActorDiedError
from ray.serve.exceptions import BackPressureError
from starlette.requests import Request
from starlette.responses import Response

from answer import Answer
from ingress import Ingress


@dataclass
class Call:
    """What a handle gives for a call: it is awaited, and can be cancelled."""

    answer: "asyncio.Future[Answer]"

    def __await__(self) -> Generator[Any, None, Answer]:
        return self.answer.__await__()

    def cancel(self) -> None:
        self.answer.cancel()


@dataclass
class Model:
    """One replica, which takes what it is told with all that it is speaking when it dies.

    Attributes:
        deaths: by line, how often that line kills the replica.
        begun: by line, how often it was begun.
        beside: by line, the lines that were being spoken when it was begun, for each time.
        cancelled: the lines that were cancelled.
    """

    deaths: dict[str, int] = field(default_factory=dict)
    begun: Counter[str] = field(default_factory=Counter)
    beside: dict[str, list[set[str]]] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    _speaking: dict[str, "asyncio.Future[Answer]"] = field(default_factory=dict)

    @property
    def invoke(self) -> SimpleNamespace:
        return SimpleNamespace(remote=self._remote)

    def _remote(self, body: bytes, *_: object) -> Call:
        text = json.loads(body)["text"]
        if text == "Too many.":
            raise BackPressureError(num_queued_requests=1, max_queued_requests=1)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda done: self.cancelled.append(text) if done.cancelled() else None)
        self.begun[text] += 1
        self.beside.setdefault(text, []).append(set(self._speaking))
        self._speaking[text] = answer
        asyncio.get_running_loop().call_later(0.05, self._end, text)
        return Call(answer)

    def _end(self, text: str) -> None:
        if self.begun[text] <= self.deaths.get(text, 0):
            dead, self._speaking = self._speaking, {}
            for answer in dead.values():
                answer.set_exception(ActorDiedError())
        elif text in self._speaking and text != "Hangs.":
            self._speaking.pop(text).set_result(Answer(text.encode(), "text/plain"))


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    model = Model()
    monkeypatch.setattr(serve, "get_app_handle", lambda _: model)
    return model


def post(text: str, **more: float) -> Request:
    body = json.dumps({"text": text} | more).encode()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


def speak(*texts: str, then: Callable[[Ingress], Awaitable[Response]] | None = None) -> list[Response]:
    """Send lines through the way in, all at once."""

    async def send() -> list[Response]:
        ingress = Ingress()
        lines = [ingress(post(text)) for text in texts]
        return list(await asyncio.gather(*lines, *([then(ingress)] if then else [])))

    return asyncio.run(send())


def test_lines_are_spoken_side_by_side(model: Model) -> None:
    assert [bytes(answer.body) for answer in speak("One.", "Two.")] == [b"One.", b"Two."]
    assert model.beside["Two."] == [{"One."}]


def test_all_lines_of_a_replica_that_dies_are_spoken_again_one_by_one(model: Model) -> None:
    model.deaths["Dies."] = 1
    answers = speak("Dies.", "One.", "Two.")

    assert [(answer.status_code, bytes(answer.body)) for answer in answers] == [
        (200, b"Dies."),
        (200, b"One."),
        (200, b"Two."),
    ]
    assert set(model.begun.values()) == {2}
    assert [again for _, again in model.beside.values()] == [set()] * 3


def test_a_line_that_kills_twice_is_refused_alone_and_not_tried_again(model: Model) -> None:
    model.deaths["Poison."] = 9
    one, poison, two = speak("One.", "Poison.", "Two.")

    assert (one.status_code, poison.status_code, two.status_code) == (200, 500, 200)
    assert "not tried a third time" in json.loads(bytes(poison.body))["detail"]
    assert model.begun["Poison."] == 2


def test_a_line_that_comes_meanwhile_is_not_spoken_beside_a_suspect(model: Model) -> None:
    model.deaths["Poison."] = 9

    async def come_later(ingress: Ingress) -> Response:
        while model.begun["Poison."] < 2:
            await asyncio.sleep(0.01)
        return await ingress(post("Later."))

    poison, later = speak("Poison.", then=come_later)

    assert (poison.status_code, later.status_code) == (500, 200)
    assert model.beside["Later."] == [set()]


def test_two_lines_that_kill_are_told_apart_from_those_beside_them(model: Model) -> None:
    model.deaths |= {"Poison.": 9, "Venom.": 9}
    answers = speak("Poison.", "One.", "Venom.", "Two.")

    assert [answer.status_code for answer in answers] == [500, 200, 500, 200]


@pytest.mark.slow
def test_a_replica_that_does_not_answer_is_503_once_the_caller_has_gone_and_hears_of_it(model: Model) -> None:
    async def hang(ingress: Ingress) -> Response:
        return await ingress(post("Hangs.", wait_seconds=0.1))

    [answer] = speak(then=hang)

    assert (answer.status_code, json.loads(bytes(answer.body))["retry_after"]) == (503, 5)
    assert model.cancelled == ["Hangs."]


def test_more_lines_than_can_wait_are_429(model: Model) -> None:  # noqa: ARG001 -- stands behind the way in
    [answer] = speak("Too many.")

    assert (answer.status_code, json.loads(bytes(answer.body))["retry_after"]) == (429, 5)
