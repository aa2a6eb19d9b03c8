"""Whose pieces are spoken next, and who is refused.

The line with the least work left goes first, so that a short one waits for no more than the piece that is being spoken;
a long one gives way between its pieces. A line is taken only if it, and all that it would hold up, can still be spoken
while their callers wait: who was taken is not starved, and who cannot be served hears so at once.

How long work takes is measured. A line that finds nobody before it is always taken: a wrong estimate ends with it.

PUT HERE: the order of lines, and arithmetic on seconds. No Ray, no threads, no torch.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from contract.problem import Busy

if TYPE_CHECKING:
    from engine.speech import Task

MEASURED_BATCHES = 16  # the pace is the median of as many: one that a machine's hiccup slowed does not count


@dataclass(eq=False)
class Turn:
    """A line that was taken.

    Attributes:
        tasks: its pieces.
        deadline: when its caller stops to wait, by the schedule's clock.
        shared: whether another line's pieces were spoken in its time.
    """

    tasks: Sequence[Task]
    deadline: float
    shared: bool = False

    @property
    def spoken(self) -> bool:
        """Whether there is nothing left to do: it was spoken, or has failed."""
        return all(task.outcome is not None for task in self.tasks) or any(
            isinstance(task.outcome, Exception) for task in self.tasks
        )


class Schedule:
    """The lines that wait or are being spoken; used by one thread.

    Args:
        clock: tells the time in seconds; one that nobody sets.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turns: list[Turn] = []
        self._running: Sequence[Task] = ()
        self._began = 0.0
        self._paces: deque[float] = deque(maxlen=MEASURED_BATCHES)

    def take(self, tasks: Sequence[Task], deadline: float) -> Turn:
        """Take a line.

        Args:
            tasks: its pieces, none of which has run.
            deadline: when its caller stops to wait, by the clock.

        Raises:
            Busy: it, or one that it would hold up, could not be spoken in time.
        """
        turn = Turn(tasks, deadline)
        without = dict(self._ends(self._turns))
        # A line that will not be in time anyway is not held up.
        held_up = [
            end - each.deadline
            for each, end in self._ends([*self._turns, turn])
            if end > each.deadline and (each is turn or without[each] <= each.deadline)
        ]
        if held_up and not all(each.spoken for each in self._turns):
            raise self.busy(max(held_up))
        self._turns.append(turn)
        return turn

    def leave(self, turn: Turn) -> None:
        """Forget a line: it was spoken, or nobody waits for it any more."""
        self._turns.remove(turn)

    def waiting(self) -> list[Task]:
        """What is to be spoken, the most urgent first."""
        return [task for turn in sorted(self._turns, key=self._work) for task in self._left(turn)]

    def begin(self, batch: Sequence[Task]) -> None:
        """Take note that a batch runs."""
        self._running, self._began = batch, self._clock()
        for turn in self._turns:
            turn.shared |= not any(task in batch for task in turn.tasks)

    def end(self) -> None:
        """Take note that the batch has run, and of how long it took."""
        work = sum(task.work for task in self._running)
        self._paces.append((self._clock() - self._began) / work)
        self._running = ()

    @property
    def seconds(self) -> float:
        """How long the work takes that is there."""
        return max((end - self._clock() for _, end in self._ends(self._turns)), default=0)

    def busy(self, seconds: float | None = None) -> Busy:
        """The refusal of a line that may come again so many seconds later; by default, once all work is done.

        It need not wait for longer than those who are there: a pace that is far too slow is measured where a machine
        was busy with something else, and a line that finds nobody is always taken.
        """
        last = max((turn.deadline for turn in self._turns), default=0) - self._clock()
        seconds = min(self.seconds if seconds is None else seconds, last)
        return Busy(max(1, math.ceil(seconds)), self.seconds)

    def _ends(self, turns: Sequence[Turn]) -> Iterator[tuple[Turn, float]]:
        """When each line would be spoken, by the clock; nothing is told before a pace was measured."""
        if not self._paces:
            return
        pace = median(self._paces)
        now = self._clock()
        running = sum(task.work for task in self._running) * pace
        at = now + max(0, self._began + running - now) if self._running else now
        for turn in sorted(turns, key=self._work):
            at += self._work(turn) * pace
            yield turn, at

    def _left(self, turn: Turn) -> list[Task]:
        """What of a line neither has run nor runs; nothing of one that has failed."""
        if turn.spoken:
            return []
        return [task for task in turn.tasks if task.outcome is None and task not in self._running]

    def _work(self, turn: Turn) -> int:
        return sum(task.work for task in self._left(turn))
