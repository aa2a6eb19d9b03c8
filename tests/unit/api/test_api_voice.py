"""POST /voice speaks."""

import base64
import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.model import OperationModel
from botocore.response import StreamingBody

from contract.formats import FORMATS, FormatName
from contract.representation import MAX_BASE64_SOUND_BYTES
from tests.support.doors import REQUEST_ID, ask_agent, http_event, send, speak
from tests.support.environment import AUDIO_BUCKET, COMPONENT_NAME, VOICES_BUCKET, SetEnvironment, put_champion
from tests.support.fake_endpoint import FakeEndpoint, Reply, refused, spoken, wav

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LINKS = ("audio_url", "captions_url", "subtitles_url")

# The longest audio whose base64 fits a Lambda answer of 6 MB beside 64 KB of everything else.
MAX_INLINE_SECONDS = (4_669_440 - 44) / 48_000


def download(url: str) -> tuple[bytes, str]:
    with urllib.request.urlopen(url) as response:  # noqa: S310
        return response.read(), response.headers["Content-Type"]


def test_a_line_is_spoken_and_answered_as_json(endpoint: FakeEndpoint) -> None:
    endpoint.reply = spoken(seconds=1.5)

    answer = speak(text="Follow the wind.", seed=7)

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert base64.b64decode(body.pop("audio")) == wav(1.5)
    assert [body.pop(link)[:4] for link in LINKS] == ["http"] * len(LINKS)
    assert body == {
        "format": "wav",
        "sample_rate": 24_000,
        "duration": 1.5,
        "champion_id": "yasuo",
        "seed": 7,
        "from_store": False,
        "spoken_text": "Follow the wind.",
        "segments": [{"text": "Follow the wind.", "start": 0, "end": 1.5}],
    }


def test_the_endpoint_is_asked_for_exactly_the_line_with_the_request_id(endpoint: FakeEndpoint) -> None:
    speak(text="Follow the wind.", text_type="markdown", duration=2.5, speed=1.25, seed=7, quality="high")

    (read,), (asked,) = endpoint.read, endpoint.received
    for request in (read, asked):
        assert request.path == "/endpoints/f5tts-voice-generator/invocations"
        assert request.headers["Content-Type"] == "application/json"
        assert request.headers["X-Amzn-SageMaker-Inference-Id"] == REQUEST_ID
        assert request.headers["X-Amzn-SageMaker-Inference-Component"] == COMPONENT_NAME
    assert read.headers["Accept"] == "application/json"
    assert asked.headers["Accept"] == "application/vnd.champion-voice.described-audio"
    assert 0 < asked.body["wait_seconds"] < read.body["wait_seconds"] < 25
    assert read.body == asked.body | {"script_only": True, "wait_seconds": read.body["wait_seconds"]}
    assert asked.line == {
        "champion_id": "yasuo",
        "text": "Follow the wind.",
        "text_type": "markdown",
        "duration": 2.5,
        "speed": 1.25,
        "seed": 7,
        "quality": "high",
        "format": "wav",
    }


def test_left_out_fields_have_defaults_and_no_duration_is_asked_for(endpoint: FakeEndpoint) -> None:
    speak(duration=None)

    (asked,) = endpoint.received
    assert asked.line == {
        "champion_id": "yasuo", "text": "Hello.", "text_type": "plain", "speed": 1, "seed": 0, "quality": "standard",
        "format": "wav",
    }  # fmt: skip


def test_the_audio_url_downloads_the_wav_for_an_hour() -> None:
    url = speak().json()["audio_url"]

    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    assert "X-Amz-Expires=3600" in url
    assert download(url) == (wav(), "audio/wav")


def test_wav_is_answered_unharmed_with_what_json_would_have_said() -> None:
    answer = speak(accept="audio/wav", seed=7)

    assert answer.status == 200
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.body == wav()
    assert answer.headers["x-champion-id"] == "yasuo"
    assert answer.headers["x-seed"] == "7"
    assert answer.headers["x-from-store"] == "false"
    assert speak(accept="audio/wav", seed=7).headers["x-from-store"] == "true"


def test_several_accept_headers_count_as_one() -> None:
    event = http_event("POST", "/voice", '{"champion_id": "yasuo", "text": "Hi"}', {"Content-Type": "application/json"})
    event["headers"]["accept"] = "application/json;q=0.1"
    event["multiValueHeaders"]["accept"] = ["audio/wav", "application/json;q=0.1"]

    assert send(event).headers["content-type"] == "audio/wav"


