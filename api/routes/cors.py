"""OPTIONS, and CORS: pages of one origin may call the API from a browser, if the stack names it; otherwise none may."""

from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from pydantic import ValidationError

from settings import get_settings

# What a browser lets a page send and see, beyond what it always does.
REQUEST_HEADERS = "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, X-Api-Key"
ANSWER_HEADERS = (
    "Content-Disposition, ETag, Location, Retry-After, X-Champion-Id, X-Duration, X-From-Store, X-Request-Id, "
    "X-Sample-Rate, X-Seed"
)
MAX_AGE_SECONDS = 7200  # the longest that Chromium remembers


def headers() -> dict[str, list[str]]:
    """The headers that let a page read an answer."""
    with suppress(ValidationError):  # an environment that cannot be read: the answer says so already
        if origin := get_settings().cors_origin:
            return {"Access-Control-Allow-Origin": [origin], "Access-Control-Expose-Headers": [ANSWER_HEADERS]}
    return {}


def options(methods: Sequence[str]) -> Response[str | bytes]:
    """Answer OPTIONS: what a path answers, and what a page may send there; `headers` say which page.

    Args:
        methods: those that the path answers.
    """
    allowed = {"Allow": ", ".join(methods)}
    if get_settings().cors_origin:
        allowed |= {
            "Access-Control-Allow-Methods": ", ".join(methods),
            "Access-Control-Allow-Headers": REQUEST_HEADERS,
            "Access-Control-Max-Age": str(MAX_AGE_SECONDS),
        }
    return Response(HTTPStatus.NO_CONTENT, body="", headers=allowed)
