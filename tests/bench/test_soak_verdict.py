"""What makes a soak fail, and what does not."""

from dataclasses import replace

import pytest

from bench.soak.callers import HANG_UP, Try
from bench.soak.run import kills
from bench.soak.verdict import Soak, faults, quarters, summary
from bench.soak.watching import MODEL, S3, Sample

SECONDS = 1200
KILLED, BACK = 300.0, 320.0
GATEWAY = "the gateway"


def line(asked: float, seconds: float = 1, status: int | None = 200, wrong: str = "", tried_again: bool = False) -> Try:
    return Try("line", asked, asked + seconds, status, wrong, tried_again, is_spoken=True)


def sampled(memory: float = 100, handles: int = 50, a_minute: float = 0, handles_a_minute: float = 0) -> list[Sample]:
    """What a group of processes held every ten seconds."""
    return [
        Sample(
            at,
            {GATEWAY: memory + a_minute * at / 60, MODEL: 1000},
            {GATEWAY: round(handles + handles_a_minute * at / 60), MODEL: 100},
            {GATEWAY: 1, MODEL: 1},
        )
        for at in range(0, SECONDS, 10)
    ]


@pytest.fixture
def clean() -> Soak:
    """A soak that has passed: while the model was away its callers were told so, and tried again."""
    tries = [
        *(line(at) for at in range(0, 299, 2)),
        line(299.5, seconds=20),  # in flight when it was killed
        line(301, seconds=3, status=503, tried_again=True),
        line(310, seconds=BACK - 310),
        *(line(at) for at in range(321, SECONDS, 2)),
        Try("bad input", 5, 5.1, 422),
        Try(HANG_UP, 7, 7.2),
    ]
    return Soak(SECONDS, tries, [KILLED], sampled())


def with_try(soak: Soak, each: Try) -> Soak:
    return replace(soak, tries=[*soak.tries, each])


def test_a_soak_in_which_nothing_was_lost_nothing_grew_and_nothing_failed_passes(clean: Soak) -> None:
    assert faults(clean) == []


def test_a_line_without_an_answer_is_lost(clean: Soak) -> None:
    [fault] = faults(with_try(clean, line(500, status=None, wrong="ReadTimeout")))

    assert fault.startswith("1 requests got no answer: line at 500 s, none after 1.0 s ReadTimeout")


def test_a_line_that_is_answered_wrongly_is_told(clean: Soak) -> None:
    [fault] = faults(with_try(clean, line(500, wrong="1.0 s of sound, 2.0 were told")))

    assert fault.startswith("1 answers were wrong: line at 500 s, 200")


def test_a_soak_without_a_spoken_line_has_shown_nothing(clean: Soak) -> None:
    assert "No line was spoken." in faults(replace(clean, tries=[Try("bad input", 1, 2, 422)], killed=[]))


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_5xx_that_nothing_explains_is_a_fault(clean: Soak, status: int) -> None:
    [fault] = faults(with_try(clean, line(700, status=status, tried_again=True)))

    assert fault.startswith("1 answers were 5xx that no killed replica explains: line at 700 s")


@pytest.mark.parametrize("status", [500, 502])
def test_a_killed_replica_explains_no_500_and_no_502(clean: Soak, status: int) -> None:
    assert len(faults(with_try(clean, line(305, status=status, tried_again=True)))) == 1


@pytest.mark.parametrize(
    ("asked", "is_explained"), [(298.9, False), (299.5, True), (BACK - 1, True), (BACK + 1, False)]
)
def test_a_killed_replica_explains_what_was_asked_for_until_it_is_back(
    clean: Soak, asked: float, is_explained: bool
) -> None:
    assert (faults(with_try(clean, line(asked, status=503, tried_again=True))) == []) == is_explained


def test_a_model_that_does_not_come_back_is_a_fault(clean: Soak) -> None:
    soak = replace(clean, tries=[each for each in clean.tries if each.asked < KILLED])

    assert faults(soak) == ["The model that was killed at 300 s did not speak again."]


def test_memory_that_grows_is_a_fault(clean: Soak) -> None:
    [fault] = faults(replace(clean, samples=sampled(a_minute=10)))

    assert fault == "the gateway grew from 174 to 274 MiB of memory: medians of the second and the last quarter."


def test_file_handles_that_grow_are_a_fault(clean: Soak) -> None:
    [fault] = faults(replace(clean, samples=sampled(handles_a_minute=6)))

    assert fault.startswith("the gateway grew from 94 to 154 file handles")


def test_a_peak_is_no_growth(clean: Soak) -> None:
    peak = [
        replace(each, memory=each.memory | {GATEWAY: 900.0}) if 1100 < each.at < 1150 else each
        for each in clean.samples
    ]

    assert faults(replace(clean, samples=peak)) == []


def test_what_is_stored_may_grow_in_s3_and_its_handles_may_not(clean: Soak) -> None:
    def s3(handles_a_minute: float) -> list[Sample]:
        return [
            Sample(each.at, {S3: each.memory[GATEWAY]}, {S3: each.handles[GATEWAY]}, {S3: 1})
            for each in sampled(a_minute=50, handles_a_minute=handles_a_minute)
        ]

    assert faults(replace(clean, samples=s3(0))) == []
    assert len(faults(replace(clean, samples=s3(6)))) == 1


def test_a_model_is_judged_since_it_was_killed_last(clean: Soak) -> None:
    def models(a_minute: float) -> list[Sample]:
        # Each begins small, as the other began when the soak did.
        return [
            Sample(at, {MODEL: 500 + a_minute * (at if at < KILLED else at - BACK) / 60}, {MODEL: 100}, {MODEL: 1})
            for at in range(0, SECONDS, 10)
        ]

    soak = replace(clean, samples=models(40))

    assert quarters(soak, MODEL, "memory") == pytest.approx((720, 1010), rel=0.02)
    assert [fault.partition(" from ")[0] for fault in faults(soak)] == ["the model grew"]


def test_a_short_soak_does_not_judge_growth(clean: Soak) -> None:
    short = replace(clean, seconds=60, samples=sampled(a_minute=1000)[:6])

    assert faults(short) == []


def test_the_figures_count_every_request_and_the_seconds_of_right_answers(clean: Soak) -> None:
    told = summary(clean)

    assert told["statuses"] == {"200": len(clean.tries) - 3, "422": 1, "503": 1, "hung up": 1}
    assert told["kinds"]["line"]["p50"] == 1
    assert told["kinds"]["line"]["most"] == 20
    assert told["kinds"][HANG_UP] == {"statuses": {"hung up": 1}}
    assert told["killed"] == [
        {"at": 300.0, "spoke_again_after": 20.0, "lines_in_flight": 1, "of_these_answered_at_once": 1}
    ]


@pytest.mark.parametrize(("seconds", "times"), [(60, [15]), (180, [45]), (1200, [60, 180, 300, 420, 540, 660])])
def test_replicas_are_killed_early_enough_to_see_what_grows_afterwards(seconds: float, times: list[float]) -> None:
    assert kills(seconds) == times
