"""An answer with audio comes as JSON or as the sound, as the caller accepts and names it."""

from pathlib import Path

import pytest

from contract.formats import FORMATS, JSON, FormatName, max_seconds
from contract.line import Line
from contract.problem import NotAcceptable
from contract.representation import MAX_BASE64_SOUND_BYTES, MAX_SOUND_BYTES, represent_as
from engine.plan import MAX_UTTERANCE_SECONDS

PAGE = Path(__file__).parents[3] / "docs/using-the-api.md"

WAV = "audio/wav"


def line(named: FormatName | None) -> Line:
    return Line.model_validate({"champion_id": "yasuo", "text": "Ward.", "format": named})


@pytest.mark.parametrize(
    ("accept", "named", "media_type"),
    [
        ("", None, JSON),
        ("*/*", None, JSON),
        ("audio/x-wav", None, WAV),
        ("", "wav", WAV),
        ("*/*", "wav", WAV),
        (JSON, "wav", JSON),
        ("audio/wav;q=0.1, application/json", "wav", JSON),
    ],
)
def test_without_a_format_an_answer_is_json_and_with_one_the_sound(
    accept: str, named: FormatName | None, media_type: str
) -> None:
    assert represent_as(accept, line(named)) == (media_type, "wav")


@pytest.mark.parametrize(
    ("accept", "named", "media_type", "chosen"),
    [
        ("audio/mpeg", None, "audio/mpeg", "mp3"),
        ("*/*", "opus", "audio/ogg", "opus"),
        ("", "pcm", "audio/pcm", "pcm"),
        ("audio/L16", "pcm", "audio/pcm", "pcm"),
        ("audio/*", "flac", "audio/flac", "flac"),
        (JSON, "mp3", JSON, "mp3"),
        ("application/json;q=0.9, audio/flac", None, "audio/flac", "flac"),
    ],
)
def test_a_media_type_stands_in_place_of_a_format(
    accept: str, named: FormatName | None, media_type: str, chosen: FormatName
) -> None:
    assert represent_as(accept, line(named)) == (media_type, chosen)


def test_a_caller_that_accepts_another_format_than_it_names_is_refused() -> None:
    with pytest.raises(NotAcceptable, match="application/json or audio/mpeg"):
        represent_as("audio/ogg", line("mp3"))


def test_a_sound_in_base64_may_last_three_quarters_of_one_as_it_is() -> None:
    raw, in_json = (represent_as(accept, line("wav")).max_seconds(24_000) for accept in (WAV, JSON))

    assert (raw, in_json) == (129, 97)


@pytest.mark.parametrize("name", FORMATS)
def test_the_docs_tell_what_a_format_is_and_how_long_a_line_it_carries(name: FormatName) -> None:
    carried = [
        f"{min(max_seconds(name, limit), MAX_UTTERANCE_SECONDS)} s"
        for limit in (MAX_BASE64_SOUND_BYTES, MAX_SOUND_BYTES)
    ]
    row = [f"`{name}`", f"`{FORMATS[name].media_type}`", FORMATS[name].about, *carried]
    assert f"| {' | '.join(row)} |\n" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("named", [None, "wav"])
def test_a_caller_that_accepts_nothing_there_is_is_told_what_there_is(named: FormatName | None) -> None:
    with pytest.raises(NotAcceptable, match="audio/wav") as caught:
        represent_as("audio/aiff", line(named))

    assert [error.field for error in caught.value.errors] == ["Accept"]
