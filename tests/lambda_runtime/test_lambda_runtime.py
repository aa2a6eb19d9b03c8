"""Each of events/ reaches the Lambda as the Lambda service hands it over, and its answer is one the service takes."""

import base64
import filecmp
import gzip
import io
import json
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.lambda_runtime.conftest import AUDIO_BUCKET
from tests.lambda_runtime.emulator import BUILD, CONTRACT, REPOSITORY, SOURCE, EmulatedLambda
from tests.support.fake_endpoint import FakeEndpoint, described, refused, wav

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EVENTS = REPOSITORY / "events"
MAX_AGENT_ANSWER_BYTES = 25_000


def event(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EVENTS / name).read_text())
    return loaded


def header(answer: dict[str, Any], name: str) -> str:
    [value] = answer["multiValueHeaders"][name]
    assert isinstance(value, str)
    return value


def agent_answer(answer: dict[str, Any], asked: dict[str, Any]) -> Any:  # noqa: ANN401 -- what json.loads gives
    """What the agent reads, from an envelope that Bedrock takes."""
    assert answer["messageVersion"] == "1.0"
    response = answer["response"]
    assert {name: response[name] for name in ("actionGroup", "apiPath", "httpMethod")} == {
        name: asked[name] for name in ("actionGroup", "apiPath", "httpMethod")
    }
    assert response["httpStatusCode"] == 200
    assert len(json.dumps(answer)) < MAX_AGENT_ANSWER_BYTES
    return json.loads(response["responseBody"]["application/json"]["body"])


@pytest.mark.skipif(not BUILD.exists(), reason="no build in .aws-sam: run sam build")
def test_the_build_is_of_the_source_as_it_stands() -> None:
    files = [path.relative_to(SOURCE) for path in SOURCE.rglob("*.*") if "__pycache__" not in path.parts]
    assert Path("app.py") in files
    _, differing, missing = filecmp.cmpfiles(SOURCE, BUILD, [str(path) for path in files], shallow=False)
    assert not differing + missing, "run sam build"


@pytest.mark.skipif(not BUILD.exists(), reason="no build in .aws-sam: run sam build")
def test_the_build_holds_the_contract_as_files_of_its_own() -> None:
    built = BUILD / "contract"
    assert not built.is_symlink()
    names = {path.name for path in CONTRACT.glob("*.py")}
    assert "line.py" in names
    _, differing, missing = filecmp.cmpfiles(CONTRACT, built, sorted(names), shallow=False)
    assert not differing + missing, "run sam build"


@pytest.mark.skipif(not BUILD.exists(), reason="no build in .aws-sam: run sam build")
def test_the_build_holds_no_document_that_only_deploying_reads() -> None:
    assert sorted(path.name for path in BUILD.glob("*.json")) == []


def test_post_speak_answers_with_a_link_to_the_audio_alone(function: EmulatedLambda) -> None:
    answer = function.invoke(event("speak.json"))

    assert answer["statusCode"] == 200
    body = json.loads(answer["body"])
    assert body["champion_id"] == "yasuo"
    assert "audio" not in body
    downloaded = httpx.get(body["audio_url"])
    with wave.open(io.BytesIO(downloaded.content)) as reader:
        assert reader.getnframes() / reader.getframerate() == pytest.approx(body["duration"], abs=0.01)


def test_post_voice_answers_json_with_the_audio(
    function: EmulatedLambda, endpoint: FakeEndpoint, bucket: "S3Client"
) -> None:
    answer = function.invoke(event("voice-json.json"))

    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, False)
    assert header(answer, "Content-Type") == "application/json"
    body = json.loads(answer["body"])
    assert base64.b64decode(body["audio"], validate=True) == wav(1.0)
    assert httpx.get(body["audio_url"]).content == wav(1.0)
    assert (body["champion_id"], body["sample_rate"], body["duration"]) == ("yasuo", 24000, 1.0)
    assert body["from_store"] is False
    [segment] = body["segments"]
    assert body["spoken_text"] == segment["text"] == json.loads(event("voice-json.json")["body"])["text"]
    assert (segment["start"], segment["end"]) == (0, 1.0)
    assert bucket.list_objects_v2(Bucket=AUDIO_BUCKET)["KeyCount"] == 3
    [read], [request] = endpoint.read, endpoint.received
    assert read.body == request.body | {"script_only": True, "wait_seconds": read.body["wait_seconds"]}
    assert request.path == "/endpoints/f5tts-voice-generator/invocations"
    assert (request.body["champion_id"], request.body["quality"]) == ("yasuo", "fast")
    assert request.headers["X-Amzn-SageMaker-Inference-Id"] == event("voice-json.json")["requestContext"]["requestId"]


def test_post_voice_again_does_not_reach_the_endpoint(function: EmulatedLambda, endpoint: FakeEndpoint) -> None:
    function.invoke(event("voice-json.json"))
    again = function.invoke(event("voice-json.json"))

    assert json.loads(again["body"])["from_store"] is True
    assert (len(endpoint.read), len(endpoint.received)) == (1, 1)


