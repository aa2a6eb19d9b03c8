"""Speech to learn from that nobody owns: lines of a synthetic speaker, with the time at which each phoneme begins.

A corpus is a folder: `lines.jsonl`, a line each, and `part-*.tar` with the sound files that it names.
`models.make_corpus` makes one.
"""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from tqdm import tqdm

from engine.phonemes import SILENCE

SAMPLE_RATE = 24_000
RMS = 0.1  # what upstream brings quiet references to
# Synthetic speech is digitally silent in its pauses: without this floor their log mel is -11.5, and learning that
# number would cost the network more than learning speech.
NOISE = 0.0006  # of full scale, -64 dBFS
COPIES = 2  # of a line in a voice of its own, each resampled into yet another voice
MAX_RESAMPLING = 1.1

Waveform = NDArray[np.float32]


@dataclass(frozen=True)
class Recording:
    """A line as a voice speaks it.

    Attributes:
        text: what is said.
        voice: a champion's name, or None for a voice that says nothing else.
        wave: [samples], at SAMPLE_RATE, with RMS and NOISE.
        phonemes: each phoneme, mark or silence with its first sample, the first at 0.
    """

    text: str
    voice: str | None
    wave: Waveform
    phonemes: list[tuple[str, int]]

    @property
    def spans(self) -> list[tuple[str, int, int]]:
        """Each phoneme with its first sample and the one behind its last."""
        ends = [*self.phonemes, (SILENCE, len(self.wave))]
        return [(name, begin, end) for (name, begin), (_, end) in pairwise(ends)]


def read_corpus(folder: Path, seed: int, limit: int | None = None) -> list[Recording]:
    """Read a corpus, and add resampled copies of the lines in voices of their own.

    Args:
        folder: of the corpus.
        seed: of the noise and the resampling.
        limit: lines to read at most.

    Raises:
        FileNotFoundError: the folder holds no corpus.
        ValueError: a file has another rate than SAMPLE_RATE.
    """
    lines = [json.loads(line) for line in (folder / "lines.jsonl").read_text(encoding="utf-8").splitlines()]
    waves: dict[str, bytes] = {}
    for part in sorted(folder.glob("part-*.tar")):
        with tarfile.open(part) as tar:
            for member in tar:
                if file := tar.extractfile(member):
                    waves[Path(member.name).name] = file.read()
    draw = np.random.default_rng(seed)
    recordings = []
    for line in tqdm(lines[:limit], desc="corpus", unit="line", smoothing=0):
        if line["file"] not in waves:
            continue
        wave, rate = soundfile.read(io.BytesIO(waves[line["file"]]), dtype="float32")
        if rate != SAMPLE_RATE:
            raise ValueError(f"{line['file']} has {rate} samples a second, not {SAMPLE_RATE}")
        factors = [1.0] + ([] if line["voice"] else list(np.exp(draw.uniform(-1, 1, COPIES) * np.log(MAX_RESAMPLING))))
        recordings += [_recording(line, wave, factor, draw) for factor in factors]
    return recordings


def _recording(line: dict[str, Any], wave: Waveform, factor: float, draw: np.random.Generator) -> Recording:
    """A line, played `factor` times as fast: its pitch, formants and pace rise together."""
    if factor != 1:
        wave = soxr.resample(wave, SAMPLE_RATE * factor, SAMPLE_RATE, "HQ")
    symbols = [symbol for _, symbols in line["tokens"] for symbol in symbols]
    starts = [round(start * SAMPLE_RATE / factor) for start in line["starts"]]
    phonemes = [(SILENCE, 0), *zip(symbols, starts, strict=True)]
    noise = draw.normal(0, NOISE, wave.shape)
    return Recording(line["text"], line["voice"], (levelled(wave) + noise).astype(np.float32), phonemes)


def levelled(wave: Waveform) -> Waveform:
    """A waveform brought to RMS."""
    return wave * np.float32(RMS / np.sqrt(np.mean(wave**2)))
