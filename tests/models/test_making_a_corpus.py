"""The corpus that the small model learns from: what is read in it, by whom, and the files that it comes to."""

from __future__ import annotations

import json
import random
import tarfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from models.corpus import RMS, SAMPLE_RATE, read_corpus
from models.kokoro import TOKENS, Spoken, Teacher, Voice, Word, to_tokens, to_words
from models.make_corpus import JUDGED, PART_LINES, Made, Script, make, own_voice, runs, write_corpus
from models.make_voices import CHAMPIONS, STRANGERS, TRANSCRIPTS
from models.sentences import REPORTED, TUNING
from models.texts import coach, examples, spelt
from tests.support.tone_corpus import SENTENCES, say, write_tones

SYNSETS = r"""
00001740 03 n 01 entity 0 003 ~ 00001930 n 0000 | that which is perceived; "the cats slept in the `old' house"; "Dr. X"
00002137 03 n 02 abstraction 0 ~ 00001740 n 0000 | a concept; "he was born in 1912 in Rome"; "no"; "the NATO summit met"
00002452 03 n 01 thing 1 ~ 00001740 n 0000 | a thing; "The cats slept in the 'old' house"; "they left, didn't they?"
"""


@pytest.fixture(scope="module")
def script() -> Script:
    return Script(SENTENCES, seed=0)


def entries(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "lines.jsonl").read_text(encoding="utf-8").splitlines()]


