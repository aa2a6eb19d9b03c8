"""What the soak's callers hold for wrong, and when they try again: before a server that answers as it is told."""

import io
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from random import Random

import numpy as np
import psutil
import pytest
import soundfile
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench.soak.asks import AFTER, REPLACED, Asker, Where
from bench.soak.callers import PATIENCE_SECONDS, Callers
from bench.soak.run import soak
from tests.support.serving import free_ports, served
from tests.support.waiting import wait_until

Answer = Callable[[bytes], Response]


class Gateway:
    """Answers every request by `answer`, which is told the body."""

    answer: Answer
    url: str

    async def __call__(self, request: Request) -> Response:
        return self.answer(await request.body())

    @property
    def where(self) -> Where:
        return Where(self.url, self.url)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    methods = ["DELETE", "GET", "HEAD", "POST", "PUT"]
    with served(Starlette(routes=[Route("/{path:path}", gateway.__call__, methods=methods)])) as gateway.url:
        yield gateway


def sound(seconds: float, told: float | None = None, pitch: float = 100) -> Response:
    """A WAV, and how long it is told to be."""
    file = io.BytesIO()
    soundfile.write(file, np.sin(np.arange(round(24_000 * seconds)) * pitch / 24_000), 24_000, format="WAV")
    return Response(file.getvalue(), media_type="audio/wav", headers={"X-Duration": str(told or seconds)})


def busy(retry_after: int, status: int = 429) -> Response:
    return JSONResponse({"status": status}, status, headers={"Retry-After": str(retry_after)})


def in_turn(*answers: Response) -> Answer:
    left = iter(answers)
    return lambda _: next(left)


def ask_for_a_sound(gateway: Gateway) -> Callers:
    callers = Callers(gateway.where)
    callers.ask(Asker(gateway.where, Random(1)).line("line", accept="audio/*", format="wav"))
    return callers


@pytest.mark.parametrize("status", [429, 503, 504])
def test_a_caller_tries_again_after_the_time_that_it_is_told(gateway: Gateway, status: int) -> None:
    gateway.answer = in_turn(busy(1, status), sound(2))

    first, second = ask_for_a_sound(gateway).tries

    assert (first.status, first.tried_again, first.wrong) == (status, True, "")
    assert (second.status, second.tried_again, second.wrong) == (200, False, "")
    assert second.asked >= first.ended + 1


def test_a_caller_does_not_wait_for_longer_than_its_patience(gateway: Gateway) -> None:
    gateway.answer = in_turn(busy(PATIENCE_SECONDS + 1))

    [asked] = ask_for_a_sound(gateway).tries

    assert asked.wrong.startswith("429")


def test_nobody_waits_once_the_soak_was_stopped(gateway: Gateway) -> None:
    gateway.answer = in_turn(busy(60))
    callers = Callers(gateway.where)
    callers.stopped.set()

    assert callers.ask(Asker(gateway.where, Random(1)).json_line()) is None


@pytest.mark.parametrize("status", [500, 502])
def test_a_failure_is_not_tried_again(gateway: Gateway, status: int) -> None:
    gateway.answer = in_turn(Response(status_code=status))

    [asked] = ask_for_a_sound(gateway).tries

    assert asked.wrong.startswith(str(status))


def test_a_sound_that_was_cut_off_is_wrong(gateway: Gateway) -> None:
    gateway.answer = in_turn(sound(1, told=2))

    [asked] = ask_for_a_sound(gateway).tries

    assert asked.wrong == "1.0 s of sound, 2.0 were told"


def test_nobody_there_is_a_line_without_an_answer() -> None:
    nobody = f"http://127.0.0.1:{free_ports(1)[0]}"
    callers = Callers(Where(nobody, nobody))

    callers.ask(Asker(Where(nobody, nobody), Random(1)).json_line())

    [asked] = callers.tries
    assert asked.status is None
    assert "ConnectError" in asked.wrong


def refused(content_type: str, document: object) -> Response:
    return Response(json.dumps(document), 422, media_type=content_type)


PROBLEM = {"type": "about:blank", "title": "Unprocessable Entity", "status": 422, "detail": "speed: must be less."}


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        (refused("application/problem+json", PROBLEM), True),
        (refused("application/json", PROBLEM), False),
        (refused("application/problem+json", PROBLEM | {"status": 400}), False),
        (refused("application/problem+json", PROBLEM | {"detail": ""}), False),
        (JSONResponse({"audio": "…"}), False),
    ],
)
def test_bad_input_must_be_refused_with_a_problem_document(gateway: Gateway, answer: Response, is_right: bool) -> None:
    gateway.answer = in_turn(answer)
    callers = Callers(gateway.where)
    asker = Asker(gateway.where, Random(1))
    asks = iter(asker.bad_input, None)

    callers.ask(next(ask for ask in asks if ask is not None and ask.url.endswith("/voice")))

    [asked] = callers.tries
    assert (asked.wrong == "") == is_right


@pytest.mark.parametrize(("heard", "is_right"), [("new", True), ("old", False)])
def test_the_next_line_must_sound_as_the_reference_that_was_put(gateway: Gateway, heard: str, is_right: bool) -> None:
    def answer(body: bytes) -> Response:
        asked = json.loads(body)
        if "audio" in asked:
            return JSONResponse({}, 201)
        return sound(1, pitch=200 if asked["champion_id"] == REPLACED and heard == "old" else 100)

    gateway.answer = answer
    callers = Callers(gateway.where)
    callers.prepare()

    assert ([each.kind for each in callers.tries] == []) == is_right
    assert is_right or [each.kind for each in callers.tries] == [AFTER]


def test_ctrl_c_ends_callers_who_wait_to_try_again(gateway: Gateway) -> None:
    prepared = iter([sound(1), JSONResponse({}), sound(1), sound(1)])
    gateway.answer = lambda _: next(prepared, busy(60))
    with psutil.Popen(["sleep", "60"]) as stack:
        press = threading.Timer(2, lambda: signal.raise_signal(signal.SIGINT))
        press.start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            soak(stack, gateway.where, 60)
        stack.kill()

    assert wait_until(lambda: not any(each.name.startswith("caller") for each in threading.enumerate()), 5)
    assert time.monotonic() - began < 10
