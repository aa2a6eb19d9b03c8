"""GET /voices and GET /voices/{champion_id}."""

from datetime import datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.doors import Json, get, http_event, send
from tests.support.environment import VOICES_BUCKET, SetEnvironment, put_champion
from tests.support.fake_endpoint import wav

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def test_the_champions_are_listed_by_name() -> None:
    voices = get("/voices").json()["voices"]

    assert [voice["champion_id"] for voice in voices] == ["ahri", "yasuo"]
    assert all(datetime.fromisoformat(voice["updated_at"]).tzinfo for voice in voices)
    assert all(set(voice) == {"champion_id", "updated_at", "duration", "sample_url"} for voice in voices)
    assert [voice["duration"] for voice in voices] == [0.5, 0.5]
    assert httpx.get(voices[0]["sample_url"]).content == wav(0.5)


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


def page(**query: str) -> Json:
    return send(http_event("GET", "/voices") | {"queryStringParameters": query}).json()


def test_a_page_is_followed_by_the_next_until_the_end(bucket: "S3Client") -> None:
    for champion_id in ("ahri-2", "zed"):
        put_champion(bucket, champion_id, "Hi.")

    pages = [page(limit="2")]
    while pages[-1]["next"]:
        pages.append(page(limit="2", after=pages[-1]["next"]))

    assert [[voice["champion_id"] for voice in each["voices"]] for each in pages] == [
        ["ahri", "ahri-2"],
        ["yasuo", "zed"],
    ]


@pytest.mark.parametrize("limit", ["0", "101", "many"])
def test_a_page_of_another_size_is_refused(limit: str) -> None:
    event = http_event("GET", "/voices") | {"queryStringParameters": {"limit": limit}}

    assert send(event).reasons().keys() == {"limit"}


def test_a_recording_that_cannot_be_read_has_no_duration(bucket: "S3Client") -> None:
    bucket.put_object(Bucket=VOICES_BUCKET, Key="champion-voices/ahri/reference.wav", Body=b"no sound")

    assert [voice["duration"] for voice in get("/voices").json()["voices"]] == [None, 0.5]
    assert get("/voices/ahri").json()["duration"] is None


def test_a_bucket_without_champions_is_an_empty_list(bucket: "S3Client", set_environment: SetEnvironment) -> None:
    bucket.create_bucket(Bucket="empty")
    set_environment(VOICES_BUCKET="empty")

    assert get("/voices").json() == {"voices": [], "next": None}


def test_a_champion_is_shown_with_its_transcript() -> None:
    body = get("/voices/yasuo").json()

    assert datetime.fromisoformat(body.pop("updated_at")).tzinfo
    assert httpx.get(body.pop("sample_url")).content == wav(0.5)
    assert body == {
        "champion_id": "yasuo",
        "duration": 0.5,
        "transcript": "Keep the wind at your back.",
        "consent": None,
        "consent_by": None,
        "measures": None,
    }


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
