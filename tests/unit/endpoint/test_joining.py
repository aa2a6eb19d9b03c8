"""Pieces are joined with silences that last from speech to speech, without clicks, to the length asked for."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.joining import join
from engine.plan import Piece, Silence
from tests.support.tones import RATE, sounds, wave

TWENTY_MS = 0.02
FIFTY_MS = 0.05
EDGES = [(0.0, 0.0), (0.05, 0.1), (0.3, 0.02), (0.02, 0.4)]  # of silence that the network makes before and after speech


def piece(silence: Silence, passages: range = range(1), borders: tuple[float, ...] = ()) -> Piece:
    return Piece("", (), [], 0, None, passages, borders, silence)


def spoken(lead: float, tail: float, seconds: float = 1.0) -> NDArray[np.float32]:
    return wave([(lead, lead + seconds)], lead + seconds + tail)


def gaps(sound: NDArray[np.float32]) -> list[float]:
    return [start - end for (_, end), (start, _) in pairwise(sounds(sound))]


@pytest.mark.parametrize("pause", [0.1, 0.4321, 2.0])
@pytest.mark.parametrize("edges", EDGES)
def test_a_pause_lasts_from_speech_to_speech(edges: tuple[float, float], pause: float) -> None:
    pieces = [piece(Silence(pause, exact=True), range(at, at + 1)) for at in range(3)]
    joined, _ = join([spoken(*edges)] * 3, pieces, RATE, pause_before=pause)
    (start, _), *_, (_, end) = sounds(joined)
    assert gaps(joined) == pytest.approx([pause, pause], abs=TWENTY_MS)
    assert start == pytest.approx(pause, abs=TWENTY_MS)
    assert len(joined) / RATE - end == pytest.approx(pause, abs=TWENTY_MS)


@pytest.mark.parametrize("edges", EDGES)
def test_each_passage_is_told_when_it_is_spoken(edges: tuple[float, float]) -> None:
    two = wave([(0.1, 1.0), (1.3, 2.5)], 2.7)
    pieces = [
        piece(Silence(0.5, exact=True), range(2), (0.4,)),
        piece(Silence(0.02, exact=False), range(2, 3)),
        piece(Silence(0.3, exact=False), range(2, 3)),
        piece(Silence(0.03, exact=False), range(3, 4)),
    ]
    joined, spans = join([two, spoken(*edges), spoken(*edges), spoken(*edges)], pieces, RATE)
    first, second, begun, ended, last = sounds(joined, quiet_seconds=0.015)
    assert spans == tuple(pytest.approx(times, abs=FIFTY_MS) for times in (first, second, (begun[0], ended[1]), last))


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("edges", EDGES)
@pytest.mark.parametrize("seconds", [4.3, 4.7, 5.4321])
def test_a_duration_is_kept_to_the_sample(seconds: float, edges: tuple[float, float], exact: bool) -> None:
    pieces = [
        piece(Silence(0.5, exact=True), range(1)),
        piece(Silence(0.3, exact=False), range(1, 2)),
        piece(Silence(0.1, exact=exact), range(2, 3)),
    ]
    joined, spans = join([spoken(*edges)] * 3, pieces, RATE, duration=seconds)
    assert len(joined) == round(seconds * RATE)
    assert gaps(joined)[0] == pytest.approx(0.5, abs=TWENTY_MS)
    assert spans[-1][1] <= seconds


def test_the_end_is_silent_however_loud_the_speech_before_it_is() -> None:
    joined, _ = join([spoken(0.0, 0.0)], [piece(Silence(0.03, exact=False))], RATE)
    level = np.sqrt(np.mean(joined**2))
    end = joined[-round(TWENTY_MS * RATE) :]
    assert np.sqrt(np.mean(end**2)) < level * 10 ** (-30 / 20)


@pytest.mark.parametrize("pause", [0.0, 0.02, 0.3])
def test_nothing_clicks_at_joints_and_at_the_end(pause: float) -> None:
    loud = (0.3 * np.cos(2 * np.pi * 100 * np.arange(RATE) / RATE)).astype(np.float32)  # it ends as it begins, at 0.3
    last = piece(Silence(0.03, exact=False), range(1, 2))
    joined, _ = join([loud, loud], [piece(Silence(pause, exact=False)), last], RATE)
    assert np.abs(np.diff(joined)).max() < 2 * np.abs(np.diff(loud)).max()


def test_the_beginning_and_the_end_are_the_networks_own_where_no_pause_was_asked_for() -> None:
    sound = spoken(0.2, 0.3)
    joined, _ = join([sound], [piece(Silence(0.03, exact=False))], RATE)
    assert len(joined) == len(sound) + round(0.03 * RATE)
    unfaded = len(sound) - round(0.005 * RATE)
    assert np.array_equal(joined[:unfaded], sound[:unfaded])
