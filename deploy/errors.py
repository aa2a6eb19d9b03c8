"""How a step of the deployment says that it cannot be done."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class DeployError(Exception):
    """The deployment cannot go on; the message is one line that says what to do."""


@contextmanager
def exit_with_message() -> Iterator[None]:
    """End the program with a DeployError's message instead of a traceback, and with 130 and no word on Ctrl-C."""
    try:
        yield
    except DeployError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
