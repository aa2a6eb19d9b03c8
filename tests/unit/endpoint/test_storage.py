"""Whatever S3 does to the endpoint, a line is answered: with what is there, or with what is wrong."""

import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

import storage
from contract.invocation import Invocation
from contract.problem import Problem
from engine.checkpoint import Model
from engine.speech import Engine
from lexicons import Lexicons
from references import References
from speaker import Speaker
from tests.support.misbehaving import (
    Misbehaviour,
    answer_html,
    hang,
    misbehaving,
    refuse_with_html,
    reset,
    truncate,
)
from tests.support.recordings import put_reference
from text.front_end import FrontEnd

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "storage-voices"
COMMON, OWN = "champion-voices/lexicon.txt", "champion-voices/yasuo/lexicon.txt"


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch, s3_url: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture
def people() -> "S3Client":
    """Those who change what lies in S3."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    put_reference(s3, BUCKET, "yasuo", 2)
    for key in (COMMON, OWN):
        s3.delete_object(Bucket=BUCKET, Key=key)
    return s3


def speaker(model: Model, s3: "S3Client") -> Speaker:
    references = References(
        s3=s3,
        mel_spec=model.description.mel_spec,
        default_bucket=BUCKET,
        allowed_buckets=frozenset(),
        fallback_champion=None,
    )
    front_end = FrontEnd(model.reader.can_say, model.reader.reads_phonemes)
    return Speaker(Engine(model), front_end, references, Lexicons(s3), lufs=-19)


def said(speaker: Speaker) -> str:
    line = Invocation(champion_id="yasuo", text="Kai'Sa waits.", script_only=True)
    return speaker.prepare(line).script.spoken_text


@pytest.mark.parametrize("key", [COMMON, OWN])
@pytest.mark.parametrize("instead", [None, b"kai'sa = Kay sah"])
def test_a_lexicon_that_changes_between_listing_and_reading_is_taken_as_it_is(
    model: Model, people: "S3Client", key: str, instead: bytes | None
) -> None:
    people.put_object(Bucket=BUCKET, Key=key, Body=b"kai'sa = Kai sah")
    endpoint_s3 = storage.client()
    read: list[str] = []

    def change(params: dict[str, Any], **_: object) -> None:
        if params["url_path"].endswith(key) and not read:
            read.append(key)
            people.delete_object(Bucket=BUCKET, Key=key)
            if instead:
                people.put_object(Bucket=BUCKET, Key=key, Body=instead)

    endpoint_s3.meta.events.register("before-call.s3.GetObject", change)
    speaks = speaker(model, endpoint_s3)

    assert said(speaks) == ("Kay sah waits." if instead else "Kai'Sa waits.")
    assert read == [key]
    # What was listed first comes back: it was not taken for nothing meanwhile.
    people.put_object(Bucket=BUCKET, Key=key, Body=b"kai'sa = Kai sah")
    assert said(speaks) == "Kai sah waits."


def test_a_lexicon_that_never_rests_is_no_reason_to_look_for_ever(model: Model, people: "S3Client") -> None:
    endpoint_s3 = storage.client()
    people.put_object(Bucket=BUCKET, Key=COMMON, Body=b"kai'sa = 0")

    def change(params: dict[str, Any], **_: object) -> None:
        if params["url_path"].endswith(COMMON):
            people.put_object(Bucket=BUCKET, Key=COMMON, Body=str(time.monotonic_ns()).encode())

    endpoint_s3.meta.events.register("before-call.s3.GetObject", change)
    with pytest.raises(Problem) as caught:
        said(speaker(model, endpoint_s3))
    assert caught.value.status == 502


@pytest.mark.parametrize("fault", [reset, truncate, answer_html, refuse_with_html], ids=lambda each: each.__name__)
def test_s3_that_fails_is_502_and_its_words_stay_inside(
    model: Model, monkeypatch: pytest.MonkeyPatch, fault: Misbehaviour
) -> None:
    with misbehaving(fault) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        speaks = speaker(model, storage.client())
        with pytest.raises(Problem) as caught:
            said(speaks)
    assert caught.value.status == 502
    assert BUCKET not in caught.value.detail


@pytest.mark.slow
def test_s3_that_hangs_is_told_while_the_caller_still_waits(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    with misbehaving(hang) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        speaks = speaker(model, storage.client())
        started = time.monotonic()
        with pytest.raises(Problem) as caught:
            said(speaks)
    assert caught.value.status == 502
    assert time.monotonic() - started < 25


def test_an_object_that_breaks_off_is_not_taken_for_a_shorter_one(people: "S3Client") -> None:
    people.put_object(Bucket=BUCKET, Key=COMMON, Body=b"kai'sa = Kai sah\n" * 100)
    etag = people.head_object(Bucket=BUCKET, Key=COMMON)["ETag"]
    whole = storage.read(people, BUCKET, COMMON, etag, limit=10_000).body
    cut = storage.read(people, BUCKET, COMMON, etag, limit=100).body

    assert (len(whole), len(cut)) == (1700, 101)
    with misbehaving(truncate) as url:
        s3 = boto3.client("s3", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))
        with pytest.raises(Exception, match="1000 read"):
            storage.read(s3, BUCKET, COMMON, etag, limit=100_000)
