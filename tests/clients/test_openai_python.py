"""OpenAI's own Python package, told nothing but a base URL and a key."""

import asyncio
import json
from pathlib import Path

import openai
import pytest

from contract.representation import MAX_BASE64_SOUND_BYTES
from tests.clients.conftest import SOUND, Service
from tests.support.fake_endpoint import FakeEndpoint, spoken


@pytest.fixture
def client(service: Service) -> openai.OpenAI:
    return openai.OpenAI(base_url=service.base_url, api_key=service.key)


def test_create_gives_the_sound(client: openai.OpenAI, endpoint: FakeEndpoint) -> None:
    answer = client.audio.speech.create(model="tts-1", voice="nova", input="Wait for the wave.")

    assert answer.content == SOUND
    assert answer.response.headers["Content-Type"] == "audio/mpeg"
    assert endpoint.received[-1].body["champion_id"] == "ahri"


def test_with_streaming_response_writes_a_file(client: openai.OpenAI, tmp_path: Path) -> None:
    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="yasuo", input="Wait for the wave.", instructions="Speak calmly."
    ) as answer:
        answer.stream_to_file(tmp_path / "speech.mp3")

    assert (tmp_path / "speech.mp3").read_bytes() == SOUND


def test_the_async_client_speaks_several_at_once(service: Service) -> None:
    async def speak() -> list[bytes]:
        async with openai.AsyncOpenAI(base_url=service.base_url, api_key=service.key) as client:
            lines = [client.audio.speech.create(model="tts-1", voice="ahri", input=f"Line {n}.") for n in range(3)]
            return [answer.content for answer in await asyncio.gather(*lines)]

    assert asyncio.run(speak()) == [SOUND] * 3


def test_a_voice_may_be_an_object(client: openai.OpenAI, endpoint: FakeEndpoint) -> None:
    client.audio.speech.create(model="tts-1", voice={"id": "yasuo"}, input="By its id.", speed=1.5)

    assert endpoint.received[-1].body["champion_id"] == "yasuo"
    assert endpoint.received[-1].body["speed"] == 1.5


def test_events_are_read_as_they_are_documented(client: openai.OpenAI) -> None:
    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="ahri", input="In events.", stream_format="sse"
    ) as answer:
        events = [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line]

    assert [event["type"] for event in events] == ["speech.audio.delta"] * (len(events) - 1) + ["speech.audio.done"]


def test_a_sound_too_large_for_an_answer_is_followed_to_where_it_is(
    client: openai.OpenAI, endpoint: FakeEndpoint
) -> None:
    endpoint.reply = spoken(300, sound_format="mp3", sound=bytes(MAX_BASE64_SOUND_BYTES + 1))
    answer = client.audio.speech.create(model="tts-1", voice="ahri", input="A long one.")

    assert len(answer.content) == MAX_BASE64_SOUND_BYTES + 1


def test_the_models_are_listed_and_looked_at(client: openai.OpenAI) -> None:
    names = [model.id for model in client.models.list()]

    assert names == ["tiny-1", "tts-1", "tts-1-hd", "gpt-4o-mini-tts"]
    assert client.models.retrieve("tts-1").owned_by == "champion-voice"


def test_a_wrong_key_is_an_authentication_error(service: Service) -> None:
    client = openai.OpenAI(base_url=service.base_url, api_key="another-key-of-twenty-characters")

    with pytest.raises(openai.AuthenticationError) as refused:
        client.audio.speech.create(model="tts-1", voice="ahri", input="Hello.")

    assert refused.value.code == "invalid_api_key"


def test_an_unknown_voice_is_not_found_and_the_nearest_is_named(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="Did you mean yasuo") as refused:
        client.audio.speech.create(model="tts-1", voice="yasou", input="Hello.")

    assert (refused.value.code, refused.value.param) == ("voice_not_found", "voice")
    assert refused.value.request_id


def test_a_text_that_is_too_long_is_told_the_limit(client: openai.OpenAI) -> None:
    with pytest.raises(openai.APIStatusError, match="2,000") as refused:
        client.audio.speech.create(model="tts-1", voice="ahri", input="a" * 2001)

    assert (refused.value.status_code, refused.value.code) == (413, "string_above_max_length")


def test_a_format_that_there_is_not_is_a_bad_request(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="'mp3', 'opus', 'flac'") as refused:
        client.audio.speech.create(model="tts-1", voice="ahri", input="Hello.", response_format="aac")

    assert refused.value.param == "response_format"
