"""Parts become one file with the pauses between them and captions that fit it."""

import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from contract.formats import FORMATS, FormatName
from contract.invocation import Segment
from job_schemas import SpokenPart
from joining import Joint, join, place, segments

RATE = 24_000


def part(index: int, seconds: float, lead: float = 0.0, tail: float = 0.0) -> SpokenPart:
    """A part with so much silence before and after its speech."""
    return SpokenPart(
        index=index,
        champion_id="yasuo",
        digest="0" * 64,
        extension="flac",
        duration=seconds,
        spoken_text="said",
        segments=[Segment(text=f"Part {index}.", start=lead, end=seconds - tail)],
    )


def sound(seconds: float, level: int) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.full(round(seconds * RATE), level, np.int16), RATE, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()


def test_parts_lie_behind_each_other_with_the_pauses_between(tmp_path: Path) -> None:
    joints = [Joint(part(0, 1.0), 0.3), Joint(part(1, 0.5), 0.6), Joint(part(2, 0.25), 0.6)]
    sounds = zip(joints, (sound(1.0, 100), sound(0.5, 200), sound(0.25, 300)), strict=True)
    whole = join(sounds, FORMATS["wav"], tmp_path / "audio.wav")

    samples, rate = soundfile.read(tmp_path / "audio.wav", dtype="int16")
    assert (rate, whole.sample_rate) == (RATE, RATE)
    expected = [(1.0, 100), (0.3, 0), (0.5, 200), (0.6, 0), (0.25, 300)]
    assert samples.tolist() == np.concatenate([np.full(round(s * RATE), level) for s, level in expected]).tolist()
    assert [(each.start, each.end) for each in whole.parts] == [(0, 1.0), (1.3, 1.8), (2.4, 2.65)]


def test_the_silence_that_parts_have_is_part_of_the_pause() -> None:
    long_tail = part(1, 3.0, lead=0.05, tail=2.0)
    placed = place([Joint(part(0, 1.0, tail=0.1), 0.3), Joint(long_tail, 0.3), Joint(part(2, 1.0), 0.6)])
    assert [each.start for each in placed] == [0, 1.15, 4.15]


def test_captions_say_when_each_sentence_is_heard_in_the_whole() -> None:
    placed = place([Joint(part(0, 1.0), 0.3), Joint(part(1, 1.0, lead=0.1), 0.3)])
    assert [(each.text, each.start, each.end) for each in segments(placed)] == [
        ("Part 0.", 0, 1.0),
        ("Part 1.", 1.3, 2.2),
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_lasts_as_long_as_its_parts(name: FormatName, tmp_path: Path) -> None:
    joints = [Joint(part(index, 1.0), 0.3) for index in range(20)]
    path = tmp_path / f"audio.{FORMATS[name].extension}"
    whole = join(((joint, sound(1.0, 1000)) for joint in joints), FORMATS[name], path)
    raw = {"samplerate": RATE, "channels": 1, "subtype": "PCM_16", "format": "RAW"} if name == "pcm" else {}
    with soundfile.SoundFile(path, **raw) as file:
        assert file.samplerate == RATE
        # An mp3 has frames of its own length.
        assert file.frames / RATE == pytest.approx(whole.parts[-1].end, abs=0.06)


def test_half_an_hour_is_never_in_memory(tmp_path: Path) -> None:
    long = sound(30.0, 1000)
    joints = ((Joint(part(index, 30.0), 0.3), long) for index in range(60))
    tracemalloc.start()
    join(joints, FORMATS["flac"], tmp_path / "audio.flac")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 30 * RATE * 2, "a single part's samples would take more"
