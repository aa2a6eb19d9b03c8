"""Real HTTP for tests: an app on a free port, and free ports."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from starlette.types import ASGIApp

from tests.support.waiting import wait_until

ANSWER_SECONDS = 60


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an app on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        assert wait_until(lambda: server.started, 10)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def free_ports(count: int) -> list[int]:
    """Ports that nobody has, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def answers(url: str) -> bool:
    """Whether an API does, at the URL of its stage."""
    try:
        return httpx.get(f"{url}/health", timeout=ANSWER_SECONDS).is_success
    except httpx.TransportError:
        return False
