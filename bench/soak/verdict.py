"""What a soak has shown: whether anything was lost, grew or failed, and how long answers took."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from bench.measure import percentiles
from bench.soak.callers import HANG_UP, Try
from bench.soak.watching import MODEL, S3, Sample

# What a caller may be told while the replica that was killed is started anew: docs/under-load.md.
INJECTED = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
GROWTH_SECONDS = 300  # shorter soaks measure how the processes warm up
# The last quarter may hold this much more than the second, by share and beside it.
MORE_SHARE = 0.1
MORE_MIB = 64
MORE_HANDLES = 32
KEEPS = {S3}  # moto keeps in memory whatever is stored
TOLD = 5  # of a kind of fault so many are told


@dataclass(frozen=True)
class Soak:
    """What was seen.

    Attributes:
        seconds: how long requests were begun.
        tries: the requests.
        killed: when the model's replica was killed, in seconds since the soak began.
        samples: of the processes.
    """

    seconds: float
    tries: Sequence[Try]
    killed: Sequence[float]
    samples: Sequence[Sample]

    def back(self, killed: float) -> float | None:
        """When the model spoke again after it was killed: the first whole answer to who asked after it."""
        ends = (each.ended for each in self.tries if each.is_spoken and each.status == 200 and each.asked > killed)
        return min(ends, default=None)

    def in_flight(self, killed: float) -> list[Try]:
        """The lines that were asked for when the model was killed."""
        return [each for each in self.tries if each.is_spoken and each.asked < killed < each.ended]


def faults(soak: Soak) -> list[str]:
    """Why the soak has not passed, in words; nothing if it has."""
    found = [*_lost(soak), *_failed(soak), *_stayed_away(soak)]
    if soak.seconds >= GROWTH_SECONDS:
        found += [each for what in ("memory", "handles") for each in _grown(soak, what)]
    return found


def summary(soak: Soak) -> dict[str, Any]:
    """The figures: rates, seconds of right answers by kind, statuses, killed replicas, what processes hold."""
    right = [each for each in soak.tries if each.status and not each.wrong and not each.tried_again]
    kinds: dict[str, list[Try]] = defaultdict(list)
    for each in soak.tries:
        kinds[each.kind].append(each)
    return {
        "seconds": round(soak.seconds),
        "requests": len(soak.tries),
        "requests_a_second": round(len(soak.tries) / soak.seconds, 2),
        "lines_spoken": (lines := sum(each.is_spoken for each in right)),
        "lines_spoken_a_second": round(lines / soak.seconds, 2),
        "statuses": _statuses(soak.tries),
        "kinds": {kind: _percentiles(tries) | {"statuses": _statuses(tries)} for kind, tries in sorted(kinds.items())},
        "killed": [_killed(soak, killed) for killed in soak.killed],
        "processes": {
            group: {
                what: [round(each) for each in held]
                for what in ("memory", "handles")
                if (held := quarters(soak, group, what))
            }
            for group in sorted({group for each in soak.samples for group in each.memory})
        },
    }


def quarters(soak: Soak, group: str, what: str) -> tuple[float, float] | None:
    """What a group of processes held in the second and in the last quarter: medians. None if it was there too shortly.

    A model that is killed begins anew, so its quarters are those of the time since the last one.

    Args:
        soak: what was seen.
        group: of processes.
        what: memory (in MiB) or handles.
    """
    since = 0.0
    if group == MODEL and soak.killed:
        back = soak.back(soak.killed[-1])
        since = soak.seconds if back is None else back
    held = [getattr(each, what)[group] for each in soak.samples if each.at >= since and group in each.memory]
    quarter = len(held) // 4
    if not quarter:
        return None
    return statistics.median(held[quarter : 2 * quarter]), statistics.median(held[-quarter:])


def _lost(soak: Soak) -> Iterator[str]:
    if not any(each.is_spoken and each.status == 200 for each in soak.tries):
        yield "No line was spoken."
    unanswered = [each for each in soak.tries if each.status is None and each.kind != HANG_UP]
    yield from _told(f"{len(unanswered)} requests got no answer", unanswered)
    wrong = [each for each in soak.tries if each.status and each.wrong]
    yield from _told(f"{len(wrong)} answers were wrong", wrong)


def _failed(soak: Soak) -> Iterator[str]:
    stray = [each for each in soak.tries if (each.status or 0) >= 500 and not _is_injected(soak, each)]
    yield from _told(f"{len(stray)} answers were 5xx that no killed replica explains", stray)


def _is_injected(soak: Soak, failed: Try) -> bool:
    return failed.status in INJECTED and any(
        failed.ended >= killed and ((back := soak.back(killed)) is None or failed.asked <= back)
        for killed in soak.killed
    )


def _stayed_away(soak: Soak) -> Iterator[str]:
    for killed in soak.killed:
        if soak.back(killed) is None:
            yield f"The model that was killed at {killed:.0f} s did not speak again."


def _grown(soak: Soak, what: str) -> Iterator[str]:
    beside, unit = (MORE_MIB, " MiB of memory") if what == "memory" else (MORE_HANDLES, " file handles")
    for group in sorted({group for each in soak.samples for group in each.memory}):
        if (held := quarters(soak, group, what)) is None or (what == "memory" and group in KEEPS):
            continue
        second, last = held
        if last > second * (1 + MORE_SHARE) + beside:
            yield f"{group} grew from {second:.0f} to {last:.0f}{unit}: medians of the second and the last quarter."


def _told(what: str, tries: Sequence[Try]) -> Iterator[str]:
    if tries:
        each = (
            f"{t.kind} at {t.asked:.0f} s, {t.status or 'none'} after {t.seconds:.1f} s {t.wrong}".strip()
            for t in tries[:TOLD]
        )
        yield f"{what}: {'; '.join(each)}{'; …' if len(tries) > TOLD else '.'}"


def _statuses(tries: Sequence[Try]) -> dict[str, int]:
    counted = Counter("hung up" if each.kind == HANG_UP else str(each.status or "no answer") for each in tries)
    return dict(sorted(counted.items()))


def _percentiles(tries: Sequence[Try]) -> dict[str, float]:
    seconds = [each.seconds for each in tries if each.status and not each.wrong and not each.tried_again]
    return percentiles(seconds) if len(seconds) > 1 else {}


def _killed(soak: Soak, killed: float) -> dict[str, Any]:
    in_flight, back = soak.in_flight(killed), soak.back(killed)
    return {
        "at": round(killed, 1),
        "spoke_again_after": None if back is None else round(back - killed, 1),
        "lines_in_flight": len(in_flight),
        "of_these_answered_at_once": sum(each.status == 200 for each in in_flight),
    }
