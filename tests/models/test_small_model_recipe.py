"""The recipe of the small model: it learns what a corpus holds, goes on where it was left, and writes what is read."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
import torch
from f5_tts.model.backbones.dit import DiT

from bench.upstream import import_upstream
from engine.checkpoint import load_model
from engine.phonemes import MARKS, SILENCE, PhonemeVocabulary
from engine.plan import Passage, Utterance
from engine.reference import log_mel, prepare_reference
from engine.speech import Engine
from engine.upstream import Vocos
from models.corpus import Recording, read_corpus
from models.discriminators import PeriodDiscriminator
from models.durations import fit
from models.export import read_weights, write_model
from models.make_voices import VOICES
from models.muon import Muon
from models.network_training import HOP, Examples, NetworkTraining, prepare
from models.settings import Settings, read_settings
from models.vocoder_training import VocoderTraining
from tests.support.tone_corpus import seconds, write_tones

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def tiny() -> Settings:
    """The recipe's own settings with a network that a test can train."""
    settings = read_settings()
    arch = settings.arch | {"dim": 64, "depth": 1, "heads": 1, "text_dim": 32, "conv_layers": 1}
    vocoder = settings.vocoder | {
        "backbone": settings.vocoder["backbone"]
        | {"init_args": {"input_channels": 100, "dim": 32, "intermediate_dim": 64, "num_layers": 1}},
        "head": settings.vocoder["head"]
        | {"init_args": {"dim": 32, "n_fft": 1024, "hop_length": 256, "padding": "center"}},
    }
    changed = {
        "model": settings.model | {"arch": arch},
        "vocoder": vocoder,
        "training": settings.training.model_copy(update={"batch_frames": 1600}),
    }
    return settings.model_copy(update=changed)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Recording]:
    folder = tmp_path_factory.mktemp("corpus")
    write_tones(folder, lines=40)
    return read_corpus(folder, seed=0)


@pytest.fixture(scope="module")
def vocab(tiny: Settings) -> PhonemeVocabulary:
    return PhonemeVocabulary(tiny.vocab)


@pytest.fixture
def examples(tiny: Settings, recordings: list[Recording], vocab: PhonemeVocabulary) -> Examples:
    silence = log_mel(torch.zeros(4 * HOP), tiny.mel_spec)[0].half()
    lines = prepare(recordings, vocab, tiny)
    return Examples(lines, vocab, fit(recordings, vocab, tiny.vocab), silence, seed=0)


def test_a_line_in_a_voice_of_its_own_is_learnt_at_other_pitches_too(recordings: list[Recording]) -> None:
    copies = Counter((recording.voice is None, recording.text) for recording in recordings)
    assert all(count % 3 == 0 for (own, _), count in copies.items() if own)
    lengths = {len(recording.wave) for recording in recordings if recording.voice is None}
    assert len(lengths) == sum(recording.voice is None for recording in recordings)


def test_each_phoneme_is_given_the_time_that_it_lasts_in_the_corpus(
    tiny: Settings, recordings: list[Recording], vocab: PhonemeVocabulary
) -> None:
    champions = [recording for recording in recordings if recording.voice]
    durations = fit(champions, vocab, tiny.vocab)
    errors = []
    for recording in champions:
        names = [name for name, _ in recording.phonemes[1:]]
        true = np.array([seconds(name) for name in names[:-1]])
        fitted = np.array(durations.seconds([vocab.nearest(name) for name in names])[:-1])
        errors += np.abs(np.log(fitted / fitted.sum()) - np.log(true / true.sum())).tolist()
    assert np.median(errors) < 0.1


def test_text_and_mel_run_side_by_side(tiny: Settings, examples: Examples) -> None:
    heard: dict[int, list[int]] = defaultdict(list)
    for _ in range(60):
        example = examples.single()
        assert len(example.tokens) == len(example.mel)
        tokens = example.tokens
        inside = (tokens[2:-2] == tokens[:-4]) & (tokens[2:-2] == tokens[4:])
        for at in (torch.nonzero(inside).ravel() + 2).tolist():
            heard[int(tokens[at])].append(int(example.mel[at].argmax()))
    tones = {
        token: np.array(channels) for token, channels in heard.items() if tiny.vocab[token] not in {*MARKS, SILENCE}
    }
    assert len(tones) > 25
    # Copies of a line are up to a tenth higher or lower, two channels or so.
    spread = [np.mean(np.abs(channels - np.median(channels)) <= 3) for channels in tones.values()]
    assert np.mean(spread) > 0.95
    assert len({int(np.median(channels)) for channels in tones.values()}) > 15


def test_a_pair_shows_at_most_its_reference_and_hides_the_line(examples: Examples) -> None:
    for _ in range(50):
        pair = examples.pair()
        assert len(pair.tokens) == len(pair.mel)
        # The tail that the endpoint leaves after a reference is digital silence, which no corpus has.
        tails = torch.nonzero(pair.mel.float().mean(1) < -11).ravel().tolist()
        assert len(tails) == 5
        assert 0 < pair.known <= tails[-1] + 1


def test_batches_hold_no_more_frames_than_asked(examples: Examples) -> None:
    batches = examples.batches(pair_share=0.5, frames=1600)
    assert all(len(batch) * max(len(example.mel) for example in batch) <= 1600 for batch in batches)
    assert sum(map(len, batches)) > 150


class Interrupted(NetworkTraining):
    """A training that is interrupted after 40 steps."""

    noted: list[dict[str, float]]

    def losses(self, progress: float) -> dict[str, torch.Tensor]:
        if self.step == 40:
            raise KeyboardInterrupt
        losses = super().losses(progress)
        self.noted.append({name: loss.item() for name, loss in losses.items()})
        return losses


