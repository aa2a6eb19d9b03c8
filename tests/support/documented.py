"""The commands that the README and the docs show, and what is said of how they are proved."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^(?P<marker>.*)\n(?P<indent> *)```(?:sh|bash|console)\n(?P<shown>[\s\S]*?)^ *```$", re.MULTILINE)
MARKER = re.compile(r"<!-- (run by|needs) (.+) -->")


class Command(NamedTuple):
    """A command, and what the page says that it prints."""

    typed: str
    printed: str


class Block(NamedTuple):
    """A block of commands on a page; `how` and `what` are those of the comment before it, or empty."""

    place: str
    how: str
    what: str
    commands: list[Command]


def pages() -> list[Path]:
    """What the site is made of."""
    shown = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md"), REPOSITORY / "models/small/README.md"]
    return sorted(shown)


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of commands on a page, in its order."""
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        marker = MARKER.fullmatch(found["marker"].strip())
        how, what = marker.groups() if marker else ("", "")
        row = text.count("\n", 0, found.start("shown"))
        yield Block(f"{page.relative_to(REPOSITORY)}:{row}", how, what, list(_commands(found["shown"])))


def _commands(shown: str) -> Iterator[Command]:
    """Each command after its `$ `, with the lines that it goes on in, and what follows on it."""
    for part in re.split(r"^\$ ", shown, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        count = 1
        while lines[count - 1].rstrip().endswith(("\\", "|")):
            count += 1
        yield Command("".join(lines[:count]).strip(), "".join(lines[count:]))
