"""GET / and GET /page/{version}/{name}: the page where people try voices, and the files that it is made of.

They lie in api/page/ as they are written: nothing is built, and nothing is loaded from elsewhere.
"""

import hashlib
import html
import re
from functools import cache
from http import HTTPStatus
from pathlib import Path
from string import Template

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

import s3
from problems import UnknownPath
from routes import address
from settings import get_settings

FOLDER = Path(__file__).resolve().parent.parent / "page"
INDEX = "index.html"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
MODULE = re.compile(r"[\w-]+\.js")  # and no .worklet.js, which is loaded where sound is processed
# A file's address holds the version of all of them, so what it leads to never changes.
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"

HEADERS = {
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # links to audio are secrets of a kind
    "Permissions-Policy": "microphone=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
}

router = APIGatewayRouter()  # type: ignore[no-untyped-call]


@router.get("/", include_in_schema=False, compress=True)
def get_page() -> Response[str | bytes]:
    """Hand out the page."""
    headers = {"Cache-Control": ASK_AGAIN, "Content-Security-Policy": _policy()}
    return _answer(INDEX, _page().encode(), headers)


@router.get("/page/<version>/<name>", include_in_schema=False, compress=True)
def get_page_file(version: str, name: str) -> Response[str | bytes]:
    """Hand out one of the page's files.

    While a new version takes over, two answer side by side: a file that is asked for by the other's page is handed out
    all the same, but not for ever.
    """
    if name == INDEX or name not in _files():
        raise UnknownPath("The page has no such file.")
    return _answer(name, _files()[name], {"Cache-Control": FOREVER if version == _version() else ASK_AGAIN})


@cache
def _files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in MEDIA_TYPES}


@cache
def _version() -> str:
    digest = hashlib.sha256()
    for name, content in _files().items():
        digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()[:12]


def _page() -> str:
    """The page as it is deployed: where it lies, which files it loads, and what it may ask for."""
    settings = get_settings()
    folder = f"page/{_version()}"
    styles = [f'<link rel="stylesheet" href="{folder}/{name}">' for name in _files() if name.endswith(".css")]
    # A module is asked for when another that imports it has come: all are named here, so that they come together.
    modules = [f'<link rel="modulepreload" href="{folder}/{name}">' for name in _files() if MODULE.fullmatch(name)]
    return Template(_files()[INDEX].decode()).substitute(
        root=html.escape(address.stage(router.current_event) + "/"),
        folder=folder,
        files="\n".join(styles + modules),
        max_text_characters=settings.max_text_characters,
        model_id=html.escape(settings.model_id),
    )


def _policy() -> str:
    """The page's Content-Security-Policy: its own files, this API, and the audio that links of this API lead to."""
    settings = get_settings()
    stored = " ".join(sorted({s3.origin(bucket) for bucket in (settings.audio_bucket, settings.voices_bucket)}))
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            f"connect-src 'self' {stored}",
            f"media-src 'self' blob: {stored}",
            "base-uri 'self'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            # No text becomes markup, whatever a script does.
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def _answer(name: str, content: bytes, headers: dict[str, str]) -> Response[str | bytes]:
    # Weak, because it names the content compressed and as it is.
    etag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = HEADERS | headers | {"ETag": etag}
    known = router.current_event.headers.get("if-none-match", "").split(",")
    if etag.removeprefix("W/") in {each.strip().removeprefix("W/") for each in known}:
        return Response(HTTPStatus.NOT_MODIFIED, body="", headers=headers, compress=False)
    return Response(HTTPStatus.OK, MEDIA_TYPES[Path(name).suffix], content, headers)
