"""A small HTTP server that stands where Lambda's API does, and keeps what it was asked to start."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakeLambda:
    """The server.

    Attributes:
        status: what it answers.
        started: the events of the executions that it was asked to start, by their names.
    """

    def __init__(self) -> None:
        self.status = 202
        self.started: dict[str, Any] = {}
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if fake.status == 202:
                    assert self.headers["X-Amz-Invocation-Type"] == "Event"
                    fake.started[self.headers["X-Amz-Durable-Execution-Name"]] = json.loads(body)
                self.send_response(fake.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name in the base class
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
