"""Ray Serve's replica, by itself: whatever asks for work, one thread computes."""

import asyncio
import json
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import boto3
import pytest
import torch
from ray import serve

from deployment import Replica
from tests.support.recordings import put_reference
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "replica-voices"


@pytest.fixture
def s3(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> "S3Client":
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return boto3.client("s3")


def threads_of_libraries() -> int:
    """Threads of this process that Python did not start: OpenMP's helpers, before all."""
    return len(list(Path("/proc/self/task").iterdir())) - threading.active_count()


def test_callers_at_once_leave_no_more_helpers_than_one_thread_has(
    s3: "S3Client", model_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.create_bucket(Bucket=BUCKET)
    champions = ["ahri", "garen", "jinx", "lux"]
    for seconds, champion in enumerate(champions, start=2):
        put_reference(s3, BUCKET, champion, seconds)
    monkeypatch.setenv("MODEL_DIR", str(model_dir))
    monkeypatch.setenv("VOICE_BUCKET", BUCKET)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    # What Ray tells of the replica that runs this; asked for by `serve.batch` for a warning alone.
    about = SimpleNamespace(_deployment_config=SimpleNamespace(max_ongoing_requests=32))
    monkeypatch.setattr(serve, "get_replica_context", lambda: about)

    async def ask(champion: str) -> int:
        line = {"champion_id": champion, "text": "Ward the river.", "quality": "fast"}
        answer = await replica.invoke(json.dumps(line).encode(), "application/json", "audio/wav", "-")
        return answer.status

    async def ask_one_then_all() -> None:
        assert await ask(champions[0]) == 200
        alone = threads_of_libraries()
        assert await asyncio.gather(*(ask(champion) for champion in champions)) == [200] * len(champions)
        # Threads of Python's that have ended are the system's for a moment more.
        assert wait_until(lambda: threads_of_libraries() <= alone, seconds=5)

    threads_of_torch = torch.get_num_threads()
    try:
        replica = Replica()
        asyncio.run(ask_one_then_all())
    finally:
        torch.set_num_threads(threads_of_torch)
