"""S3 is asked for several things at once, and nothing of that is left when the answer is there."""

import threading
import time

import boto3
import pytest

import s3
import synthesis
from contract.line import Line
from problems import StorageFailed
from tests.support.environment import SetEnvironment


def test_what_is_asked_for_together_comes_in_the_order_it_was_asked_in() -> None:
    later = threading.Event()

    def first() -> int:
        assert later.wait(20), "they are not asked for side by side"
        return 1

    def second() -> int:
        later.set()
        return 2

    assert s3.together(first, second) == [1, 2]


def test_when_one_fails_the_others_have_ended_and_their_answers_are_dropped() -> None:
    ended = threading.Event()

    def fail() -> None:
        raise StorageFailed("No answer.")

    def answer_late() -> None:
        time.sleep(0.2)
        ended.set()

    with pytest.raises(StorageFailed):
        s3.together(fail, answer_late)
    assert ended.is_set()


def test_of_several_failures_the_first_is_told() -> None:
    def fail(what: str) -> None:
        raise StorageFailed(what)

    with pytest.raises(StorageFailed, match="one"):
        s3.together(lambda: fail("one"), lambda: fail("two"))


def test_a_new_environment_makes_one_client_and_not_in_the_threads_that_share_it(
    set_environment: SetEnvironment,
) -> None:
    boto3.setup_default_session()
    assert boto3.DEFAULT_SESSION
    made_in: list[str] = []
    boto3.DEFAULT_SESSION.events.register(
        "creating-client-class.s3", lambda **_: made_in.append(threading.current_thread().name)
    )
    set_environment()

    synthesis.resolve(Line(champion_id="yasuo", text="Hello."))

    assert made_in == [threading.current_thread().name]
