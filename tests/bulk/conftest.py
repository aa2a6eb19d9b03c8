"""A Ray cluster of two machines in one, S3, a model with random weights, and champions."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import ray
from ray import cloudpickle
from ray.cluster_utils import Cluster

from bench.random_model import make_random_model
from bulk.cluster import connect
from bulk.places import s3
from tests.support import bulk_lines
from tests.support.bulk_lines import make_champion

STORE_BYTES = 100 * 2**20


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("model")
    make_random_model(directory)
    return directory


@pytest.fixture
def voices(tmp_path: Path) -> Path:
    folder = tmp_path / "voices"
    make_champion(folder, "garen")
    make_champion(folder, "lux", 1.5)
    return folder


@pytest.fixture(scope="session")
def aws(s3_url: str) -> Iterator[None]:
    """What tells every worker where S3 is."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_S3": s3_url,
        }.items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        s3.cache_clear()
        yield
    s3.cache_clear()


@pytest.fixture(scope="session")
def cluster(aws: None) -> Iterator[Cluster]:  # noqa: ARG001
    """Two machines of one CPU each; this process is connected to them, and so is what it starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        machines = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 1, "object_store_memory": STORE_BYTES, "include_dashboard": False},
        )
        machines.add_node(num_cpus=1, object_store_memory=STORE_BYTES)
        patch.setenv("RAY_ADDRESS", machines.address)
        connect()
        # Workers cannot import it: a package of gruut's is called `tests` too.
        cloudpickle.register_pickle_by_value(bulk_lines)  # type: ignore[no-untyped-call]
        yield machines
        ray.shutdown()
        machines.shutdown()  # type: ignore[no-untyped-call]
