"""The callers of the soak: they ask, wait, try again when they are told to, and hang up."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from itertools import cycle
from random import Random
from urllib.parse import urlsplit

import httpx

from bench.soak.asks import AFTER, REPLACED, VOICES, Ask, Asker, Where
from contract.references import RECORDING, TRANSCRIPT

TIMEOUT_SECONDS = 35  # API Gateway answers within 29
PATIENCE_SECONDS = 120  # how long a caller tries again
TRY_AGAIN = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
# Uvicorn closes a connection that nobody used for five seconds. One that is used at that moment is nobody's fault.
KEEP_ALIVE_SECONDS = 2
HANG_UP = "hang-up"
HANG_UP_SECONDS = (0.01, 2.0)


@dataclass(frozen=True)
class Try:
    """A request and how it ended. Times are seconds since the soak began.

    Attributes:
        kind: of request.
        asked: when it was sent.
        ended: when its answer was there, or when there was none.
        status: of the answer; None for none.
        wrong: what is wrong with the answer; empty for nothing.
        tried_again: whether the caller asked again, as the answer told.
        is_spoken: whether the model has to speak for it.
    """

    kind: str
    asked: float
    ended: float
    status: int | None = None
    wrong: str = ""
    tried_again: bool = False
    is_spoken: bool = False

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.asked


class Callers:
    """What any number of threads ask for, and how it ended.

    Args:
        where: the stack.
        seed: of what is drawn.

    Attributes:
        tries: every request that has ended.
        over: set when nothing new is to be asked.
        stopped: set when nobody waits for answers any more either.
    """

    def __init__(self, where: Where, seed: int = 0) -> None:
        self._where = where
        self._began = time.monotonic()
        self._draw = Random(seed)  # noqa: S311 (nothing secret)
        self._asker = Asker(where, self._draw)
        self._client = httpx.Client(
            timeout=TIMEOUT_SECONDS, trust_env=False, limits=httpx.Limits(keepalive_expiry=KEEP_ALIVE_SECONDS)
        )
        self._references = cycle(("garen", "jinx"))
        self._replacing = threading.Lock()
        self._kinds = self._draw_kinds()
        self._drawing = threading.Lock()
        self.tries: list[Try] = []
        self.over, self.stopped = threading.Event(), threading.Event()

    def now(self) -> float:
        """Seconds since the soak began."""
        return time.monotonic() - self._began

    def prepare(self) -> None:
        """Have ready what the others ask for again: a line in the store, the champion whose reference is replaced."""
        self.ask(self._asker.line_to_keep())
        self._replace_reference()
        self._began, self.tries = time.monotonic(), [each for each in self.tries if each.wrong]

    def call(self) -> None:
        """Ask one thing after the other until it is over."""
        while not self.over.is_set():
            with self._drawing:
                do = next(self._kinds)
            do()

    def leave(self) -> None:
        """Take back what was prepared."""
        self.ask(self._asker.no_reference())
        self._client.close()

    def _draw_kinds(self) -> Iterator[Callable[[], None]]:
        """Everything once, then by weight: most requests are ordinary lines."""
        ask, asker = self._ask_for, self._asker
        weights: dict[Callable[[], None], int] = {
            ask(asker.json_line): 20,
            ask(asker.sound_line): 20,
            ask(asker.long_line): 4,
            ask(asker.fine_line): 3,
            ask(asker.agents_line): 5,
            ask(asker.openai_line): 5,
            ask(asker.kept_line): 10,
            ask(asker.script): 5,
            ask(asker.page): 10,
            ask(asker.bad_input): 15,
            self._hang_up: 8,
            self._replace_reference: 3,
        }
        yield from self._draw.sample(list(weights), len(weights))
        while True:
            yield from self._draw.choices(list(weights), list(weights.values()))

    def _ask_for(self, make: Callable[[], Ask]) -> Callable[[], None]:
        def do() -> None:
            self.ask(make())

        return do

    def ask(self, ask: Ask) -> httpx.Response | None:
        """Ask, and again as long as the answer is that of a service that has too much to do or nobody to do it."""
        patience = self.now() + PATIENCE_SECONDS
        while True:
            asked = self.now()
            try:
                answer = self._client.request(ask.method, ask.url, headers=ask.headers, content=ask.body)
            except httpx.TransportError as error:
                wrong = f"{type(error).__name__} {error}".strip()
                self.tries.append(Try(ask.kind, asked, self.now(), wrong=wrong, is_spoken=ask.is_spoken))
                return None
            ended, status = self.now(), answer.status_code
            seconds = float(answer.headers.get("Retry-After", 1))
            again = status in TRY_AGAIN and ended + seconds < patience
            wrong = "" if again else ask.check(answer)
            self.tries.append(Try(ask.kind, asked, ended, status, wrong, again, ask.is_spoken))
            if not again:
                return answer
            if self.stopped.wait(seconds):
                return None

    def _hang_up(self) -> None:
        """Ask for a line and wait for less than it takes."""
        ask = self._asker.json_line()
        address = urlsplit(ask.url)
        asked = self.now()
        with socket.create_connection((address.hostname, address.port), TIMEOUT_SECONDS) as connection:
            head = f"POST /voice HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
            connection.sendall(f"{head}Content-Length: {len(ask.body)}\r\n\r\n".encode() + ask.body)
            time.sleep(self._draw.uniform(*HANG_UP_SECONDS))
        self.tries.append(Try(HANG_UP, asked, self.now()))

    def _replace_reference(self) -> None:
        """Give the champion another's reference, and hear that the next line sounds as that one's does."""
        with self._replacing:
            name = next(self._references)
            recording = (VOICES / name / RECORDING).read_bytes()
            self.ask(self._asker.new_reference(recording, (VOICES / name / TRANSCRIPT).read_text(encoding="utf-8")))
            seed = self._draw.randrange(2**32)
            as_replaced, as_itself = (self.ask(self._asker.line_after(each, seed)) for each in (REPLACED, name))
        if not as_replaced or not as_itself or not as_replaced.is_success or not as_itself.is_success:
            return
        if as_replaced.content != as_itself.content:
            wrong = f"after {name}'s reference was put, the next line sounded otherwise than {name}'s own"
            now = self.now()
            self.tries.append(Try(AFTER, now, now, as_replaced.status_code, wrong))
