"""A long text becomes parts that can each be spoken alone, the first of them soon."""

import pytest

from contract.line import Line
from contract.problem import InvalidRequest
from job_plan import MAX_PART_CHARACTERS, PARAGRAPH_PAUSE, SENTENCE_PAUSE, plan, rough_sentences
from job_schemas import PlannedPart


def line(text: str, **fields: object) -> Line:
    return Line(champion_id="yasuo", text="x").model_copy(update={"text": text} | fields)


def parts(*lines: Line, max_characters: int = 2000) -> list[PlannedPart]:
    return plan(lines, max_characters, lambda line: rough_sentences(line.text))


def test_the_first_sentence_stands_alone_and_the_next_parts_grow() -> None:
    lengths = [len(each.line.text) for each in parts(line("One two three four. " * 200))]
    assert lengths[0] == len("One two three four.")
    assert lengths[0] < lengths[1] < lengths[2] < lengths[3] <= MAX_PART_CHARACTERS
    assert set(lengths[3:-1]) == {lengths[3]}


def test_parts_are_spoken_as_the_line_asks_and_lie_in_the_store_as_lines_without_loss() -> None:
    spoken = {
        (each.line.speed, each.line.seed, each.line.quality, each.line.format)
        for each in parts(line("One. " * 300, speed=1.2, seed=7, quality="fast", format="mp3"))
    }
    assert spoken == {(1.2, 7, "fast", "flac")}


def test_the_same_text_is_cut_the_same_up_to_where_it_was_corrected() -> None:
    before, after = (
        [each.line.text for each in parts(line(f"{'One two three. ' * 100}{last}"))] for last in ("A.", "B.")
    )
    assert before[:-1] == after[:-1]
    assert before != after


def test_a_sentence_that_is_longer_than_a_line_is_broken_between_words() -> None:
    words = [each.line.text for each in parts(line("word " * 300), max_characters=500)]
    assert all(len(each) <= 500 for each in words)
    assert " ".join(words).split() == ["word"] * 300


def test_one_word_without_an_end_is_broken_all_the_same() -> None:
    assert "".join(each.line.text for each in parts(line("a" * 9000))) == "a" * 9000


def test_a_script_keeps_its_voices_apart() -> None:
    said = parts(line("Who? Me? You?"), line("No.", champion_id="ahri"), line("Hm."))
    assert [(each.line.champion_id, each.line.text, each.pause) for each in said] == [
        ("yasuo", "Who?", SENTENCE_PAUSE),
        ("yasuo", "Me? You?", PARAGRAPH_PAUSE),
        ("ahri", "No.", PARAGRAPH_PAUSE),
        ("yasuo", "Hm.", PARAGRAPH_PAUSE),
    ]


def test_markdown_is_cut_between_its_blocks_and_never_inside_a_fence() -> None:
    text = "# Title\n\nA *word*.\n\n---\n\n```\none\n\ntwo\n```\n\n" + "- item\n" * 100
    found = [each.line.text for each in parts(line(text, text_type="markdown"))]
    assert found[0] == "# Title"
    assert any("```\none\n\ntwo\n```" in each for each in found)
    assert "---" not in found


def test_ssml_is_one_part_or_none() -> None:
    assert len(parts(line("<speak>One. Two.</speak>", text_type="ssml"))) == 1
    with pytest.raises(InvalidRequest, match="as lines of script"):
        parts(line(f"<speak>{'One. ' * 500}</speak>", text_type="ssml"))
