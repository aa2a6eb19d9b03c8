"""Waveforms become sound files that every player plays: right in length, alike each time, and never clipped."""

import io

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from audio import encode
from contract.formats import FORMATS, FormatName
from engine.speech import Speech
from tests.support.recordings import recording

RATE = 24000
# No whole number of any format's frames.
SPEECH = recording(2.345)[:, 0].astype(np.float32)
DECODED = {
    "wav": ("WAV", "PCM_16"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "opus": ("OGG", "OPUS"),
    "flac": ("FLAC", "PCM_16"),
}


def encoded(name: FormatName, wave: NDArray[np.float32]) -> bytes:
    return encode(Speech(wave, RATE), FORMATS[name])


def decoded(name: FormatName, wave: NDArray[np.float32]) -> NDArray[np.float64]:
    file = encoded(name, wave)
    if name == "pcm":
        return np.frombuffer(file, "<i2") / 32768
    sound, rate = soundfile.read(io.BytesIO(file))
    assert rate == RATE
    return np.asarray(sound)


@pytest.mark.parametrize("name", DECODED)
def test_a_file_says_what_it_is_and_how_long_it_lasts(name: FormatName) -> None:
    info = soundfile.info(io.BytesIO(encoded(name, SPEECH)))
    assert (info.format, info.subtype) == DECODED[name]
    assert (info.samplerate, info.channels, info.frames) == (RATE, 1, len(SPEECH))


@pytest.mark.parametrize("name", FORMATS)
def test_what_an_encoder_pads_is_not_heard(name: FormatName) -> None:
    silence = np.zeros(RATE // 10, np.float32)
    sound = decoded(name, np.concatenate([silence, SPEECH, silence]))
    assert len(sound) == len(SPEECH) + RATE // 5
    best = np.correlate(sound, SPEECH).argmax()
    assert best == len(silence)


@pytest.mark.parametrize("name", ["wav", "flac", "pcm"])
def test_samples_are_kept_to_sixteen_bits(name: FormatName) -> None:
    wave = np.random.default_rng(1).uniform(-0.9, 0.9, 5000).astype(np.float32)
    assert np.abs(decoded(name, wave) - wave).max() < 1 / 16384


@pytest.mark.parametrize("name", ["mp3", "opus"])
def test_what_is_lost_lies_far_below_the_speech(name: FormatName) -> None:
    lost = decoded(name, SPEECH) - SPEECH
    assert np.sum(lost**2) < np.sum(SPEECH**2) / 30


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_waveform_is_the_same_bytes(name: FormatName) -> None:
    assert encoded(name, SPEECH) == encoded(name, SPEECH.copy())


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("hard", ["noise", "clicks", "a square wave"])
def test_the_hardest_of_sounds_is_no_larger_than_told(name: FormatName, hard: str) -> None:
    choose, samples = np.random.default_rng(2), 10 * RATE
    wave = {
        "noise": choose.uniform(-1, 1, samples),
        "clicks": (choose.random(samples) < 0.001).astype(np.float64),
        "a square wave": np.sign(np.sin(np.arange(samples) / 4)),
    }[hard]
    assert len(encoded(name, wave.astype(np.float32))) <= FORMATS[name].max_bytes_per_sample * samples + 100


@pytest.mark.parametrize("name", ["wav", "flac", "pcm"])
def test_speech_over_full_scale_is_turned_down_as_a_whole(name: FormatName) -> None:
    wave = np.sin(np.arange(5000) / 20).astype(np.float32) * 3
    assert np.abs(decoded(name, wave)).max() == pytest.approx(0.98, abs=1e-3)
    assert np.abs(decoded(name, wave) - wave * 0.98 / np.abs(wave).max()).max() < 1e-3
