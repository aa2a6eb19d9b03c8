"""What the Lambda stands on in these tests: S3 is moto's server, SageMaker a small HTTP server, boto3 the real one."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

import s3
from settings import get_settings
from tests.support.environment import (
    ADMIN_KEY_ID,
    AUDIO_BUCKET,
    VOICES_BUCKET,
    SetEnvironment,
    api_environment,
    forget_environment,
)
from tests.support.fake_endpoint import FakeEndpoint, wav

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RECORDING = wav(0.5)
TRANSCRIPTS = {"yasuo": "Keep the wind at your back.\n", "ahri": "Shall we take the river?\n"}


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
def bucket(lambda_environment: None) -> "S3Client":  # noqa: ARG001 -- boto3 reads it
    """S3 with two champions, yasuo and ahri, and nothing spoken yet.

    What is there at the beginning is put straight into moto's server, which is in this process: hundreds of tests do.
    """
    stored = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    stored.reset()
    for name in (VOICES_BUCKET, AUDIO_BUCKET):
        stored.create_bucket(name, "us-east-1")
    for champion_id, transcript in TRANSCRIPTS.items():
        folder = f"champion-voices/{champion_id}"
        stored.put_object(VOICES_BUCKET, f"{folder}/reference.wav", RECORDING)
        stored.put_object(VOICES_BUCKET, f"{folder}/reference.txt", transcript.encode())
    return s3.client()
