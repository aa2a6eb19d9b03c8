"""Every door refuses a field in the same words, takes what can be taken for it, and says what there is."""

import json
from typing import Any

import pytest

from tests.support.doors import Answer, ask_agent, get, http_event, send, speak
from tests.support.environment import SetEnvironment
from tests.support.fake_endpoint import FakeEndpoint, spoken
from tests.support.refusals import Refusal, refusals


def speak_as_agent(fields: dict[str, Any]) -> Answer:
    """POST /speak, which MCP's tool calls."""
    line = {"champion_id": "yasuo", "text": "Hello."} | fields
    return send(http_event("POST", "/speak", json.dumps(line).encode(), {"Content-Type": "application/json"}))


def is_taken_from_agents(refusal: Refusal) -> bool:
    """Agents send what they send as strings, and 1 is as good as true to them."""
    [value] = refusal.sent.values()
    return "not a string" in refusal.reason or (value is True and "number" in refusal.reason)


@pytest.mark.parametrize("refusal", refusals(), ids=lambda refusal: str(refusal.sent)[:60])
def test_a_field_is_refused_in_the_words_of_the_page(endpoint: FakeEndpoint, refusal: Refusal) -> None:
    answer = speak(**refusal.sent)

    assert answer.reasons() == {refusal.field: refusal.reason}
    assert answer.json()["detail"] == f"{refusal.field}: {refusal.reason}"
    assert endpoint.read == endpoint.received == []


@pytest.mark.parametrize(
    "refusal", [each for each in refusals() if not is_taken_from_agents(each)], ids=lambda each: str(each.sent)[:60]
)
def test_agents_are_told_the_same(endpoint: FakeEndpoint, refusal: Refusal) -> None:
    status, through_the_action_group = ask_agent(
        "POST", "/speak", **{"champion_id": "yasuo", "text": "Hi"} | refusal.sent
    )

    assert speak_as_agent(refusal.sent).reasons() == {refusal.field: refusal.reason}
    assert status == 422
    assert through_the_action_group["errors"] == [{"field": refusal.field, "reason": refusal.reason}]
    assert endpoint.read == endpoint.received == []


@pytest.mark.parametrize(("speed", "nearest"), [("9", "2"), ("-inf", "0.5"), (9, "2")])
def test_agents_may_send_numbers_as_strings_and_are_not_told_otherwise(speed: object, nearest: str) -> None:
    reason = f"must be a number from 0.5 to 2. The nearest is {nearest}."

    assert speak_as_agent({"speed": speed}).reasons() == {"speed": reason}


@pytest.mark.parametrize("nothing", ["", " ", "None", "none", "null", None])
def test_what_agents_fill_in_for_nothing_is_left_out(endpoint: FakeEndpoint, nothing: str | None) -> None:
    fields = dict.fromkeys(("text_type", "duration", "speed", "seed", "quality", "format"), nothing)

    assert speak_as_agent(fields).status == 200
    status, answer = ask_agent("POST", "/speak", champion_id="yasuo", text="Hello.", **fields)

    assert (status, answer["from_store"]) == (200, True)
    assert endpoint.received[0].line == {
        "champion_id": "yasuo", "text": "Hello.", "text_type": "plain", "speed": 1, "seed": 0, "quality": "standard",
        "format": "wav",
    }  # fmt: skip


def test_an_empty_string_is_nothing_to_agents_alone() -> None:
    assert set(speak(quality="").reasons()) == {"quality"}


@pytest.mark.parametrize("name", ["Yasuo", " yasuo\n", "Ya'suo", "YASUO", "Yásuo"])
def test_a_champion_is_found_by_name_at_every_door(name: str) -> None:
    assert speak(champion_id=name).json()["champion_id"] == "yasuo"
    assert speak_as_agent({"champion_id": name}).json()["from_store"]
    assert ask_agent("POST", "/speak", champion_id=name, text="Hello.")[1]["champion_id"] == "yasuo"
    assert get(f"/voices/{name}").json()["champion_id"] == "yasuo"


def test_a_name_in_a_path_is_read_percent_encoded() -> None:
    assert get("/voices/Ya%27suo%20").json()["champion_id"] == "yasuo"


@pytest.mark.parametrize("name", ["zzzz", "..", "%2e%2e", "*", "世界"])
def test_a_name_like_no_other_is_404_with_those_there_are(name: str) -> None:
    for answer in (speak(champion_id=name), get(f"/voices/{name}")):
        problem = answer.problem(404)
        assert "There is ahri, yasuo." in problem["detail"]
        assert [error["field"] for error in problem["errors"]] == ["champion_id"]


