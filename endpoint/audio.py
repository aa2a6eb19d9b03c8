"""From a waveform to the bytes of a sound file."""

from __future__ import annotations

import io

import numpy as np
import soundfile

from contract.formats import Format
from engine.speech import Speech

MAX_PEAK = 0.98


def encode(speech: Speech, sound_format: Format) -> bytes:
    """A mono sound file. Speech that would clip is turned down to MAX_PEAK of full scale as a whole.

    Args:
        speech: the waveform.
        sound_format: a row of `contract.formats.FORMATS`.
    """
    peak = float(np.abs(speech.wave).max(initial=0.0))
    wave = speech.wave * (MAX_PEAK / peak) if peak > MAX_PEAK else speech.wave
    file = io.BytesIO()
    soundfile.write(file, wave, speech.sample_rate, format=sound_format.container, subtype=sound_format.encoding)
    return file.getvalue()
