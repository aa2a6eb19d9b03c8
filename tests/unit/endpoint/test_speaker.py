"""Invocations are read strictly, what is wrong is told by field, and speech is answered as the caller accepts it."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyloudnorm import Meter

from answer import refusal
from contract.formats import FormatName
from contract.invocation import DESCRIBED_AUDIO, DescribedAudio, Invocation
from contract.line import MAX_TEXT_CHARACTERS
from contract.problem import NotAcceptable, Problem
from engine.speech import Speech
from speaker import Speaker, read_invocation, representation, respond

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
        "duration": None,
        "speed": 1.0,
        "seed": 0,
        "quality": "standard",
        "format": "wav",
    }


def test_null_in_an_optional_field_is_the_field_left_out() -> None:
    nulls = dict.fromkeys(["voice_bucket", "duration", "speed", "seed", "quality", "format"])
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
    problem = refused(json.dumps(LINE), "text/plain")
    assert (problem["status"], problem["errors"][0]["field"]) == (415, "Content-Type")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("champion_id", "../secrets"),
        ("champion_id", "Yasuo"),
        ("champion_id", "yasuo/.."),
        ("champion_id", "yasuo\n"),
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
    setting: str | None, lufs: float, model_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    if setting is not None:
        monkeypatch.setenv("LOUDNESS_LUFS", setting)
    speech = Speaker.load(model_dir).spoken(SPEECH)
    assert Meter(24000).integrated_loudness(speech.wave.astype(np.float64)) == pytest.approx(lufs, abs=0.1)


def invocation(named: FormatName | None) -> Invocation:
    return Invocation.model_validate(LINE | {"format": named})


SPEECH = Speech(np.sin(np.arange(36000) / 30).astype(np.float32) * 0.5, 24000)


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
    assert respond(SPEECH, representation(accept, invocation(named))).media_type == media_type


@pytest.mark.parametrize(("accept", "named"), [("text/html", None), ("application/json;q=0, audio/ogg", "wav")])
def test_a_caller_that_accepts_nothing_there_is_is_told_what_there_is(accept: str, named: FormatName | None) -> None:
    with pytest.raises(NotAcceptable, match="audio/wav") as caught:
        representation(accept, invocation(named))
    assert [error.field for error in caught.value.errors] == ["Accept"]


def test_every_representation_holds_the_same_audio_and_description() -> None:
    raw, as_json, described = (
        respond(SPEECH, representation(accept, invocation(None)))
        for accept in ("audio/wav", "application/json", DESCRIBED_AUDIO)
    )
    document = json.loads(as_json.body)
    parsed = DescribedAudio.parse(described.body)
    assert base64.b64decode(document.pop("audio")) == parsed.audio == raw.body
    assert document == parsed.description.model_dump() == {"format": "wav", "sample_rate": 24000, "duration": 1.5}
    assert list(raw.headers.values()) == ["sample_rate=24000,duration=1.500,format=wav"]
