"""A model reads characters, and Chinese as pinyin."""

from engine.reader import CharacterReader

VOCAB = {" ": 0, "a": 1, "b": 2, "ni3": 3, "hao3": 4}


def test_tokens_are_characters_pinyin_and_space_for_the_unknown() -> None:
    reader = CharacterReader(VOCAB)
    assert reader.tokens("ab") == [1, 2]
    assert reader.tokens("a§") == [1, 0]
    assert [token for token in reader.tokens("你好") if token] in ([3, 4], [4])  # tone sandhi: ní hǎo


def test_a_text_is_as_long_as_its_utf8() -> None:
    assert CharacterReader(VOCAB).measure("für 你") == 8
