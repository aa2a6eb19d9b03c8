"""The Accept header and the field `format` decide on what an answer with audio comes as."""

import pytest

from contract.formats import FORMATS, JSON, FormatName, max_seconds, negotiate

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


EVERY = [JSON, *(each.media_type for each in FORMATS.values())]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("audio/mpeg", "audio/mpeg"),
        ("AUDIO/MP3", "audio/mpeg"),
        ("audio/ogg; codecs=opus", "audio/ogg"),
        ("audio/opus, text/html", "audio/ogg"),
        ("audio/x-flac;q=0.2", "audio/flac"),
        ("audio/L16;rate=24000;channels=1", "audio/pcm"),
        ("audio/*", WAV),
        ("audio/*;q=0.9, audio/mpeg", "audio/mpeg"),
        ("audio/mpeg, audio/*;q=0.9", "audio/mpeg"),
        ("audio/*, audio/wav;q=0, audio/mpeg;q=0", "audio/ogg"),
        # What Firefox and Chromium send for an <audio>.
        ("audio/webm,audio/ogg,audio/wav,audio/*;q=0.9,application/ogg;q=0.7,video/*;q=0.6,*/*;q=0.5", WAV),
        ("*/*", JSON),
        ("audio/aac", None),
    ],
)
def test_every_format_is_found_by_each_of_its_names(accept: str, chosen: str | None) -> None:
    assert negotiate(accept, EVERY) == chosen


@pytest.mark.parametrize("name", FORMATS)
def test_every_name_of_a_format_is_its_media_type(name: FormatName) -> None:
    media_type, aliases = FORMATS[name].media_type, FORMATS[name].aliases

    assert {negotiate(alias, EVERY) for alias in (*aliases, media_type)} == {media_type}


def test_a_wav_of_the_longest_seconds_fits_and_one_of_a_second_more_does_not() -> None:
    seconds = max_seconds("wav", 1_000_000)

    assert seconds * 48_000 <= 1_000_000 < (seconds + 1) * 48_000
    assert max_seconds("wav", 1_000_000, sample_rate=12_000) == 41


def test_a_denser_format_carries_a_longer_line() -> None:
    opus, mp3, wav = (max_seconds(name, 1_000_000) for name in ("opus", "mp3", "wav"))

    assert opus > mp3 > 3 * wav


def test_samples_without_a_header_say_their_rate() -> None:
    assert FORMATS["pcm"].content_type(24_000) == "audio/pcm;rate=24000"
    assert FORMATS["wav"].content_type(24_000) == "audio/wav"


def test_no_media_type_and_no_file_ending_names_two_formats() -> None:
    names = [name for each in FORMATS.values() for name in (each.media_type, *each.aliases)]
    endings = [each.extension for each in FORMATS.values()]

    assert len(set(names)) == len(names)
    assert len({*endings, "json"}) == len(endings) + 1