def test_post_voice_answers_wav_in_base64_for_api_gateway_to_decode(function: EmulatedLambda) -> None:
    answer = function.invoke(event("voice-wav.json"))

    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True)
    assert header(answer, "Content-Type") == "audio/wav"
    assert (header(answer, "X-Champion-Id"), header(answer, "X-Seed")) == ("ahri", "7")
    audio = base64.b64decode(answer["body"], validate=True)
    assert audio[:4] == b"RIFF"
    with wave.open(io.BytesIO(audio)) as reader:
        assert (reader.getframerate(), reader.getnchannels(), reader.getsampwidth()) == (24000, 1, 2)


def test_openais_door_answers_in_base64_with_the_champion_that_the_stage_names(function: EmulatedLambda) -> None:
    answer = function.invoke(event("openai-speech.json"))

    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True)
    assert (header(answer, "Content-Type"), header(answer, "X-Champion-Id")) == ("audio/wav", "ahri")
    assert base64.b64decode(answer["body"], validate=True) == wav(1.0)


def test_get_voices_lists_the_champions(function: EmulatedLambda) -> None:
    answer = function.invoke(event("voices.json"))

    assert answer["statusCode"] == 200
    assert [voice["champion_id"] for voice in json.loads(answer["body"])["voices"]] == ["ahri", "yasuo"]


def test_get_voice_gives_the_transcript(function: EmulatedLambda) -> None:
    answer = function.invoke(event("voices-champion.json"))

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["transcript"] == "A sentence to copy."


def test_get_health_says_that_the_endpoint_is_in_service(function: EmulatedLambda, endpoint: FakeEndpoint) -> None:
    endpoint.reply = described("InService", CurrentCopyCount=1, DesiredCopyCount=1)

    answer = function.invoke(event("health.json"))

    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"status": "in_service", "ready": True})


def test_get_answers_with_the_page_and_where_its_files_lie_under_the_stage(function: EmulatedLambda) -> None:
    answer = function.invoke(event("page.json"))

    assert answer["statusCode"] == 200
    assert header(answer, "Content-Encoding") == "gzip"
    assert b'<base href="/v1/">' in gzip.decompress(base64.b64decode(answer["body"]))


def test_get_openapi_describes_post_voice_under_the_stage(function: EmulatedLambda) -> None:
    answer = function.invoke(event("openapi.json"))

    assert answer["statusCode"] == 200
    document = json.loads(answer["body"])
    assert "post" in document["paths"]["/voice"]
    assert document["servers"] == [{"url": "/v1"}]


def test_the_agent_is_given_a_url(function: EmulatedLambda, endpoint: FakeEndpoint) -> None:
    asked = event("agent-speak-line.json")

    spoken = agent_answer(function.invoke(asked), asked)

    assert httpx.get(spoken["audio_url"]).content == wav(1.0)
    assert (spoken["champion_id"], spoken["duration"], spoken["expires_in_seconds"]) == ("yasuo", 1.0, 3600)
    assert endpoint.received[0].body["speed"] == 1.1


def test_the_agent_is_given_the_names(function: EmulatedLambda) -> None:
    asked = event("agent-list-voices.json")

    assert agent_answer(function.invoke(asked), asked) == {"champion_ids": ["ahri", "yasuo"], "total": 2}


def test_an_unknown_champion_is_a_problem_document(function: EmulatedLambda) -> None:
    asked = event("voice-json.json")
    asked["body"] = json.dumps({"champion_id": "yasou", "text": "Hello."})

    answer = function.invoke(asked)

    assert answer["statusCode"] == 404
    assert header(answer, "Content-Type") == "application/problem+json"
    problem = json.loads(answer["body"])
    assert (problem["type"], problem["status"]) == ("about:blank", 404)
    assert "yasuo" in problem["detail"]
    assert problem["request_id"] == asked["requestContext"]["requestId"]


def test_an_overloaded_endpoint_is_503_with_retry_after(function: EmulatedLambda, endpoint: FakeEndpoint) -> None:
    endpoint.reply = refused(503, retry_after=9)

    answer = function.invoke(event("voice-json.json"))

    assert (answer["statusCode"], header(answer, "Retry-After")) == (503, "9")


def test_the_log_is_json_with_the_request_id_and_metrics_and_without_the_text(function: EmulatedLambda) -> None:
    asked = event("voice-json.json")
    asked["requestContext"]["requestId"] = request_id = "1f0c1d52-8a3e-4c57-9d61-0b7a2f5e6cff"
    asked["body"] = json.dumps({"champion_id": "yasuo", "text": "A secret between friends."})

    function.invoke(asked)

    output = function.output()
    assert "secret between friends" not in output
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    [spoke] = [line for line in lines if line.get("message") == "spoke" and line["correlation_id"] == request_id]
    assert (spoke["level"], spoke["champion_id"], spoke["characters"]) == ("INFO", "yasuo", 25)
    assert spoke["function_request_id"]
    metrics = [metrics for line in lines if "_aws" in line for metrics in line["_aws"]["CloudWatchMetrics"]]
    assert {each["Namespace"] for each in metrics} == {"ChampionVoice"}
    names = {metric["Name"] for each in metrics for metric in each["Metrics"]}
    assert names == {"Requests", "StoreHits", "AudioSeconds", "SynthesisSeconds"}


def test_every_event_has_a_test() -> None:
    doors = {path.name for path in EVENTS.glob("*.json")}

    assert all(f'"{name}"' in Path(__file__).read_text() for name in doors)