def sounds(folder: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in folder.glob("part-*.tar"):
        with tarfile.open(part) as tar:
            found |= {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    return found


def test_of_wordnet_it_reads_the_sentences_that_are_words_alone(tmp_path: Path) -> None:
    for part in ("noun", "verb", "adj", "adv"):
        (tmp_path / f"data.{part}").write_text(SYNSETS if part == "noun" else "")
    assert examples(tmp_path) == ["the cats slept in the 'old' house", "they left, didn't they?"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (40, "forty"),
        (85, "eighty five"),
        (300, "three hundred"),
        (712, "seven hundred and twelve"),
        (9099, "nine thousand ninety nine"),
    ],
)
def test_numbers_are_spelt_out(number: int, words: str) -> None:
    assert spelt(number) == words


def test_a_coachs_lines_leave_no_slot_open_and_are_many() -> None:
    draw = random.Random(0)
    lines = {coach(draw) for _ in range(1000)}
    assert not any({*"{}0123456789"} & {*line} for line in lines)
    assert len(lines) > 600


def test_no_line_shares_five_words_in_a_row_with_what_models_are_judged_by() -> None:
    judged = [*TUNING.coaching, *TUNING.general, *REPORTED.coaching, *REPORTED.general, *TRANSCRIPTS.values()]
    assert len(set(judged)) == 208 + len(TRANSCRIPTS)
    assert all(runs(text) <= JUDGED for text in judged)
    script = Script([*(f"Well, {text.lower()}" for text in judged), *SENTENCES * 50], seed=1)
    texts = [script.order(number).text for number in range(600)]
    assert not any(runs(text) & JUDGED for text in texts)
    assert set(SENTENCES) <= set(texts)


def test_more_than_half_is_spoken_by_the_champions_and_the_rest_by_voices_that_nothing_else_is_spoken_by(
    script: Script,
) -> None:
    orders = [script.order(number) for number in range(600)]
    spoken = Counter(order.champion for order in orders)
    assert set(spoken) == {*CHAMPIONS, None}
    assert 0.4 < spoken[None] / 600 < 0.5
    assert all(order.voice.blend == CHAMPIONS[order.champion].blend for order in orders if order.champion)
    own = [order.voice for order in orders if order.champion is None]
    assert len({(*voice.blend.items(), voice.pitch) for voice in own}) == len(own)
    assert all(sum(voice.blend.values()) == pytest.approx(1) for voice in (*own, *CHAMPIONS.values()))


def test_half_of_a_stranger_is_a_pack_that_no_corpus_has() -> None:
    draw = random.Random(0)
    heard = {pack for _ in range(500) for pack in own_voice(draw).blend}
    heard |= {pack for voice in CHAMPIONS.values() for pack in voice.blend}
    for voice in STRANGERS.values():
        assert sum(weight for pack, weight in voice.blend.items() if pack not in heard) == 0.5


def test_a_line_depends_on_seed_and_number_alone() -> None:
    def orders(seed: int) -> list[object]:
        script = Script(SENTENCES, seed)
        return [script.order(number) for number in (5, 3, 5)]

    assert orders(1) == orders(1) != orders(2)
    assert orders(1)[0] == orders(1)[2] != orders(1)[1]


def test_a_corpus_is_read_back_as_it_was_spoken(tmp_path: Path) -> None:
    write_tones(tmp_path)
    lines = entries(tmp_path)
    recordings = read_corpus(tmp_path, seed=0)
    assert len(lines) == 24
    assert {recording.text for recording in recordings} == {line["text"] for line in lines}
    champions = [recording for recording in recordings if recording.voice]
    for recording, line in zip(champions, (line for line in lines if line["voice"]), strict=True):
        script = Script(SENTENCES, seed=0)
        spoken = say(recording.text, script.order(int(str(line["file"])[:6])).voice)
        symbols = [phoneme for word in spoken.words for phoneme in word.phonemes]
        assert [name for name, _ in recording.phonemes][1:] == symbols
        assert [at / SAMPLE_RATE for _, at in recording.phonemes][1:] == pytest.approx(spoken.starts, abs=0.001)
        assert np.sqrt(np.mean(recording.wave**2)) == pytest.approx(RMS, rel=0.05)
        assert len(recording.wave) / SAMPLE_RATE == pytest.approx(line["seconds"], abs=0.01)


def test_an_interrupted_corpus_goes_on_and_comes_out_the_same(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    write_tones(whole, hours=0.03, lines=20)
    write_tones(broken, hours=0.001, lines=20)
    script = Script(SENTENCES, seed=0)

    def interrupted(numbers: range) -> list[Made | None]:
        assert numbers[0] == PART_LINES
        (broken / "part-001.tar").write_bytes(b"half of a part")
        make(script.order(numbers[0]), say)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_corpus(broken, 0.03, interrupted)
    assert len(entries(broken)) == 20
    write_tones(broken, hours=0.03, lines=20)
    assert entries(broken) == entries(whole)
    assert sounds(broken).keys() == sounds(whole).keys() == {line["file"] for line in entries(whole)}
    assert len(entries(whole)) >= 40


def test_a_corpus_that_is_long_enough_is_left_as_it_is(tmp_path: Path) -> None:
    write_tones(tmp_path)
    before = sounds(tmp_path)
    write_tones(tmp_path, seed=1)
    assert sounds(tmp_path) == before


def test_a_line_that_cannot_be_spoken_is_left_out(script: Script) -> None:
    def refuse(text: str, _: Voice) -> Spoken:
        raise ValueError(text)

    assert make(script.order(0), refuse) is None


def test_words_are_read_with_their_marks() -> None:
    words = to_words("Wait, Garen!")
    assert [word.text for word in words] == ["Wait", ",", "Garen", "!"]
    assert words[0].phonemes == ["w", "ˈeɪ", "t"]
    assert words[1].phonemes == [","]


def test_the_teachers_tokens_tell_where_each_phoneme_begins() -> None:
    words = [Word("Jinx", ["d͡ʒ", "ˈɪ", "ŋ", "k", "s"]), Word("heard", ["h", "ˈɚ", "d"]), Word(".", ["."])]
    tokens, firsts = to_tokens(words)
    letters = {number: letter for letter, number in TOKENS.items()} | {0: "_"}
    assert "".join(letters[token] for token in tokens) == "_ʤˈɪŋks hˈəɹd._"
    assert [letters[tokens[first]] for first in firsts] == list("ʤˈŋkshˈd.")


def test_a_sound_that_english_has_not_is_named() -> None:
    with pytest.raises(ValueError, match=r"'y' in 'tu' is no sound of English"):
        to_tokens([Word("tu", ["t", "y"])])


def test_a_package_of_other_voices_is_refused(tmp_path: Path) -> None:
    packs = tmp_path / "kokoro-js-1.2.1.tgz"
    with pytest.raises(SystemExit, match="`make voices` and `make corpus` fetch it"):
        Teacher(packs)
    packs.write_bytes(b"something else")
    with pytest.raises(SystemExit, match="has the checksum"):
        Teacher(packs)
