"""Where in a wave there is speech, and where one sentence ends and the next begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Wave: TypeAlias = NDArray[np.float32]
"""[samples], full scale 1."""

STEP_SECONDS = 0.005
WINDOW_STEPS = 2  # a pitch period of a low voice
QUIET_DB = 40  # under the loudest speech is silence
NOISE_DB = 10  # over the quietest moment is silence still, where a voice comes with noise
MIN_QUIET_DB = 20  # under the loudest speech: noise as loud as that is taken for speech
GAP_STEPS = 16  # a sentence's end is quiet for longer than a stop's closure
SENTENCE_SECONDS = 0.25  # that each takes beyond its share: for its end and the silence behind it
USUAL_RATIO = 1.4  # of a sentence's length to the one expected
LOUDNESS_COST = 10.0  # of a border in the middle of loud speech, in surprises


def speech_spans(wave: Wave, rate: int, borders: Sequence[float] = ()) -> list[tuple[int, int]]:
    """Find the speech of each sentence in a wave.

    Args:
        wave: of one piece.
        rate: samples a second.
        borders: about where each sentence but the last ends, as a share of the speech, in order.

    Returns:
        For each sentence the samples at which its speech begins and ends. Where a sentence runs into the next without
        silence both have the same one, the quietest near the place expected.
    """
    step = round(STEP_SECONDS * rate)
    loudness = _loudness(wave, step)
    loudest, quietest = np.quantile(loudness, (0.95, 0.02))
    silence = min(max(loudest - QUIET_DB, quietest + NOISE_DB), loudest - MIN_QUIET_DB)
    loud = loudness > silence
    if not loud.any():
        loud[:] = True
    first, last = (int(at) for at in np.flatnonzero(loud)[[0, -1]])
    ends = [first]
    for at in _borders(loudness[first : last + 1], silence, borders):
        before, after = _gap(loud, first + at)
        ends += [before, after]
    ends.append(last + 1)
    samples = [min(at * step, len(wave)) for at in ends]
    return list(zip(samples[::2], samples[1::2], strict=True))


def _loudness(wave: Wave, step: int) -> NDArray[np.float64]:
    """The power around each step's middle in dB: [steps]."""
    power = np.pad(wave.astype(np.float64) ** 2, (0, -len(wave) % step)).reshape(-1, step).mean(1)
    around = np.convolve(power, np.ones(WINDOW_STEPS + 1) / (WINDOW_STEPS + 1), mode="same")
    return 10 * np.log10(around + 1e-12)


def _gap(loud: NDArray[np.bool_], at: int) -> tuple[int, int]:
    """The silent steps around one, [start, end); none if it is loud."""
    if loud[at]:
        return at, at
    before, after = np.flatnonzero(loud[:at]), np.flatnonzero(loud[at:])
    return int(before[-1]) + 1, at + int(after[0])


def _borders(loudness: NDArray[np.float64], silence: float, shares: Sequence[float]) -> list[int]:
    """The steps at which sentences part, of all that are as quiet as what is around them, at the least surprise.

    Args:
        loudness: [steps], from the first loud one to the last, in dB.
        silence: what is less loud is silent, in dB.
        shares: where they are expected.
    """
    if not shares:
        return []
    loudest = loudness.max()
    depth = (np.clip(loudness, silence, loudest) - silence) / (loudest - silence)  # 0 in silence, 1 in loud speech
    depth = np.convolve(depth, np.ones(GAP_STEPS) / GAP_STEPS, mode="same")
    loud = loudness > silence
    places = _quiet_places(depth, loud)
    if len(places) < len(shares):
        places = np.flatnonzero(loud)
    each = min(SENTENCE_SECONDS / STEP_SECONDS, len(loudness) / (len(shares) + 1) / 2)
    expected = each + np.diff([0, *shares, 1]) * (len(loudness) - each * (len(shares) + 1))  # [sentences], in steps
    cost = LOUDNESS_COST * depth[places]

    def surprise(length: NDArray[np.float64], sentence: int) -> NDArray[np.float64]:
        ratio = np.where(length > 0, length, np.nan) / expected[sentence]
        unlikely: NDArray[np.float64] = (np.log(ratio) / np.log(USUAL_RATIO)) ** 2
        return np.where(np.isnan(unlikely), np.inf, unlikely)

    total = surprise(places.astype(np.float64), 0) + cost  # [places], with the last border there
    choices = []
    for sentence in range(1, len(shares)):
        ways = total[:, None] + surprise((places[None] - places[:, None]).astype(np.float64), sentence)  # [from, to]
        choices.append(ways.argmin(0))
        total = ways.min(0) + cost
    total = total + surprise((len(loudness) - places).astype(np.float64), len(shares))
    best = [int(total.argmin())]
    for choice in reversed(choices):
        best.insert(0, int(choice[best[0]]))
    return [int(places[at]) for at in best]


def _quiet_places(depth: NDArray[np.float64], loud: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The steps that are as quiet as those around them; one of each silence, because no sentence is silent."""
    inner = depth[1:-1]
    places = 1 + np.flatnonzero((inner <= depth[:-2]) & (inner <= depth[2:]))
    quietest_first = places[np.argsort(depth[places], kind="stable")]
    _, one_of_each = np.unique(np.cumsum(loud)[quietest_first], return_index=True)
    return np.sort(quietest_first[one_of_each])
