"""The recipe of the small model: what it learns from, that it learns, goes on where it was left, and what it writes."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from bench.upstream import import_upstream
from engine.checkpoint import load_model
from engine.upstream import Vocos  # first: it keeps f5_tts from importing its trainer

# isort: split
from f5_tts.model.backbones.dit import DiT

from models.acoustic import REFERENCE_TAIL, Examples, NetworkTraining, prepare
from models.corpus import CHAMPIONS, HELD_OUT_VOICES, OTHERS, SAMPLE_RATE, Recording
from models.export import read_weights, write_model
from models.make_voices import TRANSCRIPTS
from models.muon import Muon
from models.sentences import HELD_OUT, plain, sentences
from models.settings import Settings, read_settings
from models.vocoder import VocoderTraining

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def tiny() -> Settings:
    """The recipe's own settings with a network that a test can train."""
    settings = read_settings()
    arch = settings.model["arch"] | {"dim": 64, "depth": 1, "heads": 1, "text_dim": 32, "conv_layers": 1}
    vocoder = settings.vocoder | {
        "backbone": settings.vocoder["backbone"]
        | {"init_args": {"input_channels": 100, "dim": 32, "intermediate_dim": 64, "num_layers": 1}},
        "head": settings.vocoder["head"]
        | {"init_args": {"dim": 32, "n_fft": 1024, "hop_length": 256, "padding": "center"}},
    }
    return settings.model_copy(update={"model": settings.model | {"arch": arch}, "vocoder": vocoder})


@pytest.fixture(scope="module")
def recordings() -> list[Recording]:
    """Tones in place of speech: a text's length is the tone's, its voice the pitch."""
    draw = np.random.default_rng(3)
    made = []
    for index, text in enumerate(islice(sentences(5), 24)):
        seconds = np.arange(int(len(text) / 20 * SAMPLE_RATE)) / SAMPLE_RATE
        wave = 0.1 * np.sin(2 * np.pi * (200 + 150 * (index % 2)) * seconds) + draw.normal(0, 0.0006, len(seconds))
        made.append(Recording(text, index % 2, wave.astype(np.float32)))
    return made


def test_what_the_model_is_judged_by_is_not_in_what_it_learns_from() -> None:
    judged = {plain(text) for text in (*HELD_OUT, *TRANSCRIPTS.values())}
    learnt = {plain(text) for text in islice(sentences(read_settings().training.seed), 20_000)}
    assert not judged & learnt
    assert len(set(HELD_OUT)) >= 50
    assert not set(HELD_OUT_VOICES) & {*CHAMPIONS.values(), *OTHERS}
    assert not {voice.name for voice in HELD_OUT_VOICES} & {voice.name for voice in (*CHAMPIONS.values(), *OTHERS)}


def test_the_corpus_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    first, second, other = (list(islice(sentences(seed), 200)) for seed in (1, 1, 2))
    assert first == second != other
    assert len(set(first)) > 180


def test_every_character_of_the_corpus_is_a_token() -> None:
    vocab = read_settings().vocab
    assert vocab[0] == " "
    assert set("".join(islice(sentences(0), 5000))) <= set(vocab)


def test_a_pair_shows_at_most_its_reference_and_hides_the_line(tiny: Settings, recordings: list[Recording]) -> None:
    lines = prepare(recordings, tiny)
    examples = Examples(lines, tiny.vocab.index(" "), seed=0)
    by_text = {tuple(line.tokens.tolist()): line for line in lines}
    for _ in range(50):
        pair = examples.pair()
        text = "".join(tiny.vocab[token] for token in pair.tokens)
        before, after = text.split("   ") if "   " in text else text.split(".  ", 1)
        reference = by_text[tuple(tiny.vocab.index(token) for token in before + ".")]
        line = by_text[tuple(tiny.vocab.index(token) for token in after)]
        assert reference.voice == line.voice
        assert 0 < pair.known <= len(reference.mel)
        assert len(pair.mel) == len(reference.mel) + len(line.mel) - round(REFERENCE_TAIL / 256)


