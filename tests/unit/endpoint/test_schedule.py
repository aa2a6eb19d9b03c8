"""Whose pieces are next, and who is refused at once because it could not be spoken while its caller waits."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from contract.problem import Busy
from engine.speech import Task
from schedule import Schedule, Turn


def piece(frames: int, nfe: int = 1) -> Task:
    utterance: Any = SimpleNamespace(nfe=nfe)
    planned: Any = SimpleNamespace(frames=frames)
    condition: Any = None
    return Task(utterance, planned, condition)


class Machine:
    """Runs one piece after the other, as the schedule says, at a second for each frame and step.

    Its clock stands still but for that.
    """

    def __init__(self, measured: bool = True) -> None:
        self.now = 1000.0
        self.schedule = Schedule(lambda: self.now)
        self.running: Task | None = None
        if measured:
            turn = self.take(piece(1))
            self.run()
            self.schedule.leave(turn)

    def take(self, *pieces: Task, wait: float = 60) -> Turn:
        return self.schedule.take(pieces, self.now + wait)

    def begin(self) -> Task:
        self.running = self.schedule.waiting()[0]
        self.schedule.begin([self.running])
        return self.running

    def end(self, pace: float = 1, outcome: Exception | None = None) -> None:
        assert self.running
        self.now += self.running.work * pace
        self.running.outcome = outcome or np.zeros(1, np.float32)
        self.schedule.end()

    def run(self, pace: float = 1) -> Task:
        ran = self.begin()
        self.end(pace)
        return ran


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_the_line_with_the_least_work_left_goes_first_and_the_pieces_of_a_line_in_order(machine: Machine) -> None:
    long, short = [piece(5), piece(1), piece(5)], [piece(2), piece(2)]
    machine.take(*long)
    machine.take(*short)

    assert [machine.run() for _ in range(5)] == [*short, *long]
    assert machine.schedule.waiting() == []


def test_steps_are_work_as_frames_are(machine: Machine) -> None:
    careful, quick = piece(2, nfe=32), piece(5, nfe=7)
    machine.take(careful)
    machine.take(quick)

    assert machine.run() is quick


def test_a_long_line_gives_way_between_its_pieces(machine: Machine) -> None:
    long, short = [piece(5), piece(5), piece(5)], piece(1)
    machine.take(*long)
    machine.begin()
    machine.take(short)
    machine.end()

    assert [machine.run() for _ in range(3)] == [short, *long[1:]]


def test_a_line_that_cannot_be_spoken_in_time_is_refused_at_once_and_told_when_to_come_again(machine: Machine) -> None:
    machine.take(piece(10))

    with pytest.raises(Busy) as caught:
        machine.take(piece(11), wait=15.5)
    assert caught.value.retry_after == 6  # 10 + 11 - 15.5 s too late
    assert caught.value.queue_seconds == 10
    assert len(machine.schedule.waiting()) == 1


def test_nobody_is_told_to_come_again_later_than_when_those_who_are_there_have_gone(machine: Machine) -> None:
    for _ in range(9):
        machine.take(piece(1))
        machine.run(pace=100)
    machine.take(piece(10), wait=20)
    machine.now += 5

    with pytest.raises(Busy) as caught:
        machine.take(piece(1), wait=30)
    assert caught.value.retry_after == 15


def test_a_short_line_is_not_refused_because_of_a_long_one_that_gives_way(machine: Machine) -> None:
    machine.take(piece(10), piece(10))

    machine.take(piece(3), wait=4)


def test_the_piece_that_runs_is_waited_for(machine: Machine) -> None:
    machine.take(piece(10), piece(10))
    machine.begin()
    machine.now += 7

    with pytest.raises(Busy):
        machine.take(piece(3), wait=5)
    machine.take(piece(3), wait=6)


def test_who_was_taken_is_not_made_late_by_who_comes_after(machine: Machine) -> None:
    machine.take(piece(10), wait=12)

    machine.take(piece(2))
    with pytest.raises(Busy):
        machine.take(piece(1))


def test_who_is_late_anyway_is_no_reason_to_refuse_another(machine: Machine) -> None:
    machine.take(piece(10), wait=5)  # alone, so it is tried

    machine.take(piece(2))


def test_a_line_that_finds_nobody_is_taken_whatever_the_estimate(machine: Machine) -> None:
    turn = machine.take(piece(100), wait=1)

    machine.schedule.leave(turn)
    machine.take(piece(100), wait=1)


def test_nobody_is_refused_before_anything_was_measured() -> None:
    machine = Machine(measured=False)
    machine.take(piece(100), wait=1)
    machine.take(piece(100), wait=1)

    assert machine.schedule.seconds == 0


def test_one_slow_piece_is_no_measure(machine: Machine) -> None:
    for _ in range(3):
        machine.take(piece(1))
        machine.run()
    machine.take(piece(1))
    machine.run(pace=50)
    machine.take(piece(10))

    assert machine.schedule.seconds == 10


def test_a_machine_that_has_become_slower_is_soon_known_as_one(machine: Machine) -> None:
    for _ in range(9):
        machine.take(piece(1))
        machine.run(pace=3)
    machine.take(piece(10))

    assert machine.schedule.seconds == 30


def test_a_line_that_has_failed_is_not_gone_on_with(machine: Machine) -> None:
    turn = machine.take(piece(1), piece(1))
    machine.begin()
    machine.end(outcome=RuntimeError("no memory"))

    assert turn.spoken
    assert machine.schedule.waiting() == []
    assert machine.schedule.seconds == 0


def test_who_has_left_is_not_spoken_for(machine: Machine) -> None:
    gone, stays = machine.take(piece(1)), piece(2)
    machine.take(stays)
    machine.schedule.leave(gone)

    assert machine.run() is stays


def test_a_line_knows_whether_others_were_spoken_in_its_time(machine: Machine) -> None:
    alone = machine.take(piece(1), piece(1))
    machine.run()
    assert not alone.shared

    other = machine.take(piece(5))
    machine.run()
    assert not alone.shared
    assert other.shared
