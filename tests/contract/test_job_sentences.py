"""A long text is cut where the endpoint says that sentences end, and nothing of it is lost or said twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import job_plan
from contract.line import Line
from engine.cuts import PLACES, SENTENCE_END
from tests.support.scripts import LETTERS
from text.front_end import FrontEnd
from text.markup import plain, runs

FRONT_END = FrontEnd(LETTERS.__contains__)

CHAPTER = """Dr. Vi arrived at 7 p.m. on Jan. 3 with $3.50. "Stop!" she said. Nobody did...

Chapter 2: The Rift
They waited, and
then they went on. It was 5 v 5. [pause: 1s] Then it rained!
    - K. D. A. played
    - 1.5 million people listened

The end?! "Yes." No one spoke; e.g. Garen, who never does.
"""


def read(line: Line) -> list[str]:
    """What the endpoint answers where it is asked for the script alone."""
    return [sentence.written for sentence in FRONT_END.read(line.text, line.text_type).sentences]


def cut(text: str, max_characters: int = 2000) -> list[str]:
    line = Line(champion_id="yasuo", text="Long.").model_copy(update={"text": text})
    return [each.line.text for each in job_plan.plan([line], max_characters, read)]


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_the_first_part_is_the_endpoints_first_sentence() -> None:
    assert cut(CHAPTER)[0] == "Dr. Vi arrived at 7 p.m. on Jan. 3 with $3.50."


def test_the_parts_say_sentence_by_sentence_what_the_whole_says() -> None:
    whole = FRONT_END.read(CHAPTER)
    parts = [FRONT_END.read(text) for text in cut(CHAPTER)]
    assert [each.spoken for part in parts for each in part.sentences] == [each.spoken for each in whole.sentences]
    # Within a part the pauses are those that the whole has there.
    kept = [each.pause_after for part in parts for each in part.sentences[:-1]]
    assert {0.6, 1.0} & set(kept) <= {each.pause_after for each in whole.sentences}


def test_a_text_that_is_read_a_stretch_at_a_time_is_cut_the_same() -> None:
    text = " ".join(
        f"This is sentence {number} of a very long paragraph, e.g. one of Dr. Mundo's." for number in range(300)
    )
    assert len(text) > 3 * job_plan.MAX_READ_CHARACTERS
    sentences = [sentence for part in cut(text) for sentence in read(Line(champion_id="yasuo", text=part))]
    assert sentences == [
        f"This is sentence {number} of a very long paragraph, e.g. one of Dr. Mundo's." for number in range(300)
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["Dr. Vi ran.", "Why?", "one, two", "\n", "\n\n", "[pause:1s]", "Ok!", "5.5", '"No."', "e.g. a"]
        ),
        min_size=1,
        max_size=60,
    ).map(" ".join)
)
def test_no_character_is_lost(text: str) -> None:
    text = f"A. {text.strip()}"
    assert squeezed("".join(cut(text))) == squeezed(text)


def test_the_pauses_between_parts_are_those_within_one() -> None:
    assert PLACES[SENTENCE_END].pause == job_plan.SENTENCE_PAUSE
    assert job_plan.LINE_PAUSE == runs.LINE_PAUSE
    assert job_plan.PARAGRAPH_PAUSE == runs.PARAGRAPH_PAUSE


@pytest.mark.parametrize("written", ["One.\nTwo", "One,\nTwo", "One\nTwo", 'One."\nTwo', "One.\n\nTwo", "One –\nTwo"])
def test_a_lines_end_is_a_pause_where_the_endpoint_has_one(written: str) -> None:
    asked = [item.seconds for item in plain.read(written) if isinstance(item, runs.Pause)]
    [pause, *_] = asked or [job_plan.SENTENCE_PAUSE]
    first = job_plan.plan([Line(champion_id="yasuo", text=written)], 2000, lambda _: written.split("\n", 1))[0]
    assert first.pause == (pause if first.line.text != written else job_plan.PARAGRAPH_PAUSE)
