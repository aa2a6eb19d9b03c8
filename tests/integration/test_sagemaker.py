"""The façade as boto3 sees it, in front of a container that does as it is told."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from local.sagemaker import MAX_BODY_BYTES, create_app
from tests.support.serving import served

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

TIMEOUT_SECONDS = 2


class Container:
    """Answers as Ray Serve does: healthy when told so, an invocation by what its body says."""

    def __init__(self) -> None:
        self.healthy = True
        self.waited = threading.Event()
        self.dropped = threading.Event()
        routes = [Route("/-/healthz", self.health), Route("/invocations", self.invoke, methods=["POST"])]
        self.app = Starlette(routes=routes)

    async def health(self, _: Request) -> Response:
        return PlainTextResponse("success" if self.healthy else "not yet", 200 if self.healthy else 503)

    async def trickle(self) -> AsyncIterator[bytes]:
        for _ in range(8):
            yield b"."
            await asyncio.sleep(TIMEOUT_SECONDS / 2)

    async def invoke(self, request: Request) -> Response:
        match (await request.body()).decode():
            case "refuse":
                return JSONResponse({"detail": "no such champion"}, 404, media_type="application/problem+json")
            case "sleep":
                await asyncio.sleep(2 * TIMEOUT_SECONDS)
                return Response()
            case "trickle":
                return StreamingResponse(self.trickle())
            case "too much":
                return Response(bytes(MAX_BODY_BYTES + 1))
            case "wait until nobody waits":
                self.waited.set()
                while not await request.is_disconnected():
                    await asyncio.sleep(0.01)
                self.dropped.set()
        headers = {name: value for name, value in request.headers.items() if name != "authorization"}
        return JSONResponse(headers, headers={"X-Amzn-SageMaker-Custom-Attributes": "duration=1.0"})


@pytest.fixture
def container() -> Container:
    return Container()


@pytest.fixture
def facade(container: Container) -> Iterator[str]:
    with served(container.app) as url, served(create_app("the-voice", "the-model", url, TIMEOUT_SECONDS)) as facade:
        yield facade


@pytest.fixture
def session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="local", aws_secret_access_key="local", region_name="us-east-1")


@pytest.fixture
def runtime(session: boto3.Session, facade: str) -> "SageMakerRuntimeClient":
    return session.client("sagemaker-runtime", endpoint_url=facade, config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def sagemaker(session: boto3.Session, facade: str) -> "SageMakerClient":
    return session.client("sagemaker", endpoint_url=facade, config=Config(retries={"total_max_attempts": 1}))


def original(error: ClientError) -> tuple[int, str]:
    """What a ModelError says of the container's own answer; boto3-stubs do not know that it does."""
    answer: dict[str, Any] = dict(error.response)
    return answer["OriginalStatusCode"], answer["OriginalMessage"]


def test_the_container_gets_sagemakers_headers_and_its_attributes_come_back(runtime: "SageMakerRuntimeClient") -> None:
    answer = runtime.invoke_endpoint(
        EndpointName="the-voice",
        InferenceComponentName="the-model",
        Body=b"speak",
        ContentType="application/json",
        Accept="audio/wav",
        InferenceId="id-1",
        CustomAttributes="asked=1",
    )

    seen = answer["Body"].read().decode()
    for header in (
        '"content-type":"application/json"',
        '"accept":"audio/wav"',
        '"x-amzn-sagemaker-inference-id":"id-1"',
        '"x-amzn-sagemaker-custom-attributes":"asked=1"',
    ):
        assert header in seen
    assert "x-amz-date" not in seen
    assert answer["ContentType"] == "application/json"
    assert answer["CustomAttributes"] == "duration=1.0"


def test_a_refusal_is_a_model_error_with_the_containers_status_and_body(runtime: "SageMakerRuntimeClient") -> None:
    with pytest.raises(runtime.exceptions.ModelError) as caught:
        runtime.invoke_endpoint(EndpointName="the-voice", InferenceComponentName="the-model", Body=b"refuse")

    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert original(caught.value) == (404, '{"detail":"no such champion"}')


@pytest.mark.parametrize("what", [b"sleep", b"trickle"])
def test_a_container_that_takes_too_long_is_a_model_error(runtime: "SageMakerRuntimeClient", what: bytes) -> None:
    with pytest.raises(runtime.exceptions.ModelError) as caught:
        runtime.invoke_endpoint(EndpointName="the-voice", InferenceComponentName="the-model", Body=what)

    status, message = original(caught.value)
    assert status == 0
    assert "timed out" in message


