"""The small model that ships is what its recipe says, small, and speaks in the champions' voices."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import yaml

from engine.checkpoint import load_model
from engine.plan import Passage, Utterance
from engine.reference import log_mel
from engine.speech import Engine, Speech
from models.corpus import levelled
from models.eval_small import MODEL_DIR, QUALITIES, Recogniser, champions, timbre, with_table
from models.make_voices import TRANSCRIPTS, VOICES
from models.sentences import HELD_OUT, plain
from models.settings import read_settings

README = Path(__file__).parents[2] / "README.md"
MAX_BYTES = 20_000_000


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_model(MODEL_DIR, torch.device("cpu"), torch.float32))


def test_it_is_the_recipes() -> None:
    settings = read_settings()
    assert yaml.safe_load((MODEL_DIR / "model.yaml").read_text()) == {"model": settings.model}
    assert (MODEL_DIR / "vocab.txt").read_text() == "".join(f"{token}\n" for token in settings.vocab)
    assert yaml.safe_load((MODEL_DIR / "vocoder/config.yaml").read_text()) == settings.vocoder


def test_it_is_small_enough_for_the_repository() -> None:
    assert sum(path.stat().st_size for path in MODEL_DIR.rglob("*") if path.is_file()) <= MAX_BYTES


def test_its_card_quotes_its_evaluation() -> None:
    results = json.loads((MODEL_DIR / "evaluation.json").read_text())
    card = (MODEL_DIR / "README.md").read_text(encoding="utf-8")
    assert with_table(card, results) == card


@pytest.mark.parametrize("name", ["ahri", "garen", "jinx", "thresh"])
def test_a_champion_sounds_more_like_its_own_reference_than_like_any_others(name: str, engine: Engine) -> None:
    mel_spec = engine.model.description.mel_spec
    speakers = {speaker.name: speaker.reference for speaker in champions(mel_spec)}
    passage = Passage("Hold the gate until your team is ready.")
    speech = engine.speak(Utterance([passage], speakers[name], QUALITIES["fast"]))
    said = timbre(log_mel(torch.from_numpy(levelled(speech.wave)), mel_spec).numpy())
    distances = {
        other: float(np.linalg.norm(said - timbre(reference.mel.numpy()))) for other, reference in speakers.items()
    }
    assert min(distances, key=lambda other: distances[other]) == name


@pytest.mark.parametrize(("dtype", "most"), [(torch.bfloat16, 0.05), (torch.float16, 0.01)])
@pytest.mark.parametrize("name", ["ahri", "garen"])
def test_in_half_precision_its_mels_stay_as_near_to_those_in_fp32_as_the_readme_says(
    name: str, dtype: torch.dtype, most: float, engine: Engine
) -> None:
    half = Engine(load_model(MODEL_DIR, torch.device("cpu"), dtype))
    mel_spec = engine.model.description.mel_spec
    [reference] = [speaker.reference for speaker in champions(mel_spec) if speaker.name == name]

    def mel(engine: Engine, seed: int) -> torch.Tensor:
        said = Utterance([Passage("Look at the map after every wave.")], reference, QUALITIES["fast"], seed=seed)
        return log_mel(torch.from_numpy(engine.speak(said).wave), mel_spec)

    whole = mel(engine, seed=0)
    assert (mel(half, seed=0) - whole).abs().mean() < most
    assert (mel(engine, seed=1) - whole).abs().mean() > 10 * most, "everything would be near"
    said = f"in {'bf16' if dtype == torch.bfloat16 else 'fp16'} within {most:g}"
    assert said in README.read_text(encoding="utf-8").replace("\n", " ")


def test_it_says_what_it_is_told_to(engine: Engine) -> None:
    recogniser = Recogniser(HELD_OUT)
    speakers = champions(engine.model.description.mel_spec)
    utterances = [
        Utterance([Passage(text)], speaker.reference, QUALITIES["fast"])
        for text, speaker in zip(HELD_OUT, speakers, strict=False)
    ]
    heard = [recogniser.hears(spoken.wave) for spoken in engine.speak_batch(utterances) if isinstance(spoken, Speech)]
    understood = [text for text, said in zip(HELD_OUT, heard, strict=False) if plain(text) == said]
    assert len(understood) >= 5, heard


def test_the_recogniser_tells_the_champions_references_apart() -> None:
    recogniser = Recogniser(tuple(TRANSCRIPTS.values()))
    for name, transcript in TRANSCRIPTS.items():
        wave, _ = soundfile.read(VOICES / name / "reference.wav", dtype="float32")
        assert recogniser.hears(wave) == plain(transcript)
        assert recogniser.hears(wave[::-1]) != plain(transcript)