@pytest.mark.parametrize(
    "accept",
    [
        "application/json;q=0.5, audio/wav",
        "text/html, audio/wav;q=0.9",
        "application/json;q=0, */*",
        "audio/wav;q=0.9",
        ",audio/wav",
    ],
)
def test_wav_is_answered_wherever_accept_names_it(accept: str) -> None:
    answer = speak(accept=accept)

    assert (answer.status, answer.headers["content-type"]) == (200, "audio/wav")
    assert answer.body == wav()


def test_a_format_makes_any_answer_that_allows_it_the_sound_itself() -> None:
    assert speak(accept="*/*", format="wav").body == wav()
    assert speak(accept="*/*").headers["content-type"] == "application/json"
    assert speak(accept="application/json", format="wav").json()["format"] == "wav"


def test_a_format_and_no_accept_header_is_the_sound_itself() -> None:
    assert speak(format="wav").body == wav()


def test_an_event_without_any_header_is_answered_as_json() -> None:
    event = http_event("POST", "/voice", '{"champion_id": "yasuo", "text": "Hi"}')

    assert send(event | {"headers": None, "multiValueHeaders": None}).headers["content-type"] == "application/json"


def test_a_caller_that_takes_neither_is_told_what_there_is(endpoint: FakeEndpoint) -> None:
    problem = speak(accept="audio/aac").problem(406)

    assert "application/json or audio/wav or audio/mpeg" in problem["detail"]
    assert [error["field"] for error in problem["errors"]] == ["Accept"]
    assert endpoint.received == []


@pytest.mark.parametrize(
    ("accept", "named", "content_type", "ending"),
    [
        ("audio/wav", None, "audio/wav", "wav"),
        ("audio/mpeg", None, "audio/mpeg", "mp3"),
        ("Audio/MP3;q=0.5", None, "audio/mpeg", "mp3"),
        ("*/*", "mp3", "audio/mpeg", "mp3"),
        (None, "opus", "audio/ogg", "opus"),
        ("audio/ogg; codecs=opus", "opus", "audio/ogg", "opus"),
        ("text/html, application/ogg", None, "audio/ogg", "opus"),
        ("audio/x-flac, */*;q=0.1", None, "audio/flac", "flac"),
        ("audio/L16; rate=24000", None, "audio/pcm;rate=24000", "pcm"),
        (None, "pcm", "audio/pcm;rate=24000", "pcm"),
    ],
)
def test_every_format_is_asked_for_answered_kept_and_linked_as_itself(
    endpoint: FakeEndpoint,
    bucket: "S3Client",
    accept: str | None,
    named: FormatName | None,
    content_type: str,
    ending: str,
) -> None:
    [asked_for] = [name for name, each in FORMATS.items() if each.extension == ending]
    endpoint.reply = spoken(sound_format=asked_for, sound=b"a sound")

    answer = speak(accept=accept, format=named)

    assert endpoint.received[0].body["format"] == asked_for
    assert (answer.status, answer.body) == (200, b"a sound")
    assert answer.headers["content-type"] == content_type
    assert answer.headers["x-duration"] == "1.0"
    assert answer.headers["x-sample-rate"] == "24000"
    [sound] = [name for name in kept_keys(bucket) if name.endswith(f".{ending}")]
    file_name = f"yasuo-{sound.removeprefix('audio/')[:8]}.{ending}"
    assert answer.headers["content-disposition"] == f'inline; filename="{file_name}"'
    with urllib.request.urlopen(speak(accept="application/json", format=asked_for).json()["audio_url"]) as linked:  # noqa: S310
        assert linked.read() == answer.body
        assert linked.headers["Content-Type"] == content_type
        assert linked.headers["Content-Disposition"] == answer.headers["content-disposition"]


def test_a_format_that_there_is_not_is_refused_with_those_that_there_are(endpoint: FakeEndpoint) -> None:
    reason = speak(format="aac").reasons()["format"]

    assert all(name in reason for name in FORMATS)
    assert endpoint.received == []


def test_a_denser_format_carries_a_longer_line(endpoint: FakeEndpoint) -> None:
    endpoint.reply = spoken(500, sound_format="mp3", sound=bytes(MAX_BASE64_SOUND_BYTES))
    assert len(base64.b64decode(speak(accept="application/json", format="mp3").json()["audio"])) > 4_000_000
    endpoint.reply = spoken(500, sound_format="opus", sound=bytes(MAX_BASE64_SOUND_BYTES + 1))
    assert speak(accept="audio/ogg").status == 303


