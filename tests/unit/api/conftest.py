"""What the Lambda stands on in these tests: S3 is moto's server, SageMaker a small HTTP server, boto3 the real one."""

import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

import s3
from settings import get_settings
from tests.support.environment import (
    ADMIN_KEY_ID,
    AUDIO_BUCKET,
    VOICES_BUCKET,
    SetEnvironment,
    api_environment,
    forget_environment,
    put_champion,
)
from tests.support.fake_endpoint import FakeEndpoint

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture(autouse=True)
def lambda_environment(monkeypatch: pytest.MonkeyPatch, s3_url: str, endpoint: FakeEndpoint) -> Iterator[None]:
    """A fresh Lambda environment: what the template sets, and boto3's own variables."""
    for name, value in (
        api_environment(s3_url, endpoint.url) | {"FALLBACK_CHAMPION": "", "ADMIN_KEY_ID": ADMIN_KEY_ID}
    ).items():
        monkeypatch.setenv(name, value)
    for name in (
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "CORS_ORIGIN",
        "MAX_TEXT_CHARACTERS",
        "AUDIO_URL_SECONDS",
        "LOUDNESS_LUFS",
    ):
        monkeypatch.delenv(name, raising=False)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def new_environment() -> Iterator[None]:
    """Other tests' clients reach other servers."""
    forget_environment()
    yield
    forget_environment()


@pytest.fixture
def set_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[SetEnvironment]:
    yield SetEnvironment(monkeypatch)
    forget_environment()


@pytest.fixture(autouse=True)
def bucket(lambda_environment: None, s3_url: str) -> "S3Client":  # noqa: ARG001 -- boto3 reads it
    """S3 with two champions, yasuo and ahri, and nothing spoken yet."""
    urllib.request.urlopen(urllib.request.Request(f"{s3_url}/moto-api/reset", method="POST")).close()  # noqa: S310
    client = s3.client()
    client.create_bucket(Bucket=VOICES_BUCKET)
    client.create_bucket(Bucket=AUDIO_BUCKET)
    put_champion(client, "yasuo", "Keep the wind at your back.\n")
    put_champion(client, "ahri", "Shall we take the river?\n")
    return client
