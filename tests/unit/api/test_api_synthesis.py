"""The steps of a line can be taken alone, each with what the one before gave."""

from collections.abc import Iterator

import pytest

import synthesis
from contract.line import Line
from contract.problem import TextTooLong, UnknownChampion
from observability import metrics
from tests.support.environment import SetEnvironment
from tests.support.fake_endpoint import FakeEndpoint, wav

LINE = Line(champion_id="yasuo", text="Hello.", seed=3)


@pytest.fixture(autouse=True)
def no_metrics_are_left() -> Iterator[None]:
    """What a step measures is flushed with the event of the Lambda, of which there is none here."""
    yield
    metrics.clear_metrics()


def test_an_order_is_found_once_it_has_been_synthesised(endpoint: FakeEndpoint) -> None:
    order = synthesis.resolve(LINE)
    assert synthesis.find(order) is None
    assert endpoint.received == []

    spoken = synthesis.synthesise(order, "request-1")
    found = synthesis.find(synthesis.resolve(LINE))

    assert found is not None
    assert (spoken.from_store, found.from_store) == (False, True)
    assert found.description == spoken.description
    assert found.sound.read() == spoken.sound.read() == wav()
    assert found.sound.size == len(wav())
    [asked] = endpoint.received
    assert asked.headers["X-Amzn-SageMaker-Inference-Id"] == "request-1"


def test_an_order_names_the_champion_that_speaks(set_environment: SetEnvironment) -> None:
    set_environment(FALLBACK_CHAMPION="ahri")
    order = synthesis.resolve(Line(champion_id="nobody", text="Hello.", seed=3))

    assert order == synthesis.resolve(LINE.spoken_by("ahri"))


def test_what_cannot_be_spoken_is_no_order(endpoint: FakeEndpoint) -> None:
    with pytest.raises(UnknownChampion):
        synthesis.resolve(LINE.spoken_by("nobody"))
    with pytest.raises(TextTooLong):
        synthesis.resolve(Line(champion_id="yasuo", text="a" * 2001))
    assert endpoint.received == []
