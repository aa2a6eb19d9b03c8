"""From text to the pieces that are spoken one by one, and from a piece to the network's tokens.

The rules are upstream's (`chunk_text`, `infer_process` and `infer_batch_process` in f5_tts/infer/utils_infer.py),
because the official models were tuned with them. Lengths are counted in UTF-8 bytes throughout.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import torch
from torch import Tensor

from engine.reference import Reference
from engine.upstream import convert_char_to_pinyin

_SENTENCE_END = re.compile(r"(?<=[;:,.!?])\s+|(?<=[；：，。！？])")  # noqa: RUF001


def byte_length(text: str) -> int:
    """Length in UTF-8 bytes, which stands for how long a text takes to say."""
    return len(text.encode("utf-8"))


def prompt(reference: Reference) -> str:
    """The text that stands before the new text: the transcript, with the second space that upstream gives it."""
    return reference.transcript + " " if byte_length(reference.transcript[-1]) == 1 else reference.transcript


def split_text(text: str, reference: Reference, speed: float, trained_seconds: float, max_bytes: int) -> list[str]:
    """Split a text at sentence marks into chunks that are no longer, with the reference, than speech was in training.

    Args:
        text: what to say.
        reference: whose pace is gone by.
        speed: 1 is the reference's own pace.
        trained_seconds: what the model was trained on; upstream's models, 22 s.
        max_bytes: a chunk without a sentence mark that is longer than this is split between words. (Upstream leaves it
            whole, and cuts off what does not fit.)
    """
    bytes_per_second = byte_length(reference.transcript) / reference.seconds
    limit = int(bytes_per_second * (trained_seconds - reference.seconds) * speed)
    chunks, chunk = [], ""
    for sentence in _SENTENCE_END.split(text):
        for part in _split_between_words(sentence, max_bytes):
            if chunk and byte_length(chunk) + byte_length(part) > limit:
                chunks.append(chunk.strip())
                chunk = ""
            chunk += part + " " if byte_length(part[-1]) == 1 else part
    return [*chunks, chunk.strip()] if chunk else chunks


def _split_between_words(sentence: str, max_bytes: int) -> Iterator[str]:
    """Parts of at most max_bytes, cut at the last space that fits, or between characters where there is none."""
    while byte_length(sentence) > max_bytes:
        fitting = sentence.encode("utf-8")[:max_bytes].decode("utf-8", errors="ignore") or sentence[0]
        head = fitting[: fitting.rfind(" ")] if " " in fitting.strip() else fitting
        yield head
        sentence = sentence[len(head) :].lstrip()
    if sentence:
        yield sentence


def tokenize(text: str, vocab: dict[str, int]) -> Tensor:
    """Token ids of a text: characters, with Chinese ones as pinyin. Unknown ones are spoken as a space.

    Returns:
        [tokens], int64.
    """
    [characters] = convert_char_to_pinyin([text])
    return torch.tensor([vocab.get(character, 0) for character in characters], dtype=torch.long)
