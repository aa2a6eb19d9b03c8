"""Markdown, read as a person would read it out."""

import pytest

from tests.support.scripts import LETTERS, in_one_line
from text.front_end import FrontEnd

FRONT_END = FrontEnd(LETTERS.__contains__)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("# Title\nSome *soft* and **strong** words.", "Title (0.6) Some soft and strong words."),
        ("One line\nand the next.\n\nA paragraph.", "One line and the next. (0.6) A paragraph."),
        ("a hard  \nbreak and<br>another", "a hard (0.25) break and (0.25) another"),
        (
            "Buy:\n\n- boots\n- a ward\n  - or two\n\nThen go.",
            "Buy (0.6) boots (0.25) a ward (0.25) or two (0.6) Then go.",
        ),
        ("1. First this.\n2. Then that.", "one, First this. (0.25) two, Then that."),
        ("1. Tab\n   1. or O\n1. Ping", "one, Tab (0.25) one, or O (0.25) two, Ping"),
        ("0. Zeroth\n0. First", "zero, Zeroth (0.25) one, First"),
        ("See [the guide](https://example.com/a?b=1 'T') now.", "See the guide now."),
        ("![A map](map.png) shows it.", "A map shows it."),
        ("Call `ward` and ~~not~~ `stop`.", "Call ward and not stop."),
        ("```python\nfirst line\nsecond line\n```", "first line (0.25) second line"),
        ("> Quoted words.\n\nMine.", "Quoted words. (0.6) Mine."),
        ("- [x] Ward\n- [ ] Buy pinks", "Ward (0.25) Buy pinks"),
        ("You overstay[^1].\n\n[^1]: You do.", "You overstay. (0.6) You do."),
        ("So $x = 5$ costs $5 or $6.", "So X equals five costs five dollars or six dollars."),
        ("Above\n\n---\n\nBelow", "Above (0.6) Below"),
        ("| Who | Role |\n|---|---|\n| Ahri | mid |\n| Jinx | bot |", "Who, Role (0.25) Ahri, mid (0.25) Jinx, bot"),
        ("<div>Some <b>bold</b> &amp; plain<!-- no --></div>", "Some bold and plain"),
        ("Some <b>bold</b> word &amp; more", "Some bold word and more"),
        ("Wait [pause:2s] now **go** [pause: 1s]", "Wait (2) now go (1)"),
        (r"Not \*soft\* at all", "Not soft at all"),
        ("1. First\n\n   More.\n\n2. Then", "one, First (0.25) More. (0.25) two, Then"),
    ],
)
def test_markup_is_heard_as_a_person_would_read_it(text: str, script: str) -> None:
    assert in_one_line(FRONT_END.read(text, "markdown")) == script


def test_what_is_written_has_no_markup() -> None:
    text = "# My *title*\n\n1. Get `3` [wards](x)\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    written = [sentence.written for sentence in FRONT_END.read(text, "markdown").sentences]
    assert written == ["My title", "1. Get 3 wards", "a b", "1 2"]


def test_deep_nesting_is_no_trouble() -> None:
    text = "> " * 2000 + "in there" + "*" * 3000 + "[" * 3000
    assert FRONT_END.read("end " + text, "markdown").sentences
