"""How a model reads text: the tokens that its network takes, and how long a text takes to say.

`reader:` in model.yaml chooses one. Another way of reading is another class here and another row in READERS.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal, Protocol

from engine.phonemes import SILENCE, Durations, PhonemeVocabulary, spread
from engine.upstream import convert_char_to_pinyin

DURATIONS = "durations.json"
EDGE_FRAMES = 4  # of silence before new text and after it: what a reference's tail lasts
CACHED_TEXTS = 4096


class Reader(Protocol):
    """What the engine asks of a way of reading."""

    short_text: float
    """What measures less than this is swallowed by the network at full pace."""

    def measure(self, text: str) -> float:
        """How long a text takes to say, in a unit of the reader's own."""

    def tokens(self, prompt: str, reference_frames: int, text: str, frames: int) -> list[int]:
        """Token numbers of a reference's prompt and of the text that follows it, as the network takes them.

        Args:
            prompt: what is said in the reference.
            reference_frames: how long that lasts.
            text: what is to be said.
            frames: how long that is to last.
        """


class CharacterReader:
    """Characters as they are, and Chinese ones as pinyin: how upstream's models read.

    Args:
        vocab: every token in the order of their numbers; number 0 stands for unknown ones and is spoken as a space.
        model_dir: where the model lies.
    """

    short_text = 10

    def __init__(self, vocab: list[str], model_dir: Path) -> None:  # noqa: ARG002
        self._vocab = {token: number for number, token in enumerate(vocab)}

    def measure(self, text: str) -> float:
        """How long a text takes to say, in UTF-8 bytes: upstream's unit, in which the official models were tuned."""
        return len(text.encode("utf-8"))

    def tokens(self, prompt: str, reference_frames: int, text: str, frames: int) -> list[int]:  # noqa: ARG002
        """One token a character, and where each lies in time is for the network to find out."""
        [characters] = convert_char_to_pinyin([prompt + text])
        return [self._vocab.get(character, 0) for character in characters]


class PhonemeReader:
    """Phonemes of American English, each repeated for as many frames as it lasts, so that text and mel run side by side.

    Args:
        vocab: every token in the order of their numbers.
        model_dir: where the model lies, with a file of how long phonemes last.
    """

    short_text = 0

    def __init__(self, vocab: list[str], model_dir: Path) -> None:
        self._vocab = PhonemeVocabulary(vocab)
        self._durations = Durations.read(model_dir / DURATIONS)
        # gruut takes a second to import, and a model that reads characters does without it.
        from engine.transcription import transcribe

        self._transcribe = transcribe
        self._phonemes = lru_cache(CACHED_TEXTS)(self._transcribed)

    def measure(self, text: str) -> float:
        """How long a text takes to say, in seconds at the mean pace of the voices that the model learnt from."""
        return sum(self._durations.seconds(self._phonemes(text)))

    def tokens(self, prompt: str, reference_frames: int, text: str, frames: int) -> list[int]:
        """One token a frame."""
        said = self._spread(prompt, reference_frames - EDGE_FRAMES)
        begin, end = [SILENCE] * EDGE_FRAMES, [SILENCE] * EDGE_FRAMES
        new = [*begin, *self._spread(text, frames - 2 * EDGE_FRAMES), *end]
        return [self._vocab.number(phoneme) for phoneme in [*said, *begin, *new][: reference_frames + frames]]

    def _spread(self, text: str, frames: int) -> list[str]:
        phonemes = self._phonemes(text)
        lengths = spread(self._durations.seconds(phonemes), max(frames, 1))
        return [phoneme for phoneme, length in zip(phonemes, lengths, strict=True) for _ in range(length)]

    def _transcribed(self, text: str) -> tuple[str, ...]:
        return tuple(self._vocab.nearest(phoneme) for phoneme in self._transcribe(text))


ReaderName = Literal["characters", "phonemes"]
READERS: dict[ReaderName, type[CharacterReader] | type[PhonemeReader]] = {
    "characters": CharacterReader,
    "phonemes": PhonemeReader,
}
