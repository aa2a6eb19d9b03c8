"""Speech to learn from that nobody owns: sentences spoken by espeak-ng in many voices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torchaudio.transforms import Resample
from tqdm import tqdm

from models.espeak import Spoken, Voice, synthesise
from models.sentences import sentences

SAMPLE_RATE = 24_000
RMS = 0.1  # what upstream brings quiet references to
# A recording is never digitally silent. Without this floor the log mel of espeak-ng's pauses, and of all above its
# 11 kHz, is -11.5, and learning that number would cost the network more than learning speech.
NOISE = 0.0006  # of full scale, -64 dBFS
EDGE_SECONDS = 0.04
SILENCE = 0.02  # of full scale

Waveform = NDArray[np.float32]


CHAMPIONS = {
    "ahri": Voice("en-us+f5", 50, 150),
    "default": Voice("en-us", 45, 160),
    "garen": Voice("en-us+m7", 10, 150),
    "jinx": Voice("en-us+f2", 85, 175),
    "lux": Voice("en-us+f3", 35, 165),
    "thresh": Voice("en-us+m1", 25, 140),
    "yasuo": Voice("en-us+m3", 70, 165),
}
# Voices that the model learns from beside the champions', so that it learns to follow a reference.
OTHERS = (
    Voice("en-us+f4", 40, 160),
    Voice("en-us+m2", 40, 155),
    Voice("en-us+m4", 55, 160),
    Voice("en-us+m6", 30, 150),
    Voice("en-us+sandro", 50, 155),
    Voice("en-us+linda", 50, 160),
    Voice("en-us+klatt4", 50, 155),
)
# Voices that the model never hears before it is judged by them.
HELD_OUT_VOICES = (Voice("en-us+f1", 50, 155), Voice("en-us+m5", 45, 155))


@dataclass(frozen=True)
class Recording:
    """A sentence as a voice speaks it.

    Attributes:
        text: the sentence.
        voice: its index among the corpus's voices.
        wave: [samples], at SAMPLE_RATE, with RMS and NOISE.
        phonemes: each phoneme's first sample and its name, in espeak-ng's notation; those of pauses begin with _.
    """

    text: str
    voice: int
    wave: Waveform
    phonemes: list[tuple[int, str]]


def speak(text: str, voice: Voice) -> Waveform:
    """One sentence in one voice, as the corpus has it; exits when espeak-ng is missing.

    Returns:
        [samples] at SAMPLE_RATE; peaks may lie beyond full scale.
    """
    [spoken] = synthesise([(text, voice)])
    return record(spoken, seed=0)[0]


def record(spoken: Spoken, seed: int) -> tuple[Waveform, list[tuple[int, str]]]:
    """Speech without silence at its edges but for EDGE_SECONDS, with RMS and NOISE.

    Args:
        spoken: espeak-ng's.
        seed: of the noise floor.

    Returns:
        [samples] at SAMPLE_RATE; peaks may lie beyond full scale. Its phonemes, each with its first sample.
    """
    wave = _resampler(spoken.sample_rate)(torch.from_numpy(spoken.samples)).numpy()
    loud = np.flatnonzero(np.abs(wave) > SILENCE * np.abs(wave).max())
    edge = round(EDGE_SECONDS * SAMPLE_RATE)
    wave = levelled(np.pad(wave[loud[0] : loud[-1] + 1], edge))
    noise = np.random.default_rng(seed).normal(0, NOISE, wave.shape)
    begin = edge - int(loud[0])
    phonemes = [(begin + at * SAMPLE_RATE // spoken.sample_rate, name) for at, name in spoken.phonemes]
    return (wave + noise).astype(np.float32), phonemes


@cache
def _resampler(sample_rate: int) -> Resample:
    return Resample(sample_rate, SAMPLE_RATE)


def levelled(wave: Waveform) -> Waveform:
    """A waveform brought to RMS."""
    return wave * np.float32(RMS / np.sqrt(np.mean(wave**2)))


def corpus(lines: int, seed: int) -> list[Recording]:
    """Sentences in the champions' voices and the others'; a champion's voice speaks twice as many as another.

    Args:
        lines: how many.
        seed: of the sentences and the noise.
    """
    voices = (*CHAMPIONS.values(), *OTHERS)
    texts = list(islice(sentences(seed), lines))

    turns = [*range(len(voices)), *range(len(CHAMPIONS))]
    speakers = [turns[index % len(turns)] for index in range(lines)]
    utterances = [(text, voices[speaker]) for text, speaker in zip(texts, speakers, strict=True)]
    spoken = tqdm(synthesise(utterances), total=lines, desc="espeak-ng", unit="line", smoothing=0)
    return [Recording(texts[index], speakers[index], *record(each, seed + index)) for index, each in enumerate(spoken)]
