"""A Hugging Face hub on 127.0.0.1: the parts of its API that downloads use, and what can go wrong with them.

Large files are told of by their SHA-256 and reached through a redirect, as the hub does it for what is in LFS; small
ones by Git's SHA-1. Nothing of the real hub's data is here: the files are those of a folder.
"""

import hashlib
import json
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "f5" * 20
LARGE = (".safetensors", ".bin")
BLOCK = 1 << 20


@dataclass(frozen=True)
class Download:
    """What was asked for.

    Attributes:
        name: user/repository/path.
        start: its first byte.
    """

    name: str
    start: int


class Hub:
    """The hub.

    Args:
        root: holds user/repository/path.
        licences: what a repository's page says, by user/repository.

    Attributes:
        downloads: every file that was asked for.
        stop_after: once so many bytes of a file have been sent, `then` happens.
        then: `drop` closes the connection, once; `hold` sends no more until the hub is closed.
        spoilt: user/repository/path of what is sent with a wrong byte in it.
    """

    def __init__(self, root: Path, licences: dict[str, str] | None = None) -> None:
        self.root = root
        self.licences = licences or {}
        self.downloads: list[Download] = []
        self.stop_after: int | None = None
        self.then = "drop"
        self.spoilt = ""
        self.closing = threading.Event()
        handler = type("Handler", (_Handler,), {"hub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def downloaded(self) -> list[str]:
        """The names of the files that were asked for."""
        return [download.name for download in self.downloads]

    def files(self, repository: str) -> list[Path]:
        return sorted(path for path in (self.root / repository).rglob("*") if path.is_file())

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)", path):
            self.tell_of(found[1])
        elif found := re.fullmatch(rf"/([^/]+/[^/]+)/resolve/{COMMIT}/(.+)", path):
            name = f"{found[1]}/{found[2]}"
            if name.endswith(LARGE):
                self.answer(302, b"", Location=f"/lfs/{name}")
            else:
                self.send_file(name)
        else:
            self.send_file(path.removeprefix("/lfs/"))

    def tell_of(self, repository: str) -> None:
        if not (self.hub.root / repository).is_dir():
            return self.answer(404, b"{}", **{"X-Error-Code": "RepoNotFound"})
        told: dict[str, object] = {
            "id": repository,
            "sha": COMMIT,
            "siblings": [self.sibling(repository, path) for path in self.hub.files(repository)],
        }
        if licence := self.hub.licences.get(repository):
            told["cardData"] = {"license": licence}
        return self.answer(200, json.dumps(told).encode())

    def sibling(self, repository: str, path: Path) -> dict[str, object]:
        content = path.read_bytes()
        told: dict[str, object] = {
            "rfilename": path.relative_to(self.hub.root / repository).as_posix(),
            "size": len(content),
            "blobId": hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest(),
        }
        if path.name.endswith(LARGE):
            told["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
        return told

    def send_file(self, name: str) -> None:
        if not (self.hub.root / name).is_file():
            return self.answer(404, b"", **{"X-Error-Code": "EntryNotFound"})
        content = bytearray((self.hub.root / name).read_bytes())
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked else 0
        self.hub.downloads.append(Download(name, start))
        if name == self.hub.spoilt:
            content[-1] ^= 1
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(content) - start))
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        for at in range(start, len(content), BLOCK):
            if self.hub.stop_after is not None and at - start >= self.hub.stop_after:
                return self.stop()
            self.wfile.write(content[at : at + BLOCK])
        return None

    def stop(self) -> None:
        self.wfile.flush()
        if self.hub.then == "hold":
            self.hub.closing.wait()
        self.hub.stop_after = None
        self.close_connection = True

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
