"""Speech is found in a wave, and the place where one sentence ends and the next begins."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.silence import speech_spans
from tests.support.tones import RATE, tone, wave

FIFTY_MS = 0.05


def found(*args: object) -> list[tuple[float, float]]:
    return [(start / RATE, end / RATE) for start, end in speech_spans(*args)]  # type: ignore[arg-type]


def near(times: list[tuple[float, float]], tolerance: float = FIFTY_MS) -> object:
    return [pytest.approx(each, abs=tolerance) for each in times]


@pytest.mark.parametrize("noise", [0, 1e-4, 3e-3])
def test_speech_begins_and_ends_where_it_is_loud(noise: float) -> None:
    assert found(wave([(0.3, 1.7)], 2.5, noise), RATE) == near([(0.3, 1.7)], 0.015)


def test_a_wave_without_silence_is_speech_from_end_to_end() -> None:
    assert found(tone(2.0), RATE) == near([(0.0, 2.0)], 0.015)


def test_a_wave_without_speech_is_taken_as_it_is() -> None:
    [(start, end)] = found(np.zeros(RATE, np.float32), RATE)
    assert (start, end) == (0, 1)


def test_a_sentence_ends_at_the_silence_near_the_place_expected() -> None:
    times = [(0.1, 1.6), (1.9, 3.5)]
    assert found(wave(times, 3.7), RATE, [0.42]) == near(times)


def test_a_comma_nearer_to_the_place_expected_is_no_sentence_end_if_it_is_short() -> None:
    parts = [(0.1, 1.2), (1.25, 1.9), (2.2, 3.8)]
    assert found(wave(parts, 4.0), RATE, [0.4]) == near([(0.1, 1.9), (2.2, 3.8)])


def test_tiny_sentences_are_told_apart() -> None:
    times = [(0.1, 0.35), (0.55, 0.85), (1.1, 4.1), (4.4, 4.7), (4.9, 5.2)]
    lengths = np.cumsum([4, 5, 83, 4, 3])
    assert found(wave(times, 5.4), RATE, list(lengths[:-1] / lengths[-1])) == near(times)


def test_sentences_that_run_on_part_at_the_quietest_place_near_the_one_expected() -> None:
    quiet_at = 1.125 + 0.25  # a trough of the hum's syllables
    [(_, end), (start, _)] = found(tone(3.0), RATE, [0.46])
    assert start == end == pytest.approx(quiet_at, abs=FIFTY_MS)


def test_what_is_faint_beside_speech_is_silence() -> None:
    breath = wave([(0.3, 1.7)], 2.5)
    breath[round(1.8 * RATE) : round(2.4 * RATE)] += tone(0.6, level=0.2 * 10 ** (-50 / 20))
    assert found(breath, RATE) == near([(0.3, 1.7)], 0.015)


@pytest.mark.parametrize("sound", [tone(0.4), wave([(0.0, 0.1), (1.0, 1.1)], 1.2), wave([(0.5, 0.6)], 1.2)])
def test_no_sentence_is_silent_however_many_are_looked_for(sound: NDArray[np.float32]) -> None:
    spans = found(sound, RATE, [0.2, 0.4, 0.6, 0.8])
    assert len(spans) == 5
    assert all(start < end for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
