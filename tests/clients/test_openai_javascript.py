"""OpenAI's own JavaScript package, told nothing but a base URL and a key."""

import json
from pathlib import Path

from tests.clients.conftest import SOUND, Service
from tests.support.node import needs, told_by

SCRIPT = Path(__file__).with_name("speech.cjs")


@needs("openai@6")
def test_it_speaks_streams_lists_and_is_refused_as_by_openai(service: Service) -> None:
    told = told_by(SCRIPT, {"OPENAI_BASE_URL": service.base_url, "OPENAI_API_KEY": service.key}, seconds=120)

    assert (told["type"], told["bytes"], told["streamedBytes"]) == ("audio/mpeg", len(SOUND), len(SOUND))
    assert json.loads(told["lastEvent"].removeprefix("data: "))["type"] == "speech.audio.done"
    assert told["models"] == ["tiny-1", "tts-1", "tts-1-hd", "gpt-4o-mini-tts"]
    wrong_key, unknown_voice, too_long = (told[name] for name in ("wrongKey", "unknownVoice", "tooLong"))
    assert (wrong_key["name"], wrong_key["code"]) == ("AuthenticationError", "invalid_api_key")
    assert (unknown_voice["name"], unknown_voice["param"]) == ("NotFoundError", "voice")
    assert (too_long["status"], too_long["code"]) == (413, "string_above_max_length")
