"""A model, champions and S3 for bulk runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.random_model import make_random_model
from bulk.places import s3
from tests.support.bulk_lines import make_voices
from tests.support.environment import CREDENTIALS


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("model")
    make_random_model(directory)
    return directory


@pytest.fixture
def voices(tmp_path: Path) -> Path:
    return make_voices(tmp_path / "voices")


@pytest.fixture
def bucket(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name, value in (CREDENTIALS | {"AWS_ENDPOINT_URL_S3": s3_url}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    s3.cache_clear()
    s3().create_bucket(Bucket="bulk")
    yield "bulk"
    for item in s3().list_objects_v2(Bucket="bulk").get("Contents", []):
        s3().delete_object(Bucket="bulk", Key=item["Key"])
    s3().delete_bucket(Bucket="bulk")
    s3.cache_clear()
