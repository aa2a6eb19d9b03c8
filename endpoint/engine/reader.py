"""How a model reads text: the tokens that its network takes, and how long a text takes to say.

`reader:` in model.yaml chooses one. Another way of reading is another class here and another row in READERS.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import regex

from engine.phonemes import SILENCE, Durations, PhonemeVocabulary, Pronunciation, Spoken, spread
from engine.upstream import convert_char_to_pinyin

SAYABLE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ' .,!?;:-")
SCRIPTS_OF_ALL = ("Common", "Inherited")
DURATIONS = "durations.json"
EDGE_FRAMES = 4  # of silence before new text, and of its last mark after it
TAIL_FRAMES = 5  # of silence at a reference's end, its last mark's: TAIL_SECONDS of contract.recording
CACHED_TEXTS = 4096


class Reader(Protocol):
    """What the engine asks of a way of reading."""

    files: tuple[str, ...]
    """What it reads in the model's folder beside the vocabulary."""

    reads_phonemes: bool
    """Whether it follows pronunciations."""

    swallows_short_texts: bool
    """Whether the network leaves sounds of very short texts out at full pace, as one does that aligns text itself."""

    silent_frames: int
    """How many frames of a piece it leaves to silence, beyond what its text takes to say."""

    def can_say(self, character: str) -> bool:
        """Whether a character, in text or as a mark, is one that the network knows."""

    def measure(self, text: str) -> float:
        """How long a text takes to say, in a unit of the reader's own."""

    def tokens(self, reference: Spoken, text: Spoken) -> list[int]:
        """Token numbers of a reference's prompt and of the text that follows it, as the network takes them."""


class CharacterReader:
    """Characters as they are, and Chinese ones as pinyin: how upstream's models read.

    Args:
        vocab: every token in the order of their numbers; number 0 stands for unknown ones and is spoken as a space.
        model_dir: where the model lies.
        scripts: those that the model was trained on, by Unicode's names.
    """

    files: tuple[str, ...] = ()
    reads_phonemes = False
    swallows_short_texts = True
    silent_frames = 0

    def __init__(self, vocab: list[str], model_dir: Path, scripts: list[str]) -> None:  # noqa: ARG002
        self._vocab = {token: number for number, token in enumerate(vocab)}
        self._scripts = regex.compile("|".join(rf"\p{{Script={name}}}" for name in (*scripts, *SCRIPTS_OF_ALL)))

    def can_say(self, character: str) -> bool:
        """Whether the model was trained on its script, and the vocabulary has it or its pinyin."""
        [tokens] = convert_char_to_pinyin([character])
        return bool(self._scripts.match(character)) and all(token in self._vocab for token in tokens)

    def measure(self, text: str) -> float:
        """How long a text takes to say, in UTF-8 bytes: upstream's unit, in which the official models were tuned."""
        return len(text.encode("utf-8"))

    def tokens(self, reference: Spoken, text: Spoken) -> list[int]:
        """One token a character; where each lies in time is for the network to find out."""
        [characters] = convert_char_to_pinyin([reference.text + text.text])
        return [self._vocab.get(character, 0) for character in characters]


class _Timed(NamedTuple):
    """Phonemes, and the seconds that each lasts at the mean pace."""

    phonemes: tuple[str, ...]
    seconds: tuple[float, ...]


class PhonemeReader:
    """Phonemes of American English, one token a frame: text and mel run side by side.

    Args:
        vocab: every token in the order of their numbers.
        model_dir: where the model lies, with a file of how long phonemes last.
        scripts: not asked: it reads English.
    """

    files: tuple[str, ...] = (DURATIONS,)
    reads_phonemes = True
    swallows_short_texts = False
    silent_frames = 2 * EDGE_FRAMES

    def __init__(self, vocab: list[str], model_dir: Path, scripts: list[str]) -> None:  # noqa: ARG002
        # gruut takes a second to import, and a model that reads characters does without it.
        from engine.transcription import transcribe

        self._vocab = PhonemeVocabulary(vocab)
        self._durations = Durations.read(model_dir / DURATIONS)
        self._transcribe = transcribe
        self._timed = lru_cache(CACHED_TEXTS)(self._read)

    def can_say(self, character: str) -> bool:
        """Whether it is a letter of English or a mark."""
        return character in SAYABLE

    def measure(self, text: str) -> float:
        """How long a text takes to say, in seconds at the mean pace of the voices that the model learnt from."""
        if not text.strip():
            return 0.0
        return sum(self._timed(text, ()).seconds)

    def tokens(self, reference: Spoken, text: Spoken) -> list[int]:
        """One token a frame, laid out as training did: a reference's last mark is the silence behind its speech."""
        prompt, said = self._timed(reference.text, ()), self._timed(text.text, tuple(text.pronunciations))
        phonemes = [
            *in_time(prompt.phonemes[:-1], prompt.seconds[:-1], reference.frames - TAIL_FRAMES),
            *prompt.phonemes[-1:] * TAIL_FRAMES,
            *[SILENCE] * EDGE_FRAMES,
            *in_time(said.phonemes, said.seconds, text.frames - 2 * EDGE_FRAMES),
            *said.phonemes[-1:] * EDGE_FRAMES,
        ]
        return [self._vocab.number(phoneme) for phoneme in phonemes]

    def _read(self, text: str, pronunciations: tuple[Pronunciation, ...]) -> _Timed:
        phonemes = [self._vocab.nearest(phoneme) for phoneme in self._transcribe(text, pronunciations)]
        return _Timed(tuple(phonemes), tuple(self._durations.seconds(phonemes)))


def in_time(phonemes: Sequence[str], seconds: Sequence[float], frames: int) -> list[str]:
    """Phonemes, each repeated for its share of so many frames, of which there is at least one.

    Without phonemes it is silence: a transcript may hold no word that the model reads.
    """
    if not phonemes:
        return [SILENCE] * max(frames, 1)
    lengths = spread(seconds, max(frames, 1))
    return [phoneme for phoneme, length in zip(phonemes, lengths, strict=True) for _ in range(length)]


ReaderName = Literal["characters", "phonemes"]
READERS: dict[ReaderName, type[CharacterReader] | type[PhonemeReader]] = {
    "characters": CharacterReader,
    "phonemes": PhonemeReader,
}
