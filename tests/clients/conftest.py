"""The Lambda behind the local gateway, over HTTP, with a stand-in for the endpoint and moto's S3: what clients see."""

from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pytest

from local.gateway import RestApi, create_app
from local.keys import API_KEY, Keys
from tests.support.environment import (
    AUDIO_BUCKET,
    VOICES_BUCKET,
    api_environment,
    put_champion,
)
from tests.support.fake_endpoint import FakeEndpoint, spoken
from tests.support.serving import served

KEY = "0123456789abcdefghijKLMNOPQRSTuvwxyz"
SOUND = bytes(range(256)) * 500


@dataclass(frozen=True)
class Service:
    """What a client is told of a stack.

    Attributes:
        base_url: where OpenAI's API is.
        key: an API key.
    """

    base_url: str
    key: str


@pytest.fixture(scope="module")
def running(s3_url: str, endpoint_server: FakeEndpoint) -> Iterator[Service]:
    """The Lambda and its gateway, with the champions ahri and yasuo."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in api_environment(s3_url, endpoint_server.url).items():
            environment.setenv(name, value)
        s3 = boto3.client("s3")
        for bucket in (VOICES_BUCKET, AUDIO_BUCKET):
            s3.create_bucket(Bucket=bucket)
        for champion_id in ("ahri", "yasuo"):
            put_champion(s3, champion_id, "Keep the wind at your back.")
        with served(create_app(RestApi.read(), keys=Keys({API_KEY: KEY}))) as url:
            yield Service(f"{url}/v1", KEY)


@pytest.fixture
def service(running: Service, endpoint: FakeEndpoint) -> Service:
    """A stack whose endpoint speaks MP3 for a second."""
    endpoint.reply = spoken(sound_format="mp3", sound=SOUND)
    return running
