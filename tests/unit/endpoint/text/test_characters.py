"""Characters: what each stands for, which have no sound, and which a voice cannot say."""

import pytest
import regex

from tests.support.scripts import LETTERS
from text.characters import Speller, foreign_runs, tidy
from text.front_end import FrontEnd
from text.script import UnsayableError

FRONT_END = FrontEnd(LETTERS.__contains__)


def said(text: str) -> str:
    return FRONT_END.read(text).spoken_text


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("ﬁnal ﬂag", "final flag"),
        ("Ｈｅｌｌｏ！", "Hello!"),  # full width
        ("𝓗𝓮𝓵𝓵𝓸 𝐭𝐡𝐞𝐫𝐞", "Hello there"),
        ("soft\u00adhyphens and ze\u200bro\u200d width\ufeff", "softhyphens and zero width"),
        ("\u202eleft to right\u202c", "left to right"),
        ("“Stop,” she said.", "Stop, she said."),
        ("It’s Kai‘Sa", "It's Kai'Sa"),
        ("Wait…", "Wait..."),
        ("№ 5 at 25 ℃", "number five at twenty-five degrees Celsius"),
        ("non\u2011breaking\u00a0space", "non-breaking space"),
        ("cafe\u0301 and café", "cafe and cafe"),
        ("naïve señor Ångström", "naive senor Angstrom"),
        ("Straße, Łódź, Ærø, þing", "Strasse, Lodz, Aero, thing"),
        ("h\u0337e\u0337l\u0337l\u0337o", "hello"),
        ("yes; no: maybe", "yes, no, maybe"),  # this voice has neither mark
    ],
)
def test_characters_count_as_what_they_stand_for(written: str, spoken: str) -> None:
    assert said(written) == spoken


def test_a_letter_that_the_voice_has_keeps_its_accent() -> None:
    assert FrontEnd((LETTERS | {"é", ";"}).__contains__).read("café; naïve").spoken_text == "café; naive"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Nice 🎉 play 👍🏽", "Nice play"),
        ("win🎉now", "win now"),
        ("GG 🏆.", "G G."),
        ("a family 👨‍👩‍👧‍👦, a flag 🇩🇪 and a heart ❤️", "a family, a flag and a heart"),
        ("☀ ★ ♥ ✔ ■ █ ♪ ⏰", None),
        ("Riot Games™ ®", "Riot Games"),
        ("the newest \U0001fae8 \U0001fadf and \U0001fa8e", "the newest and"),
        ("not yet given out \U0001faff \U0001f6df", "not yet given out"),
        ("¯\\_(ツ)_/¯ and (╯°□°)╯︵ ┻━┻ so", "and so"),
        ("① first", "one first"),
        ("1️⃣ first, 🔟 last", "one first, ten last"),
        ("A 5★ hotel ★★, at 5 ⭐", "A five star hotel, at five"),
    ],
)
def test_pictures_without_a_sound_are_dropped_and_digits_in_them_are_not(written: str, spoken: str | None) -> None:
    if spoken is None:
        with pytest.raises(UnsayableError, match="nothing to say"):
            said(written)
    else:
        assert said(written) == spoken


def test_every_emoji_is_a_picture_those_to_come_too() -> None:
    # The regex package has Unicode's tables of its own, newer than Python's.
    pictured = regex.compile(r"[[\p{Extended_Pictographic}\p{Emoji_Presentation}]--[©‼⁉↔]]", regex.V1)
    everything = [chr(code) for code in range(0xA0, 0x110000) if not 0xD800 <= code < 0xE000]
    kept = [
        f"U+{ord(each):04X}" for each in everything if pictured.match(each) and tidy(each).strip() not in ("", "10")
    ]
    # Emoji that are letters in a circle are read as the letter.
    assert kept == ["U+24C2"]


def test_no_letter_is_a_picture() -> None:
    letter = regex.compile(r"[[\p{Letter}\p{Decimal_Number}\p{Mark}]--ℹ]", regex.V1)
    ignorable = regex.compile(r"[\p{Default_Ignorable_Code_Point}\u20d0-\u20f0]")
    lost = [
        f"U+{code:04X}"
        for code in range(0x20, 0x110000)
        if letter.match(chr(code)) and not ignorable.match(chr(code)) and not tidy(chr(code)).strip()
    ]
    assert lost == []


@pytest.mark.parametrize(
    "text", ["a\x07b", "\x00", "\ud800", "x \ue000", "\U000f0000", "\uffff", "lost \ufffd", "\x85"]
)
def test_what_is_no_character_of_writing_is_refused_by_its_number(text: str) -> None:
    [wrong] = [each for each in text if not "a" <= each <= "z" and each != " "]
    with pytest.raises(UnsayableError, match=f"U\\+{ord(wrong):04X}"):
        said(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Привет, Ahri", "'П' (U+041F), 'р' (U+0440), 'и' (U+0438), 'в' (U+0432), 'е' (U+0435), 'т' (U+0442)"),
        ("你好", "'你' (U+4F60), '好' (U+597D)"),
        ("a \U00012000 b \U0003fff0", "'\U00012000' (U+12000), '\U0003fff0' (U+3FFF0)"),  # one not assigned yet
    ],
)
def test_what_the_voice_cannot_say_is_named(text: str, named: str) -> None:
    with pytest.raises(UnsayableError) as refused:
        said(text)
    assert refused.value.reason.startswith(f"this voice cannot say {named}. ")


def test_a_refusal_names_ten_characters_at_most() -> None:
    with pytest.raises(UnsayableError, match=r"and 16 more\. "):
        said("абвгдежзиклмнопрстуфхцчшщы")


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("我有3个 kills", ["我有3个"]),
        ("3个人 5点", ["3个人 5点"]),
        ("等级18", ["等级18"]),
        ("У меня 3 яблока 5", ["У меня 3 яблока 5"]),
        ("Say 你好 3 times.", ["你好"]),
        ("Press Q技能, then 25:30", ["技能,"]),
        ("Only 5 π", []),
        ("λόγος 3", ["λόγος 3"]),
        ("Café 5", []),
    ],
)
def test_digits_and_marks_belong_to_the_script_around_them(text: str, foreign: list[str]) -> None:
    assert [text[start:end] for start, end in foreign_runs(text, alone=False)] == foreign


def test_a_speller_says_what_it_could_not_spell() -> None:
    assert Speller(LETTERS.__contains__).spell("né 你") == ("ne ", ["你"])
