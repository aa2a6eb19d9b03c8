"""The recipe of the small model: what it learns from, that it learns, goes on where it was left, and what it writes."""

from __future__ import annotations

import shutil
import subprocess
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from f5_tts.model.backbones.dit import DiT

from bench.upstream import import_upstream
from engine.checkpoint import load_model
from engine.upstream import Vocos
from models.corpus import CHAMPIONS, HELD_OUT_VOICES, OTHERS, SAMPLE_RATE, Recording, corpus, record
from models.espeak import Voice, synthesise
from models.export import read_weights, write_model
from models.make_voices import TRANSCRIPTS
from models.muon import Muon
from models.network_training import HOP, PACE, REFERENCE_TAIL, Examples, NetworkTraining, Sounds, prepare
from models.sentences import HELD_OUT, plain, sentences
from models.settings import Settings, read_settings
from models.vocoder_training import VocoderTraining

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
    """Tones in place of speech: a text's length is the tone's, its voice the pitch, and its letters are its sounds."""
    draw = np.random.default_rng(3)
    made = []
    for index, text in enumerate(islice(sentences(5), 24)):
        seconds = np.arange(int(len(text) / 20 * SAMPLE_RATE)) / SAMPLE_RATE
        wave = 0.1 * np.sin(2 * np.pi * (200 + 150 * (index % 2)) * seconds) + draw.normal(0, 0.0006, len(seconds))
        phonemes = [(at * SAMPLE_RATE // 20, letter) for at, letter in enumerate(plain(text).replace(" ", "_"))]
        made.append(Recording(text, index % 2, wave.astype(np.float32), phonemes))
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
        assert len(pair.sounds) == len(pair.mel)
        spoken = len(line.mel) - round(REFERENCE_TAIL / HOP)
        assert spoken / PACE - 1 < len(pair.mel) - len(reference.mel) < spoken * PACE + 1
        assert torch.equal(pair.mel[: len(reference.mel)], reference.mel)


def test_each_frame_is_told_which_part_of_which_sound_it_is() -> None:
    # Frame n is at sample 256 n: an "a" of nine frames, a pause of three, a "b" to the end.
    recording = Recording("Ab.", 0, np.zeros(20 * HOP, np.float32), [(2 * HOP, "a"), (11 * HOP, "_:"), (14 * HOP, "b")])
    other = Recording("C.", 0, np.zeros(HOP, np.float32), [(0, "c")])
    sounds = Sounds([other, recording])
    assert len(sounds) == 1 + 3 * 3
    labels = sounds.label(recording, frames=25).tolist()
    assert labels == [0] * 2 + [1] * 3 + [2] * 3 + [3] * 3 + [0] * 3 + [4] * 2 + [5] * 2 + [6] * 2 + [0] * 5


def test_the_sounds_are_where_espeak_ng_says_them(tmp_path: Path) -> None:
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed: the library that the corpus is made with was not tested")
    text, voice = "Take a pot.", Voice("en-us+m3", 50, 150)
    [once, again] = synthesise([(text, voice)] * 2)
    assert once.phonemes[0] == again.phonemes[0]
    [alone] = synthesise([(text, voice)])
    file = tmp_path / "spoken.wav"
    subprocess.run(["espeak-ng", "-v", voice.name, "-p", "50", "-s", "150", "-w", str(file), text], check=True)
    samples, sample_rate = soundfile.read(file, dtype="float32")
    assert sample_rate == alone.sample_rate
    assert np.array_equal(samples, alone.samples)

    wave, phonemes = record(alone, seed=0)
    named = [name for _, name in phonemes if not name.startswith("_")]
    assert [named[0], named[1], named[2]] == ["t", "eI", "k"]
    # A plosive begins with its closure, which is silent; a vowel is loud.
    begins = [at for at, _ in phonemes]
    loudness = {
        name: float(np.sqrt(np.mean(wave[begin:end] ** 2)))
        for (begin, name), (end, _) in zip(phonemes, [*phonemes[1:], (len(wave), "")], strict=True)
        if not name.startswith("_")
    }
    assert begins == sorted(begins)
    assert loudness["eI"] > 3 * max(loudness["t"], loudness["k"], loudness["p"])


def test_a_voice_that_espeak_ng_does_not_have_is_named() -> None:
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed: the library that the corpus is made with was not tested")
    with pytest.raises(ValueError, match="no voice xx-nowhere"):
        list(synthesise([("Hello.", Voice("xx-nowhere", 50, 150))]))


def test_batches_hold_no_more_frames_than_asked(tiny: Settings, recordings: list[Recording]) -> None:
    examples = Examples(prepare(recordings, tiny), 0, seed=0)
    for batch in examples.batches(pair_share=0.5, frames=1600):
        assert len(batch) * max(len(example.mel) for example in batch) <= 1600


def test_training_learns_and_an_interrupted_one_goes_on(
    tiny: Settings, recordings: list[Recording], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses: list[dict[str, torch.Tensor]] = []
    original = NetworkTraining.losses

    def noted(training: NetworkTraining, progress: float) -> dict[str, torch.Tensor]:
        if len(losses) == 39:
            raise KeyboardInterrupt
        losses.append(original(training, progress))
        return losses[-1]

    monkeypatch.setattr("models.training.CHECKPOINT_SECONDS", 0)
    monkeypatch.setattr(NetworkTraining, "losses", noted)
    training = NetworkTraining(tiny, recordings, CPU, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        training.train(minutes=60)
    for part, share in (("flow", 0.8), ("sounds", 0.96)):
        course = [each[part].item() for each in losses if part in each]
        assert np.mean(course[-10:]) < share * np.mean(course[:5])

    taken_up = NetworkTraining(tiny, recordings, CPU, tmp_path)
    assert (taken_up.step, taken_up.seconds) == (39, training.seconds)
    for name, value in training.average.state_dict().items():
        assert torch.equal(taken_up.average.state_dict()[name], value)


def test_what_is_written_is_read_by_our_loader_and_by_upstreams(
    tiny: Settings, recordings: list[Recording], tmp_path: Path
) -> None:
    network = NetworkTraining(tiny, recordings, CPU, tmp_path).average.module.state_dict()
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
    again = NetworkTraining(tiny, recordings, CPU, tmp_path)
    again.begin_with(read_weights(model_dir)[0])
    assert torch.allclose(again.average.module.state_dict()["proj_out.weight"], written, atol=1e-3)
    # Capitals are said as small letters are.
    embedding = model.transformer.text_embed.text_embed.weight
    assert torch.equal(embedding[1 + tiny.vocab.index("W")], embedding[1 + tiny.vocab.index("w")])


def test_a_deeper_network_begins_as_the_one_whose_weights_it_takes(
    tiny: Settings, recordings: list[Recording], tmp_path: Path
) -> None:
    def network(depth: int) -> NetworkTraining:
        model = tiny.model | {"arch": tiny.arch | {"depth": depth}}
        return NetworkTraining(tiny.model_copy(update={"model": model}), recordings, CPU, tmp_path)

    shallow, deep = network(2).average.module, network(4)
    draw = torch.Generator().manual_seed(0)
    for parameter in shallow.parameters():
        torch.nn.init.normal_(parameter, std=0.1, generator=draw)
    deep.begin_with(shallow.state_dict())
    mel, tokens = torch.randn(2, 40, 100, generator=draw), torch.randint(9, (2, 12), generator=draw)
    said, again = (
        module(x=mel, cond=mel, text=tokens, time=torch.tensor([0.1, 0.7])) for module in (shallow, deep.average.module)
    )
    assert said.std() > 0.1
    assert torch.allclose(said, again, atol=1e-4)


def test_a_champion_speaks_twice_as_many_lines_of_the_corpus_as_another_voice() -> None:
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed: the corpus was not made")
    spoken = corpus(2 * len(CHAMPIONS) + len(OTHERS), seed=0)
    voices = [recording.voice for recording in spoken]
    assert [voices.count(voice) for voice in range(len(CHAMPIONS))] == [2] * len(CHAMPIONS)
    assert [voices.count(len(CHAMPIONS) + voice) for voice in range(len(OTHERS))] == [1] * len(OTHERS)
    assert all(recording.phonemes and len(recording.wave) > SAMPLE_RATE / 2 for recording in spoken)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_muon_moves_a_matrix_by_its_rate_in_every_direction(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    for shape in ((64, 64), (32, 96), (96, 32)):
        matrix = torch.nn.Parameter(torch.zeros(shape))
        matrix.grad = torch.randn(shape) * 1e-3
        Muon([matrix], 0.5, dtype).step()
        sizes = torch.linalg.svdvals(matrix.detach()) / (0.5 * max(1, shape[0] / shape[1]) ** 0.5)
        # A square random matrix has a direction or two in which there is next to nothing to follow.
        assert 0.5 < sizes.quantile(0.05) <= sizes.max() < 1.5
