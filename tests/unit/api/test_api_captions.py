"""A kept line has captions, made when somebody asks for them."""

import io
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
import webvtt

import caption_links
from captions import write
from contract.invocation import Segment
from contract.line import Line
from contract.representation import MAX_BASE64_SOUND_BYTES
from tests.support.doors import Answer, get, http_event, send, speak
from tests.support.environment import AUDIO_BUCKET, VOICES_BUCKET, SetEnvironment
from tests.support.fake_endpoint import FakeEndpoint, spoken

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HOST = "http://voice.example"
TEXT = "You have 3 kills & <5 deaths. Well   done!"


def follow(url: str) -> Answer:
    """GET a link of this API, without a key."""
    assert url.startswith(f"{HOST}/captions/")
    return get(url.removeprefix(HOST))


def shown(answer: Answer) -> list[tuple[float, float, str]]:
    """What a player shows of WebVTT: seconds and text."""
    assert answer.status == 200, answer.body
    captions = webvtt.from_buffer(io.StringIO(answer.body.decode())).captions
    return [(each.start_in_seconds, each.end_in_seconds, each.text) for each in captions]


def test_captions_say_every_sentence_when_it_is_heard(endpoint: FakeEndpoint) -> None:
    endpoint.reply = spoken(seconds=3)
    answer = follow(speak(text=TEXT).json()["captions_url"])

    assert answer.headers["content-type"] == "text/vtt; charset=utf-8"
    assert answer.body.decode() == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:01.500\nYou have 3 kills &amp; &lt;5 deaths.\n\n"
        "00:00:01.500 --> 00:00:03.000\nWell done!\n"
    )


def test_subtitles_are_the_same_as_subrip(endpoint: FakeEndpoint) -> None:
    endpoint.reply = spoken(seconds=3)
    answer = follow(speak(text=TEXT).json()["subtitles_url"])

    assert answer.headers["content-type"] == "application/x-subrip; charset=utf-8"
    assert answer.body.decode() == (
        "1\n00:00:00,000 --> 00:00:01,500\nYou have 3 kills & <5 deaths.\n\n"
        "2\n00:00:01,500 --> 00:00:03,000\nWell done!\n"
    )


def test_captions_are_there_for_a_new_line_and_a_kept_one_alike() -> None:
    first, second = speak().json(), speak().json()

    assert (first["from_store"], second["from_store"]) == (False, True)
    for body in (first, second):
        assert shown(follow(body["captions_url"])) == [(0, 1, "Hello.")]


def test_each_way_of_writing_has_captions_of_its_own(endpoint: FakeEndpoint) -> None:
    endpoint.says = {"Take 2!": "Take two!"}
    spelled, in_digits = speak(text="Take two!").json(), speak(text="Take 2!").json()

    assert in_digits["from_store"]
    assert shown(follow(spelled["captions_url"]))[0][2] == "Take two!"
    assert shown(follow(in_digits["captions_url"]))[0][2] == "Take 2!"


def test_a_line_that_a_redirect_leads_to_has_captions_at_once(endpoint: FakeEndpoint) -> None:
    endpoint.reply = spoken(300, sound_format="mp3", sound=bytes(MAX_BASE64_SOUND_BYTES + 1))
    answer = speak(accept="audio/mpeg")

    assert answer.status == 303
    assert shown(follow(answer.json()["captions_url"])) == [(0, 300, "Hello.")]


def test_captions_of_a_fallback_champion_are_there_too(set_environment: SetEnvironment) -> None:
    set_environment(FALLBACK_CHAMPION="ahri")

    assert shown(follow(speak(champion_id="nobody").json()["captions_url"]))


def test_a_page_of_the_allowed_origin_may_show_them(set_environment: SetEnvironment) -> None:
    set_environment(CORS_ORIGIN="https://recaps.example")

    answer = follow(speak().json()["captions_url"])
    assert answer.headers["access-control-allow-origin"] == "https://recaps.example"


def test_a_link_leads_where_the_caller_came_to() -> None:
    line = b'{"champion_id": "yasuo", "text": "Hello."}'
    event = http_event("POST", "/voice", line, {"X-Forwarded-Proto": "https"}, stage="v1")

    assert send(event).json()["captions_url"].startswith("https://voice.example/v1/captions/")


