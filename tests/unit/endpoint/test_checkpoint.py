"""A model directory is loaded as its files describe it, whatever layout the checkpoint has."""

import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from pickle import UnpicklingError
from types import ModuleType

import pytest
import torch
import yaml
from f5_tts.model.backbones.dit import DiT
from safetensors.torch import load_file, save_file

from bench.random_model import MODEL
from engine.checkpoint import Model, ModelDescription, ModelError, describe, dit_name, fastest_dtype, load_model
from engine.network import build_network
from engine.plan import Passage, Utterance
from engine.reference import Reference
from engine.speech import Engine

Damage = Callable[[Path], object]
CPU = torch.device("cpu")
OTHER_ARCH = {"dim": 64, "depth": 2, "heads": 2}
OFFICIAL = {"F5TTS_v1_Base": 337, "F5TTS_v1_Small": 159, "F5TTS_Base": 337}  # millions of parameters


@pytest.fixture
def copy(model_dir: Path, tmp_path: Path) -> Path:
    """A model directory to change."""
    return shutil.copytree(model_dir, tmp_path / "model")


def speak(model: Model, reference: Reference) -> torch.Tensor:
    return torch.from_numpy(Engine(model).speak(Utterance([Passage("Ward the river.")], reference, nfe=7)).wave)


@pytest.mark.parametrize("name", OFFICIAL)
def test_the_official_models_own_files_describe_them(name: str, tmp_path: Path) -> None:
    config = files("f5_tts").joinpath(f"configs/{name}.yaml").read_text(encoding="utf-8")
    (tmp_path / "model.yaml").write_text(config)
    description = describe(tmp_path)
    with torch.device("meta"):
        dit = DiT(**yaml.safe_load(config)["model"]["arch"], text_num_embeds=2545, mel_dim=100)
    weights = {name: value for name, value in dit.state_dict().items() if dit_name(name)}
    network = build_network(description.arch, 2545, 100, weights, torch.device("meta"), torch.float16)
    assert description.name == name
    assert sum(parameter.numel() for parameter in dit.parameters()) // 1_000_000 == OFFICIAL[name]
    assert len(network.blocks) == description.arch.depth


def test_upstreams_ema_layout_and_a_plain_one_load_alike(copy: Path, model: Model, reference: Reference) -> None:
    ema = load_file(copy / "model.safetensors")
    plain = {key.removeprefix("ema_model."): value for key, value in ema.items()}
    save_file(plain, copy / "model.safetensors")
    assert torch.equal(speak(load_model(copy, CPU, torch.float32), reference), speak(model, reference))


def test_what_upstreams_trainer_adds_to_a_checkpoint_is_left_out(
    copy: Path, model: Model, reference: Reference
) -> None:
    extra = {
        "initted": torch.tensor(True),
        "step": torch.tensor(1_250_000),
        "ema_model.mel_spec.mel_stft.spectrogram.window": torch.ones(1024),
        "ema_model.mel_spec.mel_stft.mel_scale.fb": torch.ones(513, 100),
    }
    save_file(load_file(copy / "model.safetensors") | extra, copy / "model.safetensors")
    assert torch.equal(speak(load_model(copy, CPU, torch.float32), reference), speak(model, reference))


def test_a_checkpoint_in_half_precision_still_tells_positions_apart(
    copy: Path, model: Model, reference: Reference
) -> None:
    halves = {key: value.half() for key, value in load_file(copy / "model.safetensors").items()}
    save_file(halves, copy / "model.safetensors")
    halved = load_model(copy, CPU, torch.float32)
    assert halved.network.proj_out.weight.dtype == torch.float32
    assert (speak(halved, reference) - speak(model, reference)).abs().max() < 1e-2


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_speaks_nearly_the_same(
    dtype: torch.dtype, model_dir: Path, model: Model, reference: Reference
) -> None:
    half = load_model(model_dir, CPU, dtype)
    assert half.network.blocks[0].qkv.weight.dtype == dtype
    whole = speak(model, reference)
    assert (speak(half, reference) - whole).abs().mean() < 0.1 * whole.abs().mean()


