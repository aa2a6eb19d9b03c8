"""Text is split as upstream splits it, and further only where upstream would cut words off."""

from types import ModuleType

import pytest

from engine.reference import Reference
from engine.text import byte_length, split_text, tokenize

UPSTREAM_SECONDS = 22  # in infer_process: reference and chunk together

TEXTS = [
    "Ward the river.",
    "Push the wave, then back off; their jungler is missing! Where is he? Nobody knows: be careful.",
    "One. " * 60,
    "等一下。他们来了，快跑！Then we fight. 好的？",
    "No marks at all just words that go on and on until the line ends",
    "Trailing space here. ",
    "Comma,without space. And... dots!!! And?! more",
]


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("text", TEXTS)
def test_text_is_split_where_upstream_splits_it(
    text: str, speed: float, reference: Reference, upstream: ModuleType
) -> None:
    limit = int(byte_length(reference.transcript) / reference.seconds * (UPSTREAM_SECONDS - reference.seconds) * speed)
    assert split_text(text, reference, speed, UPSTREAM_SECONDS, max_bytes=10_000) == upstream.chunk_text(
        text, max_chars=limit
    )


@pytest.mark.parametrize("text", ["word " * 300, "x" * 1000, "字" * 500, "Start. " + "word " * 200 + "end."])
def test_a_sentence_too_long_for_one_sample_is_split_and_nothing_is_lost(text: str, reference: Reference) -> None:
    chunks = split_text(text, reference, speed=1, trained_seconds=UPSTREAM_SECONDS, max_bytes=300)
    assert max(byte_length(chunk) for chunk in chunks) <= 300
    assert "".join(chunks).replace(" ", "") == text.replace(" ", "")
    assert len(chunks) > 1


def test_words_stay_whole_where_a_long_sentence_is_split(reference: Reference) -> None:
    chunks = split_text("river dragon baron " * 40, reference, speed=1, trained_seconds=UPSTREAM_SECONDS, max_bytes=100)
    assert {word for chunk in chunks for word in chunk.split()} == {"river", "dragon", "baron"}


def test_tokens_are_characters_pinyin_and_space_for_the_unknown() -> None:
    vocab = {" ": 0, "a": 1, "b": 2, "ni3": 3, "hao3": 4}
    assert tokenize("ab", vocab).tolist() == [1, 2]
    assert tokenize("a§", vocab).tolist() == [1, 0]
    assert [token for token in tokenize("你好", vocab).tolist() if token] in ([3, 4], [4])  # tone sandhi: ní hǎo
