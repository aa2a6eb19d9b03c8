"""A long text is spoken whole, whatever happens on the way."""

import io
import json
import time

import httpx
import pytest
import soundfile

from tests.jobs.conftest import PART_SECONDS, environments
from tests.support.doors import Json, http_event, send
from tests.support.fake_endpoint import FakeEndpoint, described, refused, sagemaker_error
from tests.support.flaky import Flaky
from tests.support.waiting import wait_until

JOB_SECONDS = 300
LOOK_SECONDS = 1.0
SENTENCES = [f"This is sentence {number} of a chapter that takes a while." for number in range(16)]
PAUSE = 0.3


def post(**fields: object) -> str:
    """Ask for a job; its id."""
    body = json.dumps({"champion_id": "yasuo"} | fields).encode()
    answer = send(http_event("POST", "/jobs", body, {"Content-Type": "application/json"}))
    assert answer.status == 202, answer.body[:500]
    job_id: str = answer.json()["id"]
    return job_id


def look(job_id: str) -> Json:
    """The job as it is now."""
    time.sleep(LOOK_SECONDS)  # what looks takes time from what it looks at
    answer = send(http_event("GET", f"/jobs/{job_id}"))
    return answer.json() if answer.status == 200 else look(job_id)


def wait_for(job_id: str, *statuses: str) -> Json:
    """Look at a job until it is in one of these states."""
    assert wait_until(lambda: look(job_id)["status"] in statuses, JOB_SECONDS), look(job_id)
    return look(job_id)


def finished(job_id: str) -> Json:
    return wait_for(job_id, "succeeded", "failed", "cancelled")


def fetch(url: str) -> bytes:
    answer = httpx.get(url)
    assert answer.status_code == 200
    return answer.content


def said(endpoint: FakeEndpoint) -> list[str]:
    return [asked.body["text"] for asked in endpoint.received]


def assert_whole(job: Json, sentences: list[str]) -> None:
    """Everything was said once, in order, and the file is as long as its parts and the pauses between."""
    assert job["status"] == "succeeded", job["problem"]
    assert job["progress"] == 1
    assert " ".join(part["text"] for part in job["parts"]) == " ".join(sentences)
    assert [part["index"] for part in job["parts"]] == list(range(len(job["parts"])))
    samples, rate = soundfile.read(io.BytesIO(fetch(job["audio_url"])))
    expected = len(job["parts"]) * PART_SECONDS + (len(job["parts"]) - 1) * PAUSE
    assert len(samples) / rate == pytest.approx(expected, abs=0.001)
    assert job["duration"] == pytest.approx(expected, abs=0.001)


def test_a_long_text_becomes_one_file_with_captions(endpoint: FakeEndpoint) -> None:
    job = finished(post(text=" ".join(SENTENCES)))

    assert_whole(job, SENTENCES)
    assert job["parts"][0]["text"] == SENTENCES[0], "the first sentence is alone"
    assert sorted(said(endpoint)) == sorted(part["text"] for part in job["parts"]), "each is spoken once"
    assert {asked.body["format"] for asked in endpoint.received} == {"flac"}
    assert job["spoken_text"] == " ".join(SENTENCES)
    for part in job["parts"]:
        assert part["end"] - part["start"] == pytest.approx(PART_SECONDS, abs=0.001)
        assert fetch(part["audio_url"])[:4] == b"fLaC"
    webvtt, srt = fetch(job["captions_url"]).decode(), fetch(job["subtitles_url"]).decode()
    assert webvtt.startswith("WEBVTT")
    assert "00:00:00.000 --> 00:00:01.000\nThis is sentence 0 of" in webvtt
    assert "1\n00:00:00,000 --> 00:00:01,000\nThis is sentence 0 of" in srt
    assert all(sentence in webvtt for sentence in SENTENCES)


def test_what_is_spoken_can_be_heard_while_the_rest_is_not(endpoint: FakeEndpoint) -> None:
    endpoint.reply.delay = 1.0
    job_id = post(text=" ".join(SENTENCES))
    assert wait_until(lambda: len(look(job_id)["parts"]) > 1, JOB_SECONDS)
    job = look(job_id)
    assert job["status"] == "running"
    assert 0 < job["progress"] < 1
    assert fetch(job["parts"][0]["audio_url"])
    assert finished(job_id)["status"] == "succeeded"


def test_a_corrected_text_speaks_only_what_is_new(endpoint: FakeEndpoint) -> None:
    finished(post(text=" ".join(SENTENCES)))
    endpoint.received.clear()
    corrected = [*SENTENCES[:-1], "This is the end."]
    assert_whole(finished(post(text=" ".join(corrected))), corrected)
    assert len(endpoint.received) == 1


def test_a_script_is_spoken_by_its_voices(endpoint: FakeEndpoint) -> None:
    script = [{"champion_id": "yasuo", "text": "Who goes there?"}, {"champion_id": "ahri", "text": "Guess."}]
    job = finished(post(champion_id=None, script=script, format="mp3"))
    assert job["status"] == "succeeded"
    assert {(asked.body["champion_id"], asked.body["text"]) for asked in endpoint.received} == {
        ("yasuo", "Who goes there?"),
        ("ahri", "Guess."),
    }
    with soundfile.SoundFile(io.BytesIO(fetch(job["audio_url"]))) as file:
        assert file.format == "MP3"


def test_a_busy_endpoint_is_asked_again(endpoint: FakeEndpoint) -> None:
    speaks, endpoint.reply = endpoint.reply, refused(429, retry_after=1)
    job_id = post(text=" ".join(SENTENCES[:3]))
    assert wait_until(lambda: len(endpoint.read) > 1, JOB_SECONDS)
    endpoint.reply = speaks
    assert_whole(finished(job_id), SENTENCES[:3])


@pytest.mark.slow
def test_an_endpoint_at_zero_is_woken_once_and_waited_for(endpoint: FakeEndpoint) -> None:
    speaks, endpoint.reply = endpoint.reply, sagemaker_error(400, "ValidationError")
    endpoint.health = described("InService", current=0, desired=0)
    job_id = post(text=" ".join(SENTENCES[:3]))
    wait_for(job_id, "waiting_for_capacity")
    time.sleep(5)
    assert len(endpoint.read) + len(endpoint.received) == 1, "it is woken once"
    endpoint.reply, endpoint.health = speaks, described("InService", CurrentCopyCount=1, DesiredCopyCount=1)
    assert_whole(finished(job_id), SENTENCES[:3])


class TestWhatCannotBeSpoken:
    @pytest.fixture(autouse=True)
    def unsayable(self, endpoint: FakeEndpoint) -> None:
        endpoint.refuses = {"%%%": refused(422, "text: holds %%%, which has no sound.")}

    def test_it_fails_the_job_with_its_text_and_the_reason(self) -> None:
        job = finished(post(text=f"{SENTENCES[0]} Then a %%% came. {SENTENCES[1]}"))
        assert job["status"] == "failed"
        assert job["problem"]["status"] == 422
        assert "Then a %%% came." in job["problem"]["detail"]
        assert "has no sound" in job["problem"]["detail"]

    def test_a_part_that_ends_later_than_its_failed_job_changes_nothing(self, endpoint: FakeEndpoint) -> None:
        endpoint.reply.delay = 2 * LOOK_SECONDS
        job_id = post(text=f"{SENTENCES[0]} Then a %%% came. {SENTENCES[1]}")
        finished(job_id)
        assert wait_until(lambda: SENTENCES[0] in said(endpoint), JOB_SECONDS)
        time.sleep(3 * LOOK_SECONDS)
        assert look(job_id)["status"] == "failed"

    def test_it_is_left_out_where_that_is_asked_for(self) -> None:
        script = [{"champion_id": "yasuo", "text": text} for text in (SENTENCES[0], "Then a %%% came.", SENTENCES[1])]
        job = finished(post(champion_id=None, script=script, skip_unspeakable=True))
        assert job["status"] == "succeeded"
        [skipped] = job["skipped"]
        assert (skipped["index"], skipped["text"]) == (1, "Then a %%% came.")
        assert [part["text"] for part in job["parts"]] == [SENTENCES[0], SENTENCES[1]]


def test_a_cancelled_job_speaks_no_further_part(endpoint: FakeEndpoint) -> None:
    endpoint.reply.delay = 0.5
    job_id = post(text=" ".join(SENTENCES))
    assert wait_until(lambda: len(endpoint.received) > 1, JOB_SECONDS)
    assert send(http_event("DELETE", f"/jobs/{job_id}")).json()["status"] == "cancelled"
    spoken = len(endpoint.received)
    time.sleep(3)
    assert len(endpoint.received) <= spoken + 2, "what was begun"
    assert look(job_id)["status"] == "cancelled"


def test_an_environment_killed_in_mid_part_loses_nothing(endpoint: FakeEndpoint) -> None:
    endpoint.reply.delay = 1.0
    job_id = post(text=" ".join(SENTENCES))
    assert wait_until(lambda: len(look(job_id)["parts"]) > 1, JOB_SECONDS)
    done = {part["text"] for part in look(job_id)["parts"]}
    for process in environments():
        process.kill()
    endpoint.received.clear()
    endpoint.reply.delay = 0
    assert_whole(finished(job_id), SENTENCES)
    assert not done & set(said(endpoint)), "what was done is not done again"


@pytest.mark.slow
def test_storage_that_refuses_for_ten_seconds_loses_nothing(endpoint: FakeEndpoint, storage: Flaky) -> None:
    endpoint.reply.delay = 0.5
    job_id = post(text=" ".join(SENTENCES))
    assert wait_until(lambda: len(look(job_id)["parts"]) > 1, JOB_SECONDS)
    storage.refuses = True
    time.sleep(10)
    assert storage.refused
    storage.refuses = False
    assert_whole(finished(job_id), SENTENCES)
