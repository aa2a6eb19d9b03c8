"""Lambda's execution environments: `python -m local.lambda_environment FD MODULE` imports the module's handler once.

Each message on the Unix socket FD carries one end of another; for that a child is forked, which answers the events that
come by it, one at a time. So an environment is there at once, with all that the handler's module has imported. A line
is an event or an answer, in JSON. When the other side hangs up, everything ends.
"""

import gc
import json
import logging
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_PAYLOAD_BYTES = 6 * 1024 * 1024
FUNCTION_NAME = "champion-voice-local"

logger = logging.getLogger(__name__)


class Handler(Protocol):
    """The function that answers events."""

    def __call__(self, event: dict[str, Any], context: "LambdaContext") -> object:
        """Answer an event."""


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
    log_stream_name: str = field(default_factory=lambda: f"local/{os.getpid()}")
    client_context: None = None
    identity: None = None
    tenant_id: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the invocation."""
        return max(0, round((self.deadline - time.monotonic()) * 1000))


def main(control: socket.socket, module: str) -> None:
    """Fork an environment for each end of a socket that comes, until none can come any more."""
    handler: Handler = import_module(module).handler
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the gateway's
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever ends is gone
    gc.collect()
    gc.freeze()  # what is imported stays shared
    while True:
        _, ends, _, _ = socket.recv_fds(control, 1, 1)
        if not ends:
            return
        sys.stdout.flush()
        sys.stderr.flush()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            control.close()
            with socket.socket(fileno=ends[0]) as events, suppress(ConnectionError):
                serve(events, handler)
            return
        os.close(ends[0])


def serve(events: socket.socket, handler: Handler) -> None:
    """Say which process this is, and answer events until no more can come.

    Args:
        events: a line is `{"event", "request_id", "seconds"}`, and is answered by `{"answer"}` or `{"error"}`.
        handler: the function's.
    """
    with events.makefile("rwb") as stream:
        stream.write(b"%d\n" % os.getpid())
        stream.flush()
        for line in stream:
            asked = json.loads(line)
            context = LambdaContext(asked["request_id"], deadline=time.monotonic() + asked["seconds"])
            stream.write(answer(handler, asked["event"], context) + b"\n")
            stream.flush()


def answer(handler: Handler, event: dict[str, Any], context: LambdaContext) -> bytes:
    """Have an event answered.

    Returns:
        JSON: the answer, or why there is none.
    """
    try:
        payload = json.dumps(handler(event, context), ensure_ascii=False).encode()
    except Exception:
        logger.exception("request %s failed", context.aws_request_id)
        return b'{"error": "the handler raised"}'
    if len(payload) > MAX_PAYLOAD_BYTES:
        error = f"an answer of {len(payload)} bytes is larger than Lambda's {MAX_PAYLOAD_BYTES}"
        return json.dumps({"error": error}).encode()
    return b'{"answer": ' + payload + b"}"


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as listening:
        main(listening, sys.argv[2])
