"""Lexicons: lines that are read, words that are found, what is said for them."""

from pathlib import Path

import pytest

from tests.support.scripts import LETTERS
from text import ipa
from text.front_end import FrontEnd
from text.lexicon import BadLine, Lexicon
from text.script import Pronunciation

SAMPLE = Path(__file__).parents[4] / "voices" / "lexicon.txt"

LINES = """\
# names
kai'sa = Kai sah
kai'sa = /kˈaɪ sə/
AP = ability power
Dr. Mundo = Doctor Moondo
Lux = Looks
Luxury = Lugzury
Séraphine = Sera feen
gg = good game 2
Ари = Ah ree
"""


def read(lines: str) -> Lexicon:
    lexicon, bad = Lexicon.parse(lines)
    assert bad == []
    return lexicon


def said(text: str, lines: str = LINES) -> str:
    return FrontEnd(LETTERS.__contains__).read(text, lexicon=read(lines)).spoken_text


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("kai'sa", "Kai sah"),
        ("I saw KAI'SA.", "I saw Kai sah."),
        ("Kai’Sa’s wave", "Kai sah's wave"),
        ("Kai'Sah and mykai'sa", "Kai'Sah and mykai'sa"),
        ("Kai'Sa'x", "Kai'Sa'x"),
        ("AP, but an ap nap", "ability power, but an A P nap"),
        ("Lux, not LUX or lux", "Looks, not lux or lux"),
        ("Luxury", "Lugzury"),  # the longest word, whole
        ("Dr. Mundo goes", "Doctor Moondo goes"),
        ("Se\u0301raphine sings", "Sera feen sings"),
        ("GG all", "good game two all"),
        ("Ари wins", "Ah ree wins"),
        ("anti-Lux", "anti Looks"),
    ],
)
def test_words_of_the_lexicon_are_said_as_it_says(text: str, spoken: str) -> None:
    assert said(text) == spoken


def test_the_sentence_stays_as_the_caller_wrote_it() -> None:
    [sentence] = FrontEnd(LETTERS.__contains__).read("Kai’Sa has  3 AP.", lexicon=read(LINES)).sentences
    assert (sentence.written, sentence.spoken) == ("Kai’Sa has 3 AP.", "Kai sah has three ability power.")


def test_sounds_are_for_models_that_read_phonemes() -> None:
    lexicon = read("Kai'Sa = Kai sah\nKai'Sa = /kˈaɪ sə/\nVi = /vˈaɪ/")
    text = "Well, Kai'Sa and Vi."
    letters = FrontEnd(LETTERS.__contains__).read(text, lexicon=lexicon)
    assert letters.spoken_text == "Well, Kai sah and Vi."
    [phonemes] = FrontEnd(LETTERS.__contains__, reads_phonemes=True).read(text, lexicon=lexicon).sentences
    assert phonemes.spoken == text
    assert phonemes.pronunciations == (Pronunciation(6, 12, "kˈaɪ sə"), Pronunciation(17, 19, "vˈaɪ"))


def test_a_line_that_cannot_be_parsed_is_told_and_the_rest_works() -> None:
    lexicon, bad = Lexicon.parse(
        "no equals sign\n\n# a note\nLux = \n= x\n!? = what\nVi = /vˈaɪ\nVex = /vøks/\nZed = Zedd\r\n"
    )
    assert [line.number for line in bad] == [1, 4, 5, 6, 7, 8]
    assert isinstance(bad[0], BadLine)
    assert "word = how it is said" in bad[0].reason
    assert FrontEnd(LETTERS.__contains__).read("Zed", lexicon=lexicon).spoken_text == "Zedd"


def test_a_champions_lexicon_holds_over_the_global_one() -> None:
    everyone = read("Lux = Looks\nVi = Vie\nVi = /vˈaɪ/\nAhri = Ah ree")
    own = read("lux = Lucks\nVi = Vee\nAhri = /ˈɑri/")
    both = own.over(everyone)
    letters, phonemes = FrontEnd(LETTERS.__contains__), FrontEnd(LETTERS.__contains__, reads_phonemes=True)
    assert letters.read("Lux, Vi, Ahri", lexicon=both).spoken_text == "Lucks, Vee, Ah ree"
    assert phonemes.read("Lux, Vi, Ahri", lexicon=both).spoken_text == "Lucks, Vee, Ahri"


def test_the_sample_lexicon_can_be_read_whole_and_said_by_the_small_voice() -> None:
    lexicon, bad = Lexicon.parse(SAMPLE.read_text(encoding="utf-8"))
    assert bad == []
    assert len(lexicon.entries) >= 50
    for word, entry in lexicon.entries.items():
        assert entry.said, f"{word} has sounds alone: a voice that reads letters says it as it is spelt"
        spoken = FrontEnd(LETTERS.__contains__).read(f"I saw {word}.", lexicon=lexicon).spoken_text
        assert spoken == f"I saw {entry.said}."


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("kˈaɪ sə", "kˈaɪ sə"),
        ("ˈkaɪ.sə", "kˈaɪsə"),  # the stress before the syllable, as dictionaries write it
        ("ˈdʒɪn", "d͡ʒˈɪn"),
        ("ˌɔːriˈɑːnə", "ˌɔɹiˈɑnə"),
        ("ˈɡɜːrl gˈoʊ", "ɡˈɚl ɡˈoʊ"),
        ("ˈtʃoʊɡæθ", "t͡ʃˈoʊɡæθ"),
    ],
)
def test_sounds_are_brought_to_one_way_of_writing(written: str, read: str) -> None:
    assert ipa.read(written) == read


@pytest.mark.parametrize("written", ["", " ", "ˈ", "kø", "kai2", "q"])
def test_what_is_no_sound_is_told(written: str) -> None:
    assert ipa.read(written) is None


def test_sounds_get_the_ending_of_a_possessive() -> None:
    lexicon = read("jinx = /d͡ʒˈɪŋks/\nvi = /vˈaɪ/\nkled = /klˈɛt/")
    [sentence] = (
        FrontEnd(LETTERS.__contains__, reads_phonemes=True).read("Jinx's, Vi's, Kled's", lexicon=lexicon).sentences
    )
    assert [each.ipa for each in sentence.pronunciations] == ["d͡ʒˈɪŋksɪz", "vˈaɪz", "klˈɛts"]
    assert sentence.spoken[sentence.pronunciations[1].start : sentence.pronunciations[1].end] == "Vi's"
