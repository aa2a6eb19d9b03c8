"""What an evaluation comes to: figures, the table in a model's card, plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from engine.checkpoint import MelSpecDescription
from engine.reference import log_mel
from models.corpus import levelled
from models.judge import Errors, total

BEGIN, END = "<!-- made by `make eval-small` -->\n", "<!-- end -->\n"
CONTESTANTS = {"fast": "`fast`", "standard": "`standard`", "Kokoro": "Kokoro", "espeak-ng": "espeak-ng"}
# A row each: whose voices, which figure, what it means.
ROWS = (
    ("champions", "coaching", "words heard wrong, coaching lines, champions' voices"),
    ("champions", "general", "the same, general English"),
    ("strangers", "words", "the same, both, in four voices that it never heard in training"),
    ("champions", "quality", "DistillMOS, 1 to 5, champions"),
    ("strangers", "quality", "the same, voices never heard"),
    ("champions", "nearest", "lines that are nearest to their own champion by Resemblyzer"),
    ("strangers", "nearest", "the same, voices never heard, among the champions and their own"),
    ("champions", "seconds_per_second", "seconds of work for a second of speech"),
)


class Line(NamedTuple):
    """A sentence, how it was spoken and what was heard."""

    kind: str  # `coaching` or `general`
    speaker: str  # in whose voice
    sentence: str
    heard: str
    wrong: int  # words of those heard
    words: int  # there were to hear
    quality: float  # DistillMOS
    similarity: float  # to the speaker's reference, at most 1
    nearest: str  # whose reference it is most like: any champion's or the speaker's own
    seconds_per_second: float  # of work for a second of speech


def summarise(lines: Sequence[Line]) -> dict[str, Any]:
    """The figures of one contestant in one group of voices."""
    speakers = dict.fromkeys(line.speaker for line in lines)
    kinds = dict.fromkeys(line.kind for line in lines)
    return {
        "words": _rate(lines),
        **{kind: _rate([line for line in lines if line.kind == kind]) for kind in kinds},
        "quality": float(np.mean([line.quality for line in lines])),
        "similarity": float(np.mean([line.similarity for line in lines])),
        "nearest": float(np.mean([line.nearest == line.speaker for line in lines])),
        "seconds_per_second": float(np.median([line.seconds_per_second for line in lines])),
        "words_by_speaker": {name: _rate([line for line in lines if line.speaker == name]) for name in speakers},
    }


def _rate(lines: Sequence[Line]) -> float:
    return total([Errors(line.wrong, line.words) for line in lines]).rate


def with_table(card: str, results: Mapping[str, Any]) -> str:
    """The model's card with the figures as they are now."""
    rows = [f"| | {' | '.join(CONTESTANTS.values())} |", "|---" * (1 + len(CONTESTANTS)) + "|"]
    for group, name, meaning in ROWS:
        groups = [results["figures"][contestant].get(group) for contestant in CONTESTANTS]
        figures = " | ".join(f"{figures[name]:.2f}" if figures else "" for figures in groups)
        rows.append(f"| {meaning} | {figures} |")
    about = results["machine"]
    rows += [
        "",
        f"{results['sentences']} sentences in each group of voices; on {about['processor']}, {about['cores']} cores.",
    ]
    before, _, rest = card.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{chr(10).join(rows)}\n{END}{after}"


def plot_rates(figures: Mapping[str, Any], path: Path) -> None:
    """Plot each contestant's word error rate by voice."""
    rates = {
        name: {speaker: rate for group in of.values() for speaker, rate in group["words_by_speaker"].items()}
        for name, of in figures.items()
    }
    figure = Figure(figsize=(10, 3), layout="constrained")
    axis = figure.subplots()
    speakers = list(next(iter(rates.values())))
    width = 0.8 / len(rates)
    for at, (name, of) in enumerate(rates.items()):
        axis.bar(np.arange(len(of)) + at * width, list(of.values()), width, label=name)
    axis.set_xticks(np.arange(len(speakers)) + 0.4 - width / 2, speakers, fontsize=8)
    axis.set(ylabel="word error rate by Whisper base")
    axis.grid(axis="y", alpha=0.3)
    axis.legend()
    figure.savefig(path, dpi=90)


def plot_spectrograms(
    rows: Mapping[str, Sequence[NDArray[np.float32]]],
    columns: Sequence[str],
    mel_spec: MelSpecDescription,
    path: Path,
) -> None:
    """Plot log mels of waves at the mels' rate, a row for each title and a column for each who speaks."""
    figure = Figure(figsize=(12, 2.4 * len(rows)), layout="constrained")
    axes = figure.subplots(len(rows), len(columns), squeeze=False)
    for row, (title, waves) in zip(axes, rows.items(), strict=True):
        for axis, wave, who in zip(row, waves, columns, strict=True):
            mel = log_mel(torch.from_numpy(levelled(wave)), mel_spec).numpy()
            axis.imshow(mel.T, origin="lower", aspect="auto", vmin=-9, vmax=3, interpolation="none")
            axis.set_title(f"{who}, {title}", fontsize=8)
            axis.tick_params(labelsize=7)
    figure.supxlabel("mel frames of 10.7 ms", fontsize=8)
    figure.supylabel("mel channels", fontsize=8)
    figure.savefig(path, dpi=90)
