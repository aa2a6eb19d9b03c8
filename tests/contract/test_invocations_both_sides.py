"""The API's idea of /invocations and the endpoint's are one: they are deployed apart and neither imports the other."""

from http import HTTPStatus
from typing import Any

import numpy as np
import pytest

from audio import wav_bytes
from contract import Line, VoiceRequest
from endpoint_client import EndpointProblem
from engine.speech import Speech
from failures import InvocationError
from payload import MAX_TEXT_CHARACTERS, Invocation, parse_invocation
from settings import Settings
from wav import Wav

LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "pattern", "enum", "minLength")


def limits(model: type[Line] | type[Invocation], field: str) -> dict[str, Any]:
    """What a field's JSON schema allows, with `lt n` and `le n - 1` of an integer made one."""
    schema = model.model_json_schema()["properties"][field]
    schema = next((option for option in schema.get("anyOf", []) if option["type"] != "null"), schema)
    allowed = {name: schema[name] for name in LIMITS if name in schema}
    if "exclusiveMaximum" in allowed:
        allowed["maximum"] = allowed.pop("exclusiveMaximum") - 1
    return allowed


def test_both_sides_name_the_same_fields_but_for_the_bucket_that_callers_may_not_choose() -> None:
    assert set(Invocation.model_fields) - set(VoiceRequest.model_fields) == {"voice_bucket"}
    assert set(VoiceRequest.model_fields) <= set(Invocation.model_fields)


@pytest.mark.parametrize("field", sorted(VoiceRequest.model_fields))
def test_both_sides_set_a_field_the_same_limits_and_default(field: str) -> None:
    assert limits(VoiceRequest, field) == limits(Invocation, field)
    assert VoiceRequest.model_fields[field].default == Invocation.model_fields[field].default


def test_the_api_lets_no_longer_text_through_than_the_endpoint_speaks() -> None:
    longest = next(rule.le for rule in Settings.model_fields["max_text_characters"].metadata if hasattr(rule, "le"))
    assert longest == MAX_TEXT_CHARACTERS


@pytest.mark.parametrize(
    "line",
    [
        {"champion_id": "yasuo", "text": "Ward the river."},
        {"champion_id": "lux_2-x", "text": "Zähle 1, 2, 3. 你好!", "duration": 10, "speed": 0.5, "seed": 2**32 - 1},
        {"champion_id": "0", "text": "x", "duration": 120.0, "speed": 2, "seed": 0, "quality": "high"},
    ],
)
def test_what_the_api_sends_the_endpoint_reads_as_it_was_meant(line: dict[str, Any]) -> None:
    sent = VoiceRequest.model_validate(line)
    read = parse_invocation(sent.model_dump_json(exclude_none=True))
    assert read.model_dump(exclude={"voice_bucket"}) == sent.model_dump()


def test_what_the_endpoint_says_of_a_failure_reaches_the_api_whole() -> None:
    failure = InvocationError(HTTPStatus.SERVICE_UNAVAILABLE, "Busy.", fields=[("speed", "is too high")], retry_after=9)
    read = EndpointProblem.model_validate_json(failure.message)
    assert (read.detail, read.retry_after) == ("Busy.", 9)
    assert [(error.field, error.reason) for error in read.errors] == [("speed", "is too high")]


def test_the_endpoints_audio_is_what_the_api_measures() -> None:
    wave = np.sin(np.arange(36000) / 30).astype(np.float32) * 0.5
    read = Wav.parse(wav_bytes(Speech(wave, 24000)))
    assert (read.sample_rate, read.duration) == (24000, 1.5)
