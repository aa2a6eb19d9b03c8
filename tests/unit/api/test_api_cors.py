"""Pages of one origin may call the API from a browser, if the stack names that origin; otherwise none may."""

import pytest

from tests.support.doors import get, http_event, send, speak
from tests.support.environment import SetEnvironment

ORIGIN = "https://recaps.example"


@pytest.fixture
def named_origin(set_environment: SetEnvironment) -> None:
    set_environment(CORS_ORIGIN=ORIGIN)


def test_without_an_origin_no_answer_has_a_header_of_cors() -> None:
    for answer in (speak(), speak(speed=9), get("/health"), send(http_event("OPTIONS", "/voice"))):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/voice", "OPTIONS, POST"),
        ("/voices", "GET, HEAD, OPTIONS"),
        ("/voices/yasuo", "DELETE, GET, HEAD, OPTIONS, PUT"),
    ],
)
def test_a_preflight_is_told_what_may_be_sent(named_origin: None, path: str, methods: str) -> None:  # noqa: ARG001
    answer = send(http_event("OPTIONS", path, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}))

    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-methods"] == methods
    assert answer.headers["access-control-allow-headers"] == (
        "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, X-Api-Key"
    )
    assert int(answer.headers["access-control-max-age"]) > 0


def test_every_answer_may_be_read_and_so_may_the_headers_that_say_more(named_origin: None) -> None:  # noqa: ARG001
    for answer in (speak(), speak(accept="audio/wav"), speak(speed=9), get("/nothing"), get("/health")):
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        exposed = set(answer.headers["access-control-expose-headers"].split(", "))
        assert exposed == {
            *("Content-Disposition", "ETag", "Location", "Retry-After", "X-Champion-Id", "X-Duration", "X-From-Store"),
            *("X-Request-Id", "X-Sample-Rate", "X-Seed"),
        }


def test_a_preflight_of_a_path_that_is_not_there_is_404(named_origin: None) -> None:  # noqa: ARG001
    send(http_event("OPTIONS", "/nothing")).problem(404)
