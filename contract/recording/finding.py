"""What is wrong with a recording or its transcript, in words that say what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        part: with which of the two.
        problem: what it is and what to do about it, to be read after the part's name.
    """

    part: Literal["recording", "transcript"]
    problem: str

    def __str__(self) -> str:
        return f"the {self.part} {self.problem}"


class ReferenceUnusableError(Exception):
    """A recording or transcript that no voice can be cloned from; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding
