"""SSML: each element as Amazon Polly and Google read it, and what cannot be followed told by name and place."""

import pytest

from tests.support.scripts import LETTERS, in_one_line
from text.front_end import FrontEnd
from text.script import Pronunciation, Script, UnsayableError


def read(inside: str, reads_phonemes: bool = False) -> Script:
    front_end = FrontEnd(LETTERS.__contains__, reads_phonemes)
    return front_end.read(f"<speak>{inside}</speak>", "ssml")


def refusal(document: str) -> str:
    with pytest.raises(UnsayableError) as refused:
        FrontEnd(LETTERS.__contains__).read(document, "ssml")
    return refused.value.reason


@pytest.mark.parametrize(
    ("inside", "script"),
    [
        ("Hello there.\n\n  Go  on", "Hello there. | Go on"),
        ("Wait<break time='1s'/> now", "Wait (1) now"),
        ("Wait <break time='500ms'/> now", "Wait (0.5) now"),
        ("<break time='.5s'/>Go<break time='+2s'/>", "(0.5) Go (2)"),
        ("a<break time='6s'/><break time='7s'/>b", "a (13) b"),
        ("a<break/>b<break strength='medium'/>c<break strength='weak'/>d", "a (0.25) b (0.25) c (0.25) d"),
        ("a<break strength='strong'/>b<break strength='x-strong'/>c", "a (0.4) b (0.6) c"),
        ("a <break strength='none'/>b <break strength='x-weak'/>c", "a b c"),
        ("a<break strength='strong' time='2s'/>b", "a (2) b"),  # time goes before strength
        ("<p>One.</p><p>Two</p>three", "One. (0.6) Two (0.6) three"),
        ("<p><s>One</s><s>Two</s></p>", "One | Two"),
        ("<p>One</p><break time='1s'/><p>Two</p>", "One (1) Two"),
        ("the <sub alias='World Wide Web'>WWW</sub>.", "the World Wide Web."),
        ("<sub alias='3 kills'>x</sub>", "three kills"),
        ("<prosody rate='slow'>One.</prosody> Two.", "One. x0.75 | Two."),
        ("a <prosody rate='150%'>b <prosody rate='x-slow'>c</prosody> d</prosody>", "a | b x1.5 | c x0.5 | d x1.5"),
        ("<prosody rate='+20%'>a</prosody><prosody rate='-25%'>b</prosody>", "a x1.2 | b x0.75"),
        ("<prosody rate='medium'>a</prosody> b", "a b"),
        ("an <emphasis level='strong'>important</emphasis> word", "an important word"),
        ("a<mark name='here'/> b", "a b"),
        ("a <!-- note --> b <?php x ?>", "a b"),
        ("you &amp; me &#x26; <![CDATA[him & her]]>", "you and me and him and her"),
    ],
)
def test_elements_say_what_people_expect(inside: str, script: str) -> None:
    assert in_one_line(read(inside)) == script


@pytest.mark.parametrize(
    ("kind", "written", "spoken"),
    [
        ("characters", "SSML", "S S M L"),
        ("characters", "a1-b", "A one dash B"),
        ("spell-out", "10", "one zero"),
        ("digits", "1234", "one two three four"),
        ("digits", "12-34", "one two, three four"),
        ("cardinal", "1234", "one thousand two hundred thirty-four"),
        ("cardinal", "1990", "one thousand nine hundred ninety"),
        ("cardinal", "-3.5", "minus three point five"),
        ("number", "12,345", "twelve thousand three hundred forty-five"),
        ("ordinal", "1", "first"),
        ("ordinal", "112", "one hundred twelfth"),
        ("ordinal", "1234", "one thousand two hundred thirty-fourth"),
        ("telephone", "+1 (555) 123-4567", "plus one, five five five, one two three, four five six seven"),
        ("telephone", "555-1234 ext 5", "five five five, one two three four, ext, five"),
        ("time", "1'21\"", "one minute twenty-one seconds"),
        ("time", "2:30pm", "two thirty P M"),
        ("time", "10:05", "ten oh five"),
        ("time", "14:30", "fourteen thirty"),
        ("time", "9:00", "nine o'clock"),
        ("time", "5 a.m.", "five A M"),
    ],
)
def test_say_as(kind: str, written: str, spoken: str) -> None:
    assert read(f'<say-as interpret-as="{kind}">{written}</say-as>').spoken_text == spoken


@pytest.mark.parametrize(
    ("form", "written", "spoken"),
    [
        ("mdy", "9/22/1960", "September twenty-second, nineteen sixty"),
        ("dmy", "22.9.1960", "September twenty-second, nineteen sixty"),
        ("ymd", "1960-09-22", "September twenty-second, nineteen sixty"),
        ("yyyymmdd", "19600922", "September twenty-second, nineteen sixty"),
        ("mdy", "9/22/60", "September twenty-second, nineteen sixty"),
        ("md", "9/22", "September twenty-second"),
        ("dm", "22/9", "September twenty-second"),
        ("my", "09/1960", "September nineteen sixty"),
        ("y", "1984", "nineteen eighty-four"),
        ("mdy", "September 22, 1960", "September twenty-second, nineteen sixty"),
        ("", "2024-05-03", "May third, twenty twenty-four"),
    ],
)
def test_say_as_date(form: str, written: str, spoken: str) -> None:
    assert read(f'<say-as interpret-as="date" format="{form}">{written}</say-as>').spoken_text == spoken


