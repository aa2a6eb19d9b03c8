"""What fails behind the Lambda is told apart, and nothing internal is told.

A refusal meets the first question to the endpoint, what would be said, unless `always_reads` is set.
"""

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError

import endpoint_client
from contract.line import Line
from problems import EndpointTimedOut
from tests.support.doors import get, speak
from tests.support.environment import AUDIO_BUCKET, COMPONENT_NAME, ENDPOINT_NAME, SetEnvironment
from tests.support.fake_endpoint import (
    FakeEndpoint,
    Reply,
    described,
    model_error,
    refused,
    sagemaker_error,
    script,
    spoken,
    wav,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DESCRIBED = spoken().body
READ = script("Hello.").model_dump_json().encode()
PROBLEM = {"type": "about:blank", "title": "?", "status": 422, "detail": "Speak up."}
NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing listens there


@pytest.mark.parametrize("status", [400, 403, 404, 406, 413, 415, 422])
def test_the_endpoints_4xx_stay_4xx_with_its_own_detail(endpoint: FakeEndpoint, status: int) -> None:
    endpoint.reply = refused(status)

    assert speak().problem(status)["detail"] == "Speak up."


def test_the_traceback_that_the_pytorch_toolkit_appends_is_left_out(endpoint: FakeEndpoint) -> None:
    endpoint.reply = model_error(422, json.dumps(PROBLEM) + "\nTraceback (most recent call last): inference.py")

    assert speak().problem(422)["detail"] == "Speak up."


def test_the_endpoints_refused_fields_are_passed_on(endpoint: FakeEndpoint) -> None:
    endpoint.reply = refused(422, errors=[{"field": "duration", "reason": "too short for the text"}])

    assert speak().reasons() == {"duration": "too short for the text"}


@pytest.mark.parametrize(
    "message",
    ["", "Traceback (most recent call last): File /opt/ml/model/code/inference.py", '{"secret": 1}', "[]",
     '{"detail": 3}', '{"detail": ""}', '{"detail": "' + "secret " * 1000 + '"}'],
)  # fmt: skip
def test_a_4xx_that_is_no_problem_document_is_told_in_general_words(endpoint: FakeEndpoint, message: str) -> None:
    endpoint.reply = model_error(422, message)

    assert "without saying why" in speak().problem(422)["detail"]


def test_a_4xx_without_a_name_stays_what_it_is(endpoint: FakeEndpoint) -> None:
    endpoint.reply = model_error(499, "")

    speak().problem(499)


@pytest.mark.parametrize("status", [429, 503])
def test_overload_and_no_capacity_keep_their_status_and_the_endpoints_own_hint(
    endpoint: FakeEndpoint, status: int
) -> None:
    endpoint.reply = refused(status, retry_after=12)
    answer = speak()

    assert "Try again in 12 s" in answer.problem(status)["detail"]
    assert answer.headers["retry-after"] == "12"


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("hint", [None, {}, {"retry_after": -1}])
def test_without_a_hint_it_is_five_seconds(endpoint: FakeEndpoint, status: int, hint: dict[str, Any] | None) -> None:
    endpoint.reply = model_error(status, "no document") if hint is None else refused(status, **hint)
    answer = speak()

    answer.problem(status)
    assert answer.headers["retry-after"] == "5"


def test_a_line_that_the_endpoint_could_not_finish_in_time_is_504(endpoint: FakeEndpoint) -> None:
    endpoint.always_reads = True
    endpoint.reply = refused(408)

    assert "shorter text" in speak().problem(504)["detail"]


def test_sagemaker_throttling_is_429(endpoint: FakeEndpoint) -> None:
    endpoint.reply = sagemaker_error(400, "ThrottlingException")
    answer = speak()

    answer.problem(429)
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize("status", [500, 502, 504, 507, 302])
def test_a_crash_is_502_and_its_detail_stays_inside(endpoint: FakeEndpoint, status: int) -> None:
    endpoint.reply = refused(status)

    assert "Speak up" not in speak().problem(502)["detail"]


def test_an_endpoint_out_of_service_is_warming_up(endpoint: FakeEndpoint) -> None:
    endpoint.reply = sagemaker_error(400, "ValidationError")
    answer = speak()

    assert "warming up" in answer.problem(503)["detail"]
    assert answer.headers["retry-after"] == "60"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (503, "ServiceUnavailable"),
        (530, "InternalDependencyException"),
        (429, "ModelNotReadyException"),
    ],
)
def test_sagemaker_without_capacity_is_503(endpoint: FakeEndpoint, status: int, code: str) -> None:
    endpoint.reply = sagemaker_error(status, code)
    answer = speak()

    answer.problem(503)
    assert answer.headers["retry-after"] == "5"


