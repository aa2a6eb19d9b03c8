"""From the waves of pieces to one: silences as planned, nothing that clicks, and when each passage is spoken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.plan import Piece
from engine.silence import Wave, speech_spans

MARGIN_SECONDS = 0.01  # of the network's own silence that is kept beside speech
FADE_SECONDS = 0.005  # inside the margin, where there is one


@dataclass(frozen=True)
class _Trimmed:
    """A piece's wave from where it is taken to where it is left, and the speech in it."""

    wave: Wave
    spans: list[tuple[int, int]]  # of its passages, in samples

    @property
    def lead(self) -> int:
        """Samples before the speech."""
        return self.spans[0][0]

    @property
    def tail(self) -> int:
        """Samples after the speech."""
        return len(self.wave) - self.spans[-1][1]


def join(
    waves: Sequence[Wave], pieces: Sequence[Piece], rate: int, pause_before: float = 0.0, duration: float | None = None
) -> tuple[Wave, tuple[tuple[float, float], ...]]:
    """Join pieces with the silences between them, measured from speech to speech.

    What the network leaves silent at the edges of a piece is part of those silences, but for the utterance's own
    beginning and end, which are as the network makes them where no pause was asked for.

    Args:
        waves: of the pieces.
        pieces: as planned.
        rate: samples a second.
        pause_before: seconds of silence before it all.
        duration: seconds that all is to last exactly. What is missing of it is shared out over the silences that nobody
            asked for.

    Returns:
        The wave, and for each passage the seconds at which its speech begins and ends.
    """
    last = len(pieces) - 1
    trimmed = [
        _trim(wave, rate, piece.borders, begin=bool(index or pause_before), end=index < last or piece.silence.exact)
        for index, (wave, piece) in enumerate(zip(waves, pieces, strict=True))
    ]
    gaps = [_samples(pause_before, rate) - trimmed[0].lead] if pause_before else [0]
    for piece, before, after in zip(pieces, trimmed, [*trimmed[1:], None], strict=True):
        own = before.tail + after.lead if after else before.tail * piece.silence.exact
        gaps.append(_samples(piece.silence.seconds, rate) - own)
    if duration is not None:
        total = _samples(duration, rate)
        elastic = [index for index, piece in enumerate(pieces, start=1) if not piece.silence.exact] or [len(pieces)]
        _stretch(gaps, elastic, total - sum(gaps) - sum(len(each.wave) for each in trimmed))
    spans: dict[int, tuple[float, float]] = {}
    joined = [_silence(gaps[0])]
    at = len(joined[0])
    for piece, each, gap in zip(pieces, trimmed, gaps[1:], strict=True):
        for passage, (start, end) in zip(piece.passages, each.spans, strict=True):
            begun, _ = spans.get(passage, ((at + start) / rate, 0))
            spans[passage] = begun, (at + end) / rate
        joined += [each.wave, _silence(gap)]
        at += len(each.wave) + len(joined[-1])
    wave = np.concatenate(joined)
    return wave if duration is None else wave[:total], tuple(spans.values())


def _trim(wave: Wave, rate: int, borders: Sequence[float], begin: bool, end: bool) -> _Trimmed:
    """Leave out a wave's silence at its beginning or end, and fade what is not the network's own beginning."""
    spans = speech_spans(wave, rate, borders)
    margin = _samples(MARGIN_SECONDS, rate)
    start = max(0, spans[0][0] - margin) if begin else 0
    stop = min(len(wave), spans[-1][1] + margin) if end else len(wave)
    kept = _fade_in(wave[start:stop][::-1], rate)[::-1]
    return _Trimmed(_fade_in(kept, rate) if begin else kept, [(first - start, last - start) for first, last in spans])


def _stretch(gaps: list[int], elastic: Sequence[int], spare: int) -> None:
    """Share out spare samples over elastic gaps."""
    for number, index in enumerate(elastic):
        share = spare // (len(elastic) - number)
        gaps[index] += share
        spare -= share


def _samples(seconds: float, rate: int) -> int:
    return round(seconds * rate)


def _silence(samples: int) -> Wave:
    return np.zeros(max(0, samples), dtype=np.float32)


def _fade_in(wave: Wave, rate: int) -> Wave:
    """Raise a wave's first samples from nearly 0."""
    length = min(_samples(FADE_SECONDS, rate), len(wave))
    ramp = np.arange(1, length + 1, dtype=np.float32) / (length + 1)
    return np.concatenate([wave[:length] * ramp, wave[length:]])
