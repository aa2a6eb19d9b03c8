"""Whatever S3 or the endpoint does, the caller is answered in time, and the store holds no half of anything."""

import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError

import synthesis
from contract.line import Line
from tests.support.doors import ask_agent, http_event, send, speak
from tests.support.environment import AUDIO_BUCKET, SetEnvironment
from tests.support.fake_endpoint import FakeEndpoint, spoken, wav
from tests.support.misbehaving import (
    Misbehaviour,
    answer_html,
    drip,
    hang,
    misbehaving,
    refuse_with_html,
    reset,
    truncate,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SHORT = 4.0  # seconds of the Lambda's time, where something hangs that has more patience by itself
FAULTS = {hang: 504, drip: 504, reset: 502, truncate: 502, answer_html: 502, refuse_with_html: 502}

every_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)


@pytest.mark.slow
@every_fault
def test_whatever_the_endpoint_does_is_told_in_time(set_environment: SetEnvironment, fault: Misbehaviour) -> None:
    with misbehaving(fault) as url:
        set_environment(AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=url)
        speak(within=8 if fault in (hang, drip) else 28).problem(FAULTS[fault])


@pytest.mark.slow
@every_fault
def test_whatever_s3_does_is_told_in_time(
    endpoint: FakeEndpoint, set_environment: SetEnvironment, fault: Misbehaviour
) -> None:
    with misbehaving(fault) as url:
        set_environment(AWS_ENDPOINT_URL_S3=url)
        speak(within=SHORT if fault in (hang, drip) else 28).problem(FAULTS[fault])
    assert endpoint.read == []


@pytest.mark.slow
def test_an_agent_is_told_in_time_too(set_environment: SetEnvironment) -> None:
    with misbehaving(hang) as url:
        set_environment(AWS_ENDPOINT_URL_S3=url)
        status, problem = ask_agent("POST", "/speak", within=SHORT, champion_id="yasuo", text="Hi")
    assert (status, problem["status"]) == (504, 504)


def test_a_request_that_is_done_leaves_no_alarm_behind() -> None:
    send(http_event("GET", "/voices"), seconds=1.6)
    time.sleep(0.3)  # whoever is still waited for would be interrupted here


def test_the_endpoint_is_told_how_long_it_is_waited_for(endpoint: FakeEndpoint) -> None:
    speak()
    [read], [spoke] = endpoint.read, endpoint.received

    # Of 28 s, 3 are for the store and 1 for the way; asking what the line says has taken a moment.
    assert 15 < spoke.body["wait_seconds"] < read.body["wait_seconds"] <= 24


def test_an_endpoint_that_there_is_no_time_for_is_not_asked(endpoint: FakeEndpoint) -> None:
    speak(within=4.4).problem(504)

    assert endpoint.read == []


def test_beyond_a_lambda_the_endpoint_is_waited_for_as_long_as_it_may_take(endpoint: FakeEndpoint) -> None:
    synthesis.speak(Line(champion_id="yasuo", text="Hello."), "request-1")

    assert [asked.body["wait_seconds"] for asked in (*endpoint.read, *endpoint.received)] == [60, 60]


def test_the_time_of_one_request_is_not_that_of_the_next(endpoint: FakeEndpoint) -> None:
    endpoint.reply = spoken(delay=2)
    speak(within=SHORT).problem(504)
    endpoint.reply = spoken()

    assert speak().status == 200


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_clock_that_jumps_costs_no_answer(
    endpoint: FakeEndpoint, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    told = time.time

    def jumping() -> float:
        return told() + (jump if endpoint.read else 0)

    monkeypatch.setattr(time, "time", jumping)

    assert speak().status == 200
    assert len(endpoint.received) == 1


@pytest.mark.parametrize("ending", [".wav", ".json"])
def test_a_store_that_takes_only_half_holds_nothing_that_is_handed_out(
    endpoint: FakeEndpoint, bucket: "S3Client", ending: str
) -> None:
    def refuse(params: dict[str, Any], **_: object) -> None:
        if params["url_path"].endswith(ending):
            raise EndpointConnectionError(endpoint_url="S3")

    bucket.meta.events.register("before-call.s3.PutObject", refuse)
    try:
        speak().problem(502)
    finally:
        bucket.meta.events.unregister("before-call.s3.PutObject", refuse)
    endpoint.reply = spoken(loudness=2000)
    again = speak("audio/wav")

    assert (again.status, again.headers["x-from-store"], again.body) == (200, "false", wav(loudness=2000))


@pytest.mark.slow
def test_a_store_that_hangs_is_told_in_time_and_holds_nothing(bucket: "S3Client") -> None:
    def hang_up_late(**_: object) -> None:
        time.sleep(30)

    bucket.meta.events.register("before-call.s3.PutObject", hang_up_late)
    try:
        speak(within=SHORT).problem(504)
    finally:
        bucket.meta.events.unregister("before-call.s3.PutObject", hang_up_late)

    assert "Contents" not in bucket.list_objects_v2(Bucket=AUDIO_BUCKET)