class TestALink:
    @pytest.fixture
    def path(self) -> str:
        path: str = speak().json()["captions_url"].removeprefix(HOST)
        return path

    @pytest.mark.parametrize("position", [12, 84, -6])
    def test_that_was_changed_leads_nowhere(self, path: str, position: int) -> None:
        changed = "0" if path[position] != "0" else "1"
        forged = path[:position] + changed + path[position:][1:]

        assert forged != path
        get(forged).problem(404)

    @pytest.mark.parametrize("name", ["x.vtt", ".srt", "0" * 64 + "-99999999999-.vtt"])
    def test_that_is_none_leads_nowhere(self, name: str) -> None:
        get(f"/captions/{name}").problem(404)

    def test_has_one_of_two_endings(self, path: str) -> None:
        assert ".vtt or .srt" in get(path.replace(".vtt", ".txt")).problem(404)["detail"]

    def test_holds_as_long_as_a_link_to_the_audio(self, set_environment: SetEnvironment) -> None:
        set_environment(AUDIO_URL_SECONDS="60")
        line, now = Line(champion_id="yasuo", text="Hello."), time.time()
        [segment] = speak().json()["segments"]
        name = caption_links.sign(line, [Segment(**segment)], now)

        assert caption_links.follow(name, now + 59)
        with pytest.raises(caption_links.CaptionsNotFound):
            caption_links.follow(name, now + 61)

    def test_of_another_stack_leads_nowhere(self, path: str, set_environment: SetEnvironment) -> None:
        set_environment(LINK_KEY="another stack")

        get(path).problem(404)

    def test_to_a_line_that_is_gone_leads_nowhere(self, path: str, bucket: "S3Client") -> None:
        for kept in bucket.list_objects_v2(Bucket=AUDIO_BUCKET, Prefix="audio/lines/")["Contents"]:
            bucket.delete_object(Bucket=AUDIO_BUCKET, Key=kept["Key"])

        get(path).problem(404)

    @pytest.mark.parametrize(("seconds", "status"), [(1.0, 200), (2.0, 404)])
    def test_to_a_line_that_was_spoken_anew_never_tells_other_times(
        self, path: str, bucket: "S3Client", endpoint: FakeEndpoint, seconds: float, status: int
    ) -> None:
        bucket.put_object(Bucket=VOICES_BUCKET, Key="champion-voices/yasuo/reference.wav", Body=b"another")
        endpoint.reply = spoken(seconds)
        assert not speak().json()["from_store"]

        assert get(path).status == status

    def test_cannot_be_worked_out_from_the_line(self, path: str) -> None:
        # Whoever knows all of a line knows the first part; the last is the stack's own.
        *_, digest, expires, signature = re.split(r"[/.-]", path.removesuffix(".vtt"))
        assert len(bytes.fromhex(digest)) == 32
        assert int(expires) > time.time()
        assert len(bytes.fromhex(signature)) == 16

    def test_costs_one_call_of_s3_and_none_of_the_endpoint(
        self, path: str, bucket: "S3Client", endpoint: FakeEndpoint
    ) -> None:
        calls: list[str] = []
        asked = len(endpoint.read) + len(endpoint.received)

        def count(model: Any, **_: object) -> None:  # noqa: ANN401 -- botocore's
            calls.append(model.name)

        bucket.meta.events.register("before-call.s3", count)
        try:
            assert get(path).status == 200
        finally:
            bucket.meta.events.unregister("before-call.s3", count)

        assert calls == ["GetObject"]
        assert len(endpoint.read) + len(endpoint.received) == asked


def test_times_beyond_an_hour_and_sentences_with_empty_lines_or_arrows_are_written_right() -> None:
    segments = [Segment(text="One\n\ntwo --> <three>", start=3599.9996, end=36_000.0016)]

    assert write(segments, "vtt") == ("WEBVTT\n\n01:00:00.000 --> 10:00:00.002\nOne two --&gt; &lt;three&gt;\n")
    assert write(segments, "srt") == "1\n01:00:00,000 --> 10:00:00,002\nOne two --> <three>\n"
