"""model.tar.gz as deploy/ packs it, and the containers that start from it."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import boto3
import pytest

from deploy.pack import pack
from deploy.packages import Container
from tests.containers.containers import RunningContainer, missing, running, unpack
from tests.containers.supervisor import REPOSITORY
from tests.support.recordings import put_reference

VOICES_BUCKET = "container-voices"

ran_key = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def packed_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packed")


@pytest.fixture(scope="session", params=get_args(Container))
def container(request: pytest.FixtureRequest) -> Container:
    """One of AWS's containers, if this machine has what is inside."""
    chosen: Container = request.param
    ran = request.config.stash.setdefault(ran_key, [])
    if lacking := missing(chosen):
        ran.append(f"{chosen}: NOT RUN, {lacking}")
        pytest.skip(lacking)
    ran.append(f"{chosen}: ran")
    return chosen


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which containers ran."""
    if ran := config.stash.get(ran_key, None):
        terminalreporter.section("AWS's containers")
        for line in ran:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def environment(s3_url: str) -> dict[str, str]:
    """What the template sets, and where S3 is."""
    s3 = boto3.client(
        "s3", endpoint_url=s3_url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    s3.create_bucket(Bucket=VOICES_BUCKET)
    put_reference(s3, VOICES_BUCKET, "yasuo", 2)
    return {
        "VOICE_BUCKET": VOICES_BUCKET,
        "AWS_ENDPOINT_URL_S3": s3_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


@pytest.fixture(scope="session")
def archive(container: Container, packed_folder: Path) -> Path:
    """model.tar.gz for the container."""
    return pack(REPOSITORY / "models/small", packed_folder, container)


@pytest.fixture(scope="session")
def in_service(
    container: Container, archive: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningContainer]:
    base = tmp_path_factory.mktemp("ml")
    unpack(archive, base)
    with running(container, base, environment) as started:
        started.wait_until_in_service()
        yield started