def test_what_say_as_says_stands_in_its_sentence() -> None:
    [sentence] = read("I saw <say-as interpret-as='ordinal'>3</say-as> of <sub alias='Ahri'>A.</sub>, 5 times.").sentences
    assert sentence.written == "I saw 3 of A., 5 times."
    assert sentence.spoken == "I saw third of Ahri, five times."


def test_phonemes_are_said_by_a_voice_that_reads_them() -> None:
    inside = 'Say <phoneme alphabet="ipa" ph="ˈkaɪ.sə">Kai\'Sa</phoneme>, 3 times.'
    [sentence] = read(inside, reads_phonemes=True).sentences
    assert sentence.spoken == "Say Kai'Sa, three times."
    assert sentence.pronunciations == (Pronunciation(4, 10, "kˈaɪsə"),)
    assert "this voice reads letters, not phonemes" in refusal(f"<speak>{inside}</speak>")


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("<speak>a & b</speak>", "the XML breaks at line 1, column 11: "),
        ("<speak>one\ntwo <p>three</speak>", "the XML breaks at line 2, column 16: mismatched tag"),
        ("<speak>never closed", "the XML breaks at line 1, column 20: no element found"),
        ("plain words", "the XML breaks at line 1, column 1: "),
        ("", "the XML breaks at line 1, column 1: "),
        ("<speak>&nbsp;</speak>", "the XML breaks at line 1, column 8: undefined entity"),
        ("<p>Hi</p>", "<p> at line 1, column 1: the document stands in one <speak>"),
        ("<speak>a<speak>b</speak></speak>", "<speak> at line 1, column 9: the document stands in one <speak>"),
        ("<speak>\n <audio src='x'/></speak>", "<audio> at line 2, column 2: this element cannot be followed"),
        ("<speak><voice name='x'>a</voice></speak>", "<voice> at line 1, column 8: this element cannot"),
        ("<speak><prosody pitch='high'>a</prosody></speak>", "<prosody> at line 1, column 8: its attribute pitch"),
        ("<speak><prosody rate='300%'>a</prosody></speak>", "rate '300%' is out of bounds: 50% to 200%"),
        ("<speak><prosody rate='quick'>a</prosody></speak>", "rate 'quick' is neither a percentage nor"),
        ("<speak><break tim='1s'/></speak>", "its attribute tim cannot be followed. It has strength, time"),
        ("<speak><break time='11s'/></speak>", "<break> at line 1, column 8: a pause of 11 s is too long"),
        ("<speak><break time='long'/></speak>", "'long' is not the length of a pause"),
        ("<speak><break strength='huge'/></speak>", "strength 'huge' is not one of none, x-weak"),
        ("<speak><sub>a</sub></speak>", "<sub> at line 1, column 8: its attribute alias is missing"),
        ("<speak><sub alias='x'><p>a</p></sub></speak>", "<p> at line 1, column 23: <sub> holds text alone"),
        ("<speak><say-as interpret-as='fun'>a</say-as></speak>", "interpret-as 'fun' cannot be followed. There are card"),
        ("<speak><say-as>a</say-as></speak>", "its attribute interpret-as is missing"),
        ("<speak><say-as interpret-as='ordinal'>x</say-as></speak>", "'x' cannot be said as ordinal"),
        ("<speak><say-as interpret-as='date' format='mdy'>13/41/20</say-as></speak>", "'13/41/20' cannot be said as"),
        ("<speak><say-as interpret-as='time'>25:30</say-as></speak>", "'25:30' cannot be said as time"),
        ("<speak><phoneme ph='x' alphabet='x-sampa'>a</phoneme></speak>", "alphabet 'x-sampa' cannot be read"),
        ("<speak><phoneme ph='ø'>a</phoneme></speak>", "a sign in 'ø' that is no sound"),
        ("<speak><phoneme ph='aɪ'/></speak>", "it holds no word"),
        ("<speak>&#xE000;</speak>", "this voice cannot say U+E000"),
        ("<speak><sub alias='&#xE000;'>a</sub></speak>", "this voice cannot say U+E000"),
        ("<speak><sub alias='да'>yes</sub></speak>", "this voice cannot say 'д' (U+0434), 'а' (U+0430)"),
        ("<speak>\ud800</speak>", "this voice cannot say U+D800"),
        ("<speak><break time='1s'/></speak>", "there is nothing to say"),
        ("<speak>" + "<p>" * 32 + "a" + "</p>" * 32 + "</speak>", "elements may stand 32 deep"),
        ("<!DOCTYPE speak><speak>a</speak>", "the XML declares a document type or entities"),
        ('<!DOCTYPE s [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]><speak>&b;</speak>', "declares a document type"),
        ('<!DOCTYPE s [<!ENTITY f SYSTEM "file:///etc/passwd">]><speak>&f;</speak>', "declares a document type"),
        ('<!DOCTYPE s SYSTEM "http://127.0.0.1/s.dtd"><speak>a</speak>', "declares a document type"),
    ],
)
def test_what_cannot_be_followed_is_told_by_name_and_place(document: str, told: str) -> None:
    assert told in refusal(document)


def test_what_a_document_may_have_around_it() -> None:
    document = (
        '\n<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xmlns:xsi="http://www.w3.org/2001/x" '
        'xsi:schemaLocation="a b" xml:lang="en-US">Hi.</speak>\n'
    )
    assert FrontEnd(LETTERS.__contains__).read(document, "ssml").spoken_text == "Hi."
    declared = '<?xml version="1.0" encoding="UTF-16"?><speak>café</speak>'
    assert FrontEnd(LETTERS.__contains__).read(declared, "ssml").spoken_text == "cafe"
