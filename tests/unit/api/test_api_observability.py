"""Logs tell a request's way without its text; metrics count and time it."""

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

import app
from observability import logger
from tests.support.doors import (
    CONTEXT,
    LAMBDA_REQUEST_ID,
    REQUEST_ID,
    agent_event,
    ask_agent,
    get,
    http_event,
    send,
    speak,
)
from tests.support.environment import AUDIO_BUCKET, SetEnvironment
from tests.support.fake_endpoint import LOG_STREAM, FakeEndpoint, Reply, model_error, refused, spoken

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SECRET = "Nobody else may read this"


class Stdout:
    """Whatever sys.stdout is by now; the logger took hold of the one there was when it was made."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@pytest.fixture(autouse=True)
def logs_are_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logger.registered_handler, "stream", Stdout())


def output(capsys: pytest.CaptureFixture[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the Lambda wrote.

    Returns:
        Its log lines, and the metrics it flushed.
    """
    captured = capsys.readouterr()
    assert captured.err == ""
    lines = [json.loads(line) for line in captured.out.splitlines()]
    return [line for line in lines if "level" in line], [line for line in lines if "_aws" in line]


def test_every_log_line_has_the_request_id_of_api_gateway(capsys: pytest.CaptureFixture[str]) -> None:
    speak()
    lines, _ = output(capsys)

    assert [line["message"] for line in lines] == ["spoke", "answered"]
    assert {line["correlation_id"] for line in lines} == {REQUEST_ID}
    assert {line["function_request_id"] for line in lines} == {LAMBDA_REQUEST_ID}


def test_an_agents_log_lines_have_the_lambdas_own_request_id(capsys: pytest.CaptureFixture[str]) -> None:
    get("/voices")
    ask_agent("POST", "/speak", champion_id="yasuo", text="Hi")
    lines, _ = output(capsys)

    assert [line["correlation_id"] for line in lines] == [REQUEST_ID, LAMBDA_REQUEST_ID, LAMBDA_REQUEST_ID]


def test_a_spoken_line_is_logged_by_all_but_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    speak(text=SECRET, quality="high")
    spoke, answered = output(capsys)[0]

    assert (
        spoke
        | {
            "champion_id": "yasuo",
            "characters": len(SECRET),
            "quality": "high",
            "audio_seconds": 1.0,
            "from_store": False,
        }
        == spoke
    )
    assert answered | {"method": "POST", "path": "/voice", "status": 200} == answered


def test_a_link_to_captions_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    get("/captions/secret-name.vtt")
    lines, _ = output(capsys)

    assert lines[-1] | {"path": "/captions/…", "status": 404} == lines[-1]
    assert "secret-name" not in str(lines)


@pytest.mark.parametrize(
    ("fields", "accept", "kind", "names"),
    [
        ({"champion_id": "nobody"}, None, "UnknownChampion", ["champion_id"]),
        ({}, "text/html", "NotAcceptable", ["Accept"]),
        ({"text": "a" * 2001}, None, "TextTooLong", ["text"]),
        ({"speed": 9, "quality": "best"}, None, "InvalidRequest", ["quality", "speed"]),
        ({"speed": 9, SECRET: 1, "Other": 2}, None, "InvalidRequest", ["(unknown)", "speed"]),
    ],
)
def test_the_log_tells_which_fields_were_refused_and_never_a_name_of_the_callers(
    capsys: pytest.CaptureFixture[str], fields: dict[str, Any], accept: str | None, kind: str, names: list[str]
) -> None:
    speak(accept=accept, **fields)
    problem, _ = output(capsys)[0]

    assert (problem["message"], problem["kind"], problem["fields"]) == ("problem", kind, names)
    assert problem["correlation_id"] == REQUEST_ID


def test_the_log_tells_which_fields_of_a_job_were_refused(capsys: pytest.CaptureFixture[str]) -> None:
    body = b'{"champion_id": "yasuo", "text": "Hi", "skip_unspeakable": "x"}'
    send(http_event("POST", "/jobs", body, {"Content-Type": "application/json"}))
    problem, _ = output(capsys)[0]

    assert (problem["kind"], problem["fields"]) == ("InvalidRequest", ["skip_unspeakable"])


def test_the_log_tells_which_fields_of_an_agents_request_were_refused(capsys: pytest.CaptureFixture[str]) -> None:
    ask_agent("POST", "/speak", champion_id="yasuo", text="Hi", seed="x")
    problem, _ = output(capsys)[0]

    assert (problem["kind"], problem["fields"]) == ("InvalidRequest", ["seed"])


def test_the_text_is_never_logged(endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]) -> None:
    speak(text=SECRET)
    speak(text=SECRET + "\x00")
    speak(text=SECRET, speed=9)
    speak(text=SECRET, champion_id="nobody")
    ask_agent("POST", "/speak", champion_id="yasuo", text=SECRET, seed="x")
    for reply in [model_error(422, SECRET), model_error(500, {"detail": SECRET}), Reply(body=SECRET.encode())]:
        endpoint.reply = reply
        for endpoint.always_reads in (False, True):
            speak(text=SECRET, seed=1)
    captured = capsys.readouterr()

    assert captured.out
    assert SECRET not in captured.out + captured.err


