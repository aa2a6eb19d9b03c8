"""The API behind the local gateway, as `make run` has it, with a stand-in for the endpoint."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import boto3
import httpx
import pytest

from local.gateway import RestApi, create_app
from tests.support.environment import (
    AUDIO_BUCKET,
    VOICES_BUCKET,
    api_environment,
    put_champion,
)
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.serving import served

CALLERS = 100
LINE = json.dumps({"champion_id": "yasuo", "text": "Nobody hears this."}).encode()
REQUEST = b"POST /voice HTTP/1.1\r\nHost: gateway\r\nContent-Length: %d\r\n\r\n%s"


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, s3_url: str, endpoint: FakeEndpoint) -> Iterator[httpx.Client]:
    for name, value in api_environment(s3_url, endpoint.url).items():
        monkeypatch.setenv(name, value)
    s3 = boto3.client("s3")
    for bucket in (VOICES_BUCKET, AUDIO_BUCKET):
        s3.create_bucket(Bucket=bucket)
    put_champion(s3, "yasuo", "Keep the wind at your back.")
    with served(create_app(RestApi.read())) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def test_lines_are_spoken_after_a_hundred_callers_who_hung_up(gateway: httpx.Client, endpoint: FakeEndpoint) -> None:
    address = urlsplit(str(gateway.base_url))
    callers = [socket.create_connection((address.hostname, address.port)) for _ in range(CALLERS)]
    for caller in callers:
        caller.sendall(REQUEST % (len(LINE), LINE))
    for caller in callers:
        caller.close()

    lines = [{"champion_id": "Yasuo", "text": f"Ordinary line {number}.", "format": "wav"} for number in range(5)]
    answers = [gateway.post("/voice", json=line) for line in lines]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert {answer.headers["Content-Type"] for answer in answers} == {"audio/wav"}
    assert [received.body["text"] for received in endpoint.received][-5:] == [line["text"] for line in lines]


def test_what_curl_sends_by_itself_is_read(gateway: httpx.Client) -> None:
    curls = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "*/*"}
    answer = gateway.post("/voice", content=b'{"champion_id": "yasuo", "text": "Hi", "format": "wav"}', headers=curls)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/wav")


def test_a_champion_is_found_by_a_name_that_has_to_be_encoded_in_a_path(gateway: httpx.Client) -> None:
    assert gateway.get("/voices/Ya'suo ").json()["champion_id"] == "yasuo"
    assert gateway.head("/voices/YASUO").headers["Content-Type"] == "application/json"
