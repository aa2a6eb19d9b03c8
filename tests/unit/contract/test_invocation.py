"""What the endpoint answers is read as it was written."""

import json

import pytest

from contract.invocation import (
    MAX_WAIT_SECONDS,
    AudioDescription,
    DescribedAudio,
    EndpointProblem,
    Invocation,
    ScriptDescription,
    Segment,
    patience,
    queue_seconds,
    tell_queue,
)
from contract.line import Line
from contract.problem import Busy, Problem, refused_field

SPOKEN = DescribedAudio(
    AudioDescription(
        digest="0" * 64,
        format="wav",
        sample_rate=24_000,
        duration=1.5,
        spoken_text="Level three.",
        segments=[Segment(text="Level 3.", start=0, end=1.5)],
    ),
    b"RIFF\n\x00\n",
)


def test_described_audio_comes_back_whole_whatever_bytes_the_sound_has() -> None:
    assert DescribedAudio.parse(SPOKEN.to_bytes()) == SPOKEN


@pytest.mark.parametrize(
    "body",
    [b"", b"RIFF", b"{}\nRIFF", SPOKEN.to_bytes().partition(b"\n")[0], SPOKEN.to_bytes().partition(b"\n")[0] + b"\n"],
)
def test_what_is_no_described_audio_is_no_answer(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"audio|validation"):
        DescribedAudio.parse(body)


def test_the_answer_as_json_has_the_sound_in_base64() -> None:
    assert json.loads(SPOKEN.to_json()) == {
        "digest": "0" * 64,
        "format": "wav",
        "sample_rate": 24_000,
        "duration": 1.5,
        "spoken_text": "Level three.",
        "segments": [{"text": "Level 3.", "start": 0, "end": 1.5}],
        "origin": None,
        "audio": "UklGRgoACg==",
    }


def test_an_invocation_is_a_line_that_may_name_a_bucket_and_ask_for_no_speech() -> None:
    line = Line(champion_id="yasuo", text="Hello.", text_type="markdown", seed=3)
    read = Invocation.model_validate_json(line.model_dump_json(exclude_none=True))

    assert read.model_dump() == line.model_dump() | {
        "voice_bucket": None,
        "script_only": False,
        "wait_seconds": 60,
    }


def test_audio_told_of_in_another_writing_keeps_all_but_the_sentences() -> None:
    described = SPOKEN.description
    segments = [Segment(text="Level 3!", start=0, end=1), Segment(text="Go 2 it.", start=1, end=1.5)]
    whole = described.model_copy(update={"segments": segments})

    told = whole.written_as(["Level three!", "Go two it."])

    assert [segment.text for segment in told.segments] == ["Level three!", "Go two it."]
    assert told.written_as(["Level 3!", "Go 2 it."]) == whole
    with pytest.raises(ValueError, match="shorter"):
        whole.written_as(["Level three!"])


@pytest.mark.parametrize("digest", ["", "0" * 63, "A" * 64, "../" + "0" * 61, "0" * 64 + "\n"])
def test_what_is_no_digest_is_no_script(digest: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        ScriptDescription(digest=digest, spoken_text="Hello.", sentences=["Hello."])


def test_a_problem_crosses_to_the_api_with_its_fields_and_its_hint() -> None:
    refusal = EndpointProblem.of(refused_field("speed", "is too high"))
    busy = EndpointProblem.of(Problem("Busy.", retry_after=9))

    for document in (refusal, busy):
        assert EndpointProblem.model_validate_json(document.model_dump_json()) == document
    assert [error.field for error in refusal.errors or []] == ["speed"]
    assert busy.retry_after == 9


def test_what_waits_at_the_endpoint_crosses_to_the_api_in_an_answer_and_in_a_refusal() -> None:
    for attributes in ("", "sample_rate=24000,duration=1.000"):
        assert queue_seconds(tell_queue(attributes, 3.256)) == 3.26
    refusal = EndpointProblem.of(Busy(4, queue_seconds=7.5))
    assert (refusal.status, refusal.retry_after, refusal.queue_seconds) == (429, 4, 7.5)
    assert EndpointProblem.model_validate_json(refusal.model_dump_json()) == refusal


@pytest.mark.parametrize("attributes", ["", "duration=1.0", "queue_seconds=", "my_queue_seconds=3", "queue_seconds=-1"])
def test_attributes_that_tell_of_no_queue_tell_nothing(attributes: str) -> None:
    assert queue_seconds(attributes) is None


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (b'{"wait_seconds": 7.5, "champion_id": "?"}', 7.5),
        (b'{"wait_seconds": 60}', 60),
        (b"{}", MAX_WAIT_SECONDS),
        (b'{"wait_seconds": null}', MAX_WAIT_SECONDS),
        (b'{"wait_seconds": -1}', MAX_WAIT_SECONDS),
        (b'{"wait_seconds": 1e9}', MAX_WAIT_SECONDS),
        (b'{"wait_seconds": NaN}', MAX_WAIT_SECONDS),
        (b"[7]", MAX_WAIT_SECONDS),
        (b"\xff", MAX_WAIT_SECONDS),
        (b"", MAX_WAIT_SECONDS),
    ],
)
def test_how_long_a_caller_waits_is_read_whatever_else_is_wrong(body: bytes, seconds: float) -> None:
    assert patience(body) == seconds
