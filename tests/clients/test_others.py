"""What other clients of OpenAI's API send, as public sources show it: curl, Open WebUI and SillyTavern."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.conftest import SOUND, Service
from tests.support.fake_endpoint import FakeEndpoint


def post(service: Service, body: dict[str, Any]) -> httpx.Response:
    """As these clients post: JSON and the key."""
    headers = {"Authorization": f"Bearer {service.key}"}
    return httpx.post(f"{service.base_url}/audio/speech", json=body, headers=headers, timeout=30)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_as_openais_documents_write_it(service: Service, tmp_path: Path) -> None:
    # https://platform.openai.com/docs/api-reference/audio/createSpeech, with another base URL.
    command = f"""
        curl {service.base_url}/audio/speech \
          -H "Authorization: Bearer $OPENAI_API_KEY" \
          -H "Content-Type: application/json" \
          -d '{{
            "model": "gpt-4o-mini-tts",
            "input": "The quick brown fox jumped over the lazy dog.",
            "voice": "alloy"
          }}' \
          --output speech.mp3
    """
    # `alloy` is the champion `default`, which this stack has not: curl writes what is told.
    subprocess.run(
        ["bash", "-c", command.replace('"alloy"', '"nova"')],
        env={"OPENAI_API_KEY": service.key, "PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )

    assert (tmp_path / "speech.mp3").read_bytes() == SOUND


class TestOpenWebUi:
    """https://github.com/open-webui/open-webui/blob/main/backend/open_webui/routers/audio.py."""

    def test_what_it_posts_is_spoken(self, service: Service) -> None:
        # speech(): the page's `input` and `voice`, and the model that is set.
        answer = post(service, {"input": "Wait for the wave.", "voice": "yasuo", "model": "tts-1"})

        assert (answer.status_code, answer.content) == (200, SOUND)

    def test_what_it_reads_of_an_error_is_there(self, service: Service) -> None:
        answer = post(service, {"input": "Wait for the wave.", "voice": "nobody", "model": "tts-1"})

        assert answer.json()["error"].get("message", "")

    def test_the_voices_are_read(self, service: Service) -> None:
        # get_available_voices(): an id and a name each. It sends no key, and without an answer offers OpenAI's six.
        headers = {"Authorization": f"Bearer {service.key}"}
        voices = httpx.get(f"{service.base_url}/audio/voices", headers=headers).json().get("voices", [])

        assert {voice["id"]: voice["name"] for voice in voices} == {"ahri": "ahri", "yasuo": "yasuo"}


class TestSillyTavern:
    """https://github.com/SillyTavern/SillyTavern/blob/release/src/endpoints/openai.js."""

    @pytest.mark.parametrize("speed", [0.25, 1, 4])
    def test_what_it_posts_is_spoken_at_every_speed_of_its_slider(
        self, service: Service, endpoint: FakeEndpoint, speed: float
    ) -> None:
        # custom.post('/generate-voice'); the slider is that of public/scripts/extensions/tts/openai-compatible.js.
        answer = post(
            service,
            {
                "input": f"The wave is yours, at {speed}.",
                "response_format": "mp3",
                "voice": "nova",
                "speed": speed,
                "model": "tts-1",
            },
        )

        assert (answer.status_code, answer.content) == (200, SOUND)
        assert 0.5 <= endpoint.received[-1].body["speed"] <= 2
