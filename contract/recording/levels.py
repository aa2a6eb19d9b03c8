"""How a recording was made: its offset and channels are put right, its clipping and noise measured."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from contract.recording.sound_file import Sound

MIN_MIXED_SHARE = 0.5  # of the loudest channel's power that is to be left in the mean of all
FRAME_SECONDS = 0.02
QUIET_FRAMES = 5  # percent: speech pauses that often, between words and before stops
MAX_SIGNAL_TO_NOISE = 96.0  # dB, that of 16 bits
FULL_SCALE = 0.98  # A-law's and mu-law's largest values
ONE_STEP = 2**-15  # of 16 bits
DIGITAL_SILENCE = 2**-32  # power below which a frame was made by a program, not by a room


def put_right(sound: Sound) -> Sound:
    """Remove each channel's offset, and leave out channels that spoil the mix.

    The mean of all channels is what is cloned. Where they cancel each other out, or most are silent, the one with most
    speech in it stands alone, at its own level.
    """
    wave = sound.wave - sound.wave.mean(axis=0, keepdims=True) if len(sound.wave) else sound.wave
    mixed, loudest = np.square(wave.mean(axis=1)).sum(), np.square(wave).sum(axis=0).max()
    if mixed >= MIN_MIXED_SHARE * loudest:
        return Sound(wave, sound.rate)
    best = int(np.argmax([_speech_and_noise(channel, sound.rate)[0] for channel in wave.T]))
    return Sound(wave[:, [best]], sound.rate)


def peak(sound: Sound) -> float:
    """How loud the loudest sample is, in dB, full scale 0."""
    return 20 * math.log10(max(float(np.abs(sound.wave).max(initial=0.0)), ONE_STEP))


def clipped_share(sound: Sound) -> float:
    """Share of the samples that lie in a peak that was cut off: three in a row, at full scale and equal.

    A peak that was raised to full scale, or held there by a limiter, is not flat.
    """
    wave = sound.wave
    flat = (np.abs(wave[1:]) >= FULL_SCALE) & (np.abs(np.diff(wave, axis=0)) <= ONE_STEP)
    runs = flat[1:] & flat[:-1]  # of three samples
    cut_off = np.zeros(wave.shape, dtype=bool)
    for first in range(3):
        cut_off[first : first + len(runs)] |= runs
    return float(cut_off.mean()) if cut_off.size else 0.0


def signal_to_noise(sound: Sound) -> float:
    """An estimate in dB of how far speech stands above the noise: its power over that of the quietest moments.

    Speech without a pause has no quiet moment: of such a recording it says too little.
    """
    speech, noise = _speech_and_noise(sound.wave.mean(axis=1), sound.rate)
    most = 10 ** (MAX_SIGNAL_TO_NOISE / 10)
    return 10 * math.log10(min(max(speech / noise, 1 / most), most)) if noise else MAX_SIGNAL_TO_NOISE


def _speech_and_noise(wave: NDArray[np.float64], rate: int) -> tuple[float, float]:
    """Power of the speech in a channel [frames], and of the noise that it stands out of."""
    length = round(FRAME_SECONDS * rate)
    power = np.square(wave[: len(wave) // length * length]).reshape(-1, length).mean(axis=1)
    power = power[power > DIGITAL_SILENCE]
    if not len(power):
        return 0.0, 0.0
    noise = float(np.percentile(power, QUIET_FRAMES))
    return float(power.mean()) - noise, noise
