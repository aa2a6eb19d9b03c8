"""Bad input is refused with a problem document that names the field and the reason."""

import json
from typing import Any

import pytest

from tests.support.doors import Answer, get, http_event, send, speak
from tests.support.environment import SetEnvironment
from tests.support.fake_endpoint import FakeEndpoint


def post(body: str | bytes | None, content_type: str | None = "application/json") -> Answer:
    return send(http_event("POST", "/voice", body, {"Content-Type": content_type} if content_type else {}))


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        "Hello.",
        '{"champion_id": "yasuo", "text": "Hello."',
        '{"champion_id": "yasuo", "text": "Hello.", "speed": NaN}',
        '{"champion_id": "yasuo", "text": "Hello.", "speed": -Infinity}',
        '{"champion_id": "yasuo", "text": "Hello.", "seed": ' + "1" * 5000 + "}",
        "[" * 200_000,
        b'{"champion_id": "yasuo", "text": "\xff"}',
        '{"champion_id": "yasuo", "text": "Grüße"}'.encode("latin-1"),
    ],
    ids=lambda body: repr(body)[:40],
)
def test_a_body_that_is_not_json_is_400(body: str | bytes | None) -> None:
    assert "JSON" in post(body).problem(400)["detail"]


def test_a_body_that_is_not_base64_where_it_should_be_is_400() -> None:
    event = http_event("POST", "/voice", b"{}", {"Content-Type": "application/json"})

    assert send(event | {"body": "A"}).status == 400


def test_a_syntax_error_is_located() -> None:
    assert "line 2, column 1" in post('{"text":\n}').problem(400)["detail"]


@pytest.mark.parametrize("body", ["null", "3", '"text"', "[]", '[{"champion_id": "yasuo", "text": "Hello."}]', "true"])
def test_json_that_is_not_an_object_is_422(body: str) -> None:
    assert post(body).reasons() == {"body": "must be a JSON object"}


@pytest.mark.parametrize(
    "content_type",
    ["text/html", "multipart/form-data", "application/jsonp", "json"],
)
def test_another_content_type_is_415(content_type: str) -> None:
    problem = post('{"champion_id": "yasuo", "text": "Hi"}', content_type).problem(415)

    assert "application/json" in problem["detail"]
    assert [error["field"] for error in problem["errors"]] == ["Content-Type"]


@pytest.mark.parametrize(
    "content_type",
    [
        *("application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json", None),
        *("application/x-www-form-urlencoded", "text/plain;charset=UTF-8"),
    ],
)
def test_json_under_another_name_or_none_is_read(content_type: str | None) -> None:
    assert post('{"champion_id": "yasuo", "text": "Hi"}', content_type).status == 200


@pytest.mark.parametrize("seed", [2**32, 10**400])
def test_a_number_too_large_for_any_type_is_refused_like_any_other(endpoint: FakeEndpoint, seed: int) -> None:
    assert "The nearest is 4294967295." in speak(seed=seed).reasons()["seed"]
    assert endpoint.read == endpoint.received == []


def test_a_field_of_the_endpoints_alone_is_no_field_of_the_api() -> None:
    assert "not a field" in speak(voice_bucket="other").reasons()["voice_bucket"]


def test_a_whole_number_may_be_written_as_a_float(endpoint: FakeEndpoint) -> None:
    assert post('{"champion_id": "yasuo", "text": "Hi", "seed": 7.0, "duration": 2, "speed": 1}').json()["seed"] == 7
    assert str(endpoint.received[0].body["seed"]) == "7"


def test_null_in_an_optional_field_leaves_it_out(endpoint: FakeEndpoint) -> None:
    speak()
    again = speak(text_type=None, duration=None, speed=None, seed=None, quality=None, format=None)

    assert again.json()["from_store"]
    assert endpoint.received[0].body["quality"] == "standard"


def test_a_field_whose_name_is_no_text_is_422() -> None:
    assert post('{"champion_id": "yasuo", "text": "Hi", "\\ud800": 1}').reasons()


def test_numbers_beyond_every_float_are_422() -> None:
    assert set(post('{"champion_id": "yasuo", "text": "Hi", "speed": 1e999}').reasons()) == {"speed"}


def test_all_wrong_fields_are_told_at_once() -> None:
    assert post('{"speed": 9}').reasons() == {
        "champion_id": "is required",
        "text": "is required",
        "speed": "must be a number from 0.5 to 2. The nearest is 2.",
    }


def test_what_was_sent_is_not_sent_back() -> None:
    unknown: dict[str, Any] = {f"unknown-{'x' * 1000}-{number}": 1 for number in range(99)}
    answer = speak(text="\x00 private words", quality="private words", **unknown)

    assert b"private words" not in answer.body
    assert len(answer.body) < 5000


