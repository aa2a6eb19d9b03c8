"""A way to a server that a test can block."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.serving import served

METHODS = ["DELETE", "GET", "HEAD", "POST", "PUT"]
# Of one hop only, and what this hop's own client has undone.
HOP_BY_HOP = {"connection", "content-encoding", "content-length", "date", "keep-alive", "server", "transfer-encoding"}


@dataclass
class Flaky:
    """The way.

    Attributes:
        url: its beginning.
        refuses: whether everything is answered 503.
        refused: how many were.
    """

    url: str = ""
    refuses: bool = False
    refused: int = 0


@contextmanager
def flaky(target: str) -> Iterator[Flaky]:
    """Lead to a server until the block ends."""
    way = Flaky()
    client = httpx.AsyncClient(timeout=30)

    async def pass_on(request: Request) -> Response:
        if way.refuses:
            way.refused += 1
            return Response(status_code=503)
        path = request.scope["raw_path"].decode("latin-1")
        url = f"{target}{path}?{request.url.query}" if request.url.query else f"{target}{path}"
        # The Host stays: S3's signatures and moto's buckets depend on it.
        headers = [(name, value) for name, value in request.headers.items() if name != "connection"]
        answer = await client.request(request.method, url, content=await request.body(), headers=headers)
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
        if request.method == "HEAD":
            kept["content-length"] = answer.headers.get("content-length", "0")
        return Response(answer.content, answer.status_code, kept)

    with served(Starlette(routes=[Route("/{path:path}", pass_on, methods=METHODS)])) as url:
        way.url = url
        yield way
