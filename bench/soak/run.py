"""A soak of a stack that is up: some callers, and a replica of the model that is killed now and then."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
from tqdm import tqdm

from bench.soak.asks import Where
from bench.soak.callers import HANG_UP, Callers
from bench.soak.verdict import Soak
from bench.soak.watching import Sample, kill_model, sample

CALLERS = 4
FIRST_KILL_SECONDS, KILL_SECONDS = 60, 120
# Then the replica that is there is left alone, so that what it holds can be seen to grow.
KILLING_SHARE = 0.6
SAMPLES, MIN_SAMPLE_SECONDS = 240, 1.0
TICK_SECONDS = 0.2
TERMINAL_SECONDS, LOG_SECONDS = 0.5, 30.0  # between two lines of progress


def kills(seconds: float) -> list[float]:
    """When replicas are killed: at least one, early in a short soak."""
    first = min(FIRST_KILL_SECONDS, seconds / 4)
    count = 1 + int((KILLING_SHARE * seconds - first) // KILL_SECONDS)
    return [first + number * KILL_SECONDS for number in range(count)]


def soak(stack: psutil.Popen, where: Where, seconds: float) -> Soak:
    """Have the callers call until time is up, and wait until every line is answered.

    Args:
        stack: the process that started all others.
        where: where it is.
        seconds: how long requests are begun.

    Raises:
        RuntimeError: the stack ended by itself.
        KeyboardInterrupt: a signal ended it; the callers stop as soon as the stack does.
    """
    callers = Callers(where)
    callers.prepare()
    killed: list[float] = []
    samples: list[Sample] = []
    due = kills(seconds)
    pool = ThreadPoolExecutor(CALLERS, "caller")
    calling = [pool.submit(callers.call) for _ in range(CALLERS)]
    try:
        interval = TERMINAL_SECONDS if sys.stderr.isatty() else LOG_SECONDS
        with tqdm(total=round(seconds), unit="s", desc="soak", mininterval=interval, dynamic_ncols=True) as bar:
            while (now := callers.now()) < seconds and not any(each.done() for each in calling):
                if stack.poll() is not None:
                    raise RuntimeError("The stack has ended by itself; its logs, in build/logs/, say why.")
                if due and now >= due[0] and kill_model(stack):
                    due.pop(0)
                    killed.append(callers.now())
                if now >= len(samples) * max(MIN_SAMPLE_SECONDS, seconds / SAMPLES):
                    samples.append(sample(stack, now))
                bar.set_postfix_str(told(callers, killed), refresh=False)
                bar.update(int(now) - bar.n)
                time.sleep(TICK_SECONDS)
        callers.over.set()
        for each in calling:
            each.result()
    except BaseException:
        callers.stopped.set()
        raise
    finally:
        callers.over.set()
        pool.shutdown(wait=False)
    tries = list(callers.tries)
    callers.leave()
    return Soak(now, tries, killed, samples)


def told(callers: Callers, killed: list[float]) -> str:
    """What the progress bar says beside the time."""
    tries = list(callers.tries)
    spoken = sum(each.is_spoken and each.status == 200 for each in tries)
    lost = sum(bool(each.wrong) or (each.status is None and each.kind != HANG_UP) for each in tries)
    failed = sum((each.status or 0) >= 500 for each in tries)
    return f"{len(tries)} requests, {spoken} lines spoken, {lost} lost or wrong, {failed} 5xx, {len(killed)} killed"