def test_an_envelope_without_a_status_is_502(endpoint: FakeEndpoint) -> None:
    endpoint.reply = Reply(424, b"Hello", {"x-amzn-ErrorType": "ModelError"})

    speak().problem(502)


@pytest.mark.parametrize(("status", "code"), [(500, "InternalFailure"), (403, "AccessDeniedException")])
def test_any_other_refusal_of_sagemaker_is_502(endpoint: FakeEndpoint, status: int, code: str) -> None:
    endpoint.reply = sagemaker_error(status, code)

    speak().problem(502)


@pytest.mark.parametrize(
    "reply",
    [sagemaker_error(503, "ServiceUnavailable"), model_error(500, ""), sagemaker_error(500, "InternalFailure")],
)
def test_the_endpoint_is_asked_each_question_once_whatever_it_answers(endpoint: FakeEndpoint, reply: Reply) -> None:
    endpoint.reply = reply
    speak()
    assert (len(endpoint.read), len(endpoint.received)) == (1, 0)

    endpoint.always_reads = True
    speak()
    assert (len(endpoint.read), len(endpoint.received)) == (2, 1)


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (refused(422, errors=[{"field": "duration", "reason": "is too short for the text"}]), 422),
        (refused(503, retry_after=12), 503),
        (refused(429, retry_after=12), 429),
        (model_error(500, "Traceback"), 502),
        (sagemaker_error(400, "ValidationError"), 503),
    ],
)
def test_an_endpoint_that_reads_a_line_and_then_does_not_speak_it_is_told_as_one_that_does_neither(
    endpoint: FakeEndpoint, bucket: "S3Client", reply: Reply, status: int
) -> None:
    endpoint.always_reads = True
    endpoint.reply = reply

    speak().problem(status)
    assert (len(endpoint.read), len(endpoint.received)) == (1, 1)
    assert "Contents" not in bucket.list_objects_v2(Bucket=AUDIO_BUCKET)


@pytest.mark.slow
def test_an_endpoint_that_takes_too_long_is_504(endpoint: FakeEndpoint) -> None:
    endpoint.reply = spoken(delay=5)

    assert "shorter text" in speak(within=6).problem(504)["detail"]
    assert len(endpoint.received) == 1


def test_an_endpoint_is_waited_for_no_longer_because_it_is_asked_twice(endpoint: FakeEndpoint) -> None:
    deadline = time.monotonic() + 1

    with pytest.raises(EndpointTimedOut):
        endpoint_client.speak(Line(champion_id="yasuo", text="Hello."), "request-1", deadline)
    assert endpoint.received == []


def test_an_endpoint_out_of_reach_is_503(set_environment: SetEnvironment) -> None:
    set_environment(AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=NOWHERE)
    answer = speak()

    answer.problem(503)
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Hello",
        b'{"audio": ""}',
        wav(),
        b'{"format": "wav", "sample_rate": 24000, "duration": 1}\nRIFF',
        DESCRIBED.partition(b"\n")[0],
        DESCRIBED.partition(b"\n")[0] + b"\n",
        DESCRIBED.replace(b'"duration":1.0', b'"duration":0'),
        DESCRIBED.replace(b'"wav"', b'"wave"'),
    ],
    ids=lambda body: repr(body[:60]),
)
def test_an_answer_that_is_no_described_audio_is_502_and_not_kept(endpoint: FakeEndpoint, body: bytes) -> None:
    endpoint.always_reads = True
    endpoint.reply = Reply(body=body)
    speak().problem(502)
    assert len(endpoint.received) == 1
    endpoint.reply = spoken()

    assert not speak().json()["from_store"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Hello",
        b"[]",
        b'{"spoken_text": "Hello.", "sentences": []}',
        READ.replace(b'"digest":"', b'"digest":"../'),
    ],
    ids=lambda body: repr(body[:60]),
)
def test_an_answer_that_does_not_tell_what_would_be_said_is_502(endpoint: FakeEndpoint, body: bytes) -> None:
    endpoint.reply = Reply(body=body)

    speak().problem(502)
    assert (len(endpoint.read), len(endpoint.received)) == (1, 0)


def test_an_answer_cut_off_is_502(endpoint: FakeEndpoint) -> None:
    endpoint.reply = spoken()
    endpoint.reply.headers["Content-Length"] = "100000"

    speak().problem(502)


