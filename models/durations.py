"""Learn from a corpus how long phonemes last: the tables of `engine.phonemes.Durations`, by least squares."""

from __future__ import annotations

import math
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
    rows: list[list[int]] = []
    targets: list[float] = []
    paces = []
    for recording in recordings:
        spans = [span for span in recording.spans if span[0] != SILENCE]
        names = [SILENCE, *(vocab.nearest(name) for name, _, _ in spans), SILENCE]
        distances = to_marks(names[1:-1])
        # Without the last, a mark that ends with the file.
        logs = [math.log(max((end - begin) / SAMPLE_RATE, SHORTEST_SECONDS)) for _, begin, end in spans[:-1]]
        if not logs:
            continue
        pace = sum(logs) / len(logs)
        paces.append(pace)
        for at, log in enumerate(logs):
            tables = (index[names[at + 1 + shift]] + size * table for table, shift in enumerate((0, -1, 1)))
            rows.append([*tables, 3 * size + distances[at]])
            targets.append(log - pace)
    columns = 3 * size + FAR + 1
    gram, moment = RIDGE * np.eye(columns), np.zeros(columns)
    for row, target in zip(rows, targets, strict=True):
        gram[np.ix_(row, row)] += 1
        moment[row] += target
    weights = np.linalg.solve(gram, moment)
    own, before, after = (
        dict(zip(index, weights[table * size : (table + 1) * size].round(4).tolist(), strict=True))
        for table in range(3)
    )
    mean = sum(paces) / len(paces)
    own = {name: round(value + mean, 4) for name, value in own.items() if name != SILENCE}
    return Durations(own, before, after, weights[3 * size :].round(4).tolist())
