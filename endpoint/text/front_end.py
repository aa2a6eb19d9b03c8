"""From what is written to what is said.

Markup is read into runs and pauses, the runs are split into sentences as they are written, and each sentence is made
words: what it says by markup, by the lexicon or in another script is set aside, the English rules read the rest, and at
last everything is spelt with the letters that the voice has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from typing import Literal

from text import characters, ipa
from text.english import read_aloud
from text.lexicon import NO_LEXICON, Entry, Lexicon
from text.markup import markdown, plain, ssml
from text.markup.runs import Item, Pause, Run
from text.script import Pronunciation, Script, Sentence, UnsayableError
from text.sentences import split

TextType = Literal["plain", "ssml", "markdown"]

READERS: dict[TextType, Callable[[str], Iterable[Item]]] = {
    "plain": plain.read,
    "ssml": ssml.read,
    "markdown": markdown.read,
}

_STAND_IN = re.compile(f"[{chr(characters.FIRST_STAND_IN)}-\U0010ffff]")
_POSSESSIVE = re.compile(rf"({_STAND_IN.pattern})('[sS])(?!\w)")
_MARK = re.compile("[.,!?;:]")
# English puts marks beside words; a stand-in is none to it.
_MARKS_AT_START = re.compile(r"^[\s,;:.-]+")
_BEFORE_MARK = re.compile(r" +(?=[.,!?;:])")


@dataclass(frozen=True)
class _Aside:
    """What a stand-in stands for."""

    said: str
    ipa: str | None = None

    def possessive(self, ending: str) -> _Aside:
        """The same with 's after it."""
        return _Aside(self.said + ending, self.ipa and ipa.possessive(self.ipa))


@dataclass
class _Asides:
    """What is set aside from the rules: one private character in the text stands for each."""

    asides: list[_Aside] = field(default_factory=list)

    def put(self, aside: _Aside) -> str:
        self.asides.append(aside)
        return chr(characters.FIRST_STAND_IN + len(self.asides) - 1)

    def get(self, stand_in: str) -> _Aside:
        return self.asides[ord(stand_in) - characters.FIRST_STAND_IN]


@dataclass(frozen=True)
class FrontEnd:
    """How a model's texts are read.

    Args:
        sayable: whether the model can say a character; a vocabulary's `__contains__` will do.
        reads_phonemes: whether it follows pronunciations given in phonemes.
    """

    sayable: Callable[[str], bool]
    reads_phonemes: bool = False
    _speller: characters.Speller = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_speller", characters.Speller(self.sayable))

    def read(self, text: str, text_type: TextType = "plain", lexicon: Lexicon = NO_LEXICON) -> Script:
        """Read a text.

        Args:
            text: as the caller wrote it, markup and line breaks included.
            text_type: what its markup is.
            lexicon: words that are said otherwise than the rules would.

        Raises:
            UnsayableError: it holds what cannot be said or followed, or nothing to say.
        """
        characters.check(text)
        items = list(READERS[text_type](text))
        # `25:30` by itself is read in English, but not in a text that has no Latin letter.
        written = "".join(item.written for item in items if isinstance(item, Run))
        foreign = characters.is_foreign(written)
        reading = _Reading(self.reads_phonemes, self._speller, lexicon, foreign)
        script = _arrange(reading.sentences(items))
        if reading.unsayable:
            raise characters.unsayable(reading.unsayable)
        if not script.sentences:
            raise UnsayableError("there is nothing to say in it. Send words.")
        return script


