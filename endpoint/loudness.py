"""Speech at the loudness that is set, whoever speaks.

Loudness is EBU R 128's integrated loudness (ITU-R BS.1770), measured by pyloudnorm; peaks are true peaks, between the
samples too. A line gets one gain from its first sample to its last. Where the gain would lift peaks beyond the ceiling,
three things are tried in this order, and none of them pumps:

1. The line as it is.
2. The line with its phases turned by all-pass filters, as radio does it: a voice's pulses are spread over some
   milliseconds and become up to 3 dB lower, its spectrum and loudness stay, and nobody hears it.
3. Less gain: the peaks win, and the line is quieter than was asked for.

R 128 looks at blocks of 0.4 s. Shorter speech is measured as if it were said again and again until a block is full.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from pyloudnorm import Meter
from scipy.signal import resample_poly, sosfilt

from engine.speech import Speech

MAX_TRUE_PEAK_DB = -1.2  # -1 dBFS, less what meters differ by
OVERSAMPLING = 4
BLOCK_SECONDS = 0.4
ALL_PASSES_HZ = (120, 300, 700)

Wave: TypeAlias = NDArray[np.float32]
"""[samples]"""


def level(speech: Speech, lufs: float) -> Speech:
    """Speech at an integrated loudness, within 1 LU where its peaks allow it.

    Args:
        speech: of any level. Silence stays silence.
        lufs: the integrated loudness that is wanted.
    """
    peak = np.abs(speech.wave).max(initial=0.0)
    if not peak > 0:
        return speech
    wave = speech.wave / peak  # R 128 does not count what lies below -70 LUFS
    gain = 10 ** ((lufs - _loudness(wave, speech.sample_rate)) / 20)
    ceiling = 10 ** (MAX_TRUE_PEAK_DB / 20)
    highest = _true_peak(wave)
    if gain * highest > ceiling:
        turned = _turn_phases(wave, speech.sample_rate)
        wave, highest = min((wave, highest), (turned, _true_peak(turned)), key=lambda each: each[1])
    return replace(speech, wave=wave * np.float32(min(gain, ceiling / highest)))


def _loudness(wave: Wave, rate: int) -> float:
    """Integrated loudness in LUFS."""
    block = math.ceil(BLOCK_SECONDS * rate)
    return float(Meter(rate).integrated_loudness(np.resize(wave, max(block, len(wave))).astype(np.float64)))


def _true_peak(wave: Wave) -> float:
    return float(np.abs(resample_poly(wave, OVERSAMPLING, 1)).max())


def _turn_phases(wave: Wave, rate: int) -> Wave:
    """Pass a wave through all-pass filters of second order: R. Bristow-Johnson's Audio EQ Cookbook, Q = 0.7."""
    sections = []
    for frequency in ALL_PASSES_HZ:
        omega = 2 * np.pi * frequency / rate
        alpha = np.sin(omega) / 1.4
        backwards = np.array([1 + alpha, -2 * np.cos(omega), 1 - alpha]) / (1 + alpha)
        sections.append([*backwards[::-1], *backwards])
    turned: Wave = sosfilt(np.array(sections), wave).astype(np.float32)
    return turned
