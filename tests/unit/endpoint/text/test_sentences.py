"""A text is split where a reader would pause, and nothing of it is lost."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text.sentences import split

TABLE = Path(__file__).with_name("sentence_pairs.txt")


def texts() -> list[list[str]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [line.split(" | ") for line in lines if not line.startswith("#")]


@pytest.mark.parametrize("sentences", texts(), ids=" | ".join)
def test_sentences_end_where_a_reader_pauses(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


def test_an_empty_line_ends_a_sentence() -> None:
    assert split("A heading\n\nand a\ntext") == ["A heading", "and a\ntext"]


def test_chinese_needs_no_space_after_its_marks() -> None:
    assert split("等一下。他们来了，快跑！Then we fight.") == ["等一下。", "他们来了，快跑！", "Then we fight."]


def test_nothing_has_no_sentences() -> None:
    assert split(" \n ") == []


@given(st.text(alphabet=st.sampled_from("ab.Dr St 1?!…。\"')(\nZ"), max_size=60) | st.text(max_size=60))
def test_joined_sentences_give_the_text_back(text: str) -> None:
    sentences = split(text)
    assert re.sub(r"\s", "", "".join(sentences)) == re.sub(r"\s", "", text)
    assert all(sentence.strip() for sentence in sentences)
