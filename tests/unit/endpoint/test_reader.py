"""A model reads characters, and Chinese as pinyin; or phonemes, one token a frame."""

from pathlib import Path

import pytest

from engine.phonemes import FAR, SILENCE, Durations, Pronunciation, Spoken
from engine.reader import DURATIONS, EDGE_FRAMES, TAIL_FRAMES, CharacterReader, PhonemeReader

CHARACTERS = [" ", "a", "b", "ni3", "hao3", "ж"]
PHONEMES = [SILENCE, ".", ",", "k", "ˈæ", "t", "s", "ˈaɪ", "ə"]


@pytest.fixture
def phonemes(tmp_path: Path) -> PhonemeReader:
    """Vowels last 0.2 s and all else 0.1 s."""
    own = {name: -1.6094 if name.startswith("ˈ") else -2.3026 for name in PHONEMES}
    Durations(own, {}, {}, [0.0] * (FAR + 1)).write(tmp_path / DURATIONS)
    return PhonemeReader(PHONEMES, tmp_path, [])


def test_tokens_are_characters_pinyin_and_space_for_the_unknown(tmp_path: Path) -> None:
    reader = CharacterReader(CHARACTERS, tmp_path, ["Latin", "Han"])
    assert reader.tokens(Spoken("a", 9), Spoken("b", 9)) == [1, 2]
    assert reader.tokens(Spoken("a", 9), Spoken("§", 9)) == [1, 0]
    chinese = reader.tokens(Spoken("", 9), Spoken("你好", 9))
    assert [token for token in chinese if token] in ([3, 4], [4])  # tone sandhi: ní hǎo


def test_a_text_is_as_long_as_its_utf8(tmp_path: Path) -> None:
    assert CharacterReader(CHARACTERS, tmp_path, ["Latin", "Han"]).measure("für 你") == 8


def test_a_model_can_say_what_its_vocabulary_has(phonemes: PhonemeReader, tmp_path: Path) -> None:
    reader = CharacterReader(CHARACTERS, tmp_path, ["Latin", "Han"])
    assert [reader.can_say(each) for each in "a§你"] == [True, False, True]
    assert [phonemes.can_say(each) for each in "aZ',é你"] == [True, True, True, True, False, False]


def test_letters_of_a_script_that_it_was_not_trained_on_it_cannot_say(tmp_path: Path) -> None:
    assert not CharacterReader(CHARACTERS, tmp_path, ["Latin", "Han"]).can_say("ж")
    assert CharacterReader(CHARACTERS, tmp_path, ["Cyrillic"]).can_say("ж")


def test_a_phoneme_has_a_token_for_every_frame_that_it_lasts(phonemes: PhonemeReader) -> None:
    tokens = phonemes.tokens(Spoken("Cat.", 40 + TAIL_FRAMES), Spoken("Cats.", 60 + phonemes.silent_frames))
    names = [PHONEMES[token] for token in tokens]
    cat = [*["k"] * 10, *["ˈæ"] * 20, *["t"] * 10, *["."] * TAIL_FRAMES]
    cats = [*["k"] * 10, *["ˈæ"] * 20, *["t"] * 10, *["s"] * 10, *["."] * 10]
    assert names == [*cat, *[SILENCE] * EDGE_FRAMES, *cats, *["."] * EDGE_FRAMES]


def test_a_transcript_without_a_word_of_english_is_silence(phonemes: PhonemeReader) -> None:
    tokens = phonemes.tokens(Spoken("你好.", 40 + TAIL_FRAMES), Spoken("Cats.", 60 + phonemes.silent_frames))
    assert [PHONEMES[token] for token in tokens[:40]] == [SILENCE] * 40
    assert len(tokens) == 40 + TAIL_FRAMES + 60 + phonemes.silent_frames


def test_a_text_takes_as_long_as_its_phonemes(phonemes: PhonemeReader) -> None:
    assert phonemes.measure("Cats.") == pytest.approx(0.6, abs=0.001)
    assert phonemes.measure("Cats. Cats.") == pytest.approx(1.2, abs=0.001)
    assert phonemes.measure(" ") == 0


def test_a_pronunciation_is_followed(phonemes: PhonemeReader) -> None:
    spoken = Spoken("Cat cat.", 90 + phonemes.silent_frames, [Pronunciation(4, 7, "sˈaɪ")])
    names = [PHONEMES[token] for token in phonemes.tokens(Spoken("Cat.", 10 + TAIL_FRAMES), spoken)]
    new = names[10 + TAIL_FRAMES + EDGE_FRAMES :]
    assert list(dict.fromkeys(new)) == ["k", "ˈæ", "t", "s", "ˈaɪ", "."]


def test_a_phoneme_that_is_not_known_is_read_as_the_same_with_another_stress(phonemes: PhonemeReader) -> None:
    names = {PHONEMES[token] for token in phonemes.tokens(Spoken("Cat.", 30), Spoken("I like bikes.", 60))}
    assert "ˈaɪ" in names
