"""The README's examples of what is said are what is said."""

import re
from pathlib import Path

import pytest

from text.front_end import FrontEnd

README = Path(__file__).parents[4] / "README.md"
LETTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ' .,!?;:-")
[TABLE] = re.findall(r"\| `text` \| `spoken_text` \|\n\|---\|---\|\n((?:\|.*\n)+)", README.read_text(encoding="utf-8"))
ROWS = [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in TABLE.splitlines()]


@pytest.mark.parametrize(("written", "spoken"), ROWS)
def test_what_the_readme_says_is_said(written: str, spoken: str) -> None:
    assert FrontEnd(LETTERS.__contains__).read(written).spoken_text == spoken