@pytest.mark.parametrize(
    ("function", "dtype"),
    [
        ("torch.backends.mkldnn.is_available", torch.float32),
        ("torch.ops.mkldnn._is_mkldnn_bf16_supported", torch.bfloat16),
    ],
)
def test_a_cpu_that_onednn_does_not_serve_speaks_the_same(
    function: str,
    dtype: torch.dtype,
    model_dir: Path,
    model: Model,
    reference: Reference,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(function, lambda: False)
    plain = load_model(model_dir, CPU, dtype)
    assert not plain.network.blocks[0].qkv.weight.is_mkldnn
    whole = speak(model, reference)
    assert (speak(plain, reference) - whole).abs().mean() < 0.1 * whole.abs().mean()


@pytest.mark.parametrize(("has_tiles", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_a_cpu_computes_in_half_precision_only_where_it_has_tiles_for_it(
    has_tiles: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cpu._is_amx_tile_supported", lambda: has_tiles)
    assert fastest_dtype(CPU) == dtype


@pytest.mark.parametrize(("capability", "dtype"), [((7, 5), torch.float16), ((8, 0), torch.bfloat16)])
def test_a_t4_computes_in_fp16_and_newer_gpus_in_bf16(
    capability: tuple[int, int], dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.get_device_capability", lambda _: capability)
    assert fastest_dtype(torch.device("cuda")) == dtype


def test_vocos_weights_load_from_the_official_pickle_too(copy: Path, model: Model, reference: Reference) -> None:
    weights = load_file(copy / "vocoder/model.safetensors")
    torch.save(weights, copy / "vocoder/pytorch_model.bin")
    (copy / "vocoder/model.safetensors").unlink()
    assert torch.equal(speak(load_model(copy, CPU, torch.float32), reference), speak(model, reference))


def test_a_pickle_that_holds_more_than_weights_is_refused_and_not_run(copy: Path, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (tmp_path / "sprung",)

    (copy / "vocoder/model.safetensors").unlink()
    torch.save({"weight": Trap()}, copy / "vocoder/pytorch_model.bin")

    with pytest.raises(UnpicklingError, match="weights_only"):
        load_model(copy, CPU, torch.float32)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.slow
def test_upstreams_own_loaders_read_the_directory(copy: Path, upstream: ModuleType) -> None:
    torch.save(load_file(copy / "vocoder/model.safetensors"), copy / "vocoder/pytorch_model.bin")
    checkpoint, vocab = str(copy / "model.safetensors"), str(copy / "vocab.txt")
    upstream.load_model(DiT, MODEL["arch"], checkpoint, vocab_file=vocab, device="cpu")
    upstream.load_vocoder(is_local=True, local_path=str(copy / "vocoder"), device="cpu")


def drop(name: str) -> Damage:
    return lambda directory: (directory / name).unlink()


def write(name: str, text: str) -> Damage:
    return lambda directory: (directory / name).write_text(text)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (drop("model.yaml"), "model.yaml is missing"),
        (write("model.yaml", "model: {name: x"), "does not describe"),
        (write("model.yaml", "name: x"), "does not describe"),
        (write("model.yaml", yaml.safe_dump({"model": MODEL | {"backbone": "UNetT"}})), "does not describe"),
        (
            write("model.yaml", yaml.safe_dump({"model": MODEL | {"arch": {"dim": 64, "depth": 2, "heads": 2}}})),
            "does not fit",
        ),
        (write("model.yaml", yaml.safe_dump({"model": MODEL | {"reader": "lips"}})), "Input should be 'characters'"),
        (drop("vocab.txt"), "vocab.txt is missing"),
        (write("vocab.txt", " \na\nb\n"), "does not fit model.yaml and vocab.txt"),
        (drop("model.safetensors"), "exactly one .safetensors file, found: none"),
        (lambda d: shutil.copy(d / "model.safetensors", d / "second.safetensors"), "model.safetensors, second.safet"),
        (drop("vocoder/config.yaml"), "config.yaml is missing"),
        (drop("vocoder/model.safetensors"), "neither .*model.safetensors nor .*pytorch_model.bin"),
    ],
)
def test_a_damaged_directory_names_the_file_and_what_to_do(damage: Damage, told: str, copy: Path) -> None:
    damage(copy)
    with pytest.raises(ModelError, match=told):
        load_model(copy, CPU, torch.float32)


def test_the_description_tells_people_that_random_weights_are_noise(model_dir: Path) -> None:
    description = describe(model_dir)
    assert isinstance(description, ModelDescription)
    assert "noise" in (description.notice or "")
