"""The whole stack under load, on this machine alone; `python -m bench.stack`.

It starts the stack as `make run` does, with the model that `make run` speaks with.
"""

from __future__ import annotations

import itertools
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.measure import save, summary

ROOT = Path(__file__).parents[1]
PORT = 3900
GATEWAY, RAY_SERVE = f"http://127.0.0.1:{PORT}", f"http://127.0.0.1:{PORT + 3}"
LINE = {"champion_id": "yasuo", "text": "Ward the river before you walk into it.", "quality": "fast"}
REQUESTS_PER_CALLER = 6

client = httpx.Client(timeout=120)  # one for all: making one takes as long as the API adds
seeds = itertools.count(1)  # a new seed is a line that was never spoken


@contextmanager
def stack() -> Iterator[psutil.Popen]:
    """The stack, up and open to everybody: the process that started all others.

    Raises:
        RuntimeError: it did not come up; the message is what it said.
    """
    process = psutil.Popen(
        [sys.executable, "-m", "local.stack"],
        cwd=ROOT,
        env=os.environ | {"PORT": str(PORT), "API_KEY": "", "ADMIN_KEY": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        told = []
        for line in process.stdout or ():
            told.append(line)
            print(line, end="")
            if "Ctrl-C" in line:
                break
        else:
            raise RuntimeError("".join(told))
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def speak(url: str, seed: int) -> float:
    """Have a line spoken.

    Returns:
        The seconds it took.

    Raises:
        httpx.HTTPError: it was not.
    """
    started = time.perf_counter()
    answer = client.post(url, json=LINE | {"seed": seed}, headers={"Accept": "audio/wav"})
    answer.raise_for_status()
    return round(time.perf_counter() - started, 4)


def load(callers: int) -> dict[str, Any]:
    """The requests of several callers at once, straight to Ray Serve."""
    count = callers * REQUESTS_PER_CALLER
    started = time.perf_counter()
    with ThreadPoolExecutor(callers) as pool:
        seconds = list(pool.map(lambda seed: speak(f"{RAY_SERVE}/", seed), itertools.islice(seeds, count)))
    return {
        "requests_per_second": round(count / (time.perf_counter() - started), 2),
        "p50": round(statistics.median(seconds), 3),
        "p95": round(statistics.quantiles(seconds, n=20)[-1], 3),
        "requests": count,
    }


def alone(call: Callable[[], float], runs: int = 15) -> dict[str, Any]:
    """One request after the other."""
    return summary([call() for _ in range(runs)])


def main() -> None:
    """Measure and save."""
    with stack():
        for url in (f"{RAY_SERVE}/", f"{GATEWAY}/voice"):
            speak(url, next(seeds))
        rows: dict[str, Any] = {f"{callers} callers": load(callers) for callers in (1, 4, 16)}
        rows["Ray Serve alone"] = alone(lambda: speak(f"{RAY_SERVE}/", next(seeds)))
        rows["POST /voice"] = alone(lambda: speak(f"{GATEWAY}/voice", next(seeds)))
        rows["POST /voice, from the store"] = alone(lambda: speak(f"{GATEWAY}/voice", 1))
    rows["added by the API"] = round(rows["POST /voice"]["median"] - rows["Ray Serve alone"]["median"], 4)
    print(save("stack", {"line": LINE, "rows": rows}).read_text())


if __name__ == "__main__":
    main()
