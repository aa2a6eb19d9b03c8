"""How the benchmarks time things, and the file that they write."""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("f5-tts", "torch", "vocos", "ray", "moto", "numpy")


def interleaved(contestants: Mapping[str, Callable[[], object]], runs: int) -> dict[str, list[float]]:
    """Time each contestant in turn, `runs` times after one run that does not count.

    What else the machine does then disturbs all of them alike.

    Returns:
        Seconds of each run by contestant.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for run in range(runs + 1):
        for name, contestant in contestants.items():
            started = time.perf_counter()
            contestant()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            if run:
                seconds[name].append(round(time.perf_counter() - started, 4))
    return seconds


def summary(seconds: list[float]) -> dict[str, Any]:
    """Median and spread of some runs."""
    return {
        "median": round(statistics.median(seconds), 4),
        "least": min(seconds),
        "most": max(seconds),
        "runs": len(seconds),
    }


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Where half, 95 % and 99 % of at least two values are at most, and the largest."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    named = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "most": max(values)}
    return {name: round(value, 3) for name, value in named.items()}


def machine(packages: Sequence[str] = PACKAGES) -> dict[str, Any]:
    """What figures were measured on, and with which versions of packages."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
    }


def stamped(rows: dict[str, Any]) -> dict[str, Any]:
    """Rows with what they were measured on, and when."""
    return {"machine": machine(), "date": time.strftime("%Y-%m-%d"), **rows}


def save(part: str, rows: dict[str, Any]) -> Path:
    """Put one benchmark's rows into this machine's file, beside those of the other benchmark.

    Returns:
        The file.
    """
    about = machine()
    name = about["gpu"] or f"{about['processor']} {about['cores']} cores"
    path = RESULTS / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.json"
    content = json.loads(path.read_text()) if path.exists() else {}
    content[part] = stamped(rows)
    path.write_text(json.dumps(content, indent=2) + "\n")
    return path


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return re.sub(r"\((R|TM)\)|CPU|@.*", "", line.partition(":")[2]).strip()
    return platform.machine()
