"""Invocations are read strictly, what is wrong is told by field, and speech is answered as the caller accepts it."""

import base64
import json
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from pyloudnorm import Meter

from answer import refusal
from contract.formats import FORMATS, JSON, FormatName
from contract.invocation import DESCRIBED_AUDIO, DescribedAudio, Invocation, Origin
from contract.line import MAX_TEXT_CHARACTERS
from contract.problem import InvalidRequest, NotAcceptable, Problem, TooSlow
from contract.representation import MAX_PAYLOAD_BYTES, Representation
from engine.checkpoint import Model
from engine.plan import Utterance
from engine.reference import Reference
from engine.speech import Engine, Speech
from lexicons import Lexicons
from references import References
from speaker import Prepared, Speaker, Spoken, read_invocation, representation, respond
from tests.support.recordings import put_reference
from text.front_end import FrontEnd
from text.script import Script, Sentence

LINE: dict[str, Any] = {"champion_id": "yasuo", "text": "Ward the river."}


def refused(body: str | bytes, content_type: str = "application/json") -> dict[str, Any]:
    with pytest.raises(Problem) as caught:
        read_invocation(body.encode() if isinstance(body, str) else body, content_type)
    answer = refusal(caught.value)
    problem: dict[str, Any] = json.loads(answer.body)
    assert problem["status"] == answer.status
    return problem


def test_champion_and_text_are_enough() -> None:
    invocation = read_invocation(json.dumps(LINE).encode(), "application/json")
    assert invocation.model_dump() == LINE | {
        "voice_bucket": None,
        "script_only": False,
        "wait_seconds": 60,
        "text_type": "plain",
        "duration": None,
        "speed": 1.0,
        "seed": 0,
        "quality": "standard",
        "format": "wav",
    }


def test_null_in_an_optional_field_is_the_field_left_out() -> None:
    nulls = dict.fromkeys(
        ["voice_bucket", "script_only", "wait_seconds", "text_type", "duration", "speed", "seed", "quality", "format"]
    )
    invocation = read_invocation(json.dumps(LINE | nulls).encode(), "application/json")
    assert invocation == read_invocation(json.dumps(LINE).encode(), "application/json")
    assert representation("*/*", invocation).media_type == "application/json"


@pytest.mark.parametrize("body", ["", "{", b"\xff{}", '{"text": NaN}'])
def test_a_body_that_is_no_json_is_400(body: str | bytes) -> None:
    assert refused(body)["status"] == 400


@pytest.mark.parametrize("body", ["[]", "null", '"text"'])
def test_a_body_that_is_no_object_is_422_and_names_the_body(body: str) -> None:
    assert [error["field"] for error in refused(body)["errors"]] == ["body"]


def test_a_body_of_another_type_is_415_and_names_the_header() -> None:
    problem = refused(json.dumps(LINE), "text/csv")
    assert (problem["status"], problem["errors"][0]["field"]) == (415, "Content-Type")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("champion_id", ""),
        ("champion_id", None),
        ("text", ""),
        ("text", " ... !?"),
        ("text", 7),
        ("duration", 0.4),
        ("duration", 121),
        ("duration", "10"),
        ("duration", True),
        ("speed", 0.49),
        ("speed", 2.01),
        ("seed", -1),
        ("seed", 2**32),
        ("seed", 1.5),
        ("quality", "best"),
        ("quality", 16),
        ("format", "midi"),
        ("text_type", "html"),
        ("wait_seconds", 0),
        ("wait_seconds", 61),
        ("wait_seconds", "25"),
        ("language", "en"),
    ],
)
def test_a_wrong_field_is_422_and_named(field: str, value: object) -> None:
    problem = refused(json.dumps(LINE | {field: value}))
    assert problem["status"] == 422
    assert [error["field"] for error in problem["errors"]] == [field]
    assert problem["detail"].startswith(f"{field}: ")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(number: str) -> None:
    body = json.dumps(LINE | {"speed": "SPEED"}).replace('"SPEED"', number)
    assert refused(body)["status"] in (400, 422)


def test_a_text_over_the_limit_is_413_and_named() -> None:
    assert read_invocation(json.dumps(LINE | {"text": "a" * MAX_TEXT_CHARACTERS}).encode(), "application/json")
    problem = refused(json.dumps(LINE | {"text": "a" * (MAX_TEXT_CHARACTERS + 1)}))
    assert (problem["status"], problem["errors"][0]["field"]) == (413, "text")


