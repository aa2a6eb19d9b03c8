"""A lexicon: how words are said that no rule knows, a line for each.

    # a note
    kai'sa = Kai sah
    kai'sa = /kˈaɪ sə/
    AP = ability power

A word is found whole. One in lower case is found however it is written, one with a capital only as the lexicon writes
it: `AP` is not found in "ap", `Vi` not in "VI". `/…/` is in the International Phonetic Alphabet, for models that read
phonemes; a word may have both.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from text import ipa
from text.characters import tidy

MAX_WORD_CHARACTERS = 100
MAX_SAID_CHARACTERS = 400

_LINE = re.compile(r"([^=]+?)\s*=\s*(.+)")
_IPA = re.compile(r"/([^/]+)/")
_BEGINNING = re.compile(r"[^\W_]+")
_WORD_END = re.compile(r"(?!'?[^\W_])|(?='s(?![^\W_]))", re.IGNORECASE)  # Kai'Sa's is Kai'Sa with an ending


@dataclass(frozen=True)
class Entry:
    """A word and how it is said.

    Args:
        word: as the lexicon writes it.
        said: what to say in its stead, in letters.
        ipa: its sounds.
    """

    word: str
    said: str | None = None
    ipa: str | None = None


@dataclass(frozen=True)
class BadLine:
    """A line that cannot be parsed.

    Args:
        number: the first line is 1.
        reason: what is wrong with it.
    """

    number: int
    reason: str


@dataclass(frozen=True)
class Match:
    """Where a word of the lexicon stands in a text.

    Args:
        start: its first character.
        end: the one after its last.
        entry: how it is said.
    """

    start: int
    end: int
    entry: Entry


@dataclass(frozen=True)
class Lexicon:
    """Words and how they are said.

    Args:
        entries: by word.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    _by_beginning: dict[str, list[Entry]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: defaultdict[str, list[Entry]] = defaultdict(list)
        for word in sorted(self.entries, key=len, reverse=True):  # the longest of those that begin alike
            if beginning := _BEGINNING.match(word):
                index[beginning[0].casefold()].append(self.entries[word])
        object.__setattr__(self, "_by_beginning", dict(index))

    @classmethod
    def parse(cls, text: str) -> tuple[Lexicon, list[BadLine]]:
        """Read a lexicon.

        Returns:
            What could be read, and the lines that could not.
        """
        entries: dict[str, Entry] = {}
        bad = []
        for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            read = _parse_line(line)
            if isinstance(read, str):
                bad.append(BadLine(number, read))
            else:
                entries[read.word] = _combine(entries.get(read.word), read)
        return cls(entries), bad

    def over(self, other: Lexicon) -> Lexicon:
        """Both lexicons in one; where both have a word, this one's holds: a champion's over the global one's."""
        below = {word.casefold(): entry for word, entry in other.entries.items()}
        entries = {
            # Its sounds below are those of a saying that no longer holds.
            word: entry if entry.said or not (known := below.get(word.casefold())) else replace(entry, said=known.said)
            for word, entry in self.entries.items()
        }
        own = {word.casefold() for word in entries}
        return Lexicon({word: entry for word, entry in other.entries.items() if word.casefold() not in own} | entries)

    def find(self, text: str) -> Iterator[Match]:
        """Find the lexicon's words in a tidy text, from left to right, none over another."""
        end = 0
        if not self._by_beginning:
            return
        for beginning in _BEGINNING.finditer(text):
            if beginning.start() < end:
                continue
            for entry in self._by_beginning.get(beginning[0].casefold(), ()):
                if _is_at(entry.word, text, beginning.start()):
                    end = beginning.start() + len(entry.word)
                    yield Match(beginning.start(), end, entry)
                    break


def _parse_line(line: str) -> Entry | str:
    """The entry, or what is wrong with the line."""
    found = _LINE.fullmatch(line)
    if not found:
        return "it is not of the form: word = how it is said"
    word, said = tidy(found[1]).strip(), tidy(found[2]).strip()
    if len(word) > MAX_WORD_CHARACTERS or len(said) > MAX_SAID_CHARACTERS:
        return f"a word may have {MAX_WORD_CHARACTERS} characters and what is said {MAX_SAID_CHARACTERS}"
    if not _BEGINNING.match(word):
        return "a word begins with a letter or a digit"
    if not said.startswith("/"):
        return Entry(word, said=said)
    sounds = _IPA.fullmatch(said)
    if not sounds:
        return "sounds stand between two slashes: /…/"
    read = ipa.read(sounds[1])
    return Entry(word, ipa=read) if read else f"there is a sign in {said} that is no sound of American English"


def _combine(known: Entry | None, new: Entry) -> Entry:
    """A word's line of letters and its line of sounds; of two of a kind the later one holds."""
    if known is None:
        return new
    return Entry(new.word, said=new.said or known.said, ipa=new.ipa or known.ipa)


def _is_at(word: str, text: str, start: int) -> bool:
    """Whether a word stands whole in a text, from a position where letters or digits begin."""
    end = start + len(word)
    if start > 1 and text[start - 1] == "'" and text[start - 2].isalnum():
        return False  # what follows an apostrophe is part of a word
    written = text[start:end]
    as_written = written.lower() == word if word == word.lower() else written == word
    return as_written and bool(_WORD_END.match(text, end))


NO_LEXICON = Lexicon()
