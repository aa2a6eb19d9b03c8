"""The front end whole: whatever comes in is said, or refused in words."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.scripts import LETTERS
from text.front_end import READERS, FrontEnd, TextType
from text.lexicon import Lexicon
from text.script import UnsayableError

REPOSITORY = Path(__file__).parents[4]
LEXICON, _ = Lexicon.parse((REPOSITORY / "voices" / "lexicon.txt").read_text(encoding="utf-8"))

VOICES = (
    FrontEnd(LETTERS.__contains__),
    FrontEnd(lambda character: character != "x", reads_phonemes=True),  # says nearly everything
)
# Marks and pieces of markup, so that not all is noise.
FRAGMENTS = st.sampled_from(
    [
        *("<speak>", "</speak>", "<p>", "</p>", "</sub>", "&amp;", "Kai'Sa", "25:30", "5/2/11", "$3.50", "```"),
        *("1.5k", "½", "…", "http://a.b/c?d=1", "<sub alias='5'></sub>"),
        *("[pause:1s]", "<break time='1s'/>", "<sub alias='5'>", "# ", "* ", "1. ", "| a |\n|---|\n", "\n\n", "Dr. "),
        *("我有3个", "🎉", "Привет ", "\u0301", "\u200b", "\ue000", "\U000f0000"),
    ]
)
TEXTS = st.lists(st.one_of(st.text(max_size=20), FRAGMENTS), max_size=8).map("".join)


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXTS, text_type=st.sampled_from(sorted(READERS)), voice=st.sampled_from(VOICES))
@example(text="\U000f0000", text_type="plain", voice=VOICES[1])
@example(text="<speak>\U000f0000 &#xF0000;</speak>", text_type="ssml", voice=VOICES[1])
def test_any_text_is_said_or_refused_in_words(text: str, text_type: TextType, voice: FrontEnd) -> None:
    try:
        script = voice.read(text, text_type, LEXICON)
    except UnsayableError as error:
        assert len(error.reason.split()) > 3  # noqa: PT017 -- either is right
        return
    assert script.sentences
    for sentence in script.sentences:
        assert sentence.written.strip()
        assert sentence.spoken == " ".join(sentence.spoken.split()) != ""
        assert all(map(voice.sayable, sentence.spoken.replace(" ", "")))
        assert sentence.pause_after >= 0
        assert all(0 <= each.start < each.end <= len(sentence.spoken) for each in sentence.pronunciations)


@settings(max_examples=300, deadline=None)
@given(
    words=st.lists(st.sampled_from(["Ward", "the", "river", "Kai'Sa", "3", "25:30", "🎉", "你好", "café"]), min_size=1)
)
def test_nothing_that_was_written_is_lost_from_the_segments(words: list[str]) -> None:
    text = " ".join(["So", *words])
    written = " ".join(sentence.written for sentence in VOICES[1].read(text, lexicon=LEXICON).sentences)
    assert written == text


def test_the_front_end_needs_no_torch_no_server_and_no_aws() -> None:
    program = (
        "import sys, text.front_end; "
        "print([name for name in ('torch', 'numpy', 'pydantic', 'ray', 'starlette', 'boto3') if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY / "endpoint", capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