def test_batches_hold_no_more_frames_than_asked(tiny: Settings, recordings: list[Recording]) -> None:
    examples = Examples(prepare(recordings, tiny), 0, seed=0)
    for batch in examples.batches(pair_share=0.5, frames=1600):
        assert len(batch) * max(len(example.mel) for example in batch) <= 1600


def test_training_learns_and_an_interrupted_one_goes_on(
    tiny: Settings, recordings: list[Recording], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses: list[float] = []
    original = torch.Tensor.backward

    def noted(loss: torch.Tensor) -> None:
        losses.append(loss.item())
        if len(losses) == 40:
            raise KeyboardInterrupt
        original(loss)  # type: ignore[no-untyped-call]

    monkeypatch.setattr("models.training.CHECKPOINT_SECONDS", 0)
    monkeypatch.setattr(torch.Tensor, "backward", noted)
    lines = prepare(recordings, tiny)
    training = NetworkTraining(tiny, lines, CPU, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        training.train(minutes=60)
    assert np.mean(losses[-10:]) < 0.8 * np.mean(losses[:5])

    taken_up = NetworkTraining(tiny, lines, CPU, tmp_path)
    assert (taken_up.step, taken_up.seconds) == (39, training.seconds)
    for name, value in training.average.state_dict().items():
        assert torch.equal(taken_up.average.state_dict()[name], value)


def test_what_is_written_is_read_by_our_loader_and_by_upstreams(
    tiny: Settings, recordings: list[Recording], tmp_path: Path
) -> None:
    network = NetworkTraining(tiny, prepare(recordings, tiny), CPU, tmp_path).average.module.state_dict()
    vocoder = VocoderTraining(tiny, recordings, CPU, tmp_path)
    vocoder.train(minutes=0.02)
    model_dir = tmp_path / "model"
    write_model(model_dir, tiny, network, vocoder.vocos.state_dict())

    assert load_model(model_dir, CPU).description.name == tiny.model["name"]
    upstream = import_upstream()
    model = upstream.load_model(
        DiT, tiny.arch, str(model_dir / "model.safetensors"), vocab_file=str(model_dir / "vocab.txt"), device="cpu"
    )
    written = network["proj_out.weight"]
    assert torch.allclose(model.transformer.proj_out.weight.float(), written, atol=1e-3)
    assert isinstance(Vocos.from_hparams(str(model_dir / "vocoder/config.yaml")), Vocos)
    begun = VocoderTraining(tiny, recordings, CPU, tmp_path)
    begun.vocos.load_state_dict(read_weights(model_dir)[1])
    again = NetworkTraining(tiny, prepare(recordings, tiny), CPU, tmp_path)
    again.begin_with(read_weights(model_dir)[0])
    assert torch.allclose(again.average.module.state_dict()["proj_out.weight"], written, atol=1e-3)
    # Capitals are said as small letters are.
    embedding = model.transformer.text_embed.text_embed.weight
    assert torch.equal(embedding[1 + tiny.vocab.index("W")], embedding[1 + tiny.vocab.index("w")])


def test_muon_moves_a_matrix_by_its_rate_in_every_direction() -> None:
    torch.manual_seed(0)
    for shape in ((64, 64), (32, 96), (96, 32)):
        matrix = torch.nn.Parameter(torch.zeros(shape))
        matrix.grad = torch.randn(shape) * 1e-3
        Muon([matrix], lr=0.5).step()
        sizes = torch.linalg.svdvals(matrix.detach()) / (0.5 * max(1, shape[0] / shape[1]) ** 0.5)
        # A square random matrix has a direction or two in which there is next to nothing to follow.
        assert 0.5 < sizes.quantile(0.05) <= sizes.max() < 1.5
