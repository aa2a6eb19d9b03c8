"""What the Lambda asks of a recording.

numpy and libsndfile are loaded at the first question: no line needs them, and a cold start would wait for them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contract.recording.usable import Examination


def examine(recording: bytes, transcript: str) -> "Examination":
    """Find everything that is wrong with a recording and its transcript, and measure it."""
    from contract.recording import usable

    return usable.examine(recording, transcript)


def seconds(recording: bytes) -> float | None:
    """How long a recording lasts; None if it cannot be read."""
    from contract.recording import sound_file
    from contract.recording.finding import ReferenceUnusableError

    try:
        return round(sound_file.read(recording).seconds, 3)
    except ReferenceUnusableError:
        return None