@pytest.mark.parametrize("accept", ["application/json", "audio/wav"])
def test_the_longest_audio_that_fits_comes_whole_inside_lambdas_six_megabytes(
    endpoint: FakeEndpoint, accept: str
) -> None:
    endpoint.reply = spoken(MAX_INLINE_SECONDS)

    answer = speak(accept=accept)

    assert answer.status == 200
    audio = answer.body if accept == "audio/wav" else base64.b64decode(answer.json()["audio"])
    assert audio == wav(MAX_INLINE_SECONDS)
    assert 4 * len(audio) / 3 + 32 * 1024 < 6 * 1024 * 1024


def test_json_with_audio_too_large_has_the_url_alone(endpoint: FakeEndpoint) -> None:
    endpoint.reply = spoken(MAX_INLINE_SECONDS + 0.001)

    body = speak().json()

    assert body["audio"] is None
    assert len(download(body["audio_url"])[0]) > 4_669_440


def test_wav_too_large_is_found_at_another_location(endpoint: FakeEndpoint) -> None:
    endpoint.reply = spoken(MAX_INLINE_SECONDS + 0.001)

    answer = speak(accept="audio/wav")

    assert answer.status == 303
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["location"] == answer.json()["audio_url"]
    assert answer.json()["audio"] is None


def test_the_same_request_again_never_reaches_the_endpoint(endpoint: FakeEndpoint) -> None:
    first = speak(seed=3).json()
    endpoint.reply = Reply(500)
    second = speak(seed=3).json()

    assert (len(endpoint.read), len(endpoint.received)) == (1, 1)
    links = [{each.pop(link)[:100] for each in (first, second)} for link in LINKS]
    assert [len(same) for same in links] == [1] * len(LINKS)
    assert second == first | {"from_store": True}


def test_text_that_is_the_same_once_normalised_is_the_same_request(endpoint: FakeEndpoint) -> None:
    speak(text="Un café, s'il vous plaît.")
    again = speak(text="  Un cafe\u0301, s'il vous plaît.\r\n").json()

    assert again["from_store"]
    assert [asked.body["text"] for asked in endpoint.read] == ["Un café, s'il vous plaît."]


def test_fields_given_as_their_defaults_are_the_same_request() -> None:
    speak()
    again = speak(speed=1, seed=0, quality="standard", duration=None)

    assert again.json()["from_store"]