def test_a_request_over_sagemakers_limit_is_413(runtime: "SageMakerRuntimeClient") -> None:
    most, more = bytes(MAX_BODY_BYTES), bytes(MAX_BODY_BYTES + 1)
    runtime.invoke_endpoint(EndpointName="the-voice", InferenceComponentName="the-model", Body=most)

    with pytest.raises(ClientError, match="413") as caught:
        runtime.invoke_endpoint(EndpointName="the-voice", InferenceComponentName="the-model", Body=more)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_an_answer_over_sagemakers_limit_does_not_come_through(runtime: "SageMakerRuntimeClient") -> None:
    with pytest.raises(runtime.exceptions.InternalFailure):
        runtime.invoke_endpoint(EndpointName="the-voice", InferenceComponentName="the-model", Body=b"too much")


def test_the_container_is_left_alone_when_the_caller_hangs_up(facade: str, container: Container) -> None:
    address, body = urlsplit(facade), b"wait until nobody waits"
    with socket.create_connection((address.hostname, address.port)) as caller:
        head = (
            "POST /endpoints/the-voice/invocations HTTP/1.1\r\nHost: facade\r\n"
            f"X-Amzn-SageMaker-Inference-Component: the-model\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        caller.sendall(head.encode() + body)
        assert container.waited.wait(30)

    assert container.dropped.wait(30)


def test_another_endpoint_is_a_validation_error(runtime: "SageMakerRuntimeClient") -> None:
    with pytest.raises(ClientError, match="not found") as caught:
        runtime.invoke_endpoint(EndpointName="no-such-voice", InferenceComponentName="the-model", Body=b"speak")

    assert caught.value.response["Error"]["Code"] == "ValidationError"


def test_an_invocation_names_the_inference_component(runtime: "SageMakerRuntimeClient") -> None:
    with pytest.raises(ClientError, match="Inference Component Name header is required") as caught:
        runtime.invoke_endpoint(EndpointName="the-voice", Body=b"speak")
    assert caught.value.response["Error"]["Code"] == "ValidationError"

    with pytest.raises(ClientError, match="another not found") as caught:
        runtime.invoke_endpoint(EndpointName="the-voice", InferenceComponentName="another", Body=b"speak")
    assert caught.value.response["Error"]["Code"] == "ValidationError"


def test_an_endpoint_is_being_created_until_its_container_is_healthy(
    container: Container, runtime: "SageMakerRuntimeClient", sagemaker: "SageMakerClient"
) -> None:
    container.healthy = False
    assert sagemaker.describe_endpoint(EndpointName="the-voice")["EndpointStatus"] == "Creating"
    component = sagemaker.describe_inference_component(InferenceComponentName="the-model")
    assert component["InferenceComponentStatus"] == "Creating"
    assert component["RuntimeConfig"] == {"CurrentCopyCount": 0, "DesiredCopyCount": 1}
    with pytest.raises(ClientError, match="ValidationError"):
        runtime.invoke_endpoint(EndpointName="the-voice", InferenceComponentName="the-model", Body=b"speak")

    container.healthy = True

    described = sagemaker.describe_endpoint(EndpointName="the-voice")
    assert described["EndpointStatus"] == "InService"
    assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 1
    component = sagemaker.describe_inference_component(InferenceComponentName="the-model")
    assert (component["InferenceComponentStatus"], component["EndpointName"]) == ("InService", "the-voice")
    assert component["RuntimeConfig"]["CurrentCopyCount"] == 1
    answer = runtime.invoke_endpoint(EndpointName="the-voice", InferenceComponentName="the-model", Body=b"speak")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_an_unknown_inference_component_cannot_be_described(sagemaker: "SageMakerClient") -> None:
    with pytest.raises(ClientError, match="Could not find inference component") as caught:
        sagemaker.describe_inference_component(InferenceComponentName="another")

    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_an_unknown_endpoint_cannot_be_described(sagemaker: "SageMakerClient") -> None:
    with pytest.raises(ClientError, match="Could not find endpoint") as caught:
        sagemaker.describe_endpoint(EndpointName="no-such-voice")

    assert caught.value.response["Error"]["Code"] == "ValidationException"
