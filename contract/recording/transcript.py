"""A recording's transcript: as the network reads it, and whether it can be what is said in the recording."""

from __future__ import annotations

import unicodedata
from collections import Counter

from contract.recording.finding import Finding, ReferenceUnusableError

LETTERS_PER_SECOND = {
    "LATIN": (1.5, 25.0),
    "CYRILLIC": (1.5, 25.0),
    "GREEK": (1.5, 25.0),
    "ARMENIAN": (1.5, 25.0),
    "GEORGIAN": (1.5, 25.0),
    "ARABIC": (1.0, 18.0),  # short vowels are not written
    "HEBREW": (1.0, 18.0),
    "CJK": (0.5, 9.0),  # a syllable each, in Japanese often two or three
    "HANGUL": (0.5, 10.0),
    "HIRAGANA": (0.8, 14.0),
    "KATAKANA": (0.8, 14.0),
    "DIGIT": (0.5, 10.0),
}
"""By script, how slowly and how fast its letters and digits are spoken, drawling and pauses included.

People speak 10 to 16 Latin letters a second, 4 to 6 Chinese characters, 7 to 9 kana. A script is called what its
letters' Unicode names begin with."""

OTHER_LETTERS_PER_SECOND = (0.8, 25.0)


def prompt(transcript: str) -> str:
    """The text that the network reads before the new text: a transcript, ended as upstream ends it.

    It gets a full stop if it has none and, unless the mark is Chinese, two spaces: one from upstream's
    `preprocess_ref_audio_text`, one from its `infer_batch_process`. What upstream reckons a pace by lacks the second.

    Raises:
        ReferenceUnusableError: there is nothing in it that can be said.
    """
    transcript = transcript.removeprefix("\ufeff").strip()
    if not _letters(transcript):
        raise ReferenceUnusableError(Finding("transcript", "is empty: write down what is said"))
    if transcript.endswith("。"):
        return transcript
    return f"{transcript}  " if transcript.endswith(".") else f"{transcript}.  "


def judge_pace(transcript: str, seconds: float) -> list[Finding]:
    """Whether a transcript can be what is said in a recording, by the time that its letters take.

    Args:
        transcript: what is said.
        seconds: how long the recording lasts without the silence at its edges.

    Returns:
        One finding, if it cannot be; else none.
    """
    letters = _letters(transcript)
    paces = {script: LETTERS_PER_SECOND.get(script, OTHER_LETTERS_PER_SECOND) for script in letters}
    shortest = sum(count / paces[script][1] for script, count in letters.items())
    longest = sum(count / paces[script][0] for script, count in letters.items())
    if shortest <= seconds <= longest:
        return []
    problem = (
        f"has {letters.total()} letters, which take {shortest:.1f} to {longest:.1f} s to say, and the recording lasts "
        f"{seconds:.1f} s, so it cannot be what is said in it: put both right"
    )
    return [Finding("transcript", problem)]


def _letters(text: str) -> Counter[str]:
    """How many letters and digits of each script are in a text."""
    said = (letter for letter in unicodedata.normalize("NFKC", text) if letter.isalnum())
    return Counter(unicodedata.name(letter, "OTHER").split()[0] for letter in said)