@pytest.mark.parametrize(
    "change",
    [
        {"champion_id": "ahri"},
        {"text": "Hello!"},
        {"text": "Hello.\n\nThere."},
        {"duration": 2},
        {"speed": 1.1},
        {"seed": 1},
        {"quality": "fast"},
        {"accept": "application/json", "format": "flac"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_field_is_another_audio(endpoint: FakeEndpoint, change: dict[str, Any]) -> None:
    speak()
    endpoint.reply = spoken(loudness=2000)
    changed = speak(**change).json()

    assert not changed["from_store"]
    assert base64.b64decode(changed["audio"]) == wav(loudness=2000)


@pytest.mark.parametrize("file", ["reference.wav", "reference.txt"])
def test_a_changed_reference_never_serves_old_audio(endpoint: FakeEndpoint, bucket: "S3Client", file: str) -> None:
    speak()
    bucket.put_object(Bucket=VOICES_BUCKET, Key=f"champion-voices/yasuo/{file}", Body=b"another")

    assert not speak().json()["from_store"]
    assert (len(endpoint.read), len(endpoint.received)) == (2, 2)


def test_another_model_never_serves_old_audio(endpoint: FakeEndpoint, set_environment: SetEnvironment) -> None:
    speak()
    set_environment(MODEL_ID="tiny-2")

    assert not speak().json()["from_store"]
    assert (len(endpoint.read), len(endpoint.received)) == (2, 2)


def kept_keys(bucket: "S3Client") -> list[str]:
    return [kept["Key"] for kept in bucket.list_objects_v2(Bucket=AUDIO_BUCKET).get("Contents", [])]


class Kept(NamedTuple):
    """The names of what is kept of one line."""

    sound: str
    description: str
    line: str

    @classmethod
    def in_bucket(cls, bucket: "S3Client") -> "Kept":
        names = kept_keys(bucket)
        [line] = [name for name in names if name.startswith("audio/lines/")]
        [sound] = [name for name in names if name.endswith(".wav")]
        [description] = set(names) - {line, sound}
        return cls(sound, description, line)


def test_finished_audio_its_description_and_the_line_as_it_was_written_are_kept_under_hashes(
    bucket: "S3Client",
) -> None:
    body = speak(seed=3).json()

    kept = Kept.in_bucket(bucket)
    assert kept.sound.removesuffix(".wav") == kept.description.removesuffix(".json")
    for name in (kept.sound, kept.line):
        assert len(bytes.fromhex(Path(name).stem)) == 32
    assert bucket.head_object(Bucket=AUDIO_BUCKET, Key=kept.sound)["ContentType"] == "audio/wav"
    for name in (kept.description, kept.line):
        stored = bucket.get_object(Bucket=AUDIO_BUCKET, Key=name)
        assert stored["ContentType"] == "application/json"
        known = json.load(stored["Body"])
        description = known["description"] if name == kept.line else known
        assert description.pop("digest")
        assert "origin" in description
        del description["origin"]
        assert description.items() <= body.items()


@pytest.mark.parametrize("missing", ["sound", "description", "line"])
def test_a_line_of_which_a_part_has_gone_is_answered_and_kept_whole_again(
    bucket: "S3Client", endpoint: FakeEndpoint, missing: str
) -> None:
    speak()
    kept = Kept.in_bucket(bucket)
    bucket.delete_object(Bucket=AUDIO_BUCKET, Key=getattr(kept, missing))

    assert speak().json()["audio"]
    assert speak().json()["from_store"]
    # Nothing but the sound itself has to be spoken for.
    assert len(endpoint.received) == (2 if missing == "sound" else 1)
    assert len(endpoint.read) == (1 if missing == "description" else 2)


def test_a_sound_without_its_description_is_not_taken_for_whole(bucket: "S3Client") -> None:
    speak()
    kept = Kept.in_bucket(bucket)
    bucket.delete_object(Bucket=AUDIO_BUCKET, Key=kept.description)
    bucket.delete_object(Bucket=AUDIO_BUCKET, Key=kept.line)

    assert not speak().json()["from_store"]
    assert Kept.in_bucket(bucket) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"format": "wav"}',
        '{"format": "wav", "sample_rate": 24000, "duration": 1.0}',  # as they were before what is said was known
        '{"provenance": {}, "description": {}}',
    ],
)
def test_what_is_kept_and_cannot_be_read_counts_as_gone(bucket: "S3Client", endpoint: FakeEndpoint, text: str) -> None:
    speak()
    kept = Kept.in_bucket(bucket)

    bucket.put_object(Bucket=AUDIO_BUCKET, Key=kept.line, Body=text.encode())
    assert speak().json()["from_store"]
    assert len(endpoint.read) == 2

    bucket.put_object(Bucket=AUDIO_BUCKET, Key=kept.line, Body=text.encode())
    bucket.put_object(Bucket=AUDIO_BUCKET, Key=kept.description, Body=text.encode())
    assert not speak().json()["from_store"]
    assert speak().json()["from_store"]


class TestTwoWaysOfWriting:
    FIRST = "You have 3 kills. Well done!"
    SECOND = "You have three kills.\nWell   done!"
    SAID = "You have three kills. Well done!"

    @pytest.fixture(autouse=True)
    def said(self, endpoint: FakeEndpoint) -> None:
        endpoint.says = {self.FIRST: self.SAID, self.SECOND: self.SAID}

    def test_share_one_sound_which_is_spoken_once(self, endpoint: FakeEndpoint, bucket: "S3Client") -> None:
        first, second = speak(text=self.FIRST).json(), speak(text=self.SECOND).json()

        assert (first["from_store"], second["from_store"]) == (False, True)
        assert second["audio"] == first["audio"]
        assert first["spoken_text"] == second["spoken_text"] == self.SAID
        assert [asked.body["text"] for asked in endpoint.received] == [self.FIRST]
        assert len([name for name in kept_keys(bucket) if name.endswith(".wav")]) == 1

    def test_have_each_its_own_sentences_at_the_same_times(self) -> None:
        for _ in ("asked of the endpoint", "remembered"):
            first, second = (speak(text=text).json()["segments"] for text in (self.FIRST, self.SECOND))

            assert first == [
                {"text": "You have 3 kills.", "start": 0, "end": 0.5},
                {"text": "Well done!", "start": 0.5, "end": 1},
            ]
            assert [segment["text"] for segment in second] == ["You have three kills.", "Well   done!"]
            assert [segment | {"text": ""} for segment in second] == [segment | {"text": ""} for segment in first]

    def test_are_each_asked_for_once(self, endpoint: FakeEndpoint) -> None:
        for text in [self.FIRST, self.SECOND] * 2:
            speak(text=text)

        assert [asked.body["text"] for asked in endpoint.read] == [self.FIRST, self.SECOND]

    def test_share_it_when_one_is_markup(self, endpoint: FakeEndpoint) -> None:
        endpoint.says["**Well** done!"] = "Well done!"
        speak(text="Well done!")

        assert speak(text="**Well** done!", text_type="markdown").json()["from_store"]

    def test_are_two_sounds_in_two_ways_of_speaking(self) -> None:
        speak(text=self.FIRST)

        assert not speak(text=self.SECOND, speed=1.5).json()["from_store"]


