"""Plain text: pauses in brackets, line breaks, what is written of each sentence."""

import pytest

from tests.support.scripts import LETTERS, in_one_line
from text.front_end import FrontEnd
from text.script import UnsayableError

FRONT_END = FrontEnd(LETTERS.__contains__)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Wait. Now go!", "Wait. | Now go!"),
        ("Wait [pause:1s] now go.", "Wait (1) now go."),
        ("Wait [pause 500ms] now [PAUSE: 1.25 s] go.", "Wait (0.5) now (1.25) go."),
        ("[pause:20ms]Go.[pause:10s]", "(0.02) Go. (10)"),
        ("One [pause:1s] [pause:2s] two", "One (3) two"),
        ("one\ntwo.\nthree", "one (0.25) two. | three"),
        ("one,\ntwo", "one, two"),
        ("one\r\ntwo\u2028three", "one (0.25) two (0.25) three"),
        ("one\n\ntwo.\n \n\nthree", "one (0.6) two. (0.6) three"),
        ("one [pause:1s]\n\ntwo", "one (1) two"),  # as long as asked
        ("\n\none\n\n", "one"),
        ("the [pause menu] opens", "the, pause menu, opens"),
        ("No sound between. 🎉\n\n🎉 ... End.", "No sound between. (0.6) End."),
    ],
)
def test_pauses_are_as_long_as_written(text: str, script: str) -> None:
    assert in_one_line(FRONT_END.read(text)) == script


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a [pause:11s] b", "a pause of 11 s is too long. Ask for at most 10 s"),
        ("a [pause:10001ms] b", "a pause of 10.001 s is too long"),
        ("a [pause:5] b", "'5' is not the length of a pause. Write seconds or milliseconds: 1s, 500ms"),
        ("a [pause] b", "'' is not the length of a pause"),
        ("a [pause:-1s] b", "'-1s' is not the length"),
    ],
)
def test_what_is_no_pause_is_told(text: str, reason: str) -> None:
    with pytest.raises(UnsayableError) as refused:
        FRONT_END.read(text)
    assert reason in refused.value.reason


@pytest.mark.parametrize("text", ["", " \n ", "...", "🎉", "[pause:1s]", "\u200b", "?!", "\u0301"])
def test_a_text_without_a_sound_is_refused(text: str) -> None:
    with pytest.raises(UnsayableError, match="there is nothing to say"):
        FRONT_END.read(text)


def test_segments_are_what_the_caller_wrote() -> None:
    script = FRONT_END.read("“Stop” 🎉 – 3 kills… [pause:1s] Ｇｏ!  ??? Now\t2 Café")
    assert [sentence.written for sentence in script.sentences] == [
        "“Stop” 🎉 – 3 kills…",
        "Ｇｏ! ???",
        "Now 2 Café",
    ]


def test_a_chinese_text_is_said_as_it_is_written() -> None:
    front_end = FrontEnd(lambda character: character not in "абв")
    text = "我有3个。25:30我们走！ 5/2/11"
    assert front_end.read(text).spoken_text.replace(" ", "") == text.replace(" ", "")
    assert front_end.read("我们走。\n\n25:30").spoken_text == "我们走。 25:30"
