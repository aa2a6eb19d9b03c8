"""Markdown, as a person would read it out: CommonMark with tables and strikethrough, parsed by markdown-it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

from text.markup.runs import LINE_PAUSE, PARAGRAPH_PAUSE, Item, Pause, Run, bracketed

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

_BLOCKS = {"paragraph", "heading", "blockquote", "bullet_list", "ordered_list", "table", "hr"}
"""What stands apart from what comes before and after it."""
_LINES = {"list_item", "tr"}
"""What is a line by itself."""


_TASK = re.compile(r"\[[ xX]\]\s+")
_FOOTNOTE = re.compile(r"^\[\^[\w-]+\]:\s*|\[\^[\w-]+\]")
_FORMULA = re.compile(r"(?<![\w$])\$(?=[A-Za-z\\(])(?P<formula>[^$\n]*?[\w)}])\$(?![\w$])")


def read(text: str) -> Iterator[Item]:
    """Read Markdown. Marks of lists, emphasis and links are not said; numbers of lists are, and code is.

    Raises:
        UnsayableError: `[pause]` asks for what is no pause.
    """
    counts: list[int] = []  # of the items to come in the lists that are open; many write 1. before each
    number: list[Item] = []  # of an item whose text comes next
    item = False  # whether such a text is its first
    for token in _PARSER.parse(text):
        if token.type == "list_item_open":
            item = True
            number = []
            if token.info:
                number = [Run(f"{counts[-1]}{token.markup} ", read=f"{counts[-1]}, ")]
                counts[-1] += 1
        elif token.type == "ordered_list_open":
            start = token.attrGet("start")
            counts.append(1 if start is None else int(start))
        elif token.type == "ordered_list_close":
            counts.pop()
        if number and token.type == "paragraph_open":
            continue
        if token.type == "inline":
            yield from number
            if item and token.children and _TASK.match(token.children[0].content):
                token.children[0].content = _TASK.sub("", token.children[0].content, count=1)
            item = False
            number = []
        yield from _block(token)


def _block(token: Token) -> Iterator[Item]:
    name = token.type.removesuffix("_open").removesuffix("_close")
    if name in _LINES or (name in _BLOCKS and token.level > 1):  # what stands in a list's item, too
        yield Pause(LINE_PAUSE)
    elif name in _BLOCKS:
        yield Pause(PARAGRAPH_PAUSE)
    elif token.type in ("th_close", "td_close"):
        yield Run(" ", read=", ")
    elif token.type == "inline":
        yield from _inline(token.children or [])
    elif token.type in ("fence", "code_block"):
        yield from _lines(token.content)
    elif token.type == "html_block":
        yield from _lines(_text_of_html(token.content))


def _inline(tokens: Iterable[Token]) -> Iterator[Item]:
    """The runs of a paragraph; neighbouring ones are joined, as `[pause: 1s]` may have been taken apart."""
    text = ""
    for token in tokens:
        if token.type == "hardbreak" or (token.type == "html_inline" and token.content.lower().startswith("<br")):
            yield from bracketed(text)
            yield Pause(LINE_PAUSE)
            text = ""
        elif token.type == "softbreak":
            text += " "
        elif token.type == "image":
            text += "".join(child.content for child in token.children or [])
        elif token.type == "text":
            text += _FORMULA.sub(lambda found: found["formula"], _FOOTNOTE.sub("", token.content))
        elif token.type == "code_inline":
            text += token.content
    yield from bracketed(text)


def _lines(text: str) -> Iterator[Item]:
    """Lines that stand by themselves: code."""
    yield Pause(PARAGRAPH_PAUSE)
    for line in text.splitlines():
        yield Run(line)
        yield Pause(LINE_PAUSE)
    yield Pause(PARAGRAPH_PAUSE)


class _Text(HTMLParser):
    """Collects the text between tags."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _text_of_html(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "".join(parser.parts)
