"""How a model reads text: the tokens that its network takes, and how long a text takes to say.

`reader:` in model.yaml chooses one. Another way of reading is another class here and another row in READERS.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from engine.upstream import convert_char_to_pinyin


class CharacterReader:
    """Characters as they are, and Chinese ones as pinyin.

    Args:
        vocab: every token with its number; number 0 stands for unknown ones and is spoken as a space.
    """

    def __init__(self, vocab: dict[str, int]) -> None:
        self._vocab = vocab

    def tokens(self, text: str) -> list[int]:
        """A text's token numbers, as the network takes them."""
        [characters] = convert_char_to_pinyin([text])
        return [self._vocab.get(character, 0) for character in characters]

    def measure(self, text: str) -> int:
        """How long a text takes to say, in UTF-8 bytes: upstream's unit, in which the official models were tuned."""
        return len(text.encode("utf-8"))


Reader: TypeAlias = CharacterReader
ReaderName = Literal["characters"]
READERS: dict[ReaderName, type[Reader]] = {"characters": CharacterReader}
