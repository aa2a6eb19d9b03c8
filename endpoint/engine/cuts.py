"""Where a text is cut into what the network speaks at once: at the best places, into pieces of like length.

Of all ways to share a text out, the one of the least cost is taken (as Knuth and Plass break paragraphs into lines,
1981). Arithmetic on texts alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

CRUMBS = 8  # of a part: nothing smaller is told apart
PIECE_COST = 1.0  # of each piece; an uneven share of the room costs less than another piece


@dataclass(frozen=True)
class Place:
    """A kind of place to cut at.

    Attributes:
        separator: what is between the two sides and left out.
        cost: how much worse it is than no cut.
        pause: seconds of silence that a person leaves there.
    """

    separator: re.Pattern[str]
    cost: float
    pause: float


_WIDE = "[\u3000-\u9fff\uac00-\ud7af\uf900-\uffef]"  # scripts without spaces, and their marks
_CONJUNCTIONS = "and|or|but|nor|yet|so|because|since|while|when|where|until|unless|before|after|if|though|which|that"

PLACES = (
    Place(re.compile(r"(?<=[.!?])\s+|(?<=[。！？])(?!$)"), 0, 0.3),  # noqa: RUF001
    Place(re.compile(r"(?<=[,;:])\s+|(?<=[，；：、])(?!$)"), 4, 0.15),  # noqa: RUF001
    Place(re.compile(r"(?<=\s[-–—])\s+|(?<=—)(?!$)\s*"), 4, 0.15),  # noqa: RUF001
    Place(re.compile(rf"\s+(?=(?:{_CONJUNCTIONS})\s)", re.IGNORECASE), 8, 0.05),
    Place(re.compile(r"\s+"), 20, 0.02),
    Place(re.compile(f"(?<={_WIDE})(?={_WIDE})"), 20, 0.02),
    Place(re.compile(r"(?<=\S)(?=\S)"), 40, 0.02),
)
"""From the best to the worst. The first is the end of a sentence."""

SENTENCE_END = 0


@dataclass(frozen=True)
class Part:
    """A part of a text that stays whole."""

    passage: int  # whose text it is of, by its index
    start: int  # text[start:end]
    end: int
    place: int  # in PLACES, of the cut before it
    units: float  # how long it takes to say


def parts(passage: int, text: str, most_units: float, measure: Callable[[str], float]) -> Iterator[Part]:
    """Take a text apart at the best places until no part is longer than asked.

    Args:
        passage: the text's index.
        text: what is to be said.
        most_units: how long a part may be.
        measure: how long a text takes to say, in the reader's units.

    Yields:
        The parts in order, none smaller than a crumb but where nothing follows: how many there are is bounded by how
        long the text takes to say.
    """

    def take_apart(start: int, end: int, before: int, place: int) -> Iterator[Part]:
        whole = text[start:end]
        units = measure(whole)
        if units <= most_units or place == len(PLACES):
            yield Part(passage, start, end, before, units)
            return
        at = 0
        for separator in PLACES[place].separator.finditer(whole):
            if measure(whole[at : separator.start()]) >= most_units / CRUMBS:
                yield from take_apart(start + at, start + separator.start(), before, place + 1)
                at, before = separator.end(), place
        yield from take_apart(start + at, end, before, place + 1)

    stripped = text.strip()
    start = text.find(stripped)
    yield from take_apart(start, start + len(stripped), SENTENCE_END, 0)


def share_out(parts: Sequence[Part], room: float, space: float, slowness: Callable[[float], float]) -> list[list[Part]]:
    """Put neighbouring parts together into pieces that fit, at the least cost.

    Args:
        parts: in order.
        room: units that fit into a piece.
        space: units between two parts of a piece.
        slowness: what a piece of so many units costs because it would be spoken more slowly than others.

    Returns:
        The parts of each piece. One that does not fit is a piece by itself.
    """
    ends = list(accumulate((part.units + space for part in parts), initial=0.0))
    best: list[tuple[float, int]] = [(0.0, 0)]  # the least cost of the parts so far, and where their last piece begins
    for end in range(1, len(parts) + 1):
        ways = []
        for start in range(end - 1, -1, -1):
            units = ends[end] - ends[start] - space
            if units > room and start < end - 1:
                break
            cut = PLACES[parts[start].place].cost if start else 0
            ways.append((best[start][0] + cut + PIECE_COST + (units / room) ** 2 + slowness(units), start))
        best.append(min(ways))
    pieces: list[list[Part]] = []
    end = len(parts)
    while end:
        start = best[end][1]
        pieces.insert(0, list(parts[start:end]))
        end = start
    return pieces
