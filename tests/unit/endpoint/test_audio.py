"""Waveforms become WAV files that every player plays, and that never clip."""

import io

import numpy as np
import pytest
import soundfile

from audio import encode
from contract.formats import FORMATS
from engine.speech import Speech


def decoded(wave: np.typing.NDArray[np.float32]) -> np.typing.NDArray[np.float64]:
    sound, rate = soundfile.read(io.BytesIO(encode(Speech(wave, 24000), FORMATS["wav"])))
    assert rate == 24000
    return np.asarray(sound)


def test_a_wav_is_24_khz_mono_16_bit() -> None:
    file = encode(Speech(np.zeros(2400, np.float32), 24000), FORMATS["wav"])
    info = soundfile.info(io.BytesIO(file))
    assert file[:4] == b"RIFF"
    assert file[8:12] == b"WAVE"
    assert (info.samplerate, info.channels, info.subtype, info.frames) == (24000, 1, "PCM_16", 2400)


def test_samples_are_kept_to_sixteen_bits() -> None:
    wave = np.random.default_rng(1).uniform(-0.9, 0.9, 5000).astype(np.float32)
    assert np.abs(decoded(wave) - wave).max() < 1 / 16384


def test_speech_over_full_scale_is_turned_down_as_a_whole() -> None:
    wave = np.sin(np.arange(5000) / 20).astype(np.float32) * 3
    assert np.abs(decoded(wave)).max() == pytest.approx(0.98, abs=1e-3)
    assert np.abs(decoded(wave) - wave * 0.98 / np.abs(wave).max()).max() < 1e-3