@pytest.mark.parametrize(("setting", "lufs"), [(None, -19), ("", -19), ("-23.5", -23.5)])
def test_a_line_is_as_loud_as_the_environment_says(
    setting: str | None, lufs: float, model_dir: Path, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    if setting is not None:
        monkeypatch.setenv("LOUDNESS_LUFS", setting)
    prepared = Prepared("yasuo", SCRIPT, Utterance([], reference, 7), ORIGIN)
    speech = Speaker.load(model_dir).finish(prepared, SPEECH).speech
    assert speech is not None
    assert Meter(24000).integrated_loudness(speech.wave.astype(np.float64)) == pytest.approx(lufs, abs=0.1)


def invocation(named: FormatName | None) -> Invocation:
    return Invocation.model_validate(LINE | {"format": named})


ORIGIN = Origin(recording_etag="r", transcript_etag="t", loudness_lufs=-19)
SCRIPT = Script(0, (Sentence("You have 3.", "You have three."),))
SPEECH = Speech(np.sin(np.arange(36000) / 30).astype(np.float32) * 0.5, 24000, spans=((0.1, 1.4),))
SPOKEN = Spoken(SCRIPT, SPEECH)


@pytest.mark.parametrize(
    ("accept", "named", "media_type"),
    [
        ("", None, "application/json"),
        ("*/*", None, "application/json"),
        ("*/*", "wav", "audio/wav"),
        ("application/json", "wav", "application/json"),
        ("audio/wav", None, "audio/wav"),
        ("AUDIO/X-WAV; q=0.9, text/html", None, "audio/wav"),
        ("audio/*", None, "audio/wav"),
        ("audio/wav;q=0, application/json", None, "application/json"),
        (DESCRIBED_AUDIO, None, DESCRIBED_AUDIO),
    ],
)
def test_the_answer_comes_as_the_caller_accepts_it(accept: str, named: FormatName | None, media_type: str) -> None:
    assert respond(SPOKEN, representation(accept, invocation(named))).media_type == media_type


@pytest.mark.parametrize(("accept", "named"), [("text/html", None), ("application/json;q=0, audio/ogg", "wav")])
def test_a_caller_that_accepts_nothing_there_is_is_told_what_there_is(accept: str, named: FormatName | None) -> None:
    with pytest.raises(NotAcceptable, match="audio/wav") as caught:
        representation(accept, invocation(named))
    assert [error.field for error in caught.value.errors] == ["Accept"]


def test_every_representation_holds_the_same_audio_and_description() -> None:
    raw, as_json, described = (
        respond(SPOKEN, representation(accept, invocation(None)))
        for accept in ("audio/wav", "application/json", DESCRIBED_AUDIO)
    )
    document = json.loads(as_json.body)
    parsed = DescribedAudio.parse(described.body)
    assert base64.b64decode(document.pop("audio")) == parsed.audio == raw.body
    assert document == parsed.description.model_dump()
    assert document == {
        "digest": SCRIPT.digest,
        "format": "wav",
        "sample_rate": 24000,
        "duration": 1.5,
        "spoken_text": "You have three.",
        "segments": [{"text": "You have 3.", "start": 0.1, "end": 1.4}],
        "origin": None,
    }
    assert list(raw.headers.values()) == ["sample_rate=24000,duration=1.500,format=wav"]


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("wav", "audio/wav"),
        ("mp3", "audio/mpeg"),
        ("opus", "audio/ogg"),
        ("flac", "audio/flac"),
        ("pcm", "audio/pcm;rate=24000"),
    ],
)
def test_a_sound_comes_as_its_own_type_and_is_described_by_its_format(name: FormatName, content_type: str) -> None:
    answer = respond(SPOKEN, representation("", invocation(name)))
    assert answer.media_type == content_type
    assert list(answer.headers.values()) == [f"sample_rate=24000,duration=1.500,format={name}"]
    described = DescribedAudio.parse(respond(SPOKEN, representation(DESCRIBED_AUDIO, invocation(name))).body)
    assert (described.description.format, described.audio) == (name, answer.body)


NOISE = np.random.default_rng(3).uniform(-1, 1, 130 * 24000).astype(np.float32)


def noise(seconds: int) -> Spoken:
    return Spoken(SCRIPT, Speech(NOISE[: seconds * 24000], 24000, spans=((0, seconds),)))


@pytest.mark.parametrize("media_type", [JSON, DESCRIBED_AUDIO])
@pytest.mark.parametrize("name", ["wav", "flac", "pcm"])
def test_what_lasts_as_long_as_is_told_comes_through(media_type: str, name: FormatName) -> None:
    chosen = Representation(media_type, name)
    size = len(respond(noise(chosen.max_seconds(24000)), chosen).body)
    # Up to a second of at least 96 is rounded off, and a hundredth is kept for what stands beside the sound.
    assert 0.97 * MAX_PAYLOAD_BYTES < size <= MAX_PAYLOAD_BYTES


