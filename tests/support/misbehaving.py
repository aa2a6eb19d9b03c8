"""An HTTP server that does not do as HTTP says, in place of S3 or of the endpoint."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import TypeAlias

Misbehaviour: TypeAlias = Callable[[socket.socket, threading.Event], None]
"""What is done to who has asked; the event is set when the server ends."""

HTML = b"<!doctype html><html><head><title>Bad Gateway</title></head><body>Something failed.<br>nginx</body></html>"


def hang(_: socket.socket, ended: threading.Event) -> None:
    """Never answer."""
    ended.wait()


def drip(caller: socket.socket, ended: threading.Event) -> None:
    """Begin to answer, and go on for ever, so that there is always something to read."""
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not ended.wait(0.05):
        caller.sendall(b" ")


def reset(caller: socket.socket, _: threading.Event) -> None:
    """Reset the connection."""
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def truncate(caller: socket.socket, _: threading.Event) -> None:
    """Break off an answer."""
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b" " * 1000)


def answer_html(caller: socket.socket, _: threading.Event) -> None:
    """Answer with success and a page."""
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(HTML), HTML))


def refuse_with_html(caller: socket.socket, _: threading.Event) -> None:
    """Refuse as a proxy between does."""
    head = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
    caller.sendall(head % len(HTML) + HTML)


@contextmanager
def misbehaving(misbehaviour: Misbehaviour) -> Iterator[str]:
    """Start such a server.

    Returns:
        Its URL.
    """
    ended = threading.Event()

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # the caller has left
                self.request.recv(65536)
                misbehaviour(self.request, ended)

        def finish(self) -> None:
            self.request.close()  # at once, and not after a polite shutdown

    class Server(ThreadingTCPServer):
        daemon_threads = True

        def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
            self.close_request(request)

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        ended.set()
        server.shutdown()
