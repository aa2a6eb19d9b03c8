"""Every line comes out as loud as every other, and its peaks stay below full scale."""

import numpy as np
import pytest
from pyloudnorm import Meter
from scipy.signal import resample_poly

from engine.speech import Speech
from loudness import level
from tests.support.recordings import recording

RATE = 24000


def spoken(seconds: float, pauses: tuple[tuple[float, float], ...] = ()) -> Speech:
    return Speech(recording(seconds, pauses=pauses)[:, 0].astype(np.float32), RATE)


def lufs(speech: Speech) -> float:
    return float(Meter(speech.sample_rate).integrated_loudness(speech.wave.astype(np.float64)))


def true_peak(speech: Speech) -> float:
    """In dBFS, read more finely than what is tested reads it."""
    return float(20 * np.log10(np.abs(resample_poly(speech.wave, 16, 1)).max()))


def peaky(seconds: float = 3) -> Speech:
    """Pulses a hundredth of a second apart, all their harmonics in phase: as peaky as a deep voice gets."""
    time = np.arange(int(seconds * RATE)) / RATE
    wave = sum(np.cos(2 * np.pi * 100 * k * time) / k**0.7 for k in range(1, 60))
    return Speech((0.02 * wave * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time))).astype(np.float32), RATE)


@pytest.mark.parametrize("times", [1e-4, 0.1, 1.0, 500.0])
@pytest.mark.parametrize("target", [-30.0, -23.0, -19.0])
def test_speech_of_any_level_comes_out_at_the_loudness_that_is_set(times: float, target: float) -> None:
    speech = spoken(3, pauses=((1, 1.8),))
    levelled = level(Speech(speech.wave * np.float32(times), RATE), target)
    assert lufs(levelled) == pytest.approx(target, abs=0.1)
    assert true_peak(levelled) < -1


def test_pauses_do_not_make_a_line_louder() -> None:
    whole, halting = spoken(4), spoken(8, pauses=((2, 4), (5, 7)))
    spoken_part = slice(0, 2 * RATE)
    first, second = level(whole, -23).wave[spoken_part], level(halting, -23).wave[spoken_part]
    assert 20 * np.log10(np.abs(second).max() / np.abs(first).max()) == pytest.approx(0, abs=1)


@pytest.mark.parametrize("seconds", [0.01, 0.1, 0.25, 0.399])
def test_a_word_shorter_than_a_block_is_as_loud_as_when_it_is_said_again_and_again(seconds: float) -> None:
    word = level(spoken(seconds), -23)
    assert lufs(Speech(np.tile(word.wave, 100), RATE)) == pytest.approx(-23, abs=1)


@pytest.mark.parametrize("samples", [1, 7, 13, 14, 28, 9599, 9600, 9601])
def test_speech_of_any_length_is_levelled(samples: int) -> None:
    levelled = level(Speech(spoken(1).wave[:samples] + np.float32(1e-3), RATE), -19)
    assert len(levelled.wave) == samples
    assert np.isfinite(levelled.wave).all()


def test_silence_stays_silence() -> None:
    for samples in (0, RATE):
        assert not level(Speech(np.zeros(samples, np.float32), RATE), -19).wave.any()


def test_one_gain_holds_from_the_first_sample_to_the_last() -> None:
    speech = spoken(3)
    gains = level(speech, -25).wave / speech.wave
    assert gains.max() - gains.min() < 1e-3 * gains.mean()


def test_peaks_are_lowered_by_turning_phases_before_loudness_gives_way() -> None:
    speech = peaky()
    crest = true_peak(speech) - lufs(speech)
    target = -2 - crest  # by its gain alone its peaks would come to -2 dBFS
    assert np.corrcoef(level(speech, target).wave, speech.wave)[0, 1] > 0.9999
    louder = level(speech, target + 3)
    assert lufs(louder) == pytest.approx(target + 3, abs=0.1)
    assert true_peak(louder) < -1
    before, after = (np.abs(np.fft.rfft(each.wave)) for each in (speech, louder))
    assert np.corrcoef(before, after)[0, 1] > 0.99


def test_where_nothing_else_helps_the_peaks_win() -> None:
    levelled = level(peaky(), -3)
    assert -1.5 < true_peak(levelled) < -1
    assert lufs(levelled) < -4


def test_a_peak_between_the_samples_counts() -> None:
    # At a quarter of the rate and an eighth of a turn, no sample comes nearer to the peak than 3 dB.
    wave = np.sin(np.pi / 2 * np.arange(RATE) + np.pi / 4).astype(np.float32)
    levelled = level(Speech(wave, RATE), 0)
    assert true_peak(levelled) < -1
    assert 20 * np.log10(np.abs(levelled.wave).max()) == pytest.approx(-1.2 - 3, abs=0.2)
