"""How far a run has come, and what it was in the end."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field

from tqdm import tqdm

from bulk.planning import Entry

TERMINAL_SECONDS, LOG_SECONDS = 0.5, 30.0  # between two lines of progress


@dataclass
class Summary:
    """What a run did.

    Args:
        spoken: lines that it spoke.
        there: lines that were spoken before.
        failed: lines that have no sound.
        speech_seconds: of what it spoke.
        seconds: what it took, from the first model's loading.
    """

    spoken: int = 0
    there: int = 0
    failed: int = 0
    speech_seconds: float = 0.0
    seconds: float = 0.0
    _started: float = field(default_factory=time.monotonic, repr=False)

    def add(self, entry: Entry) -> None:
        """Count a row."""
        self.seconds = time.monotonic() - self._started
        if entry.record is None:
            self.failed += 1
        elif entry.was_there:
            self.there += 1
        else:
            self.spoken += 1
            self.speech_seconds += entry.record.description.duration

    def text(self, price: float | None) -> str:
        """The summary in words.

        Args:
            price: dollars an hour of everything that runs; None to leave cost out.
        """
        hours = self.speech_seconds / 3600
        lines = [f"{self.spoken:,} lines spoken, {self.there:,} were there, {self.failed:,} failed."]
        if self.spoken:
            lines.append(
                f"{duration(self.speech_seconds)} of speech in {duration(self.seconds)}: "
                f"{self.spoken / self.seconds:.2f} lines a second, {self._pace():.2f} s of speech a second."
            )
        if price is not None and self.spoken:
            cost = price * self.seconds / 3600
            lines.append(f"${cost:,.2f} at ${price:,.2f} an hour: ${cost / hours:,.2f} an hour of speech.")
        return "\n".join(lines)

    def bar_text(self) -> str:
        """What the progress bar says beside the lines."""
        return f"{duration(self.speech_seconds)} of speech, {self._pace():.1f} s a second, {self.failed} failed"

    def _pace(self) -> float:
        return self.speech_seconds / max(self.seconds, 1e-9)


class Bar:
    """A progress bar on standard error: rewritten in a terminal, a line now and then elsewhere.

    Args:
        what: the work, in a word or two.
        total: rows; None if nobody knows yet.
    """

    def __init__(self, what: str, total: int | None) -> None:
        interval = TERMINAL_SECONDS if sys.stderr.isatty() else LOG_SECONDS
        self._bar = tqdm(desc=what, total=total, unit="line", mininterval=interval, dynamic_ncols=True)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def add(self, count: int, beside: str = "") -> None:
        """Count rows.

        Args:
            count: how many.
            beside: what else there is to say.
        """
        self._bar.set_postfix_str(beside, refresh=False)
        self._bar.update(count)


def duration(seconds: float) -> str:
    """A time for people: 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
