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
from typing import NamedTuple

import ray
import torch
from torch import Tensor

from bulk.stages import LoadEngine
from engine.checkpoint import Model, load_model
from engine.graphs import Graphs
from engine.network import Step
from engine.sampler import Condition
from engine.speech import Engine

_LOADED = "model"  # stands in a trace where a piece does
_HOLD_SECONDS = 0.05  # between two looks whether speech may go on


class Traced(NamedTuple):
    """A line of a trace.

    Attributes:
        process: its id.
        node: Ray's id of its machine.
        piece: what tells the piece that it spoke from others.
    """

    process: int
    node: str
    piece: str


def stand_in(trace: Path | None = None, seconds_each: float = 0, hold: Path | None = None) -> LoadEngine:
    """What makes the engine of a model directory.

    Args:
        trace: is told of every engine and every piece that is spoken; None for nobody.
        seconds_each: how long it takes to speak a piece.
        hold: while there is such a file, nothing is spoken.
    """
    return partial(_load, trace=trace, seconds_each=seconds_each, hold=hold)


def traced(trace: Path) -> list[Traced]:
    """The pieces that were spoken."""
    return [line for line in _lines(trace) if line.piece != _LOADED]


def nodes_with_engines(trace: Path) -> set[str]:
    """The machines on which an engine was made."""
    return {line.node for line in _lines(trace) if line.piece == _LOADED}


def _lines(trace: Path) -> list[Traced]:
    words = [line.split() for line in trace.read_text().splitlines()] if trace.exists() else []
    return [Traced(int(process), node, piece) for process, node, piece in words]


def _tell(trace: Path | None, piece: str) -> None:
    if trace is not None:
        with trace.open("a") as file:  # a short line is appended whole
            file.write(f"{os.getpid()} {ray.get_runtime_context().get_node_id()} {piece}\n")


def _load(model_dir: Path, trace: Path | None, seconds_each: float, hold: Path | None) -> Engine:
    model = load_model(model_dir, torch.device("cpu"), torch.float32)
    _tell(trace, _LOADED)
    return Engine(model, sampler=partial(_sample, trace=trace, seconds_each=seconds_each, hold=hold))


def _sample(
    _model: Model,
    _schedule: Sequence[Step],
    conditions: Sequence[Condition],
    _graphs: Graphs | None,
    trace: Path | None,
    seconds_each: float,
    hold: Path | None,
) -> list[Tensor]:
    for condition in conditions:
        while hold is not None and hold.exists():
            time.sleep(_HOLD_SECONDS)
        time.sleep(seconds_each)
        _tell(trace, f"{float(condition.noise[0, 0]):.7f}/{hash(tuple(condition.tokens.tolist())):x}")
    return [condition.noise - 3 for condition in conditions]
