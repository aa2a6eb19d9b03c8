"""The environment that a Lambda under test is deployed into: its variables, its clients and its champions."""

from typing import TYPE_CHECKING

import pytest

import endpoint_client
import s3
from settings import get_settings
from tests.support.fake_endpoint import wav

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

VOICES_BUCKET = "champion-voices-test"
AUDIO_BUCKET = "champion-audio-test"
ENDPOINT_NAME = "f5tts-voice-generator"
COMPONENT_NAME = "f5tts-voice-generator-model"
ADMIN_KEY_ID = "a1b2c3d4e5"


def forget_environment() -> None:
    """Have the Lambda read its environment again, as a new one would."""
    for kept in (get_settings, s3.client, endpoint_client.runtime, endpoint_client.sagemaker):
        kept.cache_clear()


class SetEnvironment:
    """Deploys the Lambda with other variables."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, **variables: str) -> None:
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)
        forget_environment()


def put_champion(
    client: "S3Client", champion_id: str, transcript: str, seconds: float = 0.5, bucket: str = VOICES_BUCKET
) -> None:
    """Give a champion a reference."""
    folder = f"champion-voices/{champion_id}"
    client.put_object(Bucket=bucket, Key=f"{folder}/reference.wav", Body=wav(seconds))
    client.put_object(Bucket=bucket, Key=f"{folder}/reference.txt", Body=transcript.encode())
