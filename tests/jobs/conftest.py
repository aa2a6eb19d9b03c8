"""Jobs from the door to the finished file: AWS's local runner, and the durable function in environments of its own.

Where SageMaker and S3 are, their stand-ins are.
"""

import io
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import boto3
import httpx
import numpy as np
import psutil
import pytest
import soundfile

import durable
from local.durable import create_app, runner_command
from tests.support.environment import (
    AUDIO_BUCKET,
    CREDENTIALS,
    VOICES_BUCKET,
    api_environment,
    forget_environment,
    put_champion,
)
from tests.support.fake_endpoint import SAMPLE_RATE, FakeEndpoint, spoken
from tests.support.flaky import Flaky, flaky
from tests.support.serving import free_ports, served
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from tests.support.fake_endpoint import Reply

PART_SECONDS = 1.0
RUNNER_START_SECONDS = 300


def flac(seconds: float = PART_SECONDS) -> "Reply":
    """The endpoint speaks a tone as flac, as it is asked for parts."""
    tone = (np.sin(np.arange(round(seconds * SAMPLE_RATE)) / 20) * 8000).astype(np.int16)
    file = io.BytesIO()
    soundfile.write(file, tone, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return spoken(seconds, sound_format="flac", sound=file.getvalue())


@pytest.fixture(scope="session")
def storage(s3_url: str) -> Iterator[Flaky]:
    """S3, which a test may have refuse."""
    with flaky(s3_url) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def lambda_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Lambda's API, with the durable engine behind it."""
    [port] = free_ports(1)
    with served(create_app(f"http://127.0.0.1:{port}")) as url:
        log = tmp_path_factory.mktemp("runner") / "runner.log"
        with log.open("wb") as sink:
            runner = subprocess.Popen(
                runner_command(port, url), env=os.environ | CREDENTIALS, stdout=sink, stderr=subprocess.STDOUT
            )

        def listens() -> bool:
            assert runner.poll() is None, log.read_text()
            with suppress(httpx.TransportError):
                return httpx.get(f"http://127.0.0.1:{port}/health").is_success
            return False

        try:
            assert wait_until(listens, RUNNER_START_SECONDS), log.read_text()
            yield url
        finally:
            runner.terminate()
            runner.wait()


@pytest.fixture(scope="module", autouse=True)
def environment(lambda_url: str, storage: Flaky, endpoint_server: FakeEndpoint) -> Iterator[None]:
    """What both functions are told, for the whole module: the durable one's environments inherit it."""
    variables = api_environment(storage.url, endpoint_server.url) | {
        "JOB_FUNCTION": "champion-voice-jobs:live",
        "JOB_CONCURRENCY": "2",
        "AWS_ENDPOINT_URL_LAMBDA": lambda_url,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "CORS_ORIGIN", "FALLBACK_CHAMPION", "MAX_TEXT_CHARACTERS"):
            patch.delenv(name, raising=False)
        forget_environment()
        durable.client.cache_clear()
        yield
    forget_environment()
    durable.client.cache_clear()


@pytest.fixture(autouse=True)
def bucket(environment: None, s3_url: str, storage: Flaky) -> "S3Client":  # noqa: ARG001 -- boto3 reads it
    """S3 with two champions, yasuo and ahri, and nothing spoken yet."""
    storage.refuses, storage.refused = False, 0
    urllib.request.urlopen(urllib.request.Request(f"{s3_url}/moto-api/reset", method="POST")).close()  # noqa: S310
    client: S3Client = boto3.client("s3", endpoint_url=s3_url)  # moto's first answer may take longer than ours waits
    client.create_bucket(Bucket=VOICES_BUCKET)
    client.create_bucket(Bucket=AUDIO_BUCKET)
    put_champion(client, "yasuo", "Keep the wind at your back.\n")
    put_champion(client, "ahri", "Shall we take the river?\n")
    return client


@pytest.fixture(autouse=True)
def speech(endpoint: FakeEndpoint) -> FakeEndpoint:
    """The endpoint, which speaks every part in PART_SECONDS."""
    endpoint.reply = flac()
    return endpoint


def environments() -> list[psutil.Process]:
    """The environments of the durable function, without those that have ended: a zombie has no command line."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if any("spawn_main" in part for part in child.cmdline()):
                found.append(child)
    return found