@pytest.mark.parametrize("text", ["", " ", "\t\r\n", "...", "?!", "—", "🎉", "\u0301", "\u200b", "\u3000"])
def test_text_with_nothing_speakable_is_refused(text: str) -> None:
    assert set(speak(text=text).reasons()) == {"text"}


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\x9f"])
def test_text_with_a_control_character_is_refused_before_the_endpoint_is_asked(
    endpoint: FakeEndpoint, character: str
) -> None:
    assert "control character" in speak(text=f"Hello{character}").reasons()["text"]
    assert endpoint.read == []


@pytest.mark.parametrize("character", ["\ue000", "\u0378", "\U0010ffff", "\u200b", "\u00ad", "\ufeff", "\u2028"])
def test_what_else_may_have_no_sound_is_left_to_the_endpoint(endpoint: FakeEndpoint, character: str) -> None:
    assert speak(text=f"Hello{character}there.").status == 200
    assert endpoint.read[0].body["text"] == f"Hello{character}there."


def test_text_with_half_a_character_is_refused(endpoint: FakeEndpoint) -> None:
    assert set(speak(text="Hello\udfff").reasons()) == {"text"}
    assert endpoint.read == []


def test_the_control_character_is_located() -> None:
    assert "U+0007 at position 5" in speak(text="Hello\x07").reasons()["text"]


@pytest.mark.parametrize("text", ["Hello.", "世界", "Привет", "สวัสดี", "٣", "½", "¿Qué?", "A\u200dB", "🎉 1"])
def test_text_in_any_script_is_spoken(endpoint: FakeEndpoint, text: str) -> None:
    assert speak(text=text).status == 200
    assert endpoint.received[0].body["text"] == text


def test_text_is_brought_into_one_form_that_keeps_its_lines(endpoint: FakeEndpoint) -> None:
    speak(text="\u00a0 A\u030a  A \r\n\t\r A\rA\u3000 ")

    assert [asked.body["text"] for asked in endpoint.read] == ["Å  A\n\nA\nA"]
    assert endpoint.received[0].body["text"] == endpoint.read[0].body["text"]


def test_text_too_long_is_413_with_the_limit(endpoint: FakeEndpoint) -> None:
    assert speak(text="a" * 2000).status == 200
    problem = speak(text="a" * 2001).problem(413)

    assert "2,001" in problem["detail"]
    assert "2,000" in problem["detail"]
    assert [error["field"] for error in problem["errors"]] == ["text"]
    assert (len(endpoint.read), len(endpoint.received)) == (1, 1)


def test_the_longest_text_is_a_setting_and_counted_after_normalising(set_environment: SetEnvironment) -> None:
    set_environment(MAX_TEXT_CHARACTERS="3")

    assert speak(text="  e\u0301 \r\n b ").status == 200
    assert speak(text="abcd").status == 413


@pytest.mark.parametrize(
    "champion_id",
    ["..", "../ahri", "yasuo/../ahri", "yasuo/", "/yasuo", "yasuo%2f..", "%2e%2e", "yasuo\x00", "-yasuo", "_", "a" * 65,
     "*", "yasuo ahri"],
)  # fmt: skip
def test_a_champion_id_can_never_walk_out_of_its_folder(endpoint: FakeEndpoint, champion_id: str) -> None:
    assert [error["field"] for error in speak(champion_id=champion_id).problem(404)["errors"]] == ["champion_id"]
    assert endpoint.received == []


@pytest.mark.parametrize("name", ["..", "...", "%2e%2e", "a" * 65, "yasuo ahri", "ü"])
def test_a_champion_id_in_the_path_is_held_to_the_same_rule(name: str) -> None:
    assert [error["field"] for error in get(f"/voices/{name}").problem(404)["errors"]] == ["champion_id"]


@pytest.mark.parametrize(
    "path", ["/nothing", "/voice/yasuo", "/voices/yasuo/..", "/voices/../voices", "/voices/a\\b", "/voices/a%2Fb"]
)
def test_an_unknown_path_is_404(path: str) -> None:
    get(path).problem(404)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/voice", "OPTIONS, POST"),
        ("DELETE", "/voices", "GET, HEAD, OPTIONS"),
        ("PATCH", "/voices/yasuo", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("HEAD", "/voice", "OPTIONS, POST"),
        ("TRACE", "/docs", "GET, HEAD, OPTIONS"),
        ("POST", "/openapi.json", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_known_path_with_another_method_is_405_with_allow(method: str, path: str, allow: str) -> None:
    answer = send(http_event(method, path))

    answer.problem(405)
    assert answer.headers["allow"] == allow


def test_an_event_of_neither_door_is_an_error() -> None:
    with pytest.raises(ValueError, match="neither"):
        send({"Records": []})


def test_json_in_utf8_is_read_in_every_script() -> None:
    assert post(json.dumps({"champion_id": "yasuo", "text": "世界"}, ensure_ascii=False)).status == 200
