"""What a model is judged by: words as they are heard, the figures that they come to, and the card that quotes them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from contract.recording.usable import examine
from models.eval_small import Judge, Speaker
from models.judge import Errors, Recogniser, word_errors
from models.make_corpus import runs
from models.make_voices import CHAMPIONS, PEAK, TRANSCRIPTS, VOICES
from models.report import CONTESTANTS, Line, plot_rates, plot_spectrograms, summarise, with_table
from models.sentences import REPORTED, TUNING, Sentences
from models.settings import read_settings


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("Forty seconds remain.", "40 seconds remain", (0, 3)),
        ("Thirty percent lower than his.", "30% lower than his.", (0, 4)),
        ("Two hundred damage was missing.", "200 damage was missing.", (0, 4)),
        ("A hundred candles lit the little church.", "100 candles lit the little church.", (0, 6)),
        ("The doctor told him so.", "Dr. Told him so!", (1, 5)),
        ("Our neighbours practise at the harbour.", "our neighbors practice at the harbor", (0, 6)),
        ("Don't tell me.", "Do not tell me.", (0, 4)),
        ("I could not recognise it.", "I couldn't recognize it.", (0, 5)),
        ("A well placed ward.", "a well-placed ward", (0, 4)),
        ("They are over there.", "They are over their.", (1, 4)),
        ("Wait for me here.", "Wait me here.", (1, 4)),
        ("Wait for me here.", "Wait for me right here.", (1, 4)),
        ("Retreat.", "", (1, 1)),
        ("Now!", "No, no, no, no!", (4, 1)),
    ],
)
def test_wrong_words_are_counted_whatever_their_spelling(said: str, heard: str, errors: tuple[int, int]) -> None:
    assert word_errors(said, heard) == Errors(*errors)


def test_a_model_is_judged_by_two_halves_that_share_nothing() -> None:
    for kind in (*TUNING, *REPORTED):
        assert len(set(kind)) == 52
        assert all(4 <= len(text.split()) <= 14 for text in kind)
        assert all(re.fullmatch(r"[A-Z][A-Za-z',. ]+[.!?]", text) for text in kind)
    tuning, reported = ({run for kind in half for text in kind for run in runs(text)} for half in (TUNING, REPORTED))
    assert not tuning & reported


@pytest.mark.slow
def test_every_champion_is_understood_word_for_word_and_nobody_is_backwards() -> None:
    recogniser = Recogniser()
    for name in CHAMPIONS:
        wave, rate = soundfile.read(VOICES / name / "reference.wav", dtype="float32")
        assert word_errors(TRANSCRIPTS[name], recogniser.hears(wave, rate)).wrong == 0, name
    assert word_errors(TRANSCRIPTS[name], recogniser.hears(wave[::-1], rate)).rate > 0.7


@pytest.mark.parametrize("name", CHAMPIONS)
def test_a_champions_reference_is_what_uploads_are_asked_to_be(name: str) -> None:
    recording, transcript = (VOICES / name / f"reference.{suffix}" for suffix in ("wav", "txt"))
    assert examine(recording.read_bytes(), transcript.read_text()).findings == []
    assert transcript.read_text() == f"{TRANSCRIPTS[name]}\n"
    wave, rate = soundfile.read(recording)
    assert soundfile.info(recording).subtype == "PCM_16"
    assert rate == 24_000
    assert 3 < len(wave) / rate < 6
    assert np.abs(wave).max() == pytest.approx(PEAK, abs=0.001)


class Ears:
    """Hear a wave's first sample as a word and the second as a voice."""

    def hears(self, wave: np.ndarray[Any, Any], _: int) -> str:
        return "right now" if wave[0] else "write now"

    def quality(self, wave: np.ndarray[Any, Any], _: int) -> float:
        return float(wave[0])

    def timbre(self, wave: np.ndarray[Any, Any], _: int) -> np.ndarray[Any, Any]:
        return np.array([1, 0] if wave[1] else [0, 1])


