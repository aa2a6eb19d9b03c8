"""The cluster that a run has, be it this machine alone, and how it is shared out over the stages."""

from __future__ import annotations

import logging
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.data import ActorPoolStrategy, DataContext, TaskPoolStrategy

from engine.speech import MAX_BATCH_FRAMES

BLOCK_BYTES = 64 * 1024  # some hundred rows, or one batch: what a stage hands on at a time
CPU_BATCH_FRAMES = 4096  # three or four lines: a CPU speaks one after the other, and a worker that dies loses a batch
TEXT_STAGES = 3  # read, plan, keep
MODELS_SHARE = 0.75  # of the CPUs is reserved for models, where they compute on CPUs; the rest is for text and files


@dataclass(frozen=True)
class Shares:
    """What each stage is given.

    Args:
        text: Ray's arguments for a worker that plans or writes.
        reading: for one that reads files; it must not be as for `text`, or Ray Data makes one stage of the two.
        speaking: for an actor that holds a model.
        actors: how many of these there are.
        threads: of an actor's CPU computations.
        max_frames: of a batch.
    """

    text: dict[str, Any]
    reading: dict[str, Any]
    speaking: dict[str, Any]
    actors: ActorPoolStrategy
    threads: int
    max_frames: int


def connect() -> None:
    """Join the Ray cluster that RAY_ADDRESS names or that runs on this machine; start one here if there is none."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # it tells of every stage, and of errors that it raises
    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.target_max_block_size = BLOCK_BYTES


def shares(actors: int | None, gpus: bool) -> Shares:
    """Share the cluster out: an actor a GPU where there are GPUs, else one a CPU socket.

    Args:
        actors: how many there are to be at all; None for as many as the cluster holds, and more as it grows.
        gpus: GPUs will come, though none is there yet.
    """
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]  # type: ignore[no-untyped-call]
    # Two batches at a time: one is fetched, or handed on, while the other is spoken.
    pool = ActorPoolStrategy(min_size=actors or 1, max_size=actors, enable_true_multi_threading=True)
    if gpus or any(node.get("GPU") for node in nodes):
        return Shares(
            text={"num_cpus": 1},
            reading={"num_cpus": 0.5},
            speaking={"num_cpus": 1, "num_gpus": 1, "max_concurrency": 2},
            actors=pool,
            threads=1,
            max_frames=MAX_BATCH_FRAMES["cuda"],
        )
    cpus = min(node["CPU"] for node in nodes)
    share = cpus / (math.ceil(actors / len(nodes)) if actors else min(sockets(), cpus))
    # A task of each stage beside the models, or those that hold a CPU would wait for those that get none. Before there
    # is a model, no more of them than CPUs: each has torch in memory.
    text = round(min(1, (1 - MODELS_SHARE) * share / TEXT_STAGES), 3)
    most = max(1, int(sum(node["CPU"] for node in nodes)))
    return Shares(
        text={"num_cpus": text, "compute": TaskPoolStrategy(size=most)},
        reading={"num_cpus": text / 2, "compute": TaskPoolStrategy(size=1)},
        speaking={"num_cpus": round(MODELS_SHARE * share, 2), "max_concurrency": 2},
        actors=pool,
        threads=max(1, math.floor(share)),
        max_frames=CPU_BATCH_FRAMES,
    )


def sockets() -> int:
    """The CPU sockets of this machine, as far as Linux tells."""
    cpus = Path("/sys/devices/system/cpu").glob("cpu[0-9]*/topology/physical_package_id")
    return len({path.read_text() for path in cpus}) or 1
