"""The small model that ships is what its recipe says, small, and speaks in the champions' voices."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
import yaml

from engine.checkpoint import load_model
from engine.reference import log_mel
from engine.speech import Engine, Line, Speech
from models.eval_small import MODEL_DIR, QUALITIES, champions, timbre, with_table
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
    level = speech.wave * np.float32(0.1 / np.sqrt(np.mean(speech.wave**2)))
    said = timbre(log_mel(torch.from_numpy(level), mel_spec).numpy())
    distances = {
        other: float(np.linalg.norm(said - timbre(reference.mel.numpy()))) for other, reference in speakers.items()
    }
    assert min(distances, key=lambda other: distances[other]) == name
