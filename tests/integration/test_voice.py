"""From an HTTP request to a WAV through every part of the stack, and back."""

import asyncio
import base64
import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import httpx
import numpy as np
import pytest

from deploy.layout import ROOT
from local.lambda_runtime import Function
from local.stack import VOICES_BUCKET
from tests.integration.local_stack import LocalStack, event, samples
from tests.support.doors import Json
from tests.support.waiting import wait_until

LINE = {"champion_id": "yasuo", "text": "The wave is yours.", "quality": "fast"}


def test_a_line_comes_back_as_audible_audio_of_the_length_asked_for(stack: LocalStack) -> None:
    answer = stack.speak("audio/wav", **LINE, duration=2.5)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "audio/wav"
    audio = samples(answer.content).astype(float) / 2**15
    assert len(audio) / 24000 == pytest.approx(2.5, abs=0.05)
    assert np.sqrt(np.mean(audio**2)) > 0.001, "silent"
    assert np.abs(audio).max() < 0.999, "clipped"


def test_the_json_answer_holds_the_audio_and_a_link_to_the_same_audio(stack: LocalStack) -> None:
    answer = stack.speak(**LINE, seed=1).json()

    audio = base64.b64decode(answer["audio"])
    assert answer["sample_rate"] == 24000
    assert answer["duration"] == pytest.approx(len(samples(audio)) / 24000, abs=0.001)
    assert (answer["champion_id"], answer["seed"], answer["format"]) == ("yasuo", 1, "wav")
    assert httpx.get(answer["audio_url"]).content == audio
    [segment] = answer["segments"]
    assert answer["spoken_text"] == segment["text"] == LINE["text"]
    assert 0 <= segment["start"] < segment["end"] <= answer["duration"]


def test_the_same_request_again_comes_from_the_store_and_never_reaches_the_endpoint(stack: LocalStack) -> None:
    before = stack.invocations()
    first = stack.speak("audio/wav", **LINE, seed=2)
    assert first.headers["X-From-Store"] == "false"
    assert stack.invocations() == before + 2

    second = stack.speak("audio/wav", **LINE, seed=2)

    assert second.headers["X-From-Store"] == "true"
    assert second.content == first.content
    assert stack.invocations() == before + 2


def test_a_changed_reference_is_spoken_anew(stack: LocalStack) -> None:
    s3 = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{stack.ports.s3}",
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )

    def give_voice_of(champion_id: str) -> None:
        for name in ("reference.wav", "reference.txt"):
            body = (ROOT / "voices" / champion_id / name).read_bytes()
            s3.put_object(Bucket=VOICES_BUCKET, Key=f"champion-voices/mimic/{name}", Body=body)

    give_voice_of("garen")
    as_garen = stack.speak("audio/wav", champion_id="mimic", text="The wave is yours.", quality="fast")
    before = stack.invocations()

    give_voice_of("jinx")
    as_jinx = stack.speak("audio/wav", champion_id="mimic", text="The wave is yours.", quality="fast")

    assert as_jinx.headers["X-From-Store"] == "false"
    assert stack.invocations() == before + 2
    assert samples(as_jinx.content).tobytes() != samples(as_garen.content).tobytes()


def test_an_unknown_champion_is_not_found_and_the_nearest_is_named(stack: LocalStack) -> None:
    answer = stack.speak(**LINE | {"champion_id": "yasou"})

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "yasuo" in answer.json()["detail"]


def test_eight_at_once_all_get_what_they_asked_for(stack: LocalStack) -> None:
    asked = [
        {"champion_id": champion_id, "text": f"Line number {number}.", "duration": 1 + number / 5, "quality": "fast"}
        for number, champion_id in enumerate(["ahri", "default", "garen", "jinx", "lux", "thresh", "yasuo", "ahri"])
    ]

    with ThreadPoolExecutor(len(asked)) as pool:
        answers = list(pool.map(lambda line: stack.speak("audio/wav", **line), asked))

    assert [answer.status_code for answer in answers] == [200] * len(asked)
    assert [answer.headers["X-Champion-Id"] for answer in answers] == [line["champion_id"] for line in asked]
    durations = [len(samples(answer.content)) / 24000 for answer in answers]
    assert durations == pytest.approx([line["duration"] for line in asked], abs=0.05)


def test_an_agent_gets_a_link_to_the_audio(stack: LocalStack, lambda_environment: None) -> None:  # noqa: ARG001
    async def ask() -> Json:
        function = Function(timeout_seconds=29)
        try:
            return await function.invoke(event("agent-speak-line"), "agent-1")
        finally:
            function.close()

    answer = asyncio.run(ask())

    assert answer["response"]["httpStatusCode"] == 200, answer
    body = answer["response"]["responseBody"]["application/json"]["body"]
    assert len(body) < 25_000
    spoken = json.loads(body)
    audio = samples(httpx.get(spoken["audio_url"]).content)
    assert spoken["duration"] == pytest.approx(len(audio) / 24000, abs=0.001)


def test_the_champions_of_voices_are_listed(stack: LocalStack) -> None:
    listed = {voice["champion_id"] for voice in httpx.get(f"{stack.url}/voices").json()["voices"]}

    assert listed >= {folder.name for folder in (ROOT / "voices").iterdir() if folder.is_dir()}


def test_the_endpoint_is_in_service(stack: LocalStack) -> None:
    assert httpx.get(f"{stack.url}/health").json() == {"status": "in_service", "ready": True}


def test_a_request_can_be_followed_by_its_id_from_door_to_endpoint(stack: LocalStack) -> None:
    request_id = stack.speak("audio/wav", **LINE, seed=3).headers["x-amzn-RequestId"]

    assert request_id in stack.log("gateway")
    # Ray brings the replica's lines to the log in its own time.
    assert wait_until(lambda: request_id in stack.log("endpoint"), 15)


def test_the_api_describes_itself(stack: LocalStack) -> None:
    assert "/voice" in httpx.get(f"{stack.url}/openapi.json").json()["paths"]
    assert "swagger" in httpx.get(f"{stack.url}/docs").text.lower()


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_printed_curl_line_works(stack: LocalStack, tmp_path: Path) -> None:
    [line] = [line for line in stack.output().splitlines() if line.startswith("curl ")]

    subprocess.run(["bash", "-c", line], cwd=tmp_path, check=True)

    assert len(samples((tmp_path / "ahri.wav").read_bytes())) > 24000


def test_starting_wrote_a_spoken_line_to_demo_wav(stack: LocalStack) -> None:
    assert "demo.wav" in stack.output()
    assert len(samples((ROOT / "demo.wav").read_bytes())) > 24000
