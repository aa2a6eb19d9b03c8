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


CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


def api_environment(s3_url: str, endpoint_url: str) -> dict[str, str]:
    """What the template sets for the API, and where its clients find AWS."""
    return CREDENTIALS | {
        "ENDPOINT_NAME": ENDPOINT_NAME,
        "INFERENCE_COMPONENT_NAME": COMPONENT_NAME,
        "VOICES_BUCKET": VOICES_BUCKET,
        "AUDIO_BUCKET": AUDIO_BUCKET,
        "MODEL_ID": "tiny-1",
        "LINK_KEY": "a stack",
        "AWS_ENDPOINT_URL_S3": s3_url,
        "AWS_ENDPOINT_URL_SAGEMAKER": endpoint_url,
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": endpoint_url,
    }


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