@pytest.mark.slow
def test_what_would_not_come_through_is_refused_with_the_seconds_that_do() -> None:
    with pytest.raises(InvalidRequest, match=r"text: lasts 130 s, and at most 97 s of wav can be answered") as caught:
        respond(noise(130), Representation(JSON, "wav"))
    assert [error.field for error in caught.value.errors] == ["text"]
    assert respond(noise(130), Representation(JSON, "opus")).status == 200


class ReachedTheNetwork(Exception):  # noqa: N818 -- no error
    """The engine would speak now."""


def reach_the_network(*_: object) -> list[Any]:
    raise ReachedTheNetwork


@pytest.fixture
def speaker(model: Model, s3_url: str) -> Speaker:
    """One that plans a line, and stops where it would begin to speak it."""
    s3 = boto3.client(
        "s3", endpoint_url=s3_url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    s3.create_bucket(Bucket="voices")
    put_reference(s3, "voices", "yasuo", 2.0)
    references = References(
        s3=s3,
        mel_spec=model.description.mel_spec,
        default_bucket="voices",
        allowed_buckets=frozenset(),
        fallback_champion=None,
    )
    front_end = FrontEnd(model.reader.can_say, model.reader.reads_phonemes)
    return Speaker(Engine(model, sampler=reach_the_network), front_end, references, Lexicons(s3), lufs=-19)


@pytest.mark.parametrize("name", FORMATS)
def test_a_line_too_long_for_its_format_is_refused_before_it_is_spoken(speaker: Speaker, name: FormatName) -> None:
    line = Invocation.model_validate(LINE | {"text": "Ward the river. " * 200, "format": name})
    prepared = speaker.prepare(line, representation(DESCRIBED_AUDIO, line))
    if name in ("mp3", "opus"):
        assert speaker.plan(prepared)
    else:
        with pytest.raises(InvalidRequest, match=r"text: it would last more than 1[0-9][0-9] s\..*or a denser format"):
            speaker.plan(prepared)


def test_a_line_whose_caller_has_gone_is_not_spoken(speaker: Speaker) -> None:
    line = Invocation.model_validate(LINE | {"wait_seconds": 1e-6})
    with pytest.raises(TooSlow):
        speaker.speak(line)


def test_what_is_written_is_what_is_said_and_told(speaker: Speaker) -> None:
    line = Invocation.model_validate(LINE | {"text": "You have 3 kills. It is 25:30.", "script_only": True})
    answer = json.loads(respond(speaker.speak(line), representation(JSON, line)).body)
    assert answer["spoken_text"] == "You have three kills. It is twenty-five minutes and thirty seconds."
    assert answer["sentences"] == ["You have 3 kills.", "It is 25:30."]
    again = Invocation.model_validate(LINE | {"text": answer["spoken_text"], "script_only": True})
    assert json.loads(respond(speaker.speak(again), representation(JSON, again)).body)["digest"] == answer["digest"]


def test_a_text_that_the_voice_cannot_say_is_refused_and_names_the_characters(speaker: Speaker) -> None:
    line = Invocation.model_validate(LINE | {"text": "Привет, Yasuo."})
    with pytest.raises(InvalidRequest, match="П") as caught:
        speaker.prepare(line)
    assert [error.field for error in caught.value.errors] == ["text"]


def test_a_lexicon_says_how_a_word_is_said_from_the_next_line_on(speaker: Speaker) -> None:
    def said() -> str:
        return speaker.prepare(Invocation.model_validate(LINE | {"text": "Kai'Sa waits."})).script.spoken_text

    s3 = speaker.references.s3
    before = said()
    s3.put_object(Bucket="voices", Key="champion-voices/lexicon.txt.old", Body=b"kai'sa = nobody")
    assert said() == before, "another file is no lexicon"
    s3.put_object(Bucket="voices", Key="champion-voices/lexicon.txt", Body=b"kai'sa = Kai sah")
    assert said() == "Kai sah waits." != before
    s3.put_object(Bucket="voices", Key="champion-voices/yasuo/lexicon.txt", Body=b"no line\nkai'sa = Kay sah")
    assert said() == "Kay sah waits."
    s3.delete_object(Bucket="voices", Key="champion-voices/yasuo/lexicon.txt")
    assert said() == "Kai sah waits."
