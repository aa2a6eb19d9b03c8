"""POST /speak: what agents call over HTTP, as an MCP tool."""

import json
import urllib.request

import pytest

from tests.support.doors import REQUEST_ID, Answer, Json, ask_agent, http_event, send
from tests.support.environment import COMPONENT_NAME
from tests.support.fake_endpoint import FakeEndpoint, refused, spoken, wav


def speak_line(**fields: Json) -> Answer:
    line = {"champion_id": "yasuo", "text": "Follow the wind."} | fields
    return send(http_event("POST", "/speak", json.dumps(line), {"Content-Type": "application/json"}))


def test_a_line_is_answered_with_a_link(endpoint: FakeEndpoint) -> None:
    endpoint.reply = spoken(seconds=1.5)

    answer = speak_line(duration=1.5)

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    with urllib.request.urlopen(body.pop("audio_url")) as download:  # noqa: S310
        assert download.read() == wav(1.5)
    assert body == {"duration": 1.5, "champion_id": "yasuo", "expires_in_seconds": 3600, "from_store": False}
    (asked,) = endpoint.received
    assert asked.headers["X-Amzn-SageMaker-Inference-Id"] == REQUEST_ID
    assert asked.headers["X-Amzn-SageMaker-Inference-Component"] == COMPONENT_NAME


def test_the_longest_speech_is_a_small_answer(endpoint: FakeEndpoint) -> None:
    endpoint.reply = spoken(seconds=110)

    assert len(speak_line().body) < 2000


def test_it_is_the_operation_of_the_action_group_under_another_roof(endpoint: FakeEndpoint) -> None:
    over_http = speak_line(quality="fast").json()
    _, as_action = ask_agent("POST", "/speak", champion_id="yasuo", text="Follow the wind.", quality="fast")

    assert as_action["from_store"]
    assert over_http.keys() == as_action.keys()
    assert len(endpoint.received) == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"champion_id": "yasou"}, 404), ({"text": "a" * 2001}, 413), ({"quality": "best"}, 422), ({"volume": 11}, 422)],
)
def test_what_is_refused_is_a_problem_document(fields: Json, status: int) -> None:
    speak_line(**fields).problem(status)


def test_a_busy_endpoint_is_429_with_retry_after(endpoint: FakeEndpoint) -> None:
    endpoint.reply = refused(429, retry_after=12)
    answer = speak_line()

    answer.problem(429)
    assert answer.headers["retry-after"] == "12"
