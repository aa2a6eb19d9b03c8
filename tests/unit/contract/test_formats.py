"""The Accept header and the field `format` decide on what an answer with audio comes as."""

import pytest

from contract.formats import FORMATS, JSON, negotiate

WAV = "audio/wav"


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
        ("audio/x-wav", WAV),
        ("audio/wave;q=0.5, text/html", WAV),
        ("audio/vnd.wave", WAV),
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
def test_the_media_type_with_the_highest_weight_is_chosen(accept: str, chosen: str | None) -> None:
    assert negotiate(accept, [JSON, WAV]) == chosen


def test_no_media_type_and_no_file_ending_names_two_formats() -> None:
    names = [name for each in FORMATS.values() for name in (each.media_type, *each.aliases)]
    endings = [each.extension for each in FORMATS.values()]

    assert len(set(names)) == len(names)
    assert len({*endings, "json"}) == len(endings) + 1
