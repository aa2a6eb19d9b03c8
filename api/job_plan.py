"""How a long text is cut into parts: at the ends of sentences, the first part being one sentence alone.

What a sentence is, is the endpoint's to tell: it is asked for the sentences of a text, and they are found again in it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from typing import NamedTuple

from contract.line import MAX_TEXT_CHARACTERS, Line
from contract.problem import refused_field
from job_schemas import PlannedPart

MAX_PART_CHARACTERS = 400
"""About half a minute of speech: a slow machine speaks it in time, and many fit a batch."""
FIRST_PART_CHARACTERS = (0, 100, 200)
"""The first is a sentence alone, heard as soon as can be; while it is heard, the next ones are spoken."""

# Seconds from speech to speech, as the endpoint has them within a line: contract tests hold them together.
SENTENCE_PAUSE = 0.3
LINE_PAUSE = 0.25
PARAGRAPH_PAUSE = 0.6

# The endpoint reads so much at once; a margin is left for what it counts otherwise.
MAX_READ_CHARACTERS = MAX_TEXT_CHARACTERS - 200

_EMPTY_LINE = re.compile(r"\n\s*\n")
_MARK_AT_END = re.compile(r"[.,!?;:…。，！？；：、—–-][\"'”’»)\]」』]*$")  # noqa: RUF001 -- marks of other scripts
_SKIPPED = re.compile(r"\s*\[pause[^\[\]\n]*\]\s*|\s+", re.IGNORECASE)
_FENCE = re.compile(r"^ {0,3}(```|~~~)", re.MULTILINE)


class Passage(NamedTuple):
    """A stretch of text that may stand alone, and the seconds of silence after it."""

    text: str
    pause: float


def plan(lines: Iterable[Line], max_characters: int, read: Callable[[Line], list[str]]) -> list[PlannedPart]:
    """Cut lines of any length into parts that can each be spoken alone.

    Args:
        lines: what is to be said, in order.
        max_characters: the longest text of a line.
        read: tells the sentences of a line as they are written.

    Raises:
        InvalidRequest: SSML that is longer than a line can be.
        Problem: what `read` raises.
    """
    planned: list[PlannedPart] = []
    sizes = chain(FIRST_PART_CHARACTERS, repeat(MAX_PART_CHARACTERS))
    for line in lines:
        for text, pause in _gather(_passages(line, max_characters, read), sizes, max_characters):
            planned.append(PlannedPart(line=line.model_copy(update={"text": text, "format": "flac"}), pause=pause))
        planned[-1].pause = PARAGRAPH_PAUSE
    return planned


def check(line: Line, max_characters: int) -> None:
    """See that a text can be cut, as far as that is known before it is read.

    Raises:
        InvalidRequest: it is SSML and longer than a line can be, whose elements would be cut.
    """
    if line.text_type == "ssml" and len(line.text) > max_characters:
        raise refused_field(
            "text",
            f"has {len(line.text):,} characters of SSML, which is not cut: at most {max_characters:,} are spoken as "
            "one. Send it as lines of script.",
        )


def _passages(line: Line, max_characters: int, read: Callable[[Line], list[str]]) -> Iterator[Passage]:
    check(line, max_characters)
    match line.text_type:
        case "ssml":
            yield Passage(line.text, PARAGRAPH_PAUSE)
        case "markdown":
            blocks = (piece for block in _blocks(line.text) for piece in _broken(block, max_characters))
            # A rule between paragraphs has no sound.
            yield from (Passage(block, PARAGRAPH_PAUSE) for block in blocks if any(map(str.isalnum, block)))
        case "plain":
            for text, pause in _sentences(line, read):
                *before, last = _broken(text, max_characters)
                yield from (Passage(piece, 0.0) for piece in before)
                yield Passage(last, pause)


def _gather(passages: Iterable[Passage], sizes: Iterator[int], max_characters: int) -> Iterator[Passage]:
    """Put neighbours together as long as they are short; within a part the endpoint makes the pauses.

    Args:
        passages: in order.
        sizes: characters of each part that is put together.
        max_characters: of any part.
    """
    text, pause = "", 0.0
    size = min(next(sizes), max_characters)
    for passage in passages:
        between = "\n\n" if pause == PARAGRAPH_PAUSE else "\n" if pause == LINE_PAUSE else " "
        if text and len(text) + len(between) + len(passage.text) > size:
            yield Passage(text, pause)
            text, size = "", min(next(sizes), max_characters)
        text, pause = f"{text}{between}{passage.text}" if text else passage.text, passage.pause
    if text:
        yield Passage(text, pause)


def _sentences(line: Line, read: Callable[[Line], list[str]]) -> Iterator[Passage]:
    """The sentences of a plain text of any length, asked for a stretch at a time."""
    rest = line.text
    while rest:
        stretch = rest[:MAX_READ_CHARACTERS]
        whole = len(stretch) == len(rest)
        if not whole and (ends := list(_EMPTY_LINE.finditer(stretch))):
            stretch, whole = stretch[: ends[-1].end()], True
        elif not whole:
            stretch = stretch[: stretch.rfind(" ") + 1 or len(stretch)]
        edges = _edges(stretch, read(line.model_copy(update={"text": stretch.strip()})))
        if not whole and len(edges) > 1:
            edges.pop()  # it may go on
        start = 0
        for end in edges:
            found = stretch[start:end]
            yield Passage(found.strip(), _pause(found))
            start = end
        rest = rest[start:]


def _edges(text: str, sentences: list[str]) -> list[int]:
    """Where sentences end in the text that they are of, white space and pauses behind them included.

    A sentence is as it is written but for white space and `[pause: 1s]`. From one that is not on, the text is one.
    """
    edges: list[int] = []
    at = 0
    for sentence in sentences:
        found = at
        for character in "".join(sentence.split()):
            while text[found : found + 1] != character and (skipped := _SKIPPED.match(text, found)):
                found = skipped.end()
            if text[found : found + 1] != character:
                return [*edges, len(text)]
            found += 1
        while skipped := _SKIPPED.match(text, found):
            found = skipped.end()
        edges.append(at := found)
    return [*edges[:-1], len(text)]


def _pause(found: str) -> float:
    """The silence after a sentence, by the white space behind it."""
    written = found.rstrip()
    breaks = found[len(written) :].count("\n")
    if breaks > 1:
        return PARAGRAPH_PAUSE
    return LINE_PAUSE if breaks and not _MARK_AT_END.search(written) else SENTENCE_PAUSE


def _blocks(text: str) -> Iterator[str]:
    """Blocks of Markdown: what empty lines part, but for those inside a fence."""
    block = ""
    for part in _EMPTY_LINE.split(text):
        block = f"{block}\n\n{part}" if block else part
        if len(_FENCE.findall(block)) % 2 == 0:
            yield block
            block = ""
    if block:
        yield block


def _broken(text: str, max_characters: int) -> Iterator[str]:
    """A text in pieces that can be spoken, broken between words where it is too long for one."""
    while len(text) > max_characters:
        at = text.rfind(" ", 1, max_characters)
        at = at if at > 0 else max_characters
        yield text[:at].strip()
        text = text[at:].strip()
    yield text


def rough_sentences(text: str) -> list[str]:
    """Sentences by their marks alone, for a text that the endpoint refuses: its parts are then judged one by one."""
    return [found for found in re.split(r"(?<=[.!?…])\s+", text) if found.strip()]