def test_the_same_text_in_another_type_is_asked_for_anew(endpoint: FakeEndpoint) -> None:
    speak(text="*Hello.*")
    speak(text="*Hello.*", text_type="markdown")

    assert [asked.body["text_type"] for asked in endpoint.read] == ["plain", "markdown"]


@pytest.mark.parametrize("lexicon", ["lexicon.txt", "yasuo/lexicon.txt"])
class TestALexiconThatChanged:
    @pytest.fixture
    def change(self, bucket: "S3Client", lexicon: str) -> Callable[[], None]:
        """Writes it anew with every call; before the first there is none."""
        key = f"champion-voices/{lexicon}"
        versions = count()

        def write() -> None:
            bucket.put_object(Bucket=VOICES_BUCKET, Key=key, Body=f"Kai'Sa = Kai sah {next(versions)}".encode())

        return write

    def test_has_a_remembered_line_asked_anew_once(self, endpoint: FakeEndpoint, change: Callable[[], None]) -> None:
        speak()
        for times in (2, 3):
            change()
            assert speak().json()["from_store"], "nothing else is said"
            assert speak().json()["from_store"]
            assert len(endpoint.read) == times
        assert len(endpoint.received) == 1

    def test_has_what_is_said_otherwise_spoken_anew(self, endpoint: FakeEndpoint, change: Callable[[], None]) -> None:
        speak(text="Kai'Sa!")
        change()
        endpoint.says = {"Kai'Sa!": "Kai sah!"}
        endpoint.reply = spoken(loudness=2000)
        answer = speak(text="Kai'Sa!").json()

        assert (answer["from_store"], answer["spoken_text"]) == (False, "Kai sah!")
        assert base64.b64decode(answer["audio"]) == wav(loudness=2000)

    def test_counts_when_it_is_taken_away(
        self, endpoint: FakeEndpoint, bucket: "S3Client", change: Callable[[], None], lexicon: str
    ) -> None:
        change()
        speak()
        bucket.delete_object(Bucket=VOICES_BUCKET, Key=f"champion-voices/{lexicon}")
        speak()

        assert len(endpoint.read) == 2


@pytest.mark.parametrize("key", ["champion-voices/ahri/lexicon.txt", "champion-voices/lexicon.txt.old"])
def test_a_lexicon_that_is_not_the_lines_changes_nothing(endpoint: FakeEndpoint, bucket: "S3Client", key: str) -> None:
    speak()
    bucket.put_object(Bucket=VOICES_BUCKET, Key=key, Body=b"Kai'Sa = Kai sah")
    speak()

    assert len(endpoint.read) == 1


@pytest.mark.parametrize("text_type", ["plain", "ssml", "markdown"])
def test_a_text_that_cannot_be_said_is_422_and_nothing_of_it_is_kept(
    endpoint: FakeEndpoint, bucket: "S3Client", text_type: str
) -> None:
    endpoint.reply = refused(422, errors=[{"field": "text", "reason": "holds 'Ж', which this voice cannot say"}])

    assert speak(text="Жa", text_type=text_type).reasons() == {"text": "holds 'Ж', which this voice cannot say"}
    assert endpoint.received == []
    assert kept_keys(bucket) == []