@pytest.mark.parametrize(
    ("headers", "content_type"),
    [
        ({"Accept": "*/*", "Content-Type": "application/x-www-form-urlencoded"}, "audio/mpeg"),  # curl's own
        ({}, "audio/mpeg"),
        ({"Accept": "application/json"}, "application/json"),
    ],
)
def test_curl_without_a_header_gets_the_format_that_it_names(
    endpoint: FakeEndpoint, headers: dict[str, str], content_type: str
) -> None:
    endpoint.reply = spoken(sound_format="mp3", sound=b"ID3")
    answer = send(http_event("POST", "/voice", b'{"champion_id": "yasuo", "text": "Hi", "format": "mp3"}', headers))

    assert (answer.status, answer.headers["content-type"]) == (200, content_type)


def test_several_accept_headers_are_one_list() -> None:
    event = http_event("POST", "/voice", b'{"champion_id": "yasuo", "text": "Hi"}')
    event["multiValueHeaders"]["Accept"] = ["application/json;q=0.5", "text/html, AUDIO/X-WAV;q=0.9"]

    assert send(event).headers["content-type"] == "audio/wav"


@pytest.mark.parametrize("path", ["/voices", "/voices/yasuo", "/health", "/openapi.json", "/docs"])
def test_head_is_answered_as_get_is(path: str) -> None:
    asked, told = get(path), send(http_event("HEAD", path))

    assert (told.status, told.headers) == (asked.status, asked.headers)
    assert len(told.body) == len(asked.body), "API Gateway tells the length, and sends none of it"


def test_head_of_what_is_not_there_is_404() -> None:
    send(http_event("HEAD", "/voices/nobody")).problem(404)
    send(http_event("HEAD", "/nothing")).problem(404)


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/voice", "OPTIONS, POST"),
        ("/voices", "GET, HEAD, OPTIONS"),
        ("/health", "GET, HEAD, OPTIONS"),
        ("/openapi.json", "GET, HEAD, OPTIONS"),
        ("/docs", "GET, HEAD, OPTIONS"),
    ],
)
def test_options_says_what_a_path_answers(path: str, allow: str) -> None:
    answer = send(http_event("OPTIONS", path))

    assert (answer.status, answer.headers["allow"], answer.body) == (204, allow, b"")


def test_an_unknown_path_is_told_what_there_is() -> None:
    detail = get("/nothing").problem(404)["detail"]

    assert "POST /voice, POST /speak, POST /narration, GET /narration, POST /jobs, GET /jobs, " in detail
    assert "GET /voices/{champion_id}" in detail


@pytest.mark.parametrize(
    "broken",
    [
        {"requestBody": "text"},
        {"requestBody": {"content": []}},
        {"requestBody": {"content": {"application/json": {"properties": [{"type": "string"}]}}}},
        {"requestBody": {"content": {"application/json": {"properties": {"text": "Hi"}}}}},
    ],
    ids=str,
)
def test_an_agents_body_that_is_none_is_422(broken: dict[str, Any]) -> None:
    status, answer = ask_agent("POST", "/speak", broken)

    assert status == 422
    assert [error["field"] for error in answer["errors"]] == ["body"]


@pytest.mark.parametrize(
    "broken", [{"parameters": None}, {"parameters": [{"value": 1}]}, {"sessionAttributes": 3}], ids=str
)
def test_what_no_operation_reads_of_an_agents_event_may_be_anything(broken: dict[str, Any]) -> None:
    assert ask_agent("GET", "/voices", broken)[0] == 200


def test_an_event_of_an_action_group_without_paths_is_told_what_there_is() -> None:
    status, answer = ask_agent("", "")

    assert status == 404
    assert "speakLine" in answer["detail"]


def test_one_limit_of_the_text_is_told_the_one_that_holds(set_environment: SetEnvironment) -> None:
    set_environment(MAX_TEXT_CHARACTERS="300")

    reason = "has 6,000 characters; at most 300 are spoken in one request"
    assert speak(text="a" * 6000).problem(413)["errors"] == [{"field": "text", "reason": reason}]
    text = get("/openapi.json").json()["components"]["schemas"]["Line"]["properties"]["text"]
    assert text["maxLength"] == 300
    assert not [character for character in text["description"] if character.isdigit()]


def test_each_door_for_agents_names_the_other_operation_as_its_callers_know_it() -> None:
    described = get("/openapi.json").json()["paths"]["/speak"]["post"]["description"]

    assert "from champion-voice___listVoices first" in described
