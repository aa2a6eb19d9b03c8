"""Callers who may hang up: work for them ends when they do."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request

Done = TypeVar("Done")

# The server hears that a connection was closed a turn of its loop after it has read what came before.
NOTICE_SECONDS = 0.001


class CallerGoneError(Exception):
    """Nobody waits for the answer any more."""


async def while_it_waits(request: Request, work: Coroutine[Any, Any, Done]) -> Done:
    """Do a caller's work as long as it waits for it.

    Args:
        request: the caller's, whose body has been read.
        work: what to do; it is cancelled when the caller hangs up, and not begun for one who has.

    Raises:
        CallerGoneError: the caller hung up first.
        Exception: what the work raised.
    """
    watching = asyncio.ensure_future(_hangs_up(request))
    await asyncio.wait({watching}, timeout=NOTICE_SECONDS)
    if watching.done():
        work.close()
        raise CallerGoneError
    working = asyncio.ensure_future(work)
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise CallerGoneError
        return working.result()
    finally:
        working.cancel()
        watching.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


async def _hangs_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
