"""Learn from a corpus how long phonemes last: the tables of `engine.phonemes.Durations`, by least squares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.phonemes import FAR, SILENCE, Durations, PhonemeVocabulary, to_marks
from models.corpus import SAMPLE_RATE, Recording

SHORTEST_SECONDS = 0.01
RIDGE = 3.0  # a phoneme that is rare stays near the mean


def fit(recordings: Sequence[Recording], vocab: PhonemeVocabulary, tokens: Sequence[str]) -> Durations:
    """The tables that come nearest to a corpus's durations, each line at the mean pace of all.

    Args:
        recordings: the corpus.
        vocab: what the network knows of them.
        tokens: what is in it.
    """
    index = {symbol: at for at, symbol in enumerate(tokens)}
    size = len(index)
    rows, targets = [], []
    for recording in recordings:
        spans = [span for span in recording.spans if span[0] != SILENCE]
        names = [SILENCE, *(vocab.nearest(name) for name, _, _ in spans), SILENCE]
        distances = to_marks(names[1:-1])
        logs = np.log([max((end - begin) / SAMPLE_RATE, SHORTEST_SECONDS) for _, begin, end in spans])
        inside = range(len(spans) - 1)  # the last is a mark that ends with the file
        pace = float(np.mean(logs[:-1])) if len(spans) > 1 else 0.0
        for at in inside:
            known = [index.get(names[at + 1 + shift]) for shift in (0, -1, 1)]
            rows.append([*(None if k is None else k + size * n for n, k in enumerate(known)), 3 * size + distances[at]])
            targets.append(logs[at] - pace)
    mean = float(
        np.mean(
            [
                np.mean(np.log([max((e - b) / SAMPLE_RATE, SHORTEST_SECONDS) for _, b, e in r.spans[1:-1]]))
                for r in recordings
                if len(r.spans) > 2
            ]
        )
    )
    columns = 3 * size + FAR + 1
    gram, moment = RIDGE * np.eye(columns), np.zeros(columns)
    for row, target in zip(rows, targets, strict=True):
        at = [column for column in row if column is not None]
        gram[np.ix_(at, at)] += 1
        moment[at] += target
    weights = np.linalg.solve(gram, moment)
    tables = [dict(zip(index, weights[n * size : (n + 1) * size].round(4).tolist(), strict=True)) for n in range(3)]
    own, before, after = tables
    own = {symbol: round(value + mean, 4) for symbol, value in own.items() if symbol != SILENCE}
    return Durations(own, before, after, weights[3 * size :].round(4).tolist())
