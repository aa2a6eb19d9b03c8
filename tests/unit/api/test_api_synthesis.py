"""The steps of a line can be taken alone, each with what the one before gave."""

import time
from collections.abc import Iterator

import pytest

import synthesis
from contract.line import Line
from contract.problem import TextTooLong, UnknownChampion
from observability import metrics
from tests.support.environment import SetEnvironment
from tests.support.fake_endpoint import FakeEndpoint, wav

LINE = Line(champion_id="yasuo", text="Hello.", seed=3)
REQUEST = "request-1"


@pytest.fixture(autouse=True)
def no_metrics_are_left() -> Iterator[None]:
    """What a step measures is flushed with the event of the Lambda, of which there is none here."""
    yield
    metrics.clear_metrics()


@pytest.fixture
def deadline() -> float:
    return time.monotonic() + 25


def test_an_order_is_found_once_it_has_been_synthesised(endpoint: FakeEndpoint, deadline: float) -> None:
    order = synthesis.resolve(LINE)
    assert order.remembered is None
    assert synthesis.find(order, REQUEST, deadline) is None
    assert endpoint.received == []

    spoken = synthesis.synthesise(order, REQUEST, deadline)
    again = synthesis.resolve(LINE)
    found = synthesis.find(again, REQUEST, deadline)

    assert found is not None
    assert (spoken.from_store, found.from_store) == (False, True)
    assert found.description == spoken.description == again.remembered
    assert found.key == spoken.key
    assert found.sound.read() == spoken.sound.read() == wav()
    assert found.sound.size == len(wav())
    assert [asked.headers["X-Amzn-SageMaker-Inference-Id"] for asked in endpoint.read] == [REQUEST]
    assert [asked.headers["X-Amzn-SageMaker-Inference-Id"] for asked in endpoint.received] == [REQUEST]


def test_an_order_that_was_resolved_before_the_line_was_spoken_finds_it_by_what_it_says(
    endpoint: FakeEndpoint, deadline: float
) -> None:
    early = synthesis.resolve(LINE)
    spoken = synthesis.synthesise(synthesis.resolve(LINE), REQUEST, deadline)

    found = synthesis.find(early, REQUEST, deadline)
    assert found is not None
    assert found.key == spoken.key
    assert len(endpoint.received) == 1


def test_an_order_names_the_champion_that_speaks(set_environment: SetEnvironment) -> None:
    set_environment(FALLBACK_CHAMPION="ahri")
    order = synthesis.resolve(LINE.spoken_by("nobody"))

    assert order.line == LINE.spoken_by("ahri")
    assert order.provenance == synthesis.resolve(LINE.spoken_by("ahri")).provenance


def test_what_cannot_be_spoken_is_no_order(endpoint: FakeEndpoint) -> None:
    with pytest.raises(UnknownChampion):
        synthesis.resolve(LINE.spoken_by("nobody"))
    with pytest.raises(TextTooLong):
        synthesis.resolve(Line(champion_id="yasuo", text="a" * 2001))
    assert endpoint.received == []
