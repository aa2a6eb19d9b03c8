"""Characters: what each stands for, which have no sound, and which a voice cannot say.

Everything here is a table of code points that Unicode has allotted for good (blocks, default ignorables), never a
question to the interpreter whether a character is assigned: an emoji of next year goes the way of an old one, and every
Python gives the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from text.script import UnsayableError

MAX_NAMED = 10
"""How many characters a refusal names."""

FIRST_STAND_IN = 0xF0000
"""The first of the private characters that stand for what is not to be read by rules; see `front_end`."""

# Controls, lone surrogates, private use, non-characters, and the two that say that a character was lost.
_UNWRITABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffc-\uffff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0xF0000, 0x10000))
    + "\U000f0000-\U0010ffff]"
)

# Unicode's Default_Ignorable_Code_Point, noncharacters aside: joiners, soft hyphens, directions, variations, tags.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)

# What NFKC only writes otherwise, in blocks older than Python 3.11. Not superscripts or fractions: x² is not x2.
_SAFE = re.compile(
    "[\u2100-\u2115\u2118-\u211f\u2121\u2123-\u2138\u2140-\u214f"  # letterlike signs: ℃; not №, which has a name
    "\u2160-\u217f"  # Roman numerals
    "\u2460-\u24ea\U0001f100-\U0001f12b\U0001f130-\U0001f149"  # letters and digits in circles, squares, parentheses
    "\u3250-\u325f\u32b1-\u32bf\u32cc-\u32cf\u3371-\u337a\u3380-\u33df\u33ff"  # numbers and units in one square: ㎞
    "\ufb00-\ufb06"  # ligatures: ﬁ
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uffe0-\uffe6"  # full width digits, letters and currencies
    "\U0001d400-\U0001d7ff]"  # letters and digits of mathematics
)
_ENCLOSED = re.compile("[\u2460-\u24ea\U0001f100-\U0001f149]")  # they stand apart from what follows

# Emoji and other pictures: whole blocks, with what they have room for. `english` says →.
_PICTURES = re.compile(
    "(?:[®℗℠™ℹ"  # signs beside a name that nobody says
    "\u20dd-\u20e4"  # circles and keys around what stands before them
    "\u2190\u2191\u2193-\u21d1\u21d3-\u21ff\u27f0-\u27f5\u27f7-\u27ff\u2900-\u297f"  # arrows but →
    "\u2300-\u245f"  # technical pictures, pictures of controls
    "\u2500-\u2604\u2606-\u27bf"  # lines, blocks, shapes, suits, dingbats
    "\u2800-\u28ff\u2b00-\u2b4f\u2b51-\u2bff\u4dc0-\u4dff"  # Braille, more shapes, hexagrams
    "\u3004\u3012\u3013\u3020\u3030\u3036\u3037\u303d-\u303f\u3297\u3299"  # among Chinese marks
    "\U0001f000-\U0001fbef\U0001fbfa-\U0001fffd]"  # tiles, cards, emoji, what old computers drew
    "|(?<!\\d)[★⭐])+"  # but `english` says that of a 5★ hotel
)
# Faces drawn with letters of other scripts: a shrug, a table that is thrown, a bear.
_FACES = re.compile(r"¯?\\?_*\(ツ\)_*/?¯?|[(（][╯ノ][^()（）\w]{1,5}[)）][╯ノ︵]*|ʕ[^ʔ]{1,6}ʔ")
_KEYCAP_TEN = "\U0001f51f"

# One for one, in every script: upstream's pinyin does the same.
_QUOTES = str.maketrans(dict.fromkeys("‘’‚‛ʼ′`´", "'") | dict.fromkeys("“”„‟″«»‹›", '"'))
_SPACES = re.compile("[\t\n\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")

# Other ways of writing marks that the English rules know.
_MARKS = str.maketrans(
    {
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},  # full width
        **dict.fromkeys("‐‑‒﹣", "-"),
        **dict.fromkeys("⸺⸻", "—"),
        **dict.fromkeys("‣⁃∙・", "•"),
        **dict.fromkeys("、﹐", ","),
        **dict.fromkeys("。｡﹒", "."),
        "∕": "/",
        "∶": ":",
        "⋯": "...",
        "…": "...",
        "‥": "..",
        "‼": "!!",
        "⁇": "??",
        "⁈": "?!",
        "⁉": "!?",
    }
)

# Letters, and accents that stand by themselves.
_LATIN = "A-Za-zªºÀ-ÖØ-öø-\u02af\u0300-\u036f\u1d00-\u1dff\u1e00-\u1eff\u2c60-\u2c7f\ua720-\ua7ff\uab30-\uab6f"
_NOT_LATIN = re.compile(f"[^{_LATIN}\\U000f0000-\\U0010ffff]+")
_LATIN_LETTER = re.compile(f"[{_LATIN}]")
# A Greek letter by itself is a sign of mathematics.
_FOREIGN = re.compile(
    "[\u0370-\u03ff\u1f00-\u1fff]{2,}|[\u0400-\u1cff\u2c00-\u2c5f\u2c80-\u2dff\u2e80-\u2fff\u3005-\u3007\u3021-\u302f"
    "\u3031-\u3035\u3038-\u303c\u3041-\u4dbf\u4e00-\ua71f\ua800-\uab2f\uab70-\ud7ff\uf900-\ufaff\ufb07-\ufdff"
    "\ufe70-\ufefe\uff66-\uffdc\U00010000-\U0001efff\U00020000-\U000dffff]"
)

_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20dc\u20e5-\u20ff\ufe20-\ufe2f]")
_ACCENTED = re.compile("[À-ɏ\u0370-\u03ff\u1e00-\u1fff]")
# Letters that Unicode does not take apart.
_LETTERS = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
    "ð": "th", "Ð": "Th", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "ı": "i", "ħ": "h", "Ħ": "H", "ŋ": "ng",
    "Ŋ": "Ng", "ſ": "s", "ĸ": "k", "ŧ": "t", "Ŧ": "T", "ə": "e", "Ə": "E", "ƒ": "f", "ª": "a", "º": "o",
}  # fmt: skip
# What a mark becomes where a voice lacks it; at last nothing: a mark has no sound of its own.
_LESSER_MARKS = {
    **dict.fromkeys(";:；：，、،؛", (",", "")),
    **dict.fromkeys("!?…。.！？।؟", (".", "")),
    **dict.fromkeys("—–―", (",", "")),
    **dict.fromkeys("-‐‑‒()[]{}（）【】《》〈〉「」『』〔〕“”«»・•·~～_|\\", (" ",)),
    **dict.fromkeys("★⭐", (" ",)),
    **dict.fromkeys(",'\"¡¿‘’„‚´`", ("",)),
}
_SILENT = frozenset(" ") | frozenset(_LESSER_MARKS)


def check(text: str) -> None:
    """Refuse what no voice can say: controls, private characters, halves of characters.

    Raises:
        UnsayableError: the text holds such a character.
    """
    if found := _UNWRITABLE.findall(text):
        raise unsayable(found)


def unsayable(characters: Iterable[str]) -> UnsayableError:
    """The refusal that names characters which a voice cannot say."""
    distinct = list(dict.fromkeys(characters))
    named = ", ".join(
        f"U+{ord(each):04X}" if _UNWRITABLE.match(each) else f"'{each}' (U+{ord(each):04X})"
        for each in distinct[:MAX_NAMED]
    )
    more = f" and {len(distinct) - MAX_NAMED} more" if len(distinct) > MAX_NAMED else ""
    return UnsayableError(f"this voice cannot say {named}{more}. Leave it out, or write what is to be said instead.")


def tidy(text: str) -> str:
    """The text in composed form, without invisible characters and pictures, with straight quotes and single spaces.

    It may be of any script. What is only another way of writing letters or digits (ﬁ, Ａ, Ⅳ, ①, 𝓐) is written plainly.
    """
    if text.isascii():
        return _SPACES.sub(" ", text.replace("`", "'"))
    text = _INVISIBLE.sub("", text).replace(_KEYCAP_TEN, " 10 ")
    text = _FACES.sub(" ", text)
    text = _SAFE.sub(_plainly, text)
    text = _PICTURES.sub(" ", text).translate(_QUOTES)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text))


def _plainly(found: re.Match[str]) -> str:
    plain = unicodedata.normalize("NFKC", found[0])
    return f" {plain} " if _ENCLOSED.match(found[0]) else plain


def plain_marks(text: str) -> str:
    """Text of Latin script with its marks as the English rules know them: `...` for …, `!` for a full width one.

    Accents that are part of no letter vanish.
    """
    return text if text.isascii() else _ACCENTS.sub("", text).translate(_MARKS)


def is_foreign(text: str) -> bool:
    """Whether it has letters of other scripts than Latin alone."""
    return not text.isascii() and not _LATIN_LETTER.search(text) and bool(_FOREIGN.search(text))


def foreign_runs(text: str, alone: bool) -> Iterator[tuple[int, int]]:
    """Where text of other scripts than Latin stands, with the digits and marks that belong to it.

    Whatever lies between two foreign letters with no Latin one between belongs to them, and so do digits and marks that
    touch them, or that have nothing but the text's edge on their other side.

    Args:
        text: a sentence; stand-ins in it are no letters of any script.
        alone: whether digits and marks without any letter are foreign too.

    Yields:
        The run's first position and the one after its last.
    """
    if text.isascii() and not alone:
        return
    for stretch in _NOT_LATIN.finditer(text):
        start, end = stretch.span()
        letters = list(_FOREIGN.finditer(text, start, end))
        if letters:
            if start > 0:
                start = text.rfind(" ", start, letters[0].start()) + 1 or start
            if end < len(text):
                space = text.find(" ", letters[-1].end(), end)
                end = end if space < 0 else space
        if letters or alone:
            yield start, end


def has_sound(text: str) -> bool:
    """Whether there is more in it than marks and spaces."""
    return not _SILENT.issuperset(text)


class Speller:
    """What a voice says of a text, with the letters and marks that it knows.

    Args:
        sayable: whether the voice can say a character.
    """

    def __init__(self, sayable: Callable[[str], bool]) -> None:
        self._sayable = sayable
        self._spell = lru_cache(maxsize=4096)(self._spelt)

    def spell(self, text: str) -> tuple[str, list[str]]:
        """Write a text with what the voice knows.

        Accents are folded and marks replaced by lesser ones only where the voice lacks the character.

        Returns:
            The text, and what of it cannot be said.
        """
        spelt = [(character, self._spell(character)) for character in text]
        return "".join(said or "" for _, said in spelt), [written for written, said in spelt if said is None]

    def _spelt(self, character: str) -> str | None:
        if character == " " or self._sayable(character):
            return character
        return next((each for each in _alternatives(character) if all(map(self._sayable, each.strip()))), None)


def _alternatives(character: str) -> Iterator[str]:
    """What a character may be replaced by, the likest first."""
    if character in _LETTERS:
        yield _LETTERS[character]
    if _ACCENTED.match(character):
        yield _ACCENTS.sub("", unicodedata.normalize("NFD", character))
    if _ACCENTS.match(character):
        yield ""
    if "！" <= character <= "～":  # the full width forms of ASCII
        yield chr(ord(character) - 0xFEE0)
    yield from _LESSER_MARKS.get(character, ())
    if character.lower() != character:
        yield character.lower()
        yield from _alternatives(character.lower())
