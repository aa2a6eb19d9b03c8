"""From a waveform to the bytes of a sound file."""

from __future__ import annotations

import io

import numpy as np
import soundfile

from engine.speech import Speech

PEAK = 0.98


def wav_bytes(speech: Speech) -> bytes:
    """A WAV file: mono, 16 bit. Speech that would clip is turned down to PEAK of full scale as a whole."""
    peak = float(np.abs(speech.wave).max(initial=0.0))
    wave = speech.wave * (PEAK / peak) if peak > PEAK else speech.wave
    file = io.BytesIO()
    soundfile.write(file, wave, speech.sample_rate, format="WAV", subtype="PCM_16")
    return file.getvalue()
