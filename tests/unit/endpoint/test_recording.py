"""A recording is put right, measured, and refused with everything that is wrong with it, told in numbers."""

import re

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from contract.recording.finding import Finding, ReferenceUnusableError
from contract.recording.levels import clipped_share, put_right, signal_to_noise
from contract.recording.sound_file import Sound
from contract.recording.usable import examine, prepare
from tests.support.recordings import TRANSCRIPT, recording, wav

RATE = 24000


def speech(seconds: float, level: float = 0.05) -> NDArray[np.float64]:
    """A recording with a pause in its middle, as people speak."""
    return recording(seconds, level=level, pauses=((seconds * 0.4, seconds * 0.5),))


def problems(sound: bytes, transcript: str = TRANSCRIPT) -> list[str]:
    return [str(finding) for finding in examine(sound, transcript).findings]


def level(wave: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.square(wave).mean()))


def test_a_good_recording_has_nothing_wrong_and_is_told_of_in_numbers() -> None:
    findings, measures = examine(wav(speech(3.2)), TRANSCRIPT)
    assert findings == []
    seconds, clipped, noise = str(measures).split(", ")
    assert (seconds, clipped) == ("3.2 s of speech", "0.00% of the samples clipped")
    assert re.fullmatch(r"noise \d\d dB below the speech", noise)


def test_everything_that_is_wrong_is_found_at_once() -> None:
    assert [finding.part for finding in examine(wav(speech(13, level=9.0)), "Wait.").findings] == [
        *("recording", "recording", "transcript")
    ]
    assert [finding.part for finding in examine(b"no sound", " ").findings] == ["recording", "transcript"]
    assert [finding.part for finding in examine(wav(np.zeros((48000, 1))), " ").findings] == ["recording", "transcript"]


def test_the_same_thing_is_found_once() -> None:
    assert examine(b"no sound", TRANSCRIPT).findings == [
        Finding("recording", "is no sound file that can be read: save it as a WAV file")
    ]


@pytest.mark.parametrize("sound", [wav(speech(0.9)), wav(speech(2, level=9.0))])
def test_a_voice_can_be_cloned_from_a_recording_with_a_flaw(sound: bytes) -> None:
    [flaw] = examine(sound, "Stay behind me.").findings
    assert flaw.part == "recording"
    assert prepare(sound, "Stay behind me.").seconds > 0.5


@pytest.mark.parametrize(("sound", "transcript"), [(wav(speech(8)), "Wait."), (wav(speech(31.2)), TRANSCRIPT * 10)])
def test_a_refusal_is_a_finding_too(sound: bytes, transcript: str) -> None:
    with pytest.raises(ReferenceUnusableError) as refused:
        prepare(sound, transcript)
    assert examine(sound, transcript).findings == [refused.value.finding]


def test_more_than_twelve_seconds_are_refused_and_not_cut() -> None:
    assert problems(wav(recording(31.2)), TRANSCRIPT * 10) == [
        "the recording lasts 31.2 s: cut recording and transcript to at most 12 s"
    ]
    assert prepare(wav(speech(12)), TRANSCRIPT * 4).seconds == pytest.approx(12.05, abs=0.01)


def test_silence_at_the_edges_does_not_count() -> None:
    wave = recording(16, pauses=((0, 2.5), (14, 16)))
    assert problems(wav(wave), TRANSCRIPT * 4) == []
    assert prepare(wav(wave), TRANSCRIPT * 4).seconds == pytest.approx(11.55, abs=0.02)


@pytest.mark.parametrize(
    ("transcript", "is_usable"), [("a" * 51, False), ("a" * 49, True), ("aaaa", True), ("a", False)]
)
def test_a_transcript_must_fit_the_speech_that_is_left_without_its_silences(transcript: str, is_usable: bool) -> None:
    sound = wav(recording(4, pauses=((0, 1), (3, 4))))
    assert (problems(sound, transcript) == []) == is_usable


# What is left of a recording whose channels do not belong together: the one that is good, as loud as it was.
@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1.0, -1.0),
        (1.0, -0.8),
        (1.0, 0.0),
        (0.0, 1.0),
        (0.001, 1.0),
    ],
)
def test_of_channels_that_cancel_each_other_out_or_are_silent_the_better_one_is_taken(
    left: float, right: float
) -> None:
    one = speech(2)
    prepared = prepare(wav(np.concatenate([one * left, one * right], axis=1)), TRANSCRIPT)
    alone = prepare(wav(one), TRANSCRIPT)
    assert level(prepared.wave) == pytest.approx(level(alone.wave), rel=0.01)
    assert abs(np.corrcoef(prepared.wave, alone.wave)[0, 1]) > 0.99


