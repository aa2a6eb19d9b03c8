"""inference.py under SageMaker's own toolkit: the Transformer that AWS's PyTorch container runs it with."""

import base64
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
import soundfile
from sagemaker_inference.transformer import Transformer

from bench.random_model import make_random_model
from tests.support.recordings import put_reference

LINE = {"champion_id": "yasuo", "text": "Ward the river.", "quality": "fast", "duration": 1.5}


class RequestProcessor:
    """What a model server knows about one request."""

    def __init__(self, headers: dict[str, str]) -> None:
        self._headers = headers

    def get_request_properties(self) -> dict[str, str]:
        return self._headers


class Context:
    """The model server's side of the contract, as TorchServe's Context has it: one object, a new request each time."""

    def __init__(self, model_dir: Path) -> None:
        self.system_properties = {"model_dir": str(model_dir)}
        self.new_request({})

    def new_request(self, headers: dict[str, str]) -> None:
        self.request_processor = [RequestProcessor(headers)]
        self.status, self.content_type = 200, ""
        self.headers: dict[str, str] = {}

    def set_response_status(self, code: int, phrase: str) -> None:
        assert phrase
        self.status = code

    def set_response_content_type(self, idx: int, value: str) -> None:
        assert idx == 0
        self.content_type = value

    def set_response_header(self, idx: int, key: str, value: str) -> None:
        assert idx == 0
        self.headers[key] = value


class ModelServer:
    """The toolkit's Transformer and the context it is called with."""

    def __init__(self, model_dir: Path) -> None:
        self.transformer = Transformer()
        self.context = Context(model_dir)

    def invoke(self, body: bytes, content_type: str = "application/json", accept: str = "application/json") -> bytes:
        self.context.new_request({"Content-Type": content_type, "Accept": accept})
        [answer] = self.transformer.transform([{"body": body}], self.context)
        return answer if isinstance(answer, bytes) else answer.encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, s3_url: str) -> Iterator[ModelServer]:
    model_dir = tmp_path_factory.mktemp("model")
    make_random_model(model_dir)
    environment = {
        "AWS_ENDPOINT_URL_S3": s3_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "VOICE_BUCKET": "toolkit-voices",
        "SAGEMAKER_PROGRAM": "inference.py",
    }
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="toolkit-voices")
        put_reference(s3, "toolkit-voices", "yasuo", 2)
        assert os.environ["SAGEMAKER_PROGRAM"] == "inference.py"
        yield ModelServer(model_dir)


def body(**changes: Any) -> bytes:  # noqa: ANN401
    return json.dumps(LINE | changes).encode()


def problem(answer: bytes) -> dict[str, Any]:
    """The problem document, which the toolkit follows up with a traceback of its own."""
    document, end = json.JSONDecoder().raw_decode(answer.decode())
    assert answer.decode()[end] == "\n"
    assert isinstance(document, dict)
    return document


def test_json_is_answered_with_base64_audio(server: ModelServer) -> None:
    answer = json.loads(server.invoke(body()))
    sound, rate = soundfile.read(io.BytesIO(base64.b64decode(answer["audio"])))
    assert server.context.status == 200
    assert server.context.content_type == "application/json"
    assert (answer["format"], answer["sample_rate"], answer["duration"]) == ("wav", 24000, 1.5)
    assert (len(sound), rate) == (36000, 24000)
    assert np.abs(sound).max() > 1e-3


def test_audio_is_answered_raw_and_described_in_custom_attributes(server: ModelServer) -> None:
    raw = server.invoke(body(), accept="audio/wav")
    assert server.context.content_type == "audio/wav"
    assert server.context.headers == {
        "X-Amzn-SageMaker-Custom-Attributes": "sample_rate=24000,duration=1.500,format=wav"
    }
    assert raw == base64.b64decode(json.loads(server.invoke(body()))["audio"])


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ({"body": b"{"}, 400),
        ({"body": body(voice_bucket="somebody-elses")}, 403),
        ({"body": body(champion_id="yasou")}, 404),
        ({"body": body(), "accept": "text/html"}, 406),
        ({"body": body(text="a" * 5001)}, 413),
        ({"body": b"text=a", "content_type": "application/x-www-form-urlencoded"}, 415),
        ({"body": body(speed=9)}, 422),
        ({"body": body(text="ward " * 300, duration=0.5)}, 422),
    ],
)
def test_the_callers_errors_keep_their_status_and_problem(
    server: ModelServer, arguments: dict[str, Any], status: int
) -> None:
    document = problem(server.invoke(**arguments))
    assert server.context.status == status
    assert document["status"] == status
    assert document["detail"]
