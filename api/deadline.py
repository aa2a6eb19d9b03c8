"""When the request that is being answered must be answered: it follows from what remains of the Lambda's time.

API Gateway hangs up after 29 seconds and the Lambda ends before (Timeout in template.yaml), so less remains here than
the caller waits. Waiting for the endpoint ends STORE_SECONDS before that, and whatever else hangs, LAST_SECONDS before
it: an answer that says so is better than none.
"""

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STORE_SECONDS = 3.0  # to keep what the endpoint has spoken, and to answer
LAST_SECONDS = 1.5  # to answer that time is up
MIN_SECONDS = 0.01  # a timer of none would never go off


class TimeIsUp(BaseException):
    """There is just time enough to answer. No Exception: boto3 takes each of those for a failure of the network."""


_ends = math.inf  # in seconds of `time.monotonic`; an environment of the Lambda answers one event at a time


def of_endpoint() -> float:
    """When waiting for the endpoint ends, in seconds of `time.monotonic`."""
    return _ends - STORE_SECONDS


@contextmanager
def kept(seconds: float) -> Iterator[None]:
    """End whatever is done in the block in time to answer.

    Args:
        seconds: until the Lambda ends.

    Raises:
        TimeIsUp: from wherever in the block the main thread is, once LAST_SECONDS are left. Lambda runs handlers in it;
            others cannot be interrupted.
    """
    global _ends
    _ends = time.monotonic() + seconds
    interruptible = threading.current_thread() is threading.main_thread()
    if interruptible:
        signal.signal(signal.SIGALRM, _interrupt)
        signal.setitimer(signal.ITIMER_REAL, max(MIN_SECONDS, seconds - LAST_SECONDS))
    try:
        yield
    finally:
        if interruptible:
            signal.setitimer(signal.ITIMER_REAL, 0)
        _ends = math.inf


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise TimeIsUp
