"""How far long work has come, told on standard error: standard output is for results."""

import sys
import time

SECONDS = 0.2


class Progress:
    """One line that counts up: rewritten in a terminal, written once at the end elsewhere.

    Args:
        what: the work, in a few words.
        total: bytes to do.
    """

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._done = 0
        self._told = 0.0

    def add(self, count: int) -> None:
        """Count bytes that are done."""
        self._done += count
        finished = self._done >= self._total
        if finished or (sys.stderr.isatty() and time.monotonic() - self._told > SECONDS):
            self._told = time.monotonic()
            percent = 100 * self._done // max(1, self._total)
            line = f"  {self._what}: {percent} % of {megabytes(self._total)}"
            end = "\n" if finished else ""
            print(f"\r{line}" if sys.stderr.isatty() else line, end=end, file=sys.stderr, flush=True)


def megabytes(count: int) -> str:
    """A number of bytes, for people."""
    return f"{count / 1e6:,.1f} MB"
