"""English words to phonemes, by gruut: its lexicon, its model for words that are not in it, and the parts of speech.

Symbols are gruut's for en-us: IPA, one string a phoneme, a stressed vowel with its stress mark before it.
"""

from __future__ import annotations

import gruut

from engine.phonemes import MARKS, STRESS

LANGUAGE = "en-us"
PAUSES = {";": ",", ":": ",", "-": ",", "|": ",", "‖": "."}
OTHER_SPELLINGS = {"r": "ɹ", "g": "ɡ", "ɝ": "ɚ", "ɜ": "ɚ", "ʧ": "t͡ʃ", "ʤ": "d͡ʒ", "tʃ": "t͡ʃ", "dʒ": "d͡ʒ", "ɾ": "t", "ɐ": "ə"}
VOWELS = "ɑæʌɔəɚɛɪiʊueoa"
SKIPPED = " .ː‿/|"


def transcribe(text: str) -> list[str]:
    """The phonemes and marks of a text, the last of them a mark.

    Args:
        text: words and marks; numbers and abbreviations are the front end's to write out.
    """
    symbols: list[str] = []
    for sentence in gruut.sentences(text, lang=LANGUAGE):
        for word in sentence:
            mark = word.text.strip()
            if word.is_spoken and word.phonemes:
                symbols.extend(word.phonemes)
            elif symbols and symbols[-1] not in MARKS and (mark in MARKS or mark in PAUSES):
                symbols.append(PAUSES.get(mark, mark))
    if not symbols or symbols[-1] not in MARKS:
        symbols.append(".")
    return symbols


def parse_ipa(ipa: str, known: frozenset[str]) -> list[str]:
    """The phonemes of an IPA transcription, as a lexicon or SSML writes it: `/ˈkaɪ sə/`.

    Args:
        ipa: the transcription; a stress mark may stand before its syllable, as IPA has it, or before its vowel.
        known: the phonemes that there are, without stress.

    Raises:
        ValueError: it holds something else; the message names it.
    """
    symbols, stress, at = [], "", 0
    names = sorted([*known, *OTHER_SPELLINGS], key=len, reverse=True)
    while at < len(ipa):
        if ipa[at] in STRESS:
            stress = ipa[at]
        elif ipa[at] not in SKIPPED:
            name = next((name for name in names if ipa.startswith(name, at)), None)
            if name is None:
                raise ValueError(f"{ipa[at]!r} is no phoneme of American English that this voice knows")
            symbol = OTHER_SPELLINGS.get(name, name)
            if symbol[0] in VOWELS:
                symbol, stress = stress + symbol, ""
            symbols.append(symbol)
            at += len(name) - 1
        at += 1
    return symbols
