"""Audio is kept under what the endpoint says it was made from, which may not be what the API found before it asked."""

from typing import TYPE_CHECKING

import s3
import voices
from contract.invocation import DEFAULT_LUFS, Origin
from contract.recording.measures import Measures
from contract.voice_label import Label, put_copy, put_recording
from tests.support.doors import speak
from tests.support.environment import VOICES_BUCKET, SetEnvironment
from tests.support.fake_endpoint import FakeEndpoint, spoken, wav

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def replacement() -> Label:
    stale = voices.get("yasuo").transcript_etag
    measures = Measures(duration=0.7, speech=0.7, peak=-3, clipped=0, signal_to_noise=40)
    return Label(transcript="Another text.", measures=measures, revision="1", stale_etag=stale)


def origin(lufs: float = DEFAULT_LUFS, transcript_etag: str | None = None) -> Origin:
    """What the endpoint would find now."""
    found = voices.get("yasuo")
    etag = transcript_etag or found.transcript_etag
    return Origin(recording_etag=found.recording_etag, transcript_etag=etag, loudness_lufs=lufs)


def from_store() -> bool:
    answer = speak().json()
    assert isinstance(answer["from_store"], bool)
    return answer["from_store"]


def test_audio_of_a_voice_that_was_replaced_after_the_api_looked_is_not_kept_as_the_old_ones(
    bucket: "S3Client", endpoint: FakeEndpoint
) -> None:
    old = s3.client().get_object(Bucket=VOICES_BUCKET, Key="champion-voices/yasuo/reference.wav")["Body"].read()
    endpoint.reply = spoken(origin=Origin(recording_etag='"new"', transcript_etag='"new"', loudness_lufs=DEFAULT_LUFS))
    assert not from_store()

    bucket.put_object(Bucket=VOICES_BUCKET, Key="champion-voices/yasuo/reference.wav", Body=old)
    endpoint.reply = spoken(origin=origin())
    assert not from_store()
    assert from_store()


def test_audio_that_was_made_while_a_voice_is_replaced_is_kept_as_the_new_ones(
    bucket: "S3Client", endpoint: FakeEndpoint
) -> None:
    label = replacement()
    bucket.put_object(Bucket=VOICES_BUCKET, **put_recording("yasuo", wav(0.7), label))
    endpoint.reply = spoken(origin=origin(transcript_etag=label.said.etag))
    assert not from_store()

    bucket.put_object(Bucket=VOICES_BUCKET, **put_copy("yasuo", label))
    assert from_store()


def test_an_endpoint_that_does_not_say_is_taken_to_have_spoken_from_what_the_api_found() -> None:
    assert [from_store(), from_store()] == [False, True]


def test_another_loudness_is_another_sound(set_environment: SetEnvironment) -> None:
    assert not from_store()
    set_environment(LOUDNESS_LUFS="-23")
    assert not from_store()
    assert from_store()
    set_environment(LOUDNESS_LUFS="")
    assert from_store()


def test_a_sound_is_kept_under_the_loudness_that_it_has(
    set_environment: SetEnvironment, endpoint: FakeEndpoint
) -> None:
    # The stack's loudness was changed, and the endpoint has not heard of it yet.
    set_environment(LOUDNESS_LUFS="-23")
    endpoint.reply = spoken(origin=origin(lufs=-19))
    assert [from_store(), from_store()] == [False, False]
    endpoint.reply = spoken(origin=origin(lufs=-23))
    assert [from_store(), from_store()] == [False, True]
