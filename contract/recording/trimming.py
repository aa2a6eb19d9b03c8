"""A recording's silences, treated as upstream's `preprocess_ref_audio_text` treats them.

That one (f5_tts/infer/utils_infer.py) works on pydub's millisecond slices; here it is done in memory and in one pass
over the samples. It also cuts recordings to 12 s; here longer ones are refused.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from contract.recording.sound_file import Waveform

TAIL_SECONDS = 0.05
SILENCE_DB = -50  # inside a recording
EDGE_SILENCE_DB = -42


def trim(wave: Waveform, rate: int) -> Waveform:
    """Drop the silence at a recording's edges, shorten silences inside it to 2 s, and add TAIL_SECONDS of silence.

    Args:
        wave: [frames, channels].
        rate: frames a second.

    Returns:
        [frames, channels].
    """
    spans = [_slice(wave, rate, start, end) for start, end in _split_on_silence(wave, rate)]
    trimmed = np.concatenate([wave[:0], *spans])
    trimmed = _slice(trimmed, rate, _leading_silence(trimmed, rate), _milliseconds(trimmed, rate))
    trailing = _leading_silence(trimmed[::-1], rate)
    if trailing:
        trimmed = _slice(trimmed, rate, 0, _milliseconds(trimmed, rate) - trailing)
    # Upstream's 50 ms to the frame: 551 frames at 11,025 Hz, interpolated up to the recording's rate.
    return np.concatenate([trimmed, np.zeros((int(550 * rate / 11025) + 1, wave.shape[1]))])


def _milliseconds(wave: Waveform, rate: int) -> int:
    return round(1000 * len(wave) / rate)


def _slice(wave: Waveform, rate: int, start_ms: int, end_ms: int) -> Waveform:
    """Frames of the time from start to end; up to a millisecond short of it at the end is filled with silence."""
    end_ms = min(end_ms, _milliseconds(wave, rate))
    start, end = int(start_ms * (rate / 1000)), int(end_ms * (rate / 1000))
    part = wave[start:end]
    missing = max(0, end - start) - len(part)
    return np.concatenate([part, np.zeros((missing, wave.shape[1]))]) if missing > 0 else part


def _levels(wave: Waveform, rate: int, starts_ms: NDArray[np.int64], length_ms: int) -> NDArray[np.float64]:
    """RMS of each window over all channels, in whole steps of 16 bits, as pydub reads it from the file."""
    steps = np.clip(np.rint(wave * 32768), -32768, 32767)
    energy = np.concatenate([[0.0], np.cumsum(np.square(steps).mean(axis=1))])
    total_ms = _milliseconds(wave, rate)
    begin = (starts_ms * (rate / 1000)).astype(np.int64)
    end = (np.minimum(starts_ms + length_ms, total_ms) * (rate / 1000)).astype(np.int64)
    inside = energy[np.minimum(end, len(wave))] - energy[np.minimum(begin, len(wave))]
    rms: NDArray[np.float64] = np.sqrt(inside / np.maximum(end - begin, 1))
    return np.floor(rms)


def _split_on_silence(wave: Waveform, rate: int) -> list[tuple[int, int]]:
    """Spans between silences of a second, in milliseconds, each with up to a second of the silence around it."""
    total, step, keep, min_silence_ms = _milliseconds(wave, rate), 10, 1000, 1000
    starts = np.arange(0, total - min_silence_ms + 1, step)
    if total >= min_silence_ms and (total - min_silence_ms) % step:
        starts = np.append(starts, total - min_silence_ms)
    threshold = 10 ** (SILENCE_DB / 20) * 32768
    silent = starts[_levels(wave, rate, starts, min_silence_ms) <= threshold]
    if not len(silent):
        return [(0, total)]
    # Windows that overlap are one silence: [[start, end], ...]
    breaks = np.flatnonzero((np.diff(silent) != step) & (np.diff(silent) > min_silence_ms))
    silences = np.stack([silent[np.append(0, breaks + 1)], silent[np.append(breaks, -1)] + min_silence_ms], axis=1)
    if silences[0, 0] == 0 and silences[0, 1] == total:
        return []
    edges = [0, *silences.ravel().tolist(), total]
    spans = [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    if spans[-1][0] == total:
        spans.pop()
    if spans[0] == (0, 0):
        spans.pop(0)
    kept = [[start - keep, end + keep] for start, end in spans]
    for before, after in itertools.pairwise(kept):
        if after[0] < before[1]:  # a silence shorter than what both sides would keep is shared
            before[1] = after[0] = (before[1] + after[0]) // 2
    return [(max(start, 0), min(end, total)) for start, end in kept]


def _leading_silence(wave: Waveform, rate: int) -> int:
    """Milliseconds of silence at the start, in steps of 10."""
    total = _milliseconds(wave, rate)
    starts = np.arange(0, total, 10)
    loud = np.flatnonzero(_levels(wave, rate, starts, 10) >= 10 ** (EDGE_SILENCE_DB / 20) * 32768)
    return int(starts[loud[0]]) if len(loud) else total
