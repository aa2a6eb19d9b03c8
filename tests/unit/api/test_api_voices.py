"""GET /voices and GET /voices/{champion_id}."""

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from tests.support.doors import get
from tests.support.environment import VOICES_BUCKET, SetEnvironment, put_champion

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def test_the_champions_are_listed_by_name() -> None:
    voices = get("/voices").json()["voices"]

    assert [voice["champion_id"] for voice in voices] == ["ahri", "yasuo"]
    assert all(datetime.fromisoformat(voice["updated_at"]).tzinfo for voice in voices)
    assert all(set(voice) == {"champion_id", "updated_at"} for voice in voices)


def test_only_folders_with_both_files_and_a_valid_name_are_champions(bucket: "S3Client") -> None:
    for key in ["zed/reference.wav", "lux/reference.txt", "stray.wav", "Ashe/reference.wav", "Ashe/reference.txt"]:
        bucket.put_object(Bucket=VOICES_BUCKET, Key=f"champion-voices/{key}", Body=b"x")
    bucket.put_object(Bucket=VOICES_BUCKET, Key="elsewhere/jinx/reference.wav", Body=b"x")

    assert [voice["champion_id"] for voice in get("/voices").json()["voices"]] == ["ahri", "yasuo"]


def test_more_champions_than_one_page_of_s3_are_all_listed(bucket: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    put_champion(bucket, "zed", "Hi.")

    assert bucket.list_objects_v2(Bucket=VOICES_BUCKET)["IsTruncated"]
    assert [voice["champion_id"] for voice in get("/voices").json()["voices"]] == ["ahri", "yasuo", "zed"]


def test_a_bucket_without_champions_is_an_empty_list(bucket: "S3Client", set_environment: SetEnvironment) -> None:
    bucket.create_bucket(Bucket="empty")
    set_environment(VOICES_BUCKET="empty")

    assert get("/voices").json() == {"voices": []}


def test_a_champion_is_shown_with_its_transcript() -> None:
    body = get("/voices/yasuo").json()

    assert datetime.fromisoformat(body.pop("updated_at")).tzinfo
    assert body == {"champion_id": "yasuo", "transcript": "Keep the wind at your back."}


def test_a_byte_order_mark_is_no_part_of_a_transcript(bucket: "S3Client") -> None:
    put_champion(bucket, "ahri", "\ufeffTrust me.")

    assert get("/voices/ahri").json()["transcript"] == "Trust me."


def test_an_unknown_champion_is_404_with_the_nearest_names(bucket: "S3Client") -> None:
    put_champion(bucket, "ahri-2", "Hi.")
    detail = get("/voices/ahry").problem(404)["detail"]

    assert "ahri or ahri-2" in detail
    assert "yasuo" not in detail


def test_a_name_like_no_other_is_told_which_there_are() -> None:
    assert "There is ahri, yasuo." in get("/voices/zzzz").problem(404)["detail"]


def test_a_transcript_that_is_not_utf8_is_502(bucket: "S3Client") -> None:
    bucket.put_object(Bucket=VOICES_BUCKET, Key="champion-voices/yasuo/reference.txt", Body=b"\xff")

    assert "transcript" in get("/voices/yasuo").problem(502)["detail"]
