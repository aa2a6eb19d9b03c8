"""The small model that ships is what its recipe says, small, and speaks in the champions' voices."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
import torch
import yaml

from engine.checkpoint import load_model
from engine.reference import log_mel
from engine.speech import Engine, Line, Speech
from models.corpus import levelled
from models.eval_small import MODEL_DIR, QUALITIES, Recogniser, champions, timbre, with_table
from models.make_voices import TRANSCRIPTS, VOICES
from models.sentences import HELD_OUT, plain
from models.settings import read_settings

LARGEST_BYTES = 20_000_000


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_model(MODEL_DIR, torch.device("cpu"), torch.float32))


def test_it_is_the_recipes() -> None:
    settings = read_settings()
    assert yaml.safe_load((MODEL_DIR / "model.yaml").read_text()) == {"model": settings.model}
    assert (MODEL_DIR / "vocab.txt").read_text() == "".join(f"{token}\n" for token in settings.vocab)
    assert yaml.safe_load((MODEL_DIR / "vocoder/config.yaml").read_text()) == settings.vocoder


def test_it_is_small_enough_for_the_repository() -> None:
    assert sum(path.stat().st_size for path in MODEL_DIR.rglob("*") if path.is_file()) <= LARGEST_BYTES


def test_its_card_quotes_its_evaluation() -> None:
    results = json.loads((MODEL_DIR / "evaluation.json").read_text())
    card = (MODEL_DIR / "README.md").read_text(encoding="utf-8")
    assert with_table(card, results) == card


@pytest.mark.parametrize("name", ["ahri", "garen", "jinx", "thresh"])
def test_a_champion_sounds_more_like_its_own_reference_than_like_any_others(name: str, engine: Engine) -> None:
    mel_spec = engine.model.description.mel_spec
    speakers = {speaker.name: speaker.reference for speaker in champions(mel_spec)}
    [speech] = engine.speak([Line("Hold the gate until your team is ready.", speakers[name], QUALITIES["fast"])])
    assert isinstance(speech, Speech)
    said = timbre(log_mel(torch.from_numpy(levelled(speech.wave)), mel_spec).numpy())
    distances = {
        other: float(np.linalg.norm(said - timbre(reference.mel.numpy()))) for other, reference in speakers.items()
    }
    assert min(distances, key=lambda other: distances[other]) == name


def test_it_says_what_it_is_told_to(engine: Engine) -> None:
    recogniser = Recogniser(HELD_OUT)
    speakers = champions(engine.model.description.mel_spec)
    lines = [
        Line(text, speaker.reference, QUALITIES["fast"]) for text, speaker in zip(HELD_OUT, speakers, strict=False)
    ]
    heard = [recogniser.hears(spoken.wave) for spoken in engine.speak(lines) if isinstance(spoken, Speech)]
    understood = [text for text, said in zip(HELD_OUT, heard, strict=False) if plain(text) == said]
    assert len(understood) >= 5, heard


def test_the_recogniser_tells_the_champions_references_apart() -> None:
    recogniser = Recogniser(tuple(TRANSCRIPTS.values()))
    for name, transcript in TRANSCRIPTS.items():
        wave, _ = soundfile.read(VOICES / name / "reference.wav", dtype="float32")
        assert recogniser.hears(wave) == plain(transcript)
        assert recogniser.hears(wave[::-1]) != plain(transcript)
