"""/v1: the API that OpenAI's clients call, with its fields, answers and errors."""

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from contract.formats import FORMATS, FormatName
from contract.representation import MAX_BASE64_SOUND_BYTES
from tests.support.doors import REQUEST_ID, Answer, Json, get, http_event, send, speak
from tests.support.environment import SetEnvironment, put_champion
from tests.support.fake_endpoint import FakeEndpoint, Reply, refused, sagemaker_error, spoken

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SOUND = bytes(range(256)) * 500


@pytest.fixture(autouse=True)
def mp3(endpoint: FakeEndpoint) -> None:
    """The endpoint speaks MP3, which is what is asked of it unless a request says otherwise."""
    endpoint.reply = spoken(sound_format="mp3", sound=SOUND)


def create_speech(stage_variables: dict[str, str] | None = None, **fields: object) -> Answer:
    """POST /v1/audio/speech; the model is tts-1, the voice yasuo and the input "Hello." unless told otherwise."""
    request = {"model": "tts-1", "voice": "yasuo", "input": "Hello."} | fields
    event = http_event(
        "POST", "/v1/audio/speech", json.dumps(request).encode(), {"Content-Type": "application/json"}, stage="openai"
    )
    return send(event | {"stageVariables": stage_variables})


def error(answer: Answer, status: int) -> Json:
    """What an error says, checked for what all of them must have."""
    assert (answer.status, answer.headers["content-type"]) == (status, "application/json")
    told = answer.json()
    assert told.keys() == {"error"}
    assert told["error"].keys() == {"message", "type", "param", "code"}
    assert told["error"]["message"]
    return told["error"]


def test_speech_is_mp3_with_what_is_known_of_it(endpoint: FakeEndpoint) -> None:
    answer = create_speech()

    assert (answer.status, answer.body) == (200, SOUND)
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.headers["x-champion-id"] == "yasuo"
    assert answer.headers["x-duration"] == "1.0"
    (asked,) = endpoint.received
    assert asked.line == {
        "champion_id": "yasuo", "text": "Hello.", "text_type": "plain", "speed": 1, "seed": 0, "quality": "standard",
        "format": "mp3",
    }  # fmt: skip


def test_the_same_line_at_both_doors_is_one_audio(endpoint: FakeEndpoint) -> None:
    create_speech()

    assert speak(format="mp3", accept="application/json").json()["from_store"]
    assert len(endpoint.received) == 1


def test_a_voice_may_be_an_object_with_its_id(endpoint: FakeEndpoint) -> None:
    assert create_speech(voice={"id": "ahri"}).headers["x-champion-id"] == "ahri"
    assert endpoint.received[0].body["champion_id"] == "ahri"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_answered_as_itself(endpoint: FakeEndpoint, name: FormatName) -> None:
    endpoint.reply = spoken(sound_format=name, sound=SOUND)
    answer = create_speech(response_format=name)

    assert answer.headers["content-type"] == FORMATS[name].content_type(24_000)
    assert answer.body == SOUND


@pytest.mark.parametrize(("asked", "spoken_at"), [(0.25, 0.5), (0.5, 0.5), (1.25, 1.25), (2, 2), (4, 2)])
def test_a_speed_beyond_what_there_is_is_the_nearest_and_told(
    endpoint: FakeEndpoint, asked: float, spoken_at: float
) -> None:
    answer = create_speech(speed=asked)

    assert endpoint.received[0].body["speed"] == spoken_at
    assert float(answer.headers["x-speed"]) == spoken_at


