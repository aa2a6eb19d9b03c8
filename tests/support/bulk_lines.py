"""What a bulk run needs in tests: lines, champions, and an engine that is quick and leaves a trace."""

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bulk.model import digest
from bulk.places import absolute
from bulk.planning import Order
from bulk.stages import LoadEngine
from bulk.voices import read_voices
from engine.checkpoint import Model, load_model
from engine.graphs import Graphs
from engine.network import Step
from engine.sampler import Condition
from engine.speech import Engine
from tests.support.recordings import TRANSCRIPT, recording, wav


def write_jsonl(path: Path, lines: Iterable[Mapping[str, object]]) -> Path:
    """A file of lines."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def make_champion(folder: Path, champion_id: str, seconds: float = 1.2) -> None:
    """Give a champion a reference in a folder of voices."""
    (folder / champion_id).mkdir(parents=True, exist_ok=True)
    (folder / champion_id / "reference.wav").write_bytes(wav(recording(seconds)))
    (folder / champion_id / "reference.txt").write_text(TRANSCRIPT)


def make_voices(folder: Path) -> Path:
    """A folder with the champions garen and lux."""
    make_champion(folder, "garen")
    make_champion(folder, "lux", 1.5)
    return folder


def make_order(sources: Iterable[str | Path], out: str | Path, model_dir: Path, voices: str | Path) -> Order:
    """An order without a fallback champion, at the usual loudness."""
    return Order(
        sources=tuple(absolute(str(source)) for source in sources),
        out=absolute(str(out)),
        model=str(model_dir),
        model_digest=digest(model_dir),
        voices=read_voices(str(voices)),
        fallback_champion=None,
        lufs=-19.0,
    )


def stand_in(trace: Path, seconds_each: float = 0) -> LoadEngine:
    """What loads a model with a stand-in for its network, whose speech is noise.

    Args:
        trace: gets a line for each piece that is spoken: the process's id, and what tells the piece from others.
        seconds_each: how long it takes to speak a piece.
    """
    return partial(_load, trace=trace, seconds_each=seconds_each)


def traced(trace: Path) -> list[tuple[int, str]]:
    """The pieces that were spoken, and by which process."""
    words = [line.split() for line in trace.read_text().splitlines()] if trace.exists() else []
    return [(int(process), piece) for process, piece in words]


def _load(model_dir: Path, trace: Path, seconds_each: float) -> Engine:
    model = load_model(model_dir, torch.device("cpu"), torch.float32)
    return Engine(model, sampler=partial(_sample, trace=trace, seconds_each=seconds_each))


def _sample(
    _model: Model,
    _schedule: Sequence[Step],
    conditions: Sequence[Condition],
    _graphs: Graphs | None,
    trace: Path,
    seconds_each: float,
) -> list[Tensor]:
    for condition in conditions:
        time.sleep(seconds_each)
        piece = f"{float(condition.noise[0, 0]):.7f}/{hash(tuple(condition.tokens.tolist())):x}"
        with trace.open("a") as file:  # a short line is appended whole
            file.write(f"{os.getpid()} {piece}\n")
    return [condition.noise - 3 for condition in conditions]


def manifest_of(out: Path) -> list[dict[str, Any]]:
    """The rows of a run's manifest."""
    return [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