def test_a_failure_of_the_endpoint_is_logged_with_where_its_log_is(
    endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint.reply = model_error(500, "Traceback")
    speak()
    refused, _, _ = output(capsys)[0]

    assert (refused["level"], refused["status"], refused["log_stream"]) == ("ERROR", 500, LOG_STREAM)


@pytest.mark.parametrize("variable", ["VOICES_BUCKET", "AUDIO_BUCKET"])
def test_a_failure_of_s3_is_logged_with_the_request_id_whichever_thread_met_it(
    capsys: pytest.CaptureFixture[str], set_environment: SetEnvironment, variable: str
) -> None:
    set_environment(**{variable: "a-bucket-that-is-not-there"})
    speak()
    lines, measured = output(capsys)

    failed = [line for line in lines if line["message"] == "S3 failed"]
    assert {line["code"] for line in failed} == {"NoSuchBucket"}
    assert {(line["correlation_id"], line["function_request_id"]) for line in lines} == {
        (REQUEST_ID, LAMBDA_REQUEST_ID)
    }
    assert [each["Requests"] for each in measured] == [[1]]


def test_what_is_kept_and_cannot_be_read_is_logged_by_its_key_with_the_request_id(
    bucket: "S3Client", capsys: pytest.CaptureFixture[str]
) -> None:
    speak()
    [key] = [kept["Key"] for kept in bucket.list_objects_v2(Bucket=AUDIO_BUCKET, Prefix="audio/lines/")["Contents"]]
    bucket.put_object(Bucket=AUDIO_BUCKET, Key=key, Body=SECRET.encode())
    capsys.readouterr()
    speak()
    unreadable = output(capsys)[0][0]

    assert (unreadable["level"], unreadable["key"], unreadable["correlation_id"]) == ("WARNING", key, REQUEST_ID)
    assert SECRET not in json.dumps(unreadable)


def test_a_bug_is_logged_with_its_trace(capsys: pytest.CaptureFixture[str], set_environment: SetEnvironment) -> None:
    set_environment(MODEL_ID="")
    speak()
    crashed, answered = output(capsys)[0]

    assert crashed["exception_name"] == "ValidationError"
    assert "Traceback" in crashed["exception"]
    assert answered["status"] == 500


def test_a_spoken_line_is_measured(endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint.reply = spoken(seconds=2.5, delay=0.05)
    speak()
    (measured,) = output(capsys)[1]
    (declared,) = measured["_aws"]["CloudWatchMetrics"]

    assert declared["Namespace"] == "ChampionVoice"
    assert {metric["Name"]: metric["Unit"] for metric in declared["Metrics"]} == {
        "Requests": "Count",
        "StoreHits": "Count",
        "AudioSeconds": "Seconds",
        "SynthesisSeconds": "Seconds",
    }
    assert (measured["Requests"], measured["StoreHits"], measured["AudioSeconds"]) == ([1], [0], [2.5])
    assert 0.05 < measured["SynthesisSeconds"][0] < 5


def test_a_store_hit_is_measured_and_takes_no_synthesis(capsys: pytest.CaptureFixture[str]) -> None:
    speak()
    ask_agent("POST", "/speak", champion_id="yasuo", text="Hello.")
    measured = output(capsys)[1][1]

    assert (measured["Requests"], measured["StoreHits"], measured["AudioSeconds"]) == ([1], [1], [1])
    assert "SynthesisSeconds" not in measured


def test_the_work_that_waits_at_the_endpoint_is_measured(
    endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint.reply.headers["X-Amzn-SageMaker-Custom-Attributes"] = "duration=1.000,queue_seconds=1.50"
    speak()
    (measured,) = output(capsys)[1]

    assert measured["QueueSeconds"] == [1.5]
    assert "Overloads" not in measured


def test_overload_is_counted_apart(endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint.reply = refused(429, retry_after=3, queue_seconds=7.5)
    speak()
    (measured,) = output(capsys)[1]

    assert (measured["Overloads"], measured["QueueSeconds"]) == ([1], [7.5])


def test_failed_requests_are_measured_too(endpoint: FakeEndpoint, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint.reply = model_error(500, "")
    endpoint.always_reads = True
    speak()
    speak(speed=9)
    get("/nothing")
    failed, invalid, unknown = output(capsys)[1]

    assert (failed["Requests"], invalid["Requests"], unknown["Requests"]) == ([1], [1], [1])
    assert failed["SynthesisSeconds"][0] > 0
    assert "AudioSeconds" not in failed


def test_an_event_that_is_refused_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="neither"):
        app.handler({}, CONTEXT)

    assert output(capsys)[1][0]["Requests"] == [1]


def test_without_an_id_of_api_gateway_the_lambdas_own_is_used(endpoint: FakeEndpoint) -> None:
    body = '{"champion_id": "yasuo", "text": "Hi"}'
    event = http_event("POST", "/voice", body, {"Content-Type": "application/json"})
    del event["requestContext"]["requestId"]
    answer = app.handler(event, CONTEXT)

    assert answer["multiValueHeaders"]["X-Request-Id"] == [LAMBDA_REQUEST_ID]
    assert endpoint.received[0].headers["X-Amzn-SageMaker-Inference-Id"] == LAMBDA_REQUEST_ID


def test_nothing_of_one_request_is_left_for_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    speak()
    app.handler(agent_event("GET", "/voices"), CONTEXT)
    lines, measured = output(capsys)

    assert "champion_id" not in lines[-1]
    assert set(measured[1]) == {"_aws", "service", "Requests"}
