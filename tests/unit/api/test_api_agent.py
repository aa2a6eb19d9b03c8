"""An agent speaks lines and lists champions through its action group."""

import json
import urllib.request
from typing import TYPE_CHECKING

import pytest

import app
from routes import agent
from schemas import ChampionNames
from tests.support.doors import CONTEXT, LAMBDA_REQUEST_ID, agent_event, ask_agent, speak
from tests.support.environment import SetEnvironment, put_champion
from tests.support.fake_endpoint import FakeEndpoint, Reply, model_error, refused, sagemaker_error, spoken, wav

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def test_an_agent_speaks_a_line_and_gets_a_link(endpoint: FakeEndpoint) -> None:
    endpoint.reply = spoken(seconds=1.5)

    status, body = ask_agent("POST", "/speak", champion_id="yasuo", text="Follow the wind.")

    assert status == 200
    with urllib.request.urlopen(body.pop("audio_url")) as download:  # noqa: S310
        assert download.read() == wav(1.5)
    assert body == {"duration": 1.5, "champion_id": "yasuo", "expires_in_seconds": 3600, "from_store": False}


def test_the_numbers_that_agents_send_as_strings_are_numbers(endpoint: FakeEndpoint) -> None:
    ask_agent("POST", "/speak", champion_id="yasuo", text="Hi", duration="2.5", speed="1.25", seed="7", quality="fast")

    (asked,) = endpoint.received
    assert endpoint.read[0].headers["X-Amzn-SageMaker-Inference-Id"] == LAMBDA_REQUEST_ID
    assert asked.headers["X-Amzn-SageMaker-Inference-Id"] == LAMBDA_REQUEST_ID
    assert asked.body == {
        "champion_id": "yasuo", "text": "Hi", "text_type": "plain", "duration": 2.5, "speed": 1.25, "seed": 7,
        "quality": "fast", "format": "wav", "script_only": False, "wait_seconds": asked.body["wait_seconds"],
    }  # fmt: skip


def test_both_doors_share_one_store(endpoint: FakeEndpoint) -> None:
    speak(text="Hello there.", duration=2)
    _, body = ask_agent("POST", "/speak", champion_id="yasuo", text=" Hello there. ", duration="2")

    assert body["from_store"]
    assert (len(endpoint.read), len(endpoint.received)) == (1, 1)


@pytest.mark.parametrize("text_type", ["plain", "ssml", "markdown"])
def test_an_agent_may_say_what_its_text_is_written_in(endpoint: FakeEndpoint, text_type: str) -> None:
    status, _ = ask_agent("POST", "/speak", champion_id="yasuo", text="<speak>Hi</speak>", text_type=text_type)

    assert status == 200
    assert [asked.body["text_type"] for asked in (*endpoint.read, *endpoint.received)] == [text_type] * 2


def test_a_long_speech_is_still_a_short_answer(endpoint: FakeEndpoint) -> None:
    endpoint.reply = spoken(seconds=110)

    assert ask_agent("POST", "/speak", champion_id="yasuo", text="Hi")[1]["duration"] == 110


def test_the_link_lasts_as_long_as_it_says(set_environment: SetEnvironment) -> None:
    set_environment(AUDIO_URL_SECONDS="90")
    _, body = ask_agent("POST", "/speak", champion_id="yasuo", text="Hi")

    assert body["expires_in_seconds"] == 90
    assert "X-Amz-Expires=90" in body["audio_url"]


def test_an_agent_lists_the_champions() -> None:
    assert ask_agent("GET", "/voices") == (200, {"champion_ids": ["ahri", "yasuo"], "total": 2})


@pytest.mark.slow
def test_of_many_champions_an_agent_gets_the_first_and_their_number(bucket: "S3Client") -> None:
    for number in range(agent.MAX_NAMES):
        put_champion(bucket, f"zed-{number:03}", "Hi.", seconds=0.01)
    _, body = ask_agent("GET", "/voices")

    assert body["total"] == agent.MAX_NAMES + 2
    assert len(body["champion_ids"]) == agent.MAX_NAMES
    assert body["champion_ids"][:3] == ["ahri", "yasuo", "zed-000"]


def test_as_many_names_as_an_agent_gets_are_a_short_answer() -> None:
    longest = ChampionNames(champion_ids=["x" * 64] * agent.MAX_NAMES, total=1_000_000)

    assert len(json.dumps(longest.model_dump_json())) < 20_000


def test_an_agent_is_told_what_is_wrong_with_its_request(endpoint: FakeEndpoint) -> None:
    status, body = ask_agent("POST", "/speak", champion_id="", text="...", speed="fast", volume="11")

    assert status == 422
    assert body["status"] == 422
    assert body["request_id"] == LAMBDA_REQUEST_ID
    assert {error["field"] for error in body["errors"]} == {"champion_id", "text", "speed", "volume"}
    assert endpoint.received == []


def test_an_agent_without_a_body_is_told_so() -> None:
    status, body = ask_agent("POST", "/speak")

    assert (status, body["detail"]) == (422, "champion_id: is required; text: is required")


def test_an_agent_that_asks_for_an_unknown_champion_gets_the_nearest_names() -> None:
    status, body = ask_agent("POST", "/speak", champion_id="yasou", text="Hi")

    assert status == 404
    assert "yasuo" in body["detail"]
    assert [error["field"] for error in body["errors"]] == ["champion_id"]


def test_an_agent_that_asks_for_an_unknown_operation_is_told_so() -> None:
    assert ask_agent("POST", "/voice", champion_id="yasuo", text="Hi")[0] == 404


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (refused(422, "The reference is too short."), 422),
        (refused(422, "text: holds 'Ж'.", errors=[{"field": "text", "reason": "holds 'Ж'"}]), 422),
        (model_error(500, "Traceback"), 502),
        (sagemaker_error(400, "ValidationError"), 503),
        (Reply(body=b"Hello"), 502),
    ],
)
def test_an_agent_is_told_of_failures_like_anybody(endpoint: FakeEndpoint, reply: Reply, status: int) -> None:
    endpoint.reply = reply

    assert ask_agent("POST", "/speak", champion_id="yasuo", text="Hi")[0] == status


def test_text_too_long_for_one_request_is_413() -> None:
    status, body = ask_agent("POST", "/speak", champion_id="yasuo", text="a" * 2001)

    assert (status, [error["field"] for error in body["errors"]]) == (413, ["text"])


def test_the_answer_has_the_shape_that_bedrock_reads() -> None:
    answer = app.handler(agent_event("GET", "/voices"), CONTEXT)

    assert answer["messageVersion"] == "1.0"
    assert set(answer["response"]) == {"actionGroup", "apiPath", "httpMethod", "httpStatusCode", "responseBody"}


@pytest.mark.parametrize("name", ["actionGroup", "apiPath", "httpMethod"])
def test_what_is_no_unicode_is_answered_in_unicode(name: str) -> None:
    answer = app.handler(agent_event("GET", "/voices", {name: "\ud800"}), CONTEXT)

    assert json.dumps(answer, ensure_ascii=False).encode()
    assert answer["response"]["httpStatusCode"] == (200 if name == "actionGroup" else 404)
