"""SSML, as Amazon Polly and Google read it: https://docs.aws.amazon.com/polly/latest/dg/supportedtags.html.

`emphasis` and `mark` change nothing that is heard. What cannot be followed is refused by name, never passed over.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import NoReturn
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, InputSource, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

from text import ipa
from text.markup.runs import COMMA_PAUSE, PARAGRAPH_PAUSE, SENTENCE_PAUSE, Item, Pause, Run, pause_seconds
from text.markup.say_as import SAY_AS
from text.script import UnsayableError

MAX_DEPTH = 32
"""How deep elements may stand in each other."""
MIN_RATE, MAX_RATE = 0.5, 2.0

ATTRIBUTES: dict[str, set[str]] = {
    "break": {"strength", "time"},
    "emphasis": {"level"},
    "mark": {"name"},
    "p": {"xml:lang"},
    "phoneme": {"alphabet", "ph"},
    "prosody": {"rate"},
    "s": {"xml:lang"},
    "say-as": {"detail", "format", "interpret-as"},
    "speak": {"version", "xml:lang", "xml:base"},
    "sub": {"alias"},
}
"""The elements that are read, and which attributes each may have."""

HOLD_TEXT_ALONE = {"phoneme", "say-as", "sub"}

STRENGTHS: dict[str, float | None] = {
    "none": None,
    "x-weak": None,
    "weak": COMMA_PAUSE,
    "medium": COMMA_PAUSE,
    "strong": SENTENCE_PAUSE,
    "x-strong": PARAGRAPH_PAUSE,
}
"""Seconds for each `<break strength>`; None for no pause."""

RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.5}
_PERCENT = re.compile(r"([+-]?)(\d{1,4}(?:\.\d{1,4})?)%", re.ASCII)

_LAYOUT_PAUSES = {"p": PARAGRAPH_PAUSE, "s": 0.0}


def read(text: str) -> list[Item]:
    """Read an SSML document.

    Raises:
        UnsayableError: the XML breaks, or holds a document type, an element or an attribute that cannot be followed.
    """
    handler = _Handler()
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(handler)
    source = InputSource()
    source.setCharacterStream(io.StringIO(text))
    try:
        parser.parse(source)
    except SAXParseException as error:
        raise UnsayableError(
            f"the XML breaks at line {error.getLineNumber()}, column {(error.getColumnNumber() or 0) + 1}: "
            f"{error.getMessage()}. SSML stands in <speak>…</speak>, every element is closed, and & and < in text are "
            "written &amp; and &lt;."
        ) from None
    except DefusedXmlException:
        raise UnsayableError("the XML declares a document type or entities. Leave <!DOCTYPE …> out.") from None
    return handler.items


@dataclass
class _Element:
    name: str
    attributes: dict[str, str]
    line: int
    column: int
    rate: float
    text: list[str] = field(default_factory=list)

    def refuse(self, reason: str) -> NoReturn:
        raise UnsayableError(f"<{self.name}> at line {self.line}, column {self.column}: {reason}")

    def need(self, attribute: str) -> str:
        value = self.attributes.get(attribute, "").strip()
        if not value:
            self.refuse(f"its attribute {attribute} is missing.")
        return value


class _Handler(ContentHandler):
    """Collects runs and pauses while the document is parsed; `_open` holds the elements around."""

    def __init__(self) -> None:
        super().__init__()
        self.items: list[Item] = []
        self._open: list[_Element] = []
        self._locator: Locator

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 -- the base class's name
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        line, column = self._locator.getLineNumber() or 0, self._locator.getColumnNumber() or 0
        element = _Element(name, dict(attrs), line, column + 1, self._open[-1].rate if self._open else 1.0)
        self._check_place(element)
        self._open.append(element)
        if name == "break":
            self._break(element)
        elif name == "prosody":
            element.rate = _rate(element)
        elif name in _LAYOUT_PAUSES:
            self.items.append(Pause(_LAYOUT_PAUSES[name]))

    def characters(self, content: str) -> None:
        element = self._open[-1]
        if element.name in HOLD_TEXT_ALONE:
            element.text.append(content)
        else:
            self.items.append(Run(content, rate=element.rate))

    def endElement(self, name: str) -> None:  # noqa: N802
        element = self._open.pop()
        if name in HOLD_TEXT_ALONE:
            self.items.append(_REPLACED[name](element, "".join(element.text)))
        elif name in _LAYOUT_PAUSES:
            self.items.append(Pause(_LAYOUT_PAUSES[name]))

    def _check_place(self, element: _Element) -> None:
        if element.name not in ATTRIBUTES:
            element.refuse(f"this element cannot be followed. There are {', '.join(sorted(ATTRIBUTES))}.")
        if bool(self._open) == (element.name == "speak"):
            element.refuse("the document stands in one <speak>…</speak>, and no other in it.")
        if len(self._open) >= MAX_DEPTH:
            element.refuse(f"elements may stand {MAX_DEPTH} deep in each other.")
        if self._open and self._open[-1].name in HOLD_TEXT_ALONE:
            element.refuse(f"<{self._open[-1].name}> holds text alone.")
        known = ATTRIBUTES[element.name]
        for attribute in element.attributes.keys() - known:
            if not attribute.startswith(("xmlns", "xsi:")):
                element.refuse(f"its attribute {attribute} cannot be followed. It has {', '.join(sorted(known))}.")

    def _break(self, element: _Element) -> None:
        strength = element.attributes.get("strength", "medium")
        if strength not in STRENGTHS:
            element.refuse(f"strength '{strength}' is not one of {', '.join(STRENGTHS)}.")
        seconds = STRENGTHS[strength]
        if "time" in element.attributes:
            try:
                seconds = pause_seconds(element.attributes["time"])
            except UnsayableError as error:
                element.refuse(error.reason)
        if seconds is not None:
            self.items.append(Pause(seconds, asked=True))


def _rate(element: _Element) -> float:
    written = element.attributes.get("rate", "medium").strip()
    if written in RATES:
        return RATES[written]
    percent = _PERCENT.fullmatch(written)
    if not percent:
        element.refuse(f"rate '{written}' is neither a percentage nor one of {', '.join(RATES)}.")
    sign, number = percent.groups()
    rate = {"": 0, "+": 100, "-": 100}[sign] + (-1 if sign == "-" else 1) * float(number)
    if not MIN_RATE <= rate / 100 <= MAX_RATE:
        element.refuse(f"rate '{written}' is out of bounds: {MIN_RATE:.0%} to {MAX_RATE:.0%} of the usual pace.")
    return rate / 100


def _sub(element: _Element, text: str) -> Run:
    return Run(text, read=element.need("alias"), rate=element.rate)


def _phoneme(element: _Element, text: str) -> Run:
    alphabet = element.attributes.get("alphabet", "ipa")
    if alphabet != "ipa":
        element.refuse(f"alphabet '{alphabet}' cannot be read. Write ipa.")
    if not text.strip():
        element.refuse("it holds no word. Write the word whose sounds these are.")
    sounds = ipa.read(element.need("ph"))
    if sounds is None:
        element.refuse(f"there is a sign in '{element.attributes['ph']}' that is no sound of American English.")
    return Run(text, ipa=sounds, rate=element.rate)


def _say_as(element: _Element, text: str) -> Run:
    kind = element.need("interpret-as")
    if kind not in SAY_AS:
        element.refuse(f"interpret-as '{kind}' cannot be followed. There are {', '.join(SAY_AS)}.")
    said = SAY_AS[kind](text, element.attributes.get("format", ""))
    if said is None:
        element.refuse(f"'{text.strip()}' cannot be said as {kind}.")
    return Run(text, read=said, exact=True, rate=element.rate)


_REPLACED = {"phoneme": _phoneme, "say-as": _say_as, "sub": _sub}
