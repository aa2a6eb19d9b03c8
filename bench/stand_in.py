"""An engine that needs no time: a model whose network is not asked, and whose speech is noise.

Benchmarks and tests of `bulk` speak with it where what is said does not matter. It lies here because Ray's workers
import it by name: in their environment another package is called `tests`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from bulk.stages import LoadEngine
from engine.checkpoint import Model, load_model
from engine.graphs import Graphs
from engine.network import Step
from engine.sampler import Condition
from engine.speech import Engine


def stand_in(trace: Path | None = None, seconds_each: float = 0) -> LoadEngine:
    """What makes the engine of a model directory.

    Args:
        trace: gets a line for each piece that is spoken, for `traced`; None for no trace.
        seconds_each: how long it takes to speak a piece.
    """
    return partial(_load, trace=trace, seconds_each=seconds_each)


def traced(trace: Path) -> list[tuple[int, str]]:
    """The pieces that were spoken: which process spoke each, and what tells it from others."""
    words = [line.split() for line in trace.read_text().splitlines()] if trace.exists() else []
    return [(int(process), piece) for process, piece in words]


def _load(model_dir: Path, trace: Path | None, seconds_each: float) -> Engine:
    model = load_model(model_dir, torch.device("cpu"), torch.float32)
    return Engine(model, sampler=partial(_sample, trace=trace, seconds_each=seconds_each))


def _sample(
    _model: Model,
    _schedule: Sequence[Step],
    conditions: Sequence[Condition],
    _graphs: Graphs | None,
    trace: Path | None,
    seconds_each: float,
) -> list[Tensor]:
    for condition in conditions:
        time.sleep(seconds_each)
        if trace is not None:
            piece = f"{float(condition.noise[0, 0]):.7f}/{hash(tuple(condition.tokens.tolist())):x}"
            with trace.open("a") as file:  # a short line is appended whole
                file.write(f"{os.getpid()} {piece}\n")
    return [condition.noise - 3 for condition in conditions]
