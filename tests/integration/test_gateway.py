"""What API Gateway and Lambda do to requests and answers, which the local gateway does too."""

import base64
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.gateway import DOCUMENT, RestApi, create_app
from tests.support.serving import served
from tests.support.waiting import wait_until

# A handler that does what the request's path says.
HANDLER = """
import base64, json, os, time

def handler(event, context):
    answers = {
        "/event": lambda: {"statusCode": 200, "body": json.dumps(event)},
        "/voices/yasuo": lambda: {"statusCode": 200, "body": json.dumps(event)},
        "/binary": lambda: {
            "statusCode": 200,
            "headers": {"Content-Type": "audio/wav"},
            "body": base64.b64encode(bytes(range(256))).decode(),
            "isBase64Encoded": True,
        },
        "/cookies": lambda: {"statusCode": 204, "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}},
        "/large": lambda: {"statusCode": 200, "body": "x" * 6 * 1024 * 1024},
        "/malformed": lambda: {"body": "no status code"},
        "/raise": lambda: 1 / 0,
        "/die": lambda: os._exit(3),
        "/sleep": lambda: time.sleep(60),
        "/pid": lambda: {"statusCode": 200, "body": str(os.getpid())},
    }
    return answers[event["path"].split("%")[0]]()
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    code = tmp_path_factory.mktemp("code")
    (code / "app.py").write_text(HANDLER)
    with (
        pytest.MonkeyPatch.context() as patched,
        served(create_app(RestApi.read(), timeout_seconds=5)) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        patched.syspath_prepend(code)
        yield client


def problem(answer: httpx.Response) -> dict[str, Any]:
    """A problem document that names its request, without that name."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == answer.status_code
    assert uuid.UUID(document.pop("request_id"))
    return document


def own_answer(kind: str) -> dict[str, Any]:
    """What API Gateway would say, without the request's name."""
    told = json.loads(DOCUMENT.read_text())["x-amazon-apigateway-gateway-responses"][kind]
    document: dict[str, Any] = json.loads(told["responseTemplates"]["application/json"])
    assert document.pop("request_id") == "$context.requestId"
    return document


def test_repeated_headers_and_query_parameters_reach_the_lambda(gateway: httpx.Client) -> None:
    event = gateway.get("/event?a=1&a=2%203&b=", headers=[("x-tag", "one"), ("x-tag", "two")]).json()

    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2 3"], "b": [""]}
    assert event["queryStringParameters"] == {"a": "2 3", "b": ""}
    assert event["multiValueHeaders"]["x-tag"] == ["one", "two"]
    assert event["headers"]["x-tag"] == "two"


def test_a_request_without_query_and_body_has_null_in_their_place(gateway: httpx.Client) -> None:
    event = gateway.get("/event").json()

    assert event["queryStringParameters"] is None
    assert event["multiValueQueryStringParameters"] is None
    assert (event["body"], event["isBase64Encoded"]) == (None, False)


def test_a_path_stays_percent_encoded(gateway: httpx.Client) -> None:
    assert gateway.get("/event%2F..%2Fx").json()["path"] == "/event%2F..%2Fx"


def test_a_body_of_any_bytes_reaches_the_lambda(gateway: httpx.Client) -> None:
    event = gateway.post("/event", content=b"\xff\x00{").json()

    assert event["isBase64Encoded"]
    assert base64.b64decode(event["body"]) == b"\xff\x00{"


def test_a_body_of_any_media_type_reaches_the_lambda_as_bytes(gateway: httpx.Client) -> None:
    for media_type in ("application/json", "text/plain", "multipart/form-data; boundary=b"):
        event = gateway.post("/event", content=b"{", headers={"Content-Type": media_type}).json()

        assert event["isBase64Encoded"]
        assert base64.b64decode(event["body"]) == b"{"


@pytest.mark.parametrize("accept", ["audio/wav", "application/json;q=0.5, audio/wav", "*/*"])
def test_an_answer_in_base64_is_decoded_whatever_accept_begins_with(gateway: httpx.Client, accept: str) -> None:
    answer = gateway.get("/binary", headers={"Accept": accept})

    assert answer.content == bytes(range(256))
    assert answer.headers["Content-Type"] == "audio/wav"


def test_an_answer_that_is_text_stays_text(gateway: httpx.Client) -> None:
    assert gateway.get("/event", headers={"Accept": "audio/wav"}).json()["path"] == "/event"


def test_it_finds_the_parameters_of_a_path(gateway: httpx.Client) -> None:
    event = gateway.get("/voices/yasuo").json()

    assert (event["resource"], event["pathParameters"]) == ("/voices/{champion_id}", {"champion_id": "yasuo"})


def test_a_header_with_several_values_is_sent_several_times(gateway: httpx.Client) -> None:
    assert gateway.get("/cookies").headers.get_list("Set-Cookie") == ["a=1", "b=2"]


def test_the_request_id_of_the_event_is_in_the_answer(gateway: httpx.Client) -> None:
    answer = gateway.get("/event")

    assert answer.json()["requestContext"]["requestId"] == answer.headers["x-amzn-RequestId"]


@pytest.mark.parametrize("size", [5 * 1024 * 1024, 11 * 1024 * 1024])
def test_a_request_that_is_too_large_is_413(gateway: httpx.Client, size: int) -> None:
    answer = gateway.post("/event", content=bytes(size))

    assert answer.status_code == 413
    assert problem(answer) == own_answer("REQUEST_TOO_LARGE")


@pytest.mark.parametrize("path", ["/large", "/malformed", "/raise", "/die"])
def test_a_failing_lambda_is_502_and_answers_the_next_request(gateway: httpx.Client, path: str) -> None:
    failed = gateway.get(path)

    assert failed.status_code == 502
    told = failed.json()
    assert uuid.UUID(told.pop("request_id"))
    assert told == own_answer("DEFAULT_5XX")
    assert gateway.get("/event").status_code == 200


def test_a_slow_lambda_is_504_and_is_ended(gateway: httpx.Client) -> None:
    pid = int(gateway.get("/pid").text)

    assert problem(gateway.get("/sleep")) == own_answer("INTEGRATION_TIMEOUT")

    assert wait_until(lambda: not Path(f"/proc/{pid}").exists(), 10)
    assert gateway.get("/event").status_code == 200


def test_one_environment_answers_one_request_after_another(gateway: httpx.Client) -> None:
    assert gateway.get("/pid").text == gateway.get("/pid").text


def test_head_gets_the_length_of_what_get_gets_and_nothing_of_it(gateway: httpx.Client) -> None:
    asked, told = gateway.get("/binary"), gateway.head("/binary")

    assert told.headers["Content-Length"] == asked.headers["Content-Length"] == "256"
    assert told.headers["Content-Type"] == "audio/wav"
    assert told.content == b""


def test_the_event_is_one_that_lambda_can_carry(gateway: httpx.Client) -> None:
    event = gateway.post("/event", json={"text": "Grüße"}).json()

    assert json.loads(base64.b64decode(event["body"])) == {"text": "Grüße"}
    assert event["requestContext"]["httpMethod"] == event["httpMethod"] == "POST"
