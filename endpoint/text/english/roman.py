"""Roman numerals, where they are numbers and neither initials nor the pronoun."""

from __future__ import annotations

import re

from text.english.rule import Rule, behind, word_after, word_before, words_of
from text.english.words import cardinal, ordinal, pronounceable

NUMBERED = words_of(
    """
    chapter part act scene volume vol book section article title phase stage level tier type class mark season
    episode figure fig table appendix grade division round game page pages pp war bowl series gate step unit
    lesson canto iron bronze silver gold platinum emerald diamond rank mk
    """
)
"""Words after which a Roman numeral counts: chapters, ranks of players, wars."""

REGNAL = words_of(
    """
    Henry Louis Elizabeth George Edward Richard William Charles James Mary Philip Paul Benedict Pius Leo Francis
    Catherine Frederick Napoleon Nicholas Ivan Peter Alexander Ramses Jarvan Gregory Innocent Clement Urban
    Boniface Otto Ferdinand Alfonso Gustav Carl Christian Haakon Juan Ptolemy Darius Xerxes Wilhelm Leopold
    Albert John Cleopatra Seti Thutmose Amenhotep Ramesses Rameses Artaxerxes Antiochus Seleucus Mithridates Constantine
    Theodosius Valentinian Justinian Mehmed Murad Selim Suleiman Sigismund Maximilian Rudolf Ludwig Friedrich Franz
    Baldwin Sixtus Callixtus Celestine Honorius Sylvester Julius Hadrian Margaret Isabella Matilda Carlos
    Felipe Umberto Pedro Afonso Harald Olav Magnus Mohammed Abdullah Faisal Hassan Rama
    """
)
"""Names after which it says which of that name."""

_RULER = re.compile(r"\b(?:King|Queen|Pope|Emperor|Empress|Tsar|Czar|Kaiser|Sultan|Pharaoh)\s+[A-Z]\w+\s+$")
"""Any other name is a ruler's behind one of these."""

_PERSON = re.compile(r"\b(?:[A-Z]\.|Mr\.?|Dr\.?|Wm\.)\s[A-Z][a-z]+,?\s$")
"""A full name, whose numeral says which of that name: John D. Rockefeller III."""

_NOT_NUMERALS = frozenset(
    ["CC", "CD", "CV", "DC", "DI", "DM", "LI", "MC", "MD", "MI", "MM", "MIX", "DIM", "MV", "CM", "LC", "CIV"]
)
_AFTER_PRONOUN = words_of(
    """
    am was have had will would can could should think thought know knew want need like love hate play played see
    saw do did don't didn't can't won't feel guess mean say said get got hope must might never always really
    just
    """
)
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_WELL_FORMED = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_NUMERAL = re.compile(r"(?<![\w'.-])[IVXLCDM]+(?!\w|['’](?!s\b)|\.\w|-\w)")
_WORLD_WAR = re.compile(r"(?<!\w)WW(?P<number>I{1,3}|[123])(?!\w)")
_SMALL_NUMERAL = re.compile(
    r"(?<=\()[ivxl]{1,6}(?=\))|(?<=\bpage )[ivxl]+\b|(?<=\bverse )[ivxl]+\b|(?<=\bpp\. )[ivxl]+\b"
    r"|(?:(?<=\bch\. )|(?<=\bsc\. )|(?<=\bvol\. )|(?<=\bp\. )|(?<=\bchapter )|(?<=\bscene ))[ivxl]+\b"
)


def value(numeral: str) -> int | None:
    """What a Roman numeral stands for; None if it is not one."""
    if not numeral or not _WELL_FORMED.fullmatch(numeral):
        return None
    values = [_VALUES[letter] for letter in numeral]
    return sum(-n if n < following else n for n, following in zip(values, [*values[1:], 0], strict=True))


def _numeral(match: re.Match[str]) -> str | None:
    numeral, before = match.group(), word_before(match).rstrip(".")
    n = value(numeral)
    if n is not None and word_after(match).lower() in {"century", "centuries"}:
        return ordinal(n)
    if n is None or not before[:1].isupper():
        return None
    if len(numeral) == 1:
        return _one_letter(match, numeral, before, n)
    if before in REGNAL or _RULER.search(behind(match)) or _PERSON.search(behind(match)):
        return f"the {ordinal(n)}"
    named = before.lower() in NUMBERED or not before.isupper() or not pronounceable(before)  # GTA VI
    named = named or numeral.endswith("II")  # DOOM III: no word
    return cardinal(n) if named and numeral not in _NOT_NUMERALS else None


def _one_letter(match: re.Match[str], numeral: str, before: str, n: int) -> str | None:
    """I, V or X: a number after what is numbered; I not where it is the pronoun."""
    following = word_after(match)
    if numeral not in {"I", "V", "X"} or following.lower() in _AFTER_PRONOUN - {"was", "had"}:
        return None
    if before.lower() in NUMBERED:
        return cardinal(n)
    regnal = before in REGNAL or _RULER.search(behind(match))
    return f"the {ordinal(n)}" if regnal and following in {"", "of", "was", "ruled", "reigned", "died"} else None


def _small_numeral(match: re.Match[str]) -> str | None:
    n = value(match.group().upper())
    return None if n is None else cardinal(n)


def _world_war(match: re.Match[str]) -> str:
    number = match["number"]
    return f"World War {cardinal(int(number) if number.isdecimal() else len(number))}"


RULES = (Rule(_WORLD_WAR, _world_war), Rule(_NUMERAL, _numeral), Rule(_SMALL_NUMERAL, _small_numeral))
