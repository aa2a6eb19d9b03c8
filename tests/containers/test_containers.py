"""model.tar.gz is served as AWS's containers serve it, on what they hold, with no network."""

import base64
import io
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deploy.packages import Container
from tests.containers.containers import START_SECONDS, RunningContainer, running, unpack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

LINE = {"champion_id": "yasuo", "text": "Ward the river.", "quality": "fast", "duration": 1.5}


def body(**changes: object) -> bytes:
    return json.dumps(LINE | changes).encode()


def test_it_speaks_and_answers_with_json(in_service: RunningContainer) -> None:
    answer = in_service.invoke(body())
    assert answer.status_code == 200, in_service.logs()[-8000:]
    assert answer.headers["Content-Type"].startswith("application/json")
    spoken = answer.json()
    sound, rate = soundfile.read(io.BytesIO(base64.b64decode(spoken["audio"])))
    assert (spoken["format"], spoken["sample_rate"], spoken["duration"]) == ("wav", 24000, 1.5)
    assert (len(sound), rate) == (36000, 24000)
    assert np.abs(sound).max() > 1e-3


def test_it_answers_with_audio_where_audio_is_asked_for(in_service: RunningContainer) -> None:
    answer = in_service.invoke(body(), "audio/wav")
    assert answer.headers["Content-Type"] == "audio/wav"
    attributes = answer.headers["X-Amzn-SageMaker-Custom-Attributes"]
    assert attributes.startswith("sample_rate=24000,duration=1.500,format=wav")
    assert answer.content == base64.b64decode(in_service.invoke(body()).json()["audio"])


@pytest.mark.parametrize(
    ("line", "status"),
    [(b"{", 400), (body(champion_id="yasou"), 404), (body(text="a" * 5001), 413), (body(speed=9), 422)],
)
def test_what_is_wrong_is_told_as_a_problem(in_service: RunningContainer, line: bytes, status: int) -> None:
    answer = in_service.invoke(line)
    problem, _ = json.JSONDecoder().raw_decode(answer.text)  # the PyTorch container adds a traceback
    assert (answer.status_code, problem["status"]) == (status, status)
    assert problem["detail"]


def test_more_callers_than_can_wait_are_told_to_come_again(container: Container, in_service: RunningContainer) -> None:
    if container == "pytorch":
        pytest.skip("TorchServe has a queue of its own, and an answer of its own when that is full")
    line = body(duration=3, quality="high", wait_seconds=10)
    with ThreadPoolExecutor(60) as callers:
        answers = list(callers.map(lambda _: in_service.invoke(line), range(60)))
    assert {answer.status_code for answer in answers} == {200, 429}
    refused = next(answer.json() for answer in answers if answer.status_code == 429)
    assert refused["status"] == 429
    assert refused["retry_after"] >= 1


def test_a_line_whose_replica_is_killed_is_spoken_all_the_same(
    container: Container, in_service: RunningContainer
) -> None:
    if container == "pytorch":
        pytest.skip("TorchServe starts a new worker, and answers 500 for what the old one was speaking")
    before = in_service.replicas()
    with ThreadPoolExecutor() as callers:
        line = callers.submit(in_service.invoke, body(text="Ward the river. " * 40, duration=None, quality="high"))
        time.sleep(1)
        for replica in before:
            replica.kill()
        answer = line.result()
    assert answer.status_code == 200, answer.text
    assert in_service.replicas() != before


def test_a_model_that_cannot_be_loaded_is_never_in_service(
    container: Container, archive: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    if container == "pytorch":
        pytest.skip("TorchServe answers pings whatever becomes of the model, and asks no code of ours")
    unpack(archive, tmp_path)
    (tmp_path / "model" / "vocab.txt").unlink()
    with running(container, tmp_path, environment) as broken:
        given_up = "the model could not be loaded"
        assert wait_until(lambda: given_up in broken.logs(), START_SECONDS), broken.logs()[-8000:]
        assert broken.ping() == 503
