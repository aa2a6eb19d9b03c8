"""English is read aloud as a person would, and nothing that is written is lost."""

from pathlib import Path

import pytest

from text.english import read_aloud

TABLE = Path(__file__).with_name("english_pairs.txt")


def pairs() -> list[tuple[str, str]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [(written, spoken) for line in lines for written, mark, spoken in [line.partition(" => ")] if mark]


@pytest.mark.parametrize(("written", "spoken"), pairs())
def test_what_is_written_is_read_as_a_person_would(written: str, spoken: str) -> None:
    assert read_aloud(written) == spoken
