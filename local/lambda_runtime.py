"""Lambda's way of running a handler: in environments of one process each, one event at a time.

The code is a module as this process finds it.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from typing import Any

from local.lambda_environment import MAX_PAYLOAD_BYTES

MAX_CONCURRENCY = 16
"""Events that are answered at once. A new account's Lambdas have 10 of them together, others 1,000."""


class FunctionError(Exception):
    """The handler raised, its environment died, it took too long or its answer is too large."""


class FunctionTimeoutError(FunctionError):
    """The handler took too long."""


class EventTooLargeError(FunctionError):
    """The event has more bytes than Lambda takes."""


class ThrottledError(FunctionError):
    """As many events as may be are being answered already."""


class Function:
    """A Lambda function: as many environments as there were events at once.

    Args:
        timeout_seconds: the longest that one invocation may take.
        module: where its `handler` is.
        max_concurrency: events that are answered at once; Lambda lets none wait.
    """

    def __init__(self, timeout_seconds: float, module: str = "app", max_concurrency: int = MAX_CONCURRENCY) -> None:
        self._timeout_seconds = timeout_seconds
        self._max_concurrency = max_concurrency
        self._running = 0
        self._idle: list[_Environment] = []
        self._code = _Code(module)

    async def invoke(self, event: dict[str, Any], request_id: str) -> Any:  # noqa: ANN401 - any JSON
        """Have the handler answer an event. Cancelled, its environment ends.

        Raises:
            FunctionError: it did not answer.
        """
        asked = {"event": event, "request_id": request_id, "seconds": self._timeout_seconds}
        line = json.dumps(asked).encode() + b"\n"
        if len(line) > MAX_PAYLOAD_BYTES:
            raise EventTooLargeError(f"an event of {len(line)} bytes is larger than Lambda's {MAX_PAYLOAD_BYTES}")
        if self._running >= self._max_concurrency:
            raise ThrottledError(f"{self._running} events are being answered already")
        self._running += 1
        try:
            environment = self._idle.pop() if self._idle else await self._code.environment()
            try:
                answered = json.loads(await environment.ask(line, self._timeout_seconds))
            except BaseException:
                environment.kill()
                raise
            self._idle.append(environment)
        finally:
            self._running -= 1
        if "error" in answered:
            raise FunctionError(answered["error"])
        return answered["answer"]

    def close(self) -> None:
        """End the environments that answer nothing now, and make no more."""
        while self._idle:
            self._idle.pop().kill()
        self._code.close()


class _Code:
    """The process that has imported the handler, and that environments are forked from."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None

    async def environment(self) -> "_Environment":
        if self._process is None or self._process.poll() is not None:
            self._load()
        ours, theirs = socket.socketpair()
        with theirs, suppress(OSError):  # a process that has just died hangs up
            socket.send_fds(self._control, [b"."], [theirs.fileno()])
        return _Environment(*await asyncio.open_unix_connection(sock=ours, limit=2 * MAX_PAYLOAD_BYTES))

    def close(self) -> None:
        if self._process is not None:
            self._control.close()
            self._process.wait()

    def _load(self) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local.lambda_environment", str(theirs.fileno()), self._module],
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
                pass_fds=[theirs.fileno()],
            )


class _Environment:
    def __init__(self, answers: asyncio.StreamReader, events: asyncio.StreamWriter) -> None:
        self._answers = answers
        self._events = events
        self._pid: int | None = None

    async def ask(self, line: bytes, timeout_seconds: float) -> bytes:
        try:
            async with asyncio.timeout(timeout_seconds):
                if self._pid is None:
                    self._pid = int(await self._answers.readuntil())
                self._events.write(line)
                await self._events.drain()
                return await self._answers.readuntil()
        except TimeoutError as error:
            raise FunctionTimeoutError(f"no answer within {timeout_seconds} seconds") from error
        except (asyncio.IncompleteReadError, OSError) as error:
            raise FunctionError("the environment died") from error

    def kill(self) -> None:
        # One that has not yet said which process it is ends when it reads that nobody is there.
        self._events.close()
        if self._pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