class TestVoices:
    def test_are_the_champions_in_the_shape_that_clients_read(self) -> None:
        assert get("/v1/audio/voices").json() == {
            "voices": [{"id": "ahri", "name": "ahri"}, {"id": "yasuo", "name": "yasuo"}]
        }

    @pytest.mark.parametrize(("voice", "champion"), [("nova", "ahri"), ("Echo", "yasuo")])
    def test_of_openai_are_champions_without_any_setting(self, voice: str, champion: str) -> None:
        assert create_speech(voice=voice).headers["x-champion-id"] == champion

    @pytest.mark.parametrize(("voice", "champion"), [("alloy", "yasuo"), ("nova", "yasuo"), ("ahri", "ahri")])
    def test_of_openai_are_the_champions_of_the_stages_variable(self, voice: str, champion: str) -> None:
        answer = create_speech(voice=voice, stage_variables={"openaiVoices": "alloy=yasuo,nova=yasuo"})

        assert answer.headers["x-champion-id"] == champion

    def test_that_are_unknown_are_refused_with_the_nearest(self, endpoint: FakeEndpoint) -> None:
        told = error(create_speech(voice="yasou"), 404)

        assert "Did you mean yasuo?" in told.pop("message")
        assert told == {"type": "invalid_request_error", "param": "voice", "code": "voice_not_found"}
        assert endpoint.received == []

    def test_that_are_unknown_are_spoken_for_by_the_fallback(self, set_environment: SetEnvironment) -> None:
        set_environment(FALLBACK_CHAMPION="ahri")

        assert create_speech(voice="nobody").headers["x-champion-id"] == "ahri"

    def test_that_are_new_are_listed_and_speak(self, bucket: "S3Client") -> None:
        put_champion(bucket, "braum", "The heart is the strongest muscle.")

        assert {"id": "braum", "name": "braum"} in get("/v1/audio/voices").json()["voices"]
        assert create_speech(voice="braum").status == 200


class TestModels:
    def test_are_the_stacks_own_and_openais(self) -> None:
        listed = get("/v1/models").json()

        assert listed["object"] == "list"
        assert [model["id"] for model in listed["data"]] == ["tiny-1", "tts-1", "tts-1-hd", "gpt-4o-mini-tts"]
        for model in listed["data"]:
            assert get(f"/v1/models/{model['id']}").json() == model
            assert (model["object"], model["owned_by"]) == ("model", "champion-voice")
            assert isinstance(model["created"], int)

    @pytest.mark.parametrize(
        ("model", "quality"),
        [
            ("tiny-1", "standard"),
            ("tts-1", "standard"),
            ("tts-1-1106", "standard"),
            ("tts-1-hd", "high"),
            ("gpt-4o-mini-tts-2025-12-15", "standard"),
        ],
    )
    def test_speak_all_and_hd_takes_more_steps(self, endpoint: FakeEndpoint, model: str, quality: str) -> None:
        assert create_speech(model=model).status == 200
        assert endpoint.received[0].body["quality"] == quality

    @pytest.mark.parametrize("name", ["whisper-1", "tts-1-turbo", "tts"])
    def test_that_are_unknown_are_refused_with_those_there_are(self, endpoint: FakeEndpoint, name: str) -> None:
        for answer in (create_speech(model=name), get(f"/v1/models/{name}")):
            told = error(answer, 404)
            assert "tiny-1, tts-1, tts-1-hd" in told["message"]
            assert (told["param"], told["code"]) == ("model", "model_not_found")
        assert endpoint.read == []


class TestEvents:
    def test_hold_the_sound_and_end_with_done(self) -> None:
        answer = create_speech(stream_format="sse")

        assert answer.headers["content-type"].startswith("text/event-stream")
        *blocks, rest = answer.body.decode().split("\n\n")
        assert rest == ""
        *deltas, done = [json.loads(block.removeprefix("data: ")) for block in blocks]
        assert len(deltas) > 1
        assert {delta["type"] for delta in deltas} == {"speech.audio.delta"}
        assert b"".join(base64.b64decode(delta["audio"]) for delta in deltas) == SOUND
        assert done["type"] == "speech.audio.done"
        assert done["usage"].keys() == {"input_tokens", "output_tokens", "total_tokens"}

    def test_of_the_longest_sound_fit_lambdas_six_megabytes(self, endpoint: FakeEndpoint) -> None:
        endpoint.reply = spoken(300, sound_format="mp3", sound=bytes(MAX_BASE64_SOUND_BYTES))
        answer = create_speech(stream_format="sse")

        assert answer.status == 200
        assert len(json.dumps({"body": answer.body.decode()})) + 32 * 1024 < 6 * 1024 * 1024

    def test_of_a_longer_one_are_refused_with_what_to_do(self, endpoint: FakeEndpoint) -> None:
        endpoint.reply = spoken(300, sound_format="mp3", sound=bytes(MAX_BASE64_SOUND_BYTES + 1))
        told = error(create_speech(stream_format="sse"), 400)

        assert told["param"] == "stream_format"
        assert "must be audio" in told["message"]