@pytest.mark.parametrize(
    "failing", ["champion-voices/yasuo/", "champion-voices/lexicon.txt", "audio/lines/"], ids=lambda name: name[:20]
)
def test_a_single_call_to_s3_that_fails_is_502_and_the_endpoint_is_not_asked(
    endpoint: FakeEndpoint, bucket: "S3Client", failing: str
) -> None:
    def refuse(params: dict[str, Any], **_: object) -> None:
        if failing in params["url_path"] or params["query_string"].get("prefix") == failing:
            raise EndpointConnectionError(endpoint_url="S3")

    bucket.meta.events.register("before-call.s3", refuse)
    try:
        speak().problem(502)
    finally:
        bucket.meta.events.unregister("before-call.s3", refuse)

    assert endpoint.read == []


@pytest.mark.parametrize("bucket_name", ["VOICES_BUCKET", "AUDIO_BUCKET"])
def test_s3_refusing_is_502(set_environment: SetEnvironment, bucket_name: str) -> None:
    set_environment(**{bucket_name: "secret-bucket-that-is-not-there"})

    speak().problem(502)


def test_s3_answering_nonsense_is_502(endpoint: FakeEndpoint, set_environment: SetEnvironment) -> None:
    endpoint.reply = Reply(body=b"Hello")
    set_environment(AWS_ENDPOINT_URL_S3=endpoint.url)

    get("/voices").problem(502)


def test_s3_out_of_reach_is_502(set_environment: SetEnvironment) -> None:
    set_environment(AWS_ENDPOINT_URL_S3=NOWHERE)

    speak().problem(502)
    get("/voices").problem(502)
    get("/voices/yasuo").problem(502)


@pytest.mark.parametrize("variables", [{"VOICES_BUCKET": ""}, {"AUDIO_URL_SECONDS": "secret"}], ids=str)
def test_a_bug_is_500_and_its_words_stay_inside(set_environment: SetEnvironment, variables: dict[str, str]) -> None:
    set_environment(**variables)

    assert "report the request id" in get("/voices").problem(500)["detail"]


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (described("InService", CurrentCopyCount=1, DesiredCopyCount=1), "in_service"),
        (described("InService", CurrentCopyCount=0, DesiredCopyCount=0), "at_zero"),
        (described("InService", CurrentCopyCount=0, DesiredCopyCount=1), "starting"),
        (described("InService"), "at_zero"),
        (described("InService", "Creating", CurrentCopyCount=0, DesiredCopyCount=1), "starting"),
        (described("Creating"), "starting"),
        (described("Updating", CurrentCopyCount=1, DesiredCopyCount=2), "in_service"),
        (described("InService", "Updating", CurrentCopyCount=1, DesiredCopyCount=1), "in_service"),
        (described("InService", "Failed", CurrentCopyCount=0, DesiredCopyCount=1), "unavailable"),
        (described("InService", "Deleting", CurrentCopyCount=1, DesiredCopyCount=0), "unavailable"),
        (described("Deleting", CurrentCopyCount=1, DesiredCopyCount=1), "unavailable"),
        (described("Failed", "Creating"), "unavailable"),
        (described("OutOfService", CurrentCopyCount=1, DesiredCopyCount=1), "unavailable"),
        (sagemaker_error(400, "ValidationException"), "unavailable"),
        (Reply(body=b'{"EndpointStatus": "InService"}'), "unavailable"),
        (Reply(body=b"{}"), "unavailable"),
        (Reply(body=b"Hello"), "unavailable"),
    ],
)
def test_health_says_how_the_endpoint_is(endpoint: FakeEndpoint, reply: Reply, status: str) -> None:
    endpoint.reply = reply
    answer = get("/health")

    assert answer.status == 200
    assert answer.json() == {"status": status, "ready": status == "in_service"}


def test_health_asks_for_the_endpoint_and_for_the_model_on_it(endpoint: FakeEndpoint) -> None:
    endpoint.reply = described("InService", CurrentCopyCount=1, DesiredCopyCount=1)
    get("/health")

    assert [(asked.headers["X-Amz-Target"], asked.body) for asked in endpoint.received] == [
        ("SageMaker.DescribeEndpoint", {"EndpointName": ENDPOINT_NAME}),
        ("SageMaker.DescribeInferenceComponent", {"InferenceComponentName": COMPONENT_NAME}),
    ]


def test_health_without_sagemaker_is_unavailable(set_environment: SetEnvironment) -> None:
    set_environment(AWS_ENDPOINT_URL_SAGEMAKER=NOWHERE)

    assert get("/health").json() == {"status": "unavailable", "ready": False}