def test_training_learns_and_an_interrupted_one_goes_on(
    tiny: Settings, recordings: list[Recording], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.training.CHECKPOINT_SECONDS", 0)
    training = Interrupted(tiny, recordings, CPU, tmp_path)
    training.noted = []
    with pytest.raises(KeyboardInterrupt):
        training.train(minutes=60)
    course = [losses["flow"] for losses in training.noted if "flow" in losses]
    assert np.mean(course[-8:]) < 0.8 * np.mean(course[:4])

    taken_up = NetworkTraining(tiny, recordings, CPU, tmp_path)
    assert (taken_up.step, taken_up.seconds) == (40, training.seconds)
    for name, value in training.average.state_dict().items():
        assert torch.equal(taken_up.average.state_dict()[name], value)


def test_what_is_written_speaks_here_and_is_read_by_upstreams_loaders(
    tiny: Settings, recordings: list[Recording], tmp_path: Path
) -> None:
    network = NetworkTraining(tiny, recordings, CPU, tmp_path)
    weights = network.average.module.state_dict()
    vocoder = VocoderTraining(tiny, recordings, CPU, tmp_path)
    vocoder.train(minutes=0.02)
    model_dir = tmp_path / "model"
    write_model(model_dir, tiny, network.durations, weights, vocoder.average.module.state_dict())

    engine = Engine(load_model(model_dir, CPU, torch.float32))
    folder = VOICES / "ahri"
    recording = (folder / "reference.wav").read_bytes()
    reference = prepare_reference(recording, (folder / "reference.txt").read_text(), tiny.mel_spec)
    speech = engine.speak(Utterance([Passage("Where is the key to the garden gate?")], reference, nfe=4))
    assert np.isfinite(speech.wave).all()
    assert 0.5 < speech.seconds < 10

    upstream = import_upstream()
    model = upstream.load_model(
        DiT, tiny.arch, str(model_dir / "model.safetensors"), vocab_file=str(model_dir / "vocab.txt"), device="cpu"
    )
    assert torch.allclose(model.transformer.proj_out.weight.float(), weights["proj_out.weight"], atol=1e-3)
    assert isinstance(Vocos.from_hparams(str(model_dir / "vocoder/config.yaml")), Vocos)


def test_the_vocoder_and_its_discriminators_learn_each_from_their_own_losses(
    tiny: Settings, recordings: list[Recording], tmp_path: Path
) -> None:
    vocoder = VocoderTraining(tiny, recordings, CPU, tmp_path)
    learners = {
        "vocoder": [*vocoder.vocos.backbone.parameters(), *vocoder.vocos.head.parameters()],
        "discriminators": list(vocoder.discriminators.parameters()),
    }

    def learners_of(progress: float) -> dict[str, set[str]]:
        taught: dict[str, set[str]] = {}
        for name, loss in vocoder.losses(progress).items():
            loss.backward(retain_graph=True)  # type: ignore[no-untyped-call]
            taught[name] = {who for who, each in learners.items() if any(one.grad is not None for one in each)}
            vocoder.vocos.zero_grad()
            vocoder.discriminators.zero_grad()
        return taught

    assert learners_of(progress=0.0) == {"mel": {"vocoder"}, "spectra": {"vocoder"}}
    assert learners_of(progress=0.5) == {
        "mel": {"vocoder"},
        "adversarial": {"vocoder"},
        "features": {"vocoder"},
        "discriminators": {"discriminators"},
    }


def test_weights_that_make_spectra_already_go_on_with_discriminators_at_once(
    tiny: Settings, recordings: list[Recording], tmp_path: Path
) -> None:
    vocoder = VocoderTraining(tiny, recordings, CPU, tmp_path, spectra_first=False)
    assert "adversarial" in vocoder.losses(progress=0.0)


def test_a_discriminator_of_periods_compares_samples_that_lie_a_period_apart() -> None:
    discriminator = PeriodDiscriminator(5, (4, 4, 4))
    wave = torch.randn(1, 1000)
    changed = wave.clone()
    changed[:, 2::5] += 1.0
    verdicts = (discriminator(each)[0].unflatten(-1, (-1, 5)) for each in (wave, changed))
    differs = (next(verdicts) - next(verdicts)).abs().amax((0, 1)) > 1e-6
    assert differs.tolist() == [False, False, True, False, False]


def test_a_training_begins_with_the_weights_of_a_model_directory(
    tiny: Settings, recordings: list[Recording], tmp_path: Path
) -> None:
    first = NetworkTraining(tiny, recordings, CPU, tmp_path)
    vocoder = VocoderTraining(tiny, recordings, CPU, tmp_path)
    torch.nn.init.normal_(first.average.module.get_parameter("proj_out.weight"))
    learnt = (each.average.module.state_dict() for each in (first, vocoder))
    write_model(tmp_path / "model", tiny, first.durations, *learnt)
    network, decoder = read_weights(tmp_path / "model")
    again = NetworkTraining(tiny, recordings, CPU, tmp_path)
    again.begin_with(network)
    written = first.average.module.state_dict()
    assert all(
        torch.allclose(value, written[name], atol=2e-3) for name, value in again.average.module.state_dict().items()
    )
    vocoder.begin_with(decoder)


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
    mel, tokens = torch.randn(2, 40, 100, generator=draw), torch.randint(9, (2, 40), generator=draw)
    said, again = (
        module(x=mel, cond=mel, text=tokens, time=torch.tensor([0.1, 0.7])) for module in (shallow, deep.average.module)
    )
    assert said.std() > 0.1
    assert torch.allclose(said, again, atol=1e-4)


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
