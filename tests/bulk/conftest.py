"""A Ray cluster of two machines in one, S3, a model with random weights, and champions."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import ray
from ray.cluster_utils import Cluster

from bench.random_model import make_random_model
from bulk.cluster import connect
from bulk.places import s3
from tests.support.bulk_lines import make_voices
from tests.support.environment import CREDENTIALS

STORE_BYTES = 100 * 2**20


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("model")
    make_random_model(directory)
    return directory


@pytest.fixture
def voices(tmp_path: Path) -> Path:
    return make_voices(tmp_path / "voices")


@pytest.fixture(scope="module")
def aws(s3_url: str) -> Iterator[None]:
    """What tells every worker where S3 is."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (CREDENTIALS | {"AWS_ENDPOINT_URL_S3": s3_url}).items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        s3.cache_clear()
        yield
    s3.cache_clear()


@pytest.fixture(scope="module")
def cluster(aws: None) -> Iterator[Cluster]:  # noqa: ARG001
    """Two machines of one CPU each; this process is connected to them, and so is what it starts.

    It lasts no longer than the module: Ray ends a process whose cluster does not answer, and all other tests with it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")  # or all that runs beside the tests comes before Ray's workers
        machines = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 1, "object_store_memory": STORE_BYTES, "include_dashboard": False},
        )
        machines.add_node(num_cpus=1, object_store_memory=STORE_BYTES)
        patch.setenv("RAY_ADDRESS", machines.address)
        connect()
        yield machines
        ray.shutdown()
        machines.shutdown()  # type: ignore[no-untyped-call]
