"""A voice that the API writes is what every replica of the endpoint speaks from next, whole at any moment."""

import threading
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

import s3
import voice_library
import voices
from contract.voice_label import put_copy, put_recording
from engine.checkpoint import MelSpecDescription
from references import References, Voice
from settings import get_settings
from tests.support.environment import VOICES_BUCKET, SetEnvironment, forget_environment
from tests.support.recordings import TRANSCRIPT, put_reference, recording, wav
from voice_schemas import OfferedVoice

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MEL_SPEC = MelSpecDescription(
    target_sample_rate=24000, n_mel_channels=100, hop_length=256, win_length=1024, n_fft=1024, mel_spec_type="vocos"
)
TEXTS = {2: TRANSCRIPT, 3: "Wait for the wave and stay behind me."}
"""What is said in the recording of so many seconds."""
REPLACEMENTS = 15


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, s3_url: str) -> "Iterator[S3Client]":
    """An empty bucket of voices, which the API and the endpoint share."""
    SetEnvironment(monkeypatch)(
        ENDPOINT_NAME="e",
        INFERENCE_COMPONENT_NAME="c",
        VOICES_BUCKET=VOICES_BUCKET,
        AUDIO_BUCKET="audio",
        MODEL_ID="m",
        LINK_KEY="a stack",
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_ENDPOINT_URL_S3=s3_url,
    )
    urllib.request.urlopen(urllib.request.Request(f"{s3_url}/moto-api/reset", method="POST")).close()  # noqa: S310
    client = s3.client()
    client.create_bucket(Bucket=VOICES_BUCKET)
    yield client
    forget_environment()


def replica(bucket: "S3Client") -> References:
    return References(bucket, MEL_SPEC, get_settings().voices_bucket, frozenset(), None)


def offered(seconds: int) -> OfferedVoice:
    return OfferedVoice(
        audio=wav(recording(seconds)), transcript=TEXTS[seconds], consent=True, consent_by="Mina Harker"
    )


def put(seconds: int) -> None:
    voice_library.put("lux", offered(seconds), lambda _: True, None)


def pair(voice: Voice) -> tuple[int, str]:
    """The seconds of a recording and what is said in it, as the network is conditioned on them."""
    return round(voice.reference.seconds), voice.reference.prompt.strip()


def test_a_voice_that_was_put_is_heard_in_the_next_line_on_every_replica(bucket: "S3Client") -> None:
    put_reference(bucket, VOICES_BUCKET, "yasuo", 2)
    replicas = [replica(bucket), replica(bucket)]
    for each in replicas:
        each.get("yasuo", None)

    for seconds in (2, 3, 2):
        put(seconds)
        assert [pair(each.get("lux", None)) for each in replicas] == [(seconds, TEXTS[seconds])] * 2


def test_both_sides_tell_the_same_of_a_voice(bucket: "S3Client") -> None:
    put(2)

    found, heard = voices.get("lux"), replica(bucket).get("lux", None)
    assert (heard.recording_etag, heard.transcript_etag) == (found.recording_etag, found.transcript_etag)
    assert voices.look_at("lux").transcript == heard.reference.prompt.strip()


def test_nobody_speaks_from_a_new_recording_with_an_old_transcript(bucket: "S3Client") -> None:
    put(2)
    ended = threading.Event()

    def replace() -> None:
        for _ in range(REPLACEMENTS):
            put(3)
            put(2)
        ended.set()

    writer = threading.Thread(target=replace)
    writer.start()
    heard = set()
    while not ended.is_set():
        # A new replica each time has nothing prepared, and reads what there is.
        heard.add(pair(replica(bucket).get("lux", None)))
        told = voices.look_at("lux")
        heard.add((round(told.duration or 0), told.transcript))
    writer.join()

    assert heard == set(TEXTS.items())


@pytest.mark.parametrize("by_hand", [True, False])
def test_between_the_two_writes_the_new_voice_is_whole(bucket: "S3Client", by_hand: bool) -> None:
    if by_hand:
        put_reference(bucket, VOICES_BUCKET, "lux", 2)
    else:
        put(2)
    warm = replica(bucket)
    old = warm.get("lux", None)
    label = voice_library.label_of(wav(recording(3)), offered(3)).model_copy(update={"stale_etag": old.transcript_etag})
    bucket.put_object(Bucket=VOICES_BUCKET, **put_recording("lux", wav(recording(3)), label))
    between = [each.get("lux", None) for each in (warm, replica(bucket))]
    bucket.put_object(Bucket=VOICES_BUCKET, **put_copy("lux", label))
    after = warm.get("lux", None)

    assert [pair(each) for each in (old, *between, after)] == [(2, TEXTS[2]), *[(3, TEXTS[3])] * 3]
    # The endpoint tells the API so, before a listing does.
    assert {each.transcript_etag for each in between} == {after.transcript_etag} == {voices.get("lux").transcript_etag}


def test_a_transcript_alone_is_replaced_too(bucket: "S3Client") -> None:
    warm = replica(bucket)
    for text in (TRANSCRIPT, "Stay behind me, and wait for the wave!"):
        sent = OfferedVoice(audio=wav(recording(2)), transcript=text, consent=True, consent_by="Mina Harker")
        voice_library.put("lux", sent, lambda _: True, None)
        assert pair(warm.get("lux", None))[1].rstrip(".") == text.rstrip(".")


def test_a_voice_that_is_deleted_while_it_is_read_is_unknown_then(bucket: "S3Client") -> None:
    put(2)
    deletes = iter([True])

    def delete_once(**_: object) -> None:
        if next(deletes, False):
            voice_library.delete("lux", lambda _: True)

    reading = replica(bucket)
    bucket.meta.events.register("before-call.s3.GetObject", delete_once, unique_id="delete-once")
    try:
        with pytest.raises(Exception, match="There is no champion 'lux'"):
            reading.get("lux", None)
    finally:
        bucket.meta.events.unregister("before-call.s3.GetObject", unique_id="delete-once")
