"""The small model that ships is what its recipe says, small, and speaks as well as its card says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from contract.line import NFE_STEPS
from engine.checkpoint import load_model
from engine.plan import Passage, Utterance
from engine.reference import Reference, log_mel, prepare_reference
from engine.speech import Engine
from models.corpus import levelled
from models.eval_small import MODEL_DIR, SEED
from models.judge import Recogniser, word_errors
from models.make_voices import CHAMPIONS, VOICES
from models.report import with_table
from models.settings import read_settings

SPEED = Path(__file__).parents[2] / "docs/speed.md"
MAX_BYTES = 40_000_000
HANDFUL = 8
ROOM = 0.1  # word error rate that another machine may add


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_model(MODEL_DIR, torch.device("cpu"), torch.float32))


@pytest.fixture(scope="module")
def references(engine: Engine) -> dict[str, Reference]:
    return {
        name: prepare_reference(
            (VOICES / name / "reference.wav").read_bytes(),
            (VOICES / name / "reference.txt").read_text(),
            engine.model.description.mel_spec,
        )
        for name in CHAMPIONS
    }


@pytest.fixture(scope="module")
def evaluation() -> dict[str, Any]:
    results: dict[str, Any] = json.loads((MODEL_DIR / "evaluation.json").read_text(encoding="utf-8"))
    return results


def test_it_is_the_recipes() -> None:
    settings = read_settings()
    assert yaml.safe_load((MODEL_DIR / "model.yaml").read_text()) == {"model": settings.model}
    assert (MODEL_DIR / "vocab.txt").read_text() == "".join(f"{token}\n" for token in settings.vocab)
    assert yaml.safe_load((MODEL_DIR / "vocoder/config.yaml").read_text()) == settings.vocoder


def test_it_is_small_enough_for_the_repository() -> None:
    assert sum(path.stat().st_size for path in MODEL_DIR.rglob("*") if path.is_file()) <= MAX_BYTES


def test_its_card_quotes_its_evaluation(evaluation: dict[str, Any]) -> None:
    card = (MODEL_DIR / "README.md").read_text(encoding="utf-8")
    assert with_table(card, evaluation) == card


@pytest.mark.slow
def test_it_is_understood_as_well_as_its_evaluation_says(
    engine: Engine, references: dict[str, Reference], evaluation: dict[str, Any]
) -> None:
    lines = evaluation["lines"]["fast"]["champions"]
    handful = lines[:: len(lines) // HANDFUL]
    recogniser = Recogniser()
    wrong = 0
    for line in handful:
        said = Utterance([Passage(line["sentence"])], references[line["speaker"]], NFE_STEPS["fast"], seed=SEED)
        heard = recogniser.hears(engine.speak(said).wave, engine.sample_rate)
        wrong += word_errors(line["sentence"], heard).wrong
    words = sum(line["words"] for line in handful)
    assert wrong <= sum(line["wrong"] for line in handful) + ROOM * words
    assert evaluation["figures"]["fast"]["champions"]["words"] < 0.5, "nobody would call that understood"


@pytest.mark.parametrize("name", ["ahri", "garen", "jinx", "thresh"])
def test_a_champion_sounds_more_like_its_own_reference_than_like_any_others(
    name: str, engine: Engine, references: dict[str, Reference]
) -> None:
    mel_spec = engine.model.description.mel_spec
    speech = engine.speak(
        Utterance([Passage("Hold the gate until your team is ready.")], references[name], NFE_STEPS["fast"])
    )
    said = _timbre(log_mel(torch.from_numpy(levelled(speech.wave)), mel_spec))
    distances = {
        other: float(torch.linalg.norm(said - _timbre(reference.mel))) for other, reference in references.items()
    }
    assert min(distances, key=lambda other: distances[other]) == name


def _timbre(mel: torch.Tensor) -> torch.Tensor:
    """Mean and deviation of each channel of a log mel [frames, channels] where it is loud."""
    loudness = mel.mean(1)
    loud = mel[loudness > loudness.median()]
    return torch.cat([loud.mean(0), loud.std(0)])


@pytest.mark.parametrize(("dtype", "most"), [(torch.bfloat16, 0.04), (torch.float16, 0.005)])
@pytest.mark.parametrize("name", ["ahri", "garen"])
def test_in_half_precision_its_mels_stay_as_near_to_those_in_fp32_as_the_docs_say(
    name: str, dtype: torch.dtype, most: float, engine: Engine, references: dict[str, Reference]
) -> None:
    half = Engine(load_model(MODEL_DIR, torch.device("cpu"), dtype))
    mel_spec = engine.model.description.mel_spec

    def mel(engine: Engine, seed: int) -> torch.Tensor:
        passage = Passage("Look at the map after every wave.")
        said = Utterance([passage], references[name], NFE_STEPS["fast"], seed=seed)
        return log_mel(torch.from_numpy(engine.speak(said).wave), mel_spec)

    whole = mel(engine, seed=0)
    assert (mel(half, seed=0) - whole).abs().mean() < most
    assert (mel(engine, seed=1) - whole).abs().mean() > 5 * most, "everything would be near"
    said = f"in {'bf16' if dtype == torch.bfloat16 else 'fp16'} within {most:g}"
    assert said in SPEED.read_text(encoding="utf-8").replace("\n", " ")
