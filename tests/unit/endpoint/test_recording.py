"""Everything that is wrong with a recording and its transcript is found, with what to do about it."""

import numpy as np
import pytest

from contract.recording import Finding, ReferenceUnusableError, check, prepare
from tests.support.recordings import TRANSCRIPT, recording, wav


def test_a_good_recording_has_nothing_wrong() -> None:
    assert check(wav(recording(3.2)), TRANSCRIPT) == []


def test_a_peak_raised_to_full_scale_is_not_clipped() -> None:
    wave = recording(2)
    assert check(wav(wave / np.abs(wave).max()), TRANSCRIPT) == []


def test_everything_that_is_wrong_is_found_at_once() -> None:
    parts = [finding.part for finding in check(wav(recording(13, level=9.0)), "Wait.")]
    assert parts == ["recording", "recording", "transcript"]
    parts = [finding.part for finding in check(b"no sound", " ")]
    assert parts == ["recording", "transcript"]
    parts = [finding.part for finding in check(wav(np.zeros((48000, 1))), " ")]
    assert parts == ["recording", "transcript"]


def test_the_same_thing_is_found_once() -> None:
    assert check(b"no sound", TRANSCRIPT) == [
        Finding("recording", "is no sound file that can be read: save it as a WAV file")
    ]


@pytest.mark.parametrize("sound", [wav(recording(0.7)), wav(recording(13)), wav(recording(2, level=9.0))])
def test_a_voice_can_be_cloned_from_a_recording_with_a_flaw(sound: bytes) -> None:
    transcript = TRANSCRIPT * (4 if len(sound) > 600_000 else 1)
    [flaw] = check(sound, transcript)
    assert flaw.part == "recording"
    assert prepare(sound, transcript).seconds > 0.5


def test_a_refusal_is_a_finding_too() -> None:
    sound = wav(recording(8))
    with pytest.raises(ReferenceUnusableError) as refused:
        prepare(sound, "Wait.")
    assert check(sound, "Wait.") == [refused.value.finding]
    assert str(refused.value).startswith("the transcript has 5 characters and the recording lasts 8.0 s")


@pytest.mark.parametrize(
    ("transcript", "is_usable"), [("a" * 159, False), ("a" * 158, True), ("aaa", True), ("aa", False)]
)
def test_the_full_stop_and_the_space_after_a_transcript_count_for_its_pace(transcript: str, is_usable: bool) -> None:
    sound = wav(recording(1.96))  # 2.01 s with the silence that is added at its end: 5 to 160 bytes
    assert (check(sound, transcript) == []) == is_usable
