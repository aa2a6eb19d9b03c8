"""The International Phonetic Alphabet, brought to the symbols that models read: gruut's for American English.

People write stress before a syllable (ˈkaɪ), length, ties and other signs for the same sounds; a model knows one way.
"""

from __future__ import annotations

import re
import unicodedata

VOWELS = ("aɪ", "aʊ", "eɪ", "oʊ", "ɔɪ", "i", "u", "æ", "ɑ", "ɔ", "ə", "ɚ", "ɛ", "ɪ", "ʊ", "ʌ")
CONSONANTS = (
    *("d͡ʒ", "t͡ʃ", "b", "d", "f", "h", "j", "k", "l", "m", "n", "p", "s"),
    *("t", "v", "w", "z", "ð", "ŋ", "ɡ", "ɹ", "ʃ", "ʒ", "θ"),
)
OTHERWISE_WRITTEN = {
    "dʒ": "d͡ʒ",
    "d͜ʒ": "d͡ʒ",
    "ʤ": "d͡ʒ",
    "tʃ": "t͡ʃ",
    "t͜ʃ": "t͡ʃ",
    "ʧ": "t͡ʃ",
    "g": "ɡ",
    "r": "ɹ",
    "ɾ": "t",
    "ɫ": "l",
    "ʍ": "hw",
    "x": "k",
    "ɜɹ": "ɚ",
    "ɜr": "ɚ",
    "ɜ": "ɚ",
    "ɝ": "ɚ",
    "əɹ": "ɚ",
    "ər": "ɚ",
    "ɐ": "ə",
    "ᵻ": "ɪ",
    "ɨ": "ɪ",
    "əʊ": "oʊ",
    "ou": "oʊ",
    "o": "oʊ",
    "ei": "eɪ",
    "e": "ɛ",
    "ai": "aɪ",
    "au": "aʊ",
    "a": "ɑ",
    "ɒ": "ɑ",
    "y": "u",
}
"""Signs for what stands in the tables above, or for the nearest to it."""

_SOUNDS = {**{each: each for each in VOWELS + CONSONANTS}, **OTHERWISE_WRITTEN}
_SIGN = re.compile("|".join([*sorted(map(re.escape, _SOUNDS), key=len, reverse=True), "[ˈˌ' ]"]))
_UNHEARD = str.maketrans(dict.fromkeys("ː.ˑ‿"))


def read(written: str) -> str | None:
    """Sounds as models read them: stress before its vowel, a space between words; None if a sign is unknown."""
    text = unicodedata.normalize("NFC", written).translate(_UNHEARD)
    said, stress, end = "", "", 0
    for sign in _SIGN.finditer(text):
        if sign.start() != end:
            return None
        end = sign.end()
        if sign[0] in "ˈˌ'":
            stress = sign[0].replace("'", "ˈ")
            continue
        sound = _SOUNDS.get(sign[0], " ")
        if sound in VOWELS:
            sound, stress = stress + sound, ""
        said += sound
    return " ".join(said.split()) if end == len(text) and said.strip() else None


def possessive(ipa: str) -> str:
    """The sounds of a word with 's after it."""
    if ipa.endswith(("s", "z", "ʃ", "ʒ")):  # d͡ʒ and t͡ʃ end so too
        return f"{ipa}ɪz"
    return f"{ipa}s" if ipa.endswith(("p", "t", "k", "f", "θ")) else f"{ipa}z"
