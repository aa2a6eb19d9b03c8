"""Lambda's way of running a handler: in environments of one process each, one event at a time.

The code is a module as this process finds it: multiprocessing hands `sys.path` on.
"""

import asyncio
import json
import logging
import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection
from queue import Empty, LifoQueue
from typing import Any

MAX_ENVIRONMENTS = 16
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_PAYLOAD_BYTES = 6 * 1024 * 1024
FUNCTION_NAME = "champion-voice-local"

logger = logging.getLogger(__name__)


class FunctionError(Exception):
    """The handler raised, its environment died, it took too long or its answer is too large."""


class FunctionTimeoutError(FunctionError):
    """The handler took too long."""


@dataclass
class LambdaContext:
    """What a handler may ask about its invocation, under the names that Lambda's Python runtime gives it."""

    aws_request_id: str
    deadline: float
    function_name: str = FUNCTION_NAME
    function_version: str = "$LATEST"
    invoked_function_arn: str = f"arn:aws:lambda:us-east-1:000000000000:function:{FUNCTION_NAME}"
    memory_limit_in_mb: str = "512"
    log_group_name: str = f"/aws/lambda/{FUNCTION_NAME}"
    log_stream_name: str = field(default_factory=lambda: f"local/{multiprocessing.current_process().pid}")
    client_context: None = None
    identity: None = None
    tenant_id: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the invocation."""
        return max(0, round((self.deadline - time.monotonic()) * 1000))


class Function:
    """A Lambda function: as many environments as there were events at once, at most MAX_ENVIRONMENTS.

    Args:
        timeout_seconds: the longest that one invocation may take.
        module: where its `handler` is.
    """

    def __init__(self, timeout_seconds: float, module: str = "app") -> None:
        self._timeout_seconds = timeout_seconds
        self._module = module
        self._idle: LifoQueue[_Environment] = LifoQueue()
        self._threads = ThreadPoolExecutor(MAX_ENVIRONMENTS)

    async def invoke(self, event: dict[str, Any], request_id: str) -> Any:  # noqa: ANN401 - any JSON
        """Have the handler answer an event.

        Raises:
            FunctionError: it did not answer.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._invoke, event, request_id)

    def close(self) -> None:
        """End the environments, once all invocations are answered."""
        self._threads.shutdown()
        while not self._idle.empty():
            self._idle.get().kill()

    def _invoke(self, event: dict[str, Any], request_id: str) -> Any:  # noqa: ANN401
        try:
            environment = self._idle.get_nowait()
        except Empty:
            environment = _Environment(self._timeout_seconds, self._module)
        succeeded, payload = environment.invoke(event, request_id)
        self._idle.put(environment)
        if not succeeded:
            raise FunctionError("the handler raised")
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise FunctionError(f"an answer of {len(payload)} bytes is larger than Lambda's {MAX_PAYLOAD_BYTES}")
        return json.loads(payload)


class _Environment:
    def __init__(self, timeout_seconds: float, module: str) -> None:
        self._timeout_seconds = timeout_seconds
        # A fresh interpreter: what the gateway has imported must not be there.
        spawn = multiprocessing.get_context("spawn")
        self._connection, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(theirs, timeout_seconds, module), daemon=True)
        self._process.start()
        theirs.close()

    def invoke(self, event: dict[str, Any], request_id: str) -> tuple[bool, bytes]:
        try:
            self._connection.send((event, request_id))
            if not self._connection.poll(self._timeout_seconds):
                self.kill()
                raise FunctionTimeoutError(f"no answer within {self._timeout_seconds} seconds")
            succeeded, payload = self._connection.recv()
        except (EOFError, OSError) as error:
            self.kill()
            raise FunctionError(f"the environment died with exit code {self._process.exitcode}") from error
        return succeeded, payload

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()


def _serve(connection: Connection, timeout_seconds: float, module: str) -> None:
    handler = import_module(module).handler
    while True:
        try:
            event, request_id = connection.recv()
        except EOFError:
            return  # the gateway is gone
        context = LambdaContext(request_id, deadline=time.monotonic() + timeout_seconds)
        try:
            connection.send((True, json.dumps(handler(event, context), ensure_ascii=False).encode()))
        except Exception:
            logger.exception("request %s failed", request_id)
            connection.send((False, b""))