def test_a_sound_that_could_not_be_kept_is_not_described(bucket: "S3Client") -> None:
    def refuse(params: dict[str, Any], **_: object) -> None:
        if params["url_path"].endswith(".wav"):
            raise EndpointConnectionError(endpoint_url="S3")

    bucket.meta.events.register("before-call.s3.PutObject", refuse)
    try:
        speak().problem(502)
    finally:
        bucket.meta.events.unregister("before-call.s3.PutObject", refuse)

    assert kept_keys(bucket) == []


def test_a_stored_line_costs_one_round_of_three_calls_side_by_side_and_its_sound(bucket: "S3Client") -> None:
    speak()
    calls: list[str] = []
    all_three = threading.Barrier(3, timeout=20)

    def meet(model: OperationModel, **_: object) -> None:
        calls.append(model.name)
        if len(calls) <= all_three.parties:
            all_three.wait()  # it breaks if one of them is not made before another is answered

    bucket.meta.events.register("before-call.s3", meet)
    try:
        assert speak().json()["from_store"]
    finally:
        bucket.meta.events.unregister("before-call.s3", meet)

    assert sorted(calls[:3]) == ["GetObject", "ListObjectsV2", "ListObjectsV2"]
    assert calls[3:] == ["GetObject"]


class TestASoundThatCannotBeFetched:
    @pytest.fixture(autouse=True)
    def broken_sound(self, bucket: "S3Client") -> Iterator[None]:
        """Of kept sounds S3 sends the headers alone."""

        def break_off(parsed: dict[str, Any], **_: object) -> None:
            if parsed["ContentType"] == "audio/wav":
                parsed["Body"] = StreamingBody(BytesIO(), parsed["ContentLength"])

        speak()
        bucket.meta.events.register("after-call.s3.GetObject", break_off)
        yield
        bucket.meta.events.unregister("after-call.s3.GetObject", break_off)

    def test_is_no_hindrance_where_a_link_is_all_that_is_asked_for(self) -> None:
        status, body = ask_agent("POST", "/speak", champion_id="yasuo", text="Hello.")

        assert (status, body["from_store"]) == (200, True)

    @pytest.mark.parametrize("accept", ["application/json", "audio/wav"])
    def test_is_502_where_it_is(self, accept: str) -> None:
        speak(accept=accept).problem(502)


def test_an_unknown_champion_is_refused_with_the_nearest_names(endpoint: FakeEndpoint) -> None:
    problem = speak(champion_id="yasou").problem(404)

    assert "yasuo" in problem["detail"]
    assert [error["field"] for error in problem["errors"]] == ["champion_id"]
    assert "ahri" not in problem["detail"]
    assert endpoint.received == []


def test_a_fallback_champion_speaks_for_an_unknown_one(
    endpoint: FakeEndpoint, bucket: "S3Client", set_environment: SetEnvironment
) -> None:
    set_environment(FALLBACK_CHAMPION="ahri")

    assert speak(champion_id="nobody").json()["champion_id"] == "ahri"
    assert endpoint.received[0].body["champion_id"] == "ahri"
    assert speak(champion_id="ahri").json()["from_store"]
    assert speak(champion_id="yasuo").json()["champion_id"] == "yasuo"
    put_champion(bucket, "nobody", "Here I am.")
    assert speak(champion_id="nobody").json()["champion_id"] == "nobody"


def test_a_fallback_that_is_not_there_is_no_champion(set_environment: SetEnvironment) -> None:
    set_environment(FALLBACK_CHAMPION="nobody")

    assert "'yasou'" in speak(champion_id="yasou").problem(404)["detail"]


def test_a_champion_without_a_transcript_cannot_speak(bucket: "S3Client") -> None:
    bucket.delete_object(Bucket=VOICES_BUCKET, Key="champion-voices/yasuo/reference.txt")

    assert speak().status == 404


def test_a_champion_is_not_taken_for_one_whose_name_it_begins(bucket: "S3Client") -> None:
    put_champion(bucket, "yasuo-2", "Again.")
    bucket.delete_object(Bucket=VOICES_BUCKET, Key="champion-voices/yasuo/reference.wav")

    assert "yasuo-2" in speak().problem(404)["detail"]


def test_a_body_in_base64_is_read_too() -> None:
    body = json.dumps({"champion_id": "yasuo", "text": "Grüße, 世界"}, ensure_ascii=False).encode()

    assert send(http_event("POST", "/voice", body, {"content-type": "application/json"})).status == 200
