"""What the Lambda talks to under the emulator: S3 is moto's server, SageMaker a small HTTP server."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.lambda_runtime.emulator import CannotRunError, Code, EmulatedLambda, built, emulated_lambda, source
from tests.support.environment import put_champion
from tests.support.fake_endpoint import FakeEndpoint

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

VOICES_BUCKET = "champion-voices-runtime"
AUDIO_BUCKET = "champion-audio-runtime"

code_key = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session", params=["built", "source"])
def code(request: pytest.FixtureRequest) -> Code:
    """The Lambda's code: as `sam build` built it where that can run here, and as it stands in api/."""
    ran = request.config.stash.setdefault(code_key, [])
    try:
        chosen = {"built": built, "source": source}[request.param]()
    except CannotRunError as error:
        ran.append(f"{request.param}: NOT RUN, {error}")
        pytest.skip(f"the build cannot run here: {error}")
    ran.append(f"{request.param}: ran under {chosen.python}")
    return chosen


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says which code ran, and with which Python."""
    if ran := config.stash.get(code_key, None):
        terminalreporter.section("Lambda under the runtime interface emulator")
        for line in ran:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def environment(s3_url: str, endpoint_server: FakeEndpoint) -> dict[str, str]:
    """What the template sets, and what the Lambda service adds."""
    return {
        "ENDPOINT_NAME": "f5tts-voice-generator",
        "INFERENCE_COMPONENT_NAME": "f5tts-voice-generator-model",
        "VOICES_BUCKET": VOICES_BUCKET,
        "AUDIO_BUCKET": AUDIO_BUCKET,
        "MODEL_ID": "tiny-1",
        "MAX_TEXT_CHARACTERS": "2000",
        "AUDIO_URL_SECONDS": "3600",
        "FALLBACK_CHAMPION": "",
        "LINK_KEY": "a stack",
        "CORS_ORIGIN": "",
        # Not even this may have an event logged, with the text in it.
        "POWERTOOLS_LOGGER_LOG_EVENT": "true",
        "AWS_ENDPOINT_URL_S3": s3_url,
        "AWS_ENDPOINT_URL_SAGEMAKER": endpoint_server.url,
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": endpoint_server.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": "ApiFunction",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "28",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_LEVEL": "INFO",
    }


@pytest.fixture(scope="session")
def running(
    code: Code, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmulatedLambda]:
    with emulated_lambda(code, environment, tmp_path_factory.mktemp("lambda")) as function:
        yield function


@pytest.fixture
def function(running: EmulatedLambda, endpoint: FakeEndpoint, bucket: "S3Client") -> EmulatedLambda:  # noqa: ARG001 -- it talks to both
    """The Lambda, warm or cold, with nothing spoken yet."""
    return running


@pytest.fixture(scope="session")
def s3_client(s3_url: str) -> "S3Client":
    client = boto3.client(
        "s3", endpoint_url=s3_url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    for name in (VOICES_BUCKET, AUDIO_BUCKET):
        client.create_bucket(Bucket=name)
    for champion_id in ("yasuo", "ahri"):
        put_champion(client, champion_id, "A sentence to copy.\n", bucket=VOICES_BUCKET)
    return client


@pytest.fixture
def bucket(s3_client: "S3Client") -> "S3Client":
    """S3 with two champions, yasuo and ahri, and nothing spoken yet."""
    for kept in s3_client.list_objects_v2(Bucket=AUDIO_BUCKET).get("Contents", []):
        s3_client.delete_object(Bucket=AUDIO_BUCKET, Key=kept["Key"])
    return s3_client