def test_the_better_channel_is_the_one_with_speech_not_the_loudest() -> None:
    hum = 0.3 * np.sin(2 * np.pi * 100 * np.arange(2 * RATE) / RATE)[:, None]
    [channel] = put_right(Sound(np.concatenate([hum, speech(2)], axis=1), RATE)).wave.T
    assert np.corrcoef(channel, speech(2)[:, 0])[0, 1] > 0.99


def test_the_centre_of_six_channels_stands_alone() -> None:
    six = np.zeros((2 * RATE, 6))
    six[:, 2] = speech(2)[:, 0]
    assert level(prepare(wav(six), TRANSCRIPT).wave) == pytest.approx(
        level(prepare(wav(speech(2)), TRANSCRIPT).wave), rel=0.01
    )


def test_channels_that_belong_together_stay_together() -> None:
    assert put_right(Sound(recording(2, channels=2), RATE)).wave.shape[1] == 2


@pytest.mark.parametrize("offset", [0.3, -0.05])
def test_an_offset_is_removed_before_silence_is_looked_for(offset: float) -> None:
    wave = recording(4, pauses=((0, 1), (3, 4)))
    shifted, level_one = (prepare(wav(each), TRANSCRIPT) for each in (wave + offset, wave))
    assert abs(shifted.wave.mean()) < 1e-3
    assert shifted.seconds == level_one.seconds
    assert np.abs(shifted.wave - level_one.wave).max() < 1e-3


@pytest.mark.parametrize("coding", ["PCM_16", "PCM_U8", "ALAW", "ULAW", "FLOAT"])
def test_clipping_is_told_as_the_share_of_the_samples_that_were_cut_off(coding: str) -> None:
    wave = np.clip(speech(2, level=1.0), -1, 1)
    share = (np.abs(wave) >= 1).mean()
    [told] = problems(wav(wave, subtype=coding))
    [percent] = re.findall(r"peaks at (?:0\.0|-0\.\d) dB in (\d+\.\d)% of its samples: record it more softly", told)
    assert float(percent) == pytest.approx(100 * share, rel=0.15)


def test_a_peak_that_was_raised_to_full_scale_or_held_there_by_a_limiter_is_not_clipped() -> None:
    wave = speech(2, level=2.0)
    assert clipped_share(Sound(wave / np.abs(wave).max(), RATE)) == 0
    limited = wave * 0.99 / np.maximum(maximum_filter1d(np.abs(wave), 241, axis=0), 0.99)
    assert (np.abs(limited) >= 0.98).mean() > 0.005
    assert clipped_share(Sound(limited, RATE)) == 0


@pytest.mark.parametrize("ratio", [5, 10, 20, 40])
def test_the_signal_to_noise_ratio_is_estimated_to_a_decibel(ratio: float) -> None:
    wave = speech(4)
    noise = np.random.default_rng(0).normal(size=wave.shape) * level(wave) / 10 ** (ratio / 20)
    assert signal_to_noise(Sound(wave + noise, RATE)) == pytest.approx(ratio, abs=1)


def test_noise_is_told_with_how_far_the_speech_stands_above_it() -> None:
    wave = speech(3)
    noise = np.random.default_rng(0).normal(size=wave.shape) * level(wave) / 10 ** (2 / 20)
    [told] = problems(wav(wave + noise))
    assert told.startswith("the recording is noisy, its speech 2 dB above the noise: record it where it is quiet")


def test_silence_that_a_program_made_says_nothing_of_the_noise() -> None:
    wave = speech(3)
    noisy = wave + np.random.default_rng(0).normal(size=wave.shape) * level(wave) / 10
    padded = np.concatenate([np.zeros((RATE, 1)), noisy, np.zeros((RATE, 1))])
    assert signal_to_noise(Sound(padded, RATE)) == pytest.approx(20, abs=1)
    assert signal_to_noise(Sound(np.zeros((RATE, 1)), RATE)) == 96
