"""The Accept header decides between JSON and WAV."""

import pytest

from routes.negotiation import negotiate

JSON, WAV = "application/json", "audio/wav"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", JSON),
        ("   ", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("audio/*", WAV),
        ("audio/wav", WAV),
        ("Audio/WAV", WAV),
        ("audio/wav; codecs=1", WAV),
        ("application/json, audio/wav", JSON),
        ("audio/wav, application/json", JSON),
        ("audio/wav, */*", WAV),
        ("audio/*, */*", WAV),
        ("audio/*, application/json", JSON),
        ("audio/wav, application/json;q=0.9", WAV),
        ("audio/wav;q=0.5, application/json;q=0.501", JSON),
        ("audio/wav;q=0.5, */*;q=0.1", WAV),
        ("audio/wav;q=0.1, */*;q=0.5", JSON),
        ("application/json;q=0, */*", WAV),
        ("audio/*;q=0, */*;q=0.1", JSON),
        ("text/html, application/xhtml+xml, */*;q=0.8", JSON),
        ("audio/mpeg, audio/wav ;q=0.3", WAV),
        ("audio/wav;level=1;q=0.2, application/json;q=0.1", WAV),
        (",, audio/wav ,", WAV),
        ("audio/mpeg", None),
        ("text/*", None),
        ("audio/wav;q=0", None),
        ("*/*;q=0", None),
        ("application/json;q=0, audio/wav;q=0.000", None),
        ("audio/wav;q=2", None),
        ("audio/wav;q=nan", None),
        ("wav", None),
        (",", None),
    ],
)
def test_negotiation(accept: str, chosen: str | None) -> None:
    assert negotiate(accept, [JSON, WAV]) == chosen
