"""The processes of the stack: what they hold, and the end of one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import psutil

MODEL = "the model"
S3 = "S3"
GROUPS = {
    "ray::ServeReplica:model": MODEL,
    "ray::ServeReplica:voice": "the way in",
    "ray::ProxyActor": "Ray Serve's proxy",
    "local.lambda_environment": "the Lambda",
    "local.gateway": "the gateway",
    "local.sagemaker": "the SageMaker façade",
    "moto.server": S3,
    "local.durable": "jobs",
    "dex-local-runner": "jobs",
}
"""By a part of the command line."""
OTHERS = "Ray and the rest"


@dataclass(frozen=True)
class Sample:
    """What the processes hold at a moment.

    Attributes:
        at: seconds since the soak began.
        memory: resident memory in MiB by group of processes; what several share counts in each.
        handles: open file descriptors by group.
        processes: how many there are, by group.
    """

    at: float
    memory: dict[str, float]
    handles: dict[str, int]
    processes: dict[str, int]


def sample(stack: psutil.Process, at: float) -> Sample:
    """Look at all processes of the stack.

    Args:
        stack: the one that started the others.
        at: seconds since the soak began.
    """
    memory: dict[str, float] = defaultdict(float)
    handles: dict[str, int] = defaultdict(int)
    processes: dict[str, int] = defaultdict(int)
    for group, process in _processes(stack):
        with suppress(psutil.Error):  # it has just ended
            held, opened = process.memory_info().rss / 2**20, process.num_fds()
            memory[group] += held
            handles[group] += opened
            processes[group] += 1
    return Sample(at, {group: round(held, 1) for group, held in memory.items()}, dict(handles), dict(processes))


def kill_model(stack: psutil.Process) -> bool:
    """End the replica of the model by SIGKILL.

    Returns:
        Whether there was one.
    """
    replicas = [process for group, process in _processes(stack) if group == MODEL]
    for replica in replicas:
        replica.kill()
    return bool(replicas)


def _processes(stack: psutil.Process) -> Iterator[tuple[str, psutil.Process]]:
    for process in [stack, *stack.children(recursive=True)]:
        with suppress(psutil.Error):
            command = " ".join(process.cmdline())
            if command:  # one that ended and that nobody has asked for yet has none
                yield next((group for part, group in GROUPS.items() if part in command), OTHERS), process
