"""Speech to learn from that nobody owns: sentences spoken by espeak-ng in many voices."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from torchaudio.functional import resample
from tqdm import tqdm

from models.sentences import sentences

SAMPLE_RATE = 24_000
RMS = 0.1  # what upstream brings quiet references to
# A recording is never digitally silent. Without this floor the log mel of espeak-ng's pauses, and of all above its
# 11 kHz, is -11.5, and learning that number would cost the network more than learning speech.
NOISE = 0.0006  # of full scale, -64 dBFS
EDGE_SECONDS = 0.04
SILENCE = 0.02  # of full scale

Waveform = NDArray[np.float32]


@dataclass(frozen=True)
class Voice:
    """A voice of espeak-ng: its options -v, -p (0 to 99) and -s (words per minute)."""

    name: str
    pitch: int
    words_per_minute: int


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
    """

    text: str
    voice: int
    wave: Waveform


def speak(text: str, voice: Voice, seed: int = 0) -> Waveform:
    """One sentence in one voice, without silence at its edges but for EDGE_SECONDS; exits when espeak-ng is missing.

    Args:
        text: what to say.
        voice: who says it.
        seed: of the noise floor.

    Returns:
        [samples] at SAMPLE_RATE; peaks may lie beyond full scale.
    """
    options = ["-v", voice.name, "-p", str(voice.pitch), "-s", str(voice.words_per_minute)]
    try:
        spoken = subprocess.run(["espeak-ng", *options, "--stdout", text], capture_output=True, check=True)
    except FileNotFoundError:
        sys.exit("espeak-ng is missing: install it, on Debian and Ubuntu with `apt install espeak-ng`.")
    samples, rate = soundfile.read(BytesIO(spoken.stdout), dtype="float32")
    wave = resample(torch.from_numpy(samples), rate, SAMPLE_RATE).numpy()
    loud = np.flatnonzero(np.abs(wave) > SILENCE * np.abs(wave).max())
    wave = np.pad(wave[loud[0] : loud[-1] + 1], round(EDGE_SECONDS * SAMPLE_RATE))
    wave *= RMS / np.sqrt(np.mean(wave**2))
    noise = np.random.default_rng(seed).normal(0, NOISE, wave.shape)
    return (wave + noise).astype(np.float32)


def corpus(lines: int, seed: int) -> list[Recording]:
    """Sentences in the champions' voices and the others', each voice an equal share.

    Args:
        lines: how many.
        seed: of the sentences and the noise.
    """
    voices = (*CHAMPIONS.values(), *OTHERS)
    texts = list(islice(sentences(seed), lines))

    def record(index: int) -> Recording:
        voice = index % len(voices)
        return Recording(texts[index], voice, speak(texts[index], voices[voice], seed + index))

    with ThreadPoolExecutor() as pool:
        recordings = pool.map(record, range(lines))
        return list(tqdm(recordings, total=lines, desc="espeak-ng", unit="line", smoothing=0))
