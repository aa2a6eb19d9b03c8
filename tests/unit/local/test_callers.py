"""Work for a caller is done as long as the caller waits, and not begun for one who has hung up."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.requests import Request
from starlette.types import Message

from local.callers import CallerGoneError, while_it_waits


def caller(hangs_up: asyncio.Event) -> Request:
    """A request whose body has been read."""

    async def receive() -> Message:
        await hangs_up.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http"}, receive)


def run(test: Callable[[asyncio.Event, list[str]], Awaitable[object]]) -> list[str]:
    """What was noted while a test ran."""
    notes: list[str] = []

    async def running() -> None:
        await test(asyncio.Event(), notes)

    asyncio.run(running())
    return notes


async def work(notes: list[str], wait_for: asyncio.Event) -> str:
    notes.append("begun")
    try:
        await wait_for.wait()
    except asyncio.CancelledError:
        notes.append("cancelled")
        raise
    notes.append("done")
    return "the answer"


def test_a_caller_who_waits_gets_the_answer() -> None:
    async def wait(hangs_up: asyncio.Event, notes: list[str]) -> None:
        ready = asyncio.Event()
        ready.set()
        assert await while_it_waits(caller(hangs_up), work(notes, ready)) == "the answer"

    assert run(wait) == ["begun", "done"]


def test_work_for_a_caller_who_hangs_up_is_cancelled() -> None:
    async def hang_up(hangs_up: asyncio.Event, notes: list[str]) -> None:
        asyncio.get_running_loop().call_later(0.01, hangs_up.set)
        with pytest.raises(CallerGoneError):
            await while_it_waits(caller(hangs_up), work(notes, asyncio.Event()))

    assert run(hang_up) == ["begun", "cancelled"]


def test_work_for_a_caller_who_has_hung_up_is_not_begun() -> None:
    async def too_late(hangs_up: asyncio.Event, notes: list[str]) -> None:
        hangs_up.set()
        with pytest.raises(CallerGoneError):
            await while_it_waits(caller(hangs_up), work(notes, asyncio.Event()))

    assert run(too_late) == []


def test_what_the_work_raises_is_raised() -> None:
    async def fail(hangs_up: asyncio.Event, notes: list[str]) -> None:
        async def failing() -> None:
            notes.append("begun")
            raise OSError("gone")

        with pytest.raises(OSError, match="gone"):
            await while_it_waits(caller(hangs_up), failing())

    assert run(fail) == ["begun"]