def test_a_sound_too_large_for_an_answer_is_found_at_another_location(endpoint: FakeEndpoint) -> None:
    endpoint.reply = spoken(300, sound_format="mp3", sound=bytes(MAX_BASE64_SOUND_BYTES + 1))
    answer = create_speech()

    assert answer.status == 303
    assert answer.headers["location"].startswith("http")


def test_instructions_and_fields_of_other_servers_change_nothing(endpoint: FakeEndpoint) -> None:
    create_speech()
    again = create_speech(instructions="Whisper.", lang_code="a", stream=True, volume_multiplier=1.0, speed=None)

    assert again.headers["x-from-store"] == "true"
    assert len(endpoint.received) == 1


class TestErrors:
    @pytest.mark.parametrize(
        ("fields", "param", "said"),
        [
            ({"input": ""}, "input", "at least 1 character"),
            ({"input": "..."}, "input", "at least one letter or digit"),
            ({"input": "a\x07b"}, "input", "U+0007"),
            ({"input": None}, "input", "is required"),
            ({"voice": None}, "voice", "is required"),
            ({"voice": {"name": "yasuo"}}, "voice", "string"),
            ({"model": None}, "model", "is required"),
            ({"response_format": "aac"}, "response_format", "'wav', 'mp3', 'opus', 'flac' or 'pcm'"),
            ({"speed": 0.2}, "speed", "0.25"),
            ({"speed": 4.1}, "speed", "4"),
            ({"stream_format": "ogg"}, "stream_format", "'audio' or 'sse'"),
        ],
    )
    def test_of_a_field_name_it_and_the_rule(
        self, endpoint: FakeEndpoint, fields: dict[str, Any], param: str, said: str
    ) -> None:
        told = error(create_speech(**fields), 400)

        assert (told["param"], told["type"]) == (param, "invalid_request_error")
        assert told["message"].startswith(f"{param}: ")
        assert said in told["message"]
        assert endpoint.received == []

    def test_of_what_the_voice_cannot_say_name_the_input(self, endpoint: FakeEndpoint) -> None:
        reason = "holds 'Ж', which this voice cannot say"
        endpoint.reply = refused(422, f"text: {reason}", errors=[{"field": "text", "reason": reason}])

        assert error(create_speech(input="Жa"), 400)["message"] == f"input: {reason}"

    def test_of_a_text_that_is_too_long_tell_the_limit(self) -> None:
        told = error(create_speech(input="a" * 2001), 413)

        assert "2,000" in told["message"]
        assert (told["param"], told["code"]) == ("input", "string_above_max_length")

    @pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
    def test_of_a_body_that_is_no_json_object(self, body: bytes) -> None:
        event = http_event("POST", "/v1/audio/speech", body, {"Content-Type": "application/json"})

        assert error(send(event), 400)["type"] == "invalid_request_error"

    @pytest.mark.parametrize(
        ("reply", "status"),
        [(sagemaker_error(400, "ValidationError"), 503), (Reply(500), 502), (refused(503, retry_after=7), 503)],
    )
    def test_of_the_endpoint_are_the_servers(self, endpoint: FakeEndpoint, reply: Reply, status: int) -> None:
        endpoint.reply = reply
        answer = create_speech()

        assert error(answer, status)["type"] == "server_error"
        assert ("retry-after" in answer.headers) == (status == 503)

    def test_of_a_path_or_a_method_that_is_not_there(self) -> None:
        assert error(get("/v1/chat/completions"), 404)
        refused_method = get("/v1/audio/speech")
        assert error(refused_method, 405)
        assert "POST" in refused_method.headers["allow"]

    def test_are_problem_documents_at_the_other_doors_still(self) -> None:
        speak(champion_id="yasou").problem(404)
        get("/voices/yasou").problem(404)

    def test_name_the_request_in_the_header_that_clients_read(self) -> None:
        assert create_speech(voice="yasou").headers["x-request-id"] == REQUEST_ID