def test_lines_are_spoken_in_turn_and_compared_with_every_champion() -> None:
    ahri, jinx = (Speaker(name, None, np.array(timbre)) for name, timbre in (("ahri", [1, 0]), ("jinx", [0, 1])))  # type: ignore[arg-type]
    stranger = Speaker("stranger", None, np.array([0.6, 0.8]))  # type: ignore[arg-type]
    judge = Judge(Ears(), Ears(), [ahri, jinx])  # type: ignore[arg-type]
    sentences = Sentences(coaching=["Right now.", "Right now?", "Right now!"], general=["Write now."])

    def say(sentence: str, speaker: Speaker) -> tuple[np.ndarray[Any, Any], int]:
        return np.array([sentence != "Right now!", speaker is ahri] + [0] * 98), 100

    lines = list(judge.listen(say, sentences, [ahri, jinx]))
    assert [(line.kind, line.speaker, line.wrong, line.words) for line in lines] == [
        ("coaching", "ahri", 0, 2),
        ("coaching", "jinx", 0, 2),
        ("coaching", "ahri", 1, 2),
        ("general", "ahri", 1, 2),
    ]
    assert [line.nearest for line in lines] == ["ahri", "jinx", "ahri", "ahri"]
    [first, *_] = judge.listen(say, sentences, [stranger])
    assert (first.nearest, first.similarity) == ("jinx", 0.8)


def line(kind: str = "coaching", speaker: str = "ahri", wrong: int = 0, words: int = 1, nearest: str = "ahri") -> Line:
    return Line(kind, speaker, "Go.", "Go.", wrong, words, 4.0, 0.9, nearest, 0.2)


def test_a_rate_is_of_all_words_and_a_long_sentence_counts_for_more() -> None:
    lines = [
        line(wrong=1, words=2),
        line(words=8, nearest="jinx"),
        line(kind="general", speaker="jinx", wrong=3, words=6),
    ]
    figures = summarise(lines)
    assert figures["coaching"] == pytest.approx(0.1)
    assert figures["general"] == 0.5
    assert figures["words"] == 4 / 16
    assert figures["words_by_speaker"] == {"ahri": 0.1, "jinx": 0.5}
    assert figures["nearest"] == pytest.approx(1 / 3)


@pytest.fixture
def figures() -> dict[str, Any]:
    found = {
        name: dict.fromkeys(
            ("champions", "strangers"), summarise([line(wrong=at, words=10), line(kind="general", words=10)])
        )
        for at, name in enumerate(CONTESTANTS)
    }
    del found["espeak-ng"]["strangers"]
    return found


def test_the_card_gets_the_figures_of_all_contestants_and_keeps_its_words(figures: dict[str, Any]) -> None:
    results = {"figures": figures, "sentences": 2, "machine": {"processor": "Abacus", "cores": 10}}
    card = with_table("Before.\n<!-- made by `make eval-small` -->\nold\n<!-- end -->\nAfter.\n", results)
    assert card.startswith("Before.\n")
    assert card.endswith("After.\n")
    assert "old" not in card
    assert "coaching lines, champions' voices | 0.00 | 0.10 | 0.20 | 0.30 |" in card
    assert "four voices that it never heard in training | 0.00 | 0.05 | 0.10 |  |" in card
    assert "2 sentences in each group of voices; on Abacus, 10 cores." in card
    assert with_table(card, results) == card


def test_what_the_card_shows_is_plotted(figures: dict[str, Any], tmp_path: Path) -> None:
    wave = np.random.default_rng(0).normal(0, 0.1, 24_000).astype(np.float32)
    plot_rates(figures, tmp_path / "rates.png")
    plot_spectrograms(
        {"ahri: Go.": [wave, wave]}, ["the model", "Kokoro"], read_settings().mel_spec, tmp_path / "mels.png"
    )
    assert {path.read_bytes()[:4] for path in tmp_path.iterdir()} == {b"\x89PNG"}
