"""Waves of sound and silence, made for a time table: what is found in them can be held against it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RATE = 24000


def tone(seconds: float, level: float = 0.2) -> NDArray[np.float32]:
    """A hum with syllables of a few hertz: [samples]."""
    time = np.arange(round(seconds * RATE)) / RATE
    hum = sum(np.sin(2 * np.pi * 130 * k * time + k) / k for k in range(1, 12))
    return (level * hum * (0.55 + 0.45 * np.cos(2 * np.pi * 4 * time))).astype(np.float32)


def wave(times: Sequence[tuple[float, float]], seconds: float, noise: float = 1e-4) -> NDArray[np.float32]:
    """A wave with sound at the times given, in seconds, and noise everywhere: [samples]."""
    made = np.random.default_rng(0).normal(0, noise, round(seconds * RATE)).astype(np.float32)
    for start, end in times:
        made[round(start * RATE) : round(end * RATE)] += tone(end - start)
    return made


def sounds(wave: NDArray[np.float32], quiet_seconds: float = 0.02) -> list[tuple[float, float]]:
    """The times at which a wave sounds, (start, end) in seconds, parted by silences of at least quiet_seconds."""
    loud = np.flatnonzero(np.abs(wave) > 0.02 * np.abs(wave).max())
    parting = np.flatnonzero(np.diff(loud) > quiet_seconds * RATE)
    starts, ends = loud[[0, *(parting + 1)]], loud[[*parting, -1]] + 1
    return [(float(start) / RATE, float(end) / RATE) for start, end in zip(starts, ends, strict=True)]
