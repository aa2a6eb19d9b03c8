"""Ray Serve's replica, by itself: whatever asks for work, one thread computes, and short lines pass long ones."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import torch

from answer import CUSTOM_ATTRIBUTES, Answer
from contract.invocation import DESCRIBED_AUDIO, queue_seconds
from deployment import Replica
from tests.support.recordings import put_reference
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "replica-voices"
CHAMPIONS = ["ahri", "garen", "jinx", "lux"]
SHORT: dict[str, Any] = {"champion_id": "ahri", "text": "Ward the river.", "quality": "fast"}
LONG = SHORT | {"text": "Push the wave and then back off before they come for you, please. " * 24}  # of many pieces
TOO_LONG = LONG | {"text": LONG["text"] * 3, "quality": "high"}
A_MOMENT = 0.2  # in which a line is begun, and a long one is not ended


@pytest.fixture(scope="module", autouse=True)
def account(s3_url: str) -> Iterator[None]:
    """S3 with four champions, and what a replica is told of it."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("VOICE_BUCKET", BUCKET)
        s3: S3Client = boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        for seconds, champion in enumerate(CHAMPIONS, start=2):
            put_reference(s3, BUCKET, champion, seconds)
        yield


@pytest.fixture
def replica(model_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replica]:
    monkeypatch.setenv("MODEL_DIR", str(model_dir))
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    threads = torch.get_num_threads()
    yield Replica()
    torch.set_num_threads(threads)


async def ask(replica: Replica, line: dict[str, Any], wait: float = 60, accept: str = "audio/wav") -> Answer:
    body = json.dumps(line).encode()
    return await replica.invoke(body, "application/json", accept, "-", time.monotonic() + wait)


def threads_of_libraries() -> int:
    """Threads of this process that Python did not start: OpenMP's helpers, before all."""
    return len(list(Path("/proc/self/task").iterdir())) - threading.active_count()


def test_callers_at_once_leave_no_more_helpers_than_one_thread_has(replica: Replica) -> None:
    async def ask_one_then_all() -> None:
        assert (await ask(replica, SHORT)).status == 200
        alone = threads_of_libraries()
        answers = await asyncio.gather(*(ask(replica, SHORT | {"champion_id": champion}) for champion in CHAMPIONS))
        assert [answer.status for answer in answers] == [200] * len(CHAMPIONS)
        # Threads of Python's that have ended are the system's for a moment more.
        assert wait_until(lambda: threads_of_libraries() <= alone, seconds=5)

    asyncio.run(ask_one_then_all())


@pytest.mark.slow
def test_a_short_line_passes_a_long_one_and_both_are_what_they_are_alone(replica: Replica) -> None:
    ended: list[str] = []

    async def ask_and_note(name: str, line: dict[str, Any]) -> bytes:
        answer = await ask(replica, line)
        assert answer.status == 200, answer.body
        ended.append(name)
        return answer.body

    async def ask_for_each_and_for_both() -> None:
        alone = [await ask_and_note("long alone", LONG), await ask_and_note("short alone", SHORT)]
        long = asyncio.create_task(ask_and_note("long", LONG))
        await asyncio.sleep(A_MOMENT)
        short = await ask_and_note("short", SHORT)
        assert [await long, short] == alone

    asyncio.run(ask_for_each_and_for_both())

    assert ended == ["long alone", "short alone", "short", "long"]


@pytest.mark.slow
def test_a_line_that_takes_longer_than_its_caller_waits_is_408_and_no_more_is_done_for_it(replica: Replica) -> None:
    async def ask_in_vain() -> tuple[Answer, Answer]:
        assert (await ask(replica, SHORT)).status == 200  # so that the reference is there
        in_vain = await ask(replica, TOO_LONG, wait=3, accept="audio/ogg")
        return in_vain, await ask(replica, SHORT)

    in_vain, after = asyncio.run(ask_in_vain())

    assert in_vain.status == 408
    assert "shorter text" in json.loads(in_vain.body)["detail"]
    assert (after.status, queue_seconds(after.headers[CUSTOM_ATTRIBUTES])) == (200, 0)


def test_nothing_more_is_done_for_a_caller_who_has_hung_up(replica: Replica) -> None:
    async def hang_up() -> Answer:
        gone = asyncio.create_task(ask(replica, LONG))
        await asyncio.sleep(A_MOMENT)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await ask(replica, SHORT)

    after = asyncio.run(hang_up())

    assert (after.status, queue_seconds(after.headers[CUSTOM_ATTRIBUTES])) == (200, 0)


@pytest.mark.slow
def test_who_cannot_be_served_in_time_is_429_at_once_and_the_others_are_served(replica: Replica) -> None:
    async def ask_for_too_much() -> list[Answer]:
        assert (await ask(replica, SHORT)).status == 200  # so that there is a pace
        first = asyncio.create_task(ask(replica, LONG))
        await asyncio.sleep(A_MOMENT)
        others = await asyncio.gather(*(ask(replica, LONG | {"seed": seed}, wait=0.2) for seed in range(1, 4)))
        return [await first, *others]

    served, *refused = asyncio.run(ask_for_too_much())

    assert served.status == 200
    for answer in refused:
        problem = json.loads(answer.body)
        assert answer.status == problem["status"] == 429
        assert problem["retry_after"] >= 1


@pytest.mark.slow
def test_what_would_be_said_is_told_while_others_are_spoken(replica: Replica) -> None:
    async def read_beside() -> tuple[Answer, bool]:
        long = asyncio.create_task(ask(replica, LONG))
        await asyncio.sleep(A_MOMENT)
        read = await ask(replica, LONG | {"script_only": True}, accept="application/json")
        still = not long.done()
        await long
        return read, still

    read, still = asyncio.run(read_beside())

    assert (read.status, still) == (200, True)
    assert json.loads(read.body)["spoken_text"]


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_clock_that_jumps_costs_no_answer(replica: Replica, monkeypatch: pytest.MonkeyPatch, jump: float) -> None:
    async def jump_in_mid_line() -> Answer:
        line = asyncio.create_task(ask(replica, SHORT, accept=DESCRIBED_AUDIO))
        await asyncio.sleep(A_MOMENT)
        told = time.time
        monkeypatch.setattr(time, "time", lambda: told() + jump)
        return await line

    assert asyncio.run(jump_in_mid_line()).status == 200


def test_what_a_refusal_quotes_of_a_text_is_not_logged(replica: Replica, caplog: pytest.LogCaptureFixture) -> None:
    quoted = {"text_type": "ssml", "text": "<speak><say-as interpret-as='ordinal'>secret</say-as></speak>"}

    with caplog.at_level("INFO", "ray.serve"):
        answer = asyncio.run(ask(replica, SHORT | quoted))

    assert (answer.status, b"secret" in answer.body) == (422, True)
    assert "status=422" in caplog.text
    assert "secret" not in caplog.text