@dataclass
class _Reading:
    """One text being read: what it collects on the way is its own."""

    reads_phonemes: bool
    speller: characters.Speller
    lexicon: Lexicon
    foreign: bool
    unsayable: list[str] = field(default_factory=list)

    def sentences(self, items: list[Item]) -> Iterator[Sentence | Pause]:
        """The sentences, some without a sound, with the pauses between them."""
        for rate, group in groupby(items, key=lambda item: item.rate if isinstance(item, Run) else None):
            if rate is None:
                yield from (item for item in group if isinstance(item, Pause))
            else:
                yield from self.stretch([item for item in group if isinstance(item, Run)], rate)

    def stretch(self, runs: list[Run], rate: float) -> Iterator[Sentence]:
        """The sentences of runs that follow each other at one pace."""
        replaced: list[Run] = []
        text = ""
        for run in runs:
            characters.check(run.written)
            if run.read is None and run.ipa is None:
                text += run.written
            else:
                text += chr(characters.FIRST_STAND_IN + len(replaced))
                replaced.append(run)

        def run_of(stand_in: re.Match[str]) -> Run:
            return replaced[ord(stand_in[0]) - characters.FIRST_STAND_IN]

        for sentence in split(" ".join(text.split())):
            written = " ".join(_STAND_IN.sub(lambda found: run_of(found).written, sentence).split())
            asides = _Asides()
            readable = _STAND_IN.sub(lambda found: self.readable(run_of(found), asides), sentence)  # noqa: B023
            spoken, pronunciations = self.speak(readable, asides)
            yield Sentence(written or spoken, spoken, rate=rate, pronunciations=pronunciations)

    def readable(self, run: Run, asides: _Asides) -> str:
        """What stands in the sentence for a run whose markup says how it is said."""
        said = characters.tidy(run.written if run.read is None else run.read)
        said = said.strip() if run.ipa else said  # sounds are those of the word alone
        characters.check(said)
        if run.ipa and not self.reads_phonemes:
            raise UnsayableError("this voice reads letters, not phonemes: write <sub alias> in place of <phoneme>.")
        return asides.put(_Aside(said, run.ipa)) if run.exact or run.ipa else said

    def speak(self, text: str, asides: _Asides) -> tuple[str, tuple[Pronunciation, ...]]:
        """Say a sentence: the words, and where phonemes say how they sound."""
        text = characters.tidy(text)
        text = self.set_words_aside(text, asides)
        text = self.set_foreign_aside(text, asides)
        text = _POSSESSIVE.sub(lambda found: asides.put(asides.get(found[1]).possessive(found[2])), text)
        text = characters.plain_marks(text)
        return self.spell(read_aloud(text) if characters.has_sound(text) else text, asides)

    def set_words_aside(self, text: str, asides: _Asides) -> str:
        parts, end = [], 0
        for match in self.lexicon.find(text):
            if said := self.of_lexicon(match.entry, text[match.start : match.end]):
                parts += [text[end : match.start], asides.put(said)]
                end = match.end
        return "".join([*parts, text[end:]])

    def of_lexicon(self, entry: Entry, written: str) -> _Aside | None:
        if entry.ipa and self.reads_phonemes:
            return _Aside(written, entry.ipa)
        return _Aside(_respelt(entry.said)) if entry.said else None

    def set_foreign_aside(self, text: str, asides: _Asides) -> str:
        parts, end = [], 0
        for start, stop in characters.foreign_runs(text, alone=self.foreign):
            parts += [text[end:start], asides.put(_Aside(text[start:stop]))]
            end = stop
        return "".join([*parts, text[end:]])

    def spell(self, text: str, asides: _Asides) -> tuple[str, tuple[Pronunciation, ...]]:
        """Put everything back in its place, in the letters that the voice has."""
        spoken, pronunciations = "", []
        text = _MARKS_AT_START.sub("", _BEFORE_MARK.sub("", text)) if characters.has_sound(text) else text
        for part in re.split(f"({_STAND_IN.pattern})", text):
            aside = asides.get(part) if _STAND_IN.fullmatch(part) else _Aside(part)
            said, unsayable = self.speller.spell(aside.said)
            self.unsayable += unsayable
            said = re.sub(" +", " ", said)
            if not spoken or spoken.endswith(" "):
                said = said.lstrip()
            if aside.ipa and said:
                pronunciations.append(Pronunciation(len(spoken), len(spoken) + len(said), aside.ipa))
            spoken += said
        return spoken.rstrip(), tuple(pronunciations)


@lru_cache(maxsize=1024)
def _respelt(said: str) -> str:
    """What a lexicon says for a word, which may hold digits."""
    return read_aloud(characters.plain_marks(said))


def _arrange(parts: Iterable[Sentence | Pause]) -> Script:
    """Give each sentence the silence after it, and what has no sound to a neighbour."""
    before = 0.0
    sentences: list[Sentence] = []
    silences: list[Pause] = []
    unheard = ""  # written before the next sentence
    for part in parts:
        if isinstance(part, Pause):
            silences.append(part)
        elif characters.has_sound(part.spoken):
            if sentences:
                sentences[-1] = replace(sentences[-1], pause_after=_silence(silences))
            else:
                before = _silence(silences, at_edge=True)
            sentences.append(replace(part, written=f"{unheard} {part.written}".strip()))
            silences, unheard = [], ""
        elif sentences and not silences:
            sentences[-1] = _with_marks(sentences[-1], part)
        else:
            unheard = f"{unheard} {part.written}".strip()
    if sentences:
        written = f"{sentences[-1].written} {unheard}".strip()
        sentences[-1] = replace(sentences[-1], written=written, pause_after=_silence(silences, at_edge=True))
    return Script(before, tuple(sentences))


def _silence(pauses: list[Pause], at_edge: bool = False) -> float:
    """How long pauses that follow each other are: those that were asked for, or else the layout's longest."""
    asked = [pause.seconds for pause in pauses if pause.asked]
    if asked or at_edge:
        return sum(asked, 0.0)
    return max((pause.seconds for pause in pauses), default=0.0)


def _with_marks(sentence: Sentence, marks: Sentence) -> Sentence:
    """A sentence with what was written after it, and its mark if it has none of its own."""
    if not sentence.written[-1].isalnum():
        return replace(sentence, written=f"{sentence.written} {marks.written}")
    mark = _MARK.search(marks.spoken)
    return replace(
        sentence,
        written=_BEFORE_MARK.sub("", f"{sentence.written} {marks.written}"),
        spoken=sentence.spoken + (mark[0] if mark else ""),
    )
