"""An answer with audio comes as JSON or as the sound, as the caller accepts and names it."""

import pytest

from contract.formats import JSON, FormatName
from contract.line import Line
from contract.problem import NotAcceptable
from contract.representation import represent_as

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


@pytest.mark.parametrize("named", [None, "wav"])
def test_a_caller_that_accepts_nothing_there_is_is_told_what_there_is(named: FormatName | None) -> None:
    with pytest.raises(NotAcceptable, match="audio/wav") as caught:
        represent_as("audio/aiff", line(named))

    assert [error.field for error in caught.value.errors] == ["Accept"]
