"""How a step of the deployment tells that it cannot be done."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class DeployError(Exception):
    """The deployment cannot go on; the message is one line that says what to do."""


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Ends the program with a DeployError's message instead of a traceback, and with 130 and no word on Ctrl-C."""
    try:
        yield
    except DeployError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
