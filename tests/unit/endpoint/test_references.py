"""References come from S3, are kept as long as their ETags stay, and unknown ones are answered with those there are."""

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

import boto3
import pytest

from contract.problem import Problem
from engine.checkpoint import Model
from recent import Recent
from references import References
from tests.support.recordings import TRANSCRIPT, put_reference, recording, wav

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET, OTHER_BUCKET = "voices", "guest-voices"


@pytest.fixture(scope="module")
def s3(s3_url: str) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=s3_url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture
def references(s3: "S3Client", model: Model) -> References:
    """Yasuo and the default champion in one bucket, a guest in another."""
    for bucket in (BUCKET, OTHER_BUCKET):
        s3.create_bucket(Bucket=bucket)
    put_reference(s3, BUCKET, "yasuo", 2.0)
    put_reference(s3, BUCKET, "default", 2.5)
    put_reference(s3, OTHER_BUCKET, "guest", 3.0)
    return References(
        s3=s3,
        mel_spec=model.description.mel_spec,
        default_bucket=BUCKET,
        allowed_buckets=frozenset(),
        fallback_champion=None,
    )


def refused(references: References, champion_id: str, bucket: str | None = None) -> tuple[int, str]:
    with pytest.raises(Problem) as caught:
        references.get(champion_id, bucket)
    assert [error.field for error in caught.value.errors] == [
        "voice_bucket" if caught.value.status == HTTPStatus.FORBIDDEN else "champion_id"
    ]
    return caught.value.status, caught.value.detail


def calls(s3: "S3Client", operations: list[str]) -> None:
    """Append the name of every call that reaches S3 to a list."""
    s3.meta.events.register(
        "before-call.s3", lambda model, **_: operations.append(model.name), unique_id="calls-of-one-test"
    )


def test_a_reference_is_downloaded_once_as_long_as_it_stays_the_same(references: References, s3: "S3Client") -> None:
    first = references.get("yasuo", None).reference
    operations: list[str] = []
    calls(s3, operations)
    assert references.get("yasuo", None).reference is first
    s3.meta.events.unregister("before-call.s3", unique_id="calls-of-one-test")
    assert operations == ["ListObjectsV2"]


def test_a_changed_recording_or_transcript_is_picked_up(references: References, s3: "S3Client") -> None:
    first = references.get("yasuo", None).reference
    put_reference(s3, BUCKET, "yasuo", 4.0)
    longer = references.get("yasuo", None).reference
    put_reference(s3, BUCKET, "yasuo", 4.0, b"Wait behind me and stay for the wave.")
    reworded = references.get("yasuo", None).reference
    assert longer.seconds > first.seconds + 1
    assert reworded.prompt == "Wait behind me and stay for the wave.  "


def test_an_unknown_champion_is_404_and_told_the_nearest(references: References) -> None:
    assert refused(references, "yasou") == (404, "There is no champion 'yasou'. Did you mean yasuo?")


def test_a_champion_without_transcript_is_none(references: References, s3: "S3Client") -> None:
    s3.put_object(Bucket=BUCKET, Key="champion-voices/mute/reference.wav", Body=wav(recording(2)))
    assert refused(references, "mute")[0] == 404
    s3.delete_object(Bucket=BUCKET, Key="champion-voices/mute/reference.wav")


def test_the_default_champion_speaks_for_an_unknown_one_only_where_it_is_configured(references: References) -> None:
    default = references.get("default", None)
    assert refused(references, "nobody")[0] == 404
    spoke = replace(references, fallback_champion="default").get("nobody", None)
    assert (spoke.champion_id, spoke.reference) == ("default", default.reference)


def test_another_bucket_is_refused_unless_it_is_allowed(references: References) -> None:
    assert references.get("yasuo", BUCKET).reference is references.get("yasuo", None).reference
    assert refused(references, "guest", OTHER_BUCKET)[0] == 403
    assert (
        replace(references, allowed_buckets=frozenset({OTHER_BUCKET})).get("guest", OTHER_BUCKET).reference.seconds
        > 2.5
    )


def test_without_any_bucket_configured_none_is_read(references: References) -> None:
    assert refused(replace(references, default_bucket=""), "yasuo")[0] == 403


@pytest.mark.parametrize(
    ("sound", "transcript", "told"),
    [
        (b"not a sound", TRANSCRIPT.encode(), "no sound file"),
        (wav(recording(2)), b"", "transcript is empty"),
        (wav(recording(2)), b"\xff\xfe\xfa", "not UTF-8"),
        (b"\0" * (32 * 1024 * 1024 + 1), TRANSCRIPT.encode(), "may have"),
    ],
)
def test_an_unusable_reference_is_422_and_says_why(
    sound: bytes, transcript: bytes, told: str, references: References, s3: "S3Client"
) -> None:
    s3.put_object(Bucket=BUCKET, Key="champion-voices/broken/reference.wav", Body=sound)
    s3.put_object(Bucket=BUCKET, Key="champion-voices/broken/reference.txt", Body=transcript)
    status, detail = refused(references, "broken")
    assert status == 422
    assert told in detail
    for name in ("wav", "txt"):
        s3.delete_object(Bucket=BUCKET, Key=f"champion-voices/broken/reference.{name}")


def test_only_the_most_recent_references_stay_in_memory(references: References) -> None:
    one = replace(references, prepared=Recent(1))
    first = one.get("yasuo", None).reference
    one.get("default", None)
    assert one.get("yasuo", None).reference is not first
