"""OpenAI's own JavaScript package, told nothing but a base URL and a key."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.layout import ROOT
from tests.clients.conftest import SOUND, Service

SCRIPT = Path(__file__).with_name("speech.cjs")
PACKAGES = ROOT / "build/npm/node_modules"
INSTALL = "npm install --prefix build/npm --no-save openai@6"


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
@pytest.mark.skipif(not (PACKAGES / "openai").is_dir(), reason=f"the package is not installed: {INSTALL}")
def test_it_speaks_streams_lists_and_is_refused_as_by_openai(service: Service) -> None:
    ran = subprocess.run(
        ["node", str(SCRIPT)],
        env=os.environ
        | {"NODE_PATH": str(PACKAGES), "OPENAI_BASE_URL": service.base_url, "OPENAI_API_KEY": service.key},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)

    assert (told["type"], told["bytes"], told["streamedBytes"]) == ("audio/mpeg", len(SOUND), len(SOUND))
    assert json.loads(told["lastEvent"].removeprefix("data: "))["type"] == "speech.audio.done"
    assert told["models"] == ["tiny-1", "tts-1", "tts-1-hd", "gpt-4o-mini-tts"]
    wrong_key, unknown_voice, too_long = (told[name] for name in ("wrongKey", "unknownVoice", "tooLong"))
    assert (wrong_key["name"], wrong_key["code"]) == ("AuthenticationError", "invalid_api_key")
    assert (unknown_voice["name"], unknown_voice["param"]) == ("NotFoundError", "voice")
    assert (too_long["status"], too_long["code"]) == (413, "string_above_max_length")
