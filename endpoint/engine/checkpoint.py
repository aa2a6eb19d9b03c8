"""Load a model directory: network, vocabulary and vocoder, offline, as the files in it describe.

The directory holds, at its root:

    model.yaml             the architecture, in the format of upstream's own f5_tts/configs/*.yaml
    *.safetensors          the weights, in upstream's EMA layout or a plain one, in any float type
    vocab.txt              one token a line
    durations.json         how long phonemes last, for a model that reads phonemes
    vocoder/config.yaml    Vocos's own files, as in charactr/vocos-mel-24khz
    vocoder/pytorch_model.bin or vocoder/model.safetensors
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
import yaml
from pydantic import BaseModel, ConfigDict, Field
from safetensors.torch import load_file
from torch import Tensor

from engine.network import Architecture, Network, WeightsError, build_network
from engine.reader import DURATIONS, READERS, Reader, ReaderName
from engine.upstream import Vocos

DESCRIPTION = "model.yaml"
VOCABULARY = "vocab.txt"
VOCODER_CONFIG = "vocoder/config.yaml"
VOCODER_WEIGHTS = ("vocoder/model.safetensors", "vocoder/pytorch_model.bin")  # the first that is there


class MelSpecDescription(BaseModel):
    """The mel spectrogram that the network was trained on."""

    model_config = ConfigDict(frozen=True)

    target_sample_rate: int = Field(gt=0, description="Samples a second.")
    n_mel_channels: int = Field(gt=0)
    hop_length: int = Field(gt=0, description="Samples from one frame to the next.")
    win_length: int = Field(gt=0)
    n_fft: int = Field(gt=0)
    mel_spec_type: Literal["vocos"]


class ModelDescription(BaseModel):
    """The `model:` part of model.yaml. What upstream's configs hold beyond this is for training."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field(min_length=1)
    backbone: Literal["DiT"]
    arch: Architecture
    mel_spec: MelSpecDescription
    trained_seconds: float = Field(
        default=22, gt=0, description="Reference and new speech should last about this long, as in training."
    )
    cfg_strength: float = Field(
        default=2, ge=0, description="How far speech is moved on from what it would be without reference and text."
    )
    reader: ReaderName = Field(default="characters", description="How the model reads text: see engine.reader.")
    scripts: list[str] = Field(
        default=["Latin", "Han"],
        description="The scripts that it was trained on, by Unicode's names. Letters of another are not said, "
        "though the vocabulary may hold them.",
    )
    notice: str | None = Field(default=None, description="What a person should know who hears this model.")


class ModelError(Exception):
    """The model directory cannot be loaded; the message names the file and what to do about it."""


@dataclass(frozen=True)
class Model:
    """A loaded model, ready to speak."""

    description: ModelDescription
    network: Network
    vocoder: Vocos
    reader: Reader
    device: torch.device
    dtype: torch.dtype


def describe(model_dir: Path) -> ModelDescription:
    """Read model.yaml.

    Raises:
        ModelError: the file is missing or does not describe a model that this engine runs.
    """
    path = model_dir / DESCRIPTION
    try:
        return ModelDescription.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))["model"])
    except FileNotFoundError:
        raise ModelError(
            f"{path} is missing: copy the model's own file from f5_tts/configs (F5TTS_v1_Base.yaml, say)"
        ) from None
    except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise ModelError(f"{path} does not describe an F5-TTS model: {error}") from error


def fastest_dtype(device: torch.device) -> torch.dtype:
    """Choose the type that the device multiplies matrices fastest in.

    bf16 on a GPU from Ampere on, and on a CPU with AMX tiles, where bench/ measured it at more than twice the speed of
    fp32; fp16 on a T4; fp32 elsewhere.
    """
    if device.type == "cuda":
        major, _ = torch.cuda.get_device_capability(device)
        return torch.bfloat16 if major >= 8 else torch.float16
    return torch.bfloat16 if torch.cpu._is_amx_tile_supported() else torch.float32


def load_model(model_dir: Path, device: torch.device, dtype: torch.dtype | None = None) -> Model:
    """Load a model directory.

    Args:
        model_dir: a directory as the module's docstring describes it.
        device: where the network and the vocoder run.
        dtype: type of the network's weights; by default the fastest one on the device. The vocoder stays in fp32.

    Raises:
        ModelError: a file is missing, or does not fit the others.
    """
    description = describe(model_dir)
    vocab = _load_vocab(model_dir / VOCABULARY)
    dtype = dtype or fastest_dtype(device)
    return Model(
        description=description,
        network=_load_network(model_dir, description, len(vocab), device, dtype),
        vocoder=_load_vocoder(model_dir, device),
        reader=_load_reader(model_dir, description, vocab),
        device=device,
        dtype=dtype,
    )


def load_reader(model_dir: Path) -> Reader:
    """How a model reads text; neither network nor vocoder is loaded.

    Raises:
        ModelError: a file that says so is missing, or does not fit the others.
    """
    return _load_reader(model_dir, describe(model_dir), _load_vocab(model_dir / VOCABULARY))


def small_files(model_dir: Path) -> list[str]:
    """The files that the model needs beside the weights of network and vocoder.

    Raises:
        ModelError: what `describe` raises.
    """
    return [DESCRIPTION, VOCABULARY, VOCODER_CONFIG, *READERS[describe(model_dir).reader].files]


def find_weights(model_dir: Path) -> Path:
    """The network's weights.

    Raises:
        ModelError: there is not exactly one .safetensors file.
    """
    checkpoints = sorted(model_dir.glob("*.safetensors"))
    if len(checkpoints) != 1:
        found = ", ".join(path.name for path in checkpoints) or "none"
        raise ModelError(f"{model_dir} must hold exactly one .safetensors file, found: {found}")
    return checkpoints[0]


def find_vocoder_weights(model_dir: Path) -> Path:
    """The vocoder's weights.

    Raises:
        ModelError: there are none.
    """
    for name in VOCODER_WEIGHTS:
        if (model_dir / name).is_file():
            return model_dir / name
    raise ModelError(f"{model_dir} holds neither {' nor '.join(VOCODER_WEIGHTS)}: take it from the hub")


def read_weights(path: Path) -> dict[str, Tensor]:
    """Every tensor in a .safetensors file or in a pickle of tensors, by its name in the file."""
    if path.suffix == ".safetensors":
        return load_file(path)
    weights: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return weights


def dit_name(name: str) -> str | None:
    """DiT's own name of a tensor in a checkpoint.

    Args:
        name: in upstream's EMA layout (`ema_model.transformer.*`) or a plain one.

    Returns:
        The name; None for what is no weight: the trainer's counters and mel filters, and the rotary frequencies, which
        are computed, because in half precision they could not tell positions apart.
    """
    name = name.removeprefix("ema_model.")
    if name in ("initted", "step", "update") or name.startswith("mel_spec."):
        return None
    name = name.removeprefix("transformer.")
    return None if name == "rotary_embed.inv_freq" else name


def _load_vocab(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except FileNotFoundError:
        raise ModelError(f"{path} is missing: it is beside the checkpoint on the hub") from None


def _load_reader(model_dir: Path, description: ModelDescription, vocab: list[str]) -> Reader:
    try:
        return READERS[description.reader](vocab, model_dir, description.scripts)
    except FileNotFoundError as error:
        raise ModelError(f"{error.filename} is missing: a model that reads {description.reader} needs it") from None
    except (TypeError, ValueError) as error:
        raise ModelError(f"{model_dir / DURATIONS} does not hold durations of phonemes: {error}") from error


def _load_network(
    model_dir: Path, description: ModelDescription, vocab_size: int, device: torch.device, dtype: torch.dtype
) -> Network:
    checkpoint = find_weights(model_dir)
    named = ((dit_name(key), value) for key, value in read_weights(checkpoint).items())
    weights = {name: value for name, value in named if name is not None}
    try:
        mels = description.mel_spec.n_mel_channels
        return build_network(description.arch, vocab_size, mels, weights, device, dtype)
    except WeightsError as error:
        raise ModelError(f"{checkpoint} does not fit {DESCRIPTION} and {VOCABULARY}: {error}") from error


def _load_vocoder(model_dir: Path, device: torch.device) -> Vocos:
    config = model_dir / VOCODER_CONFIG
    if not config.is_file():
        raise ModelError(f"{config} is missing: take it from charactr/vocos-mel-24khz on the hub")
    vocoder = Vocos.from_hparams(str(config))
    try:
        weights = read_weights(find_vocoder_weights(model_dir))
        vocoder.load_state_dict({name: value.float() for name, value in weights.items()})
    except RuntimeError as error:
        raise ModelError(f"{config.parent}: the weights do not fit {config.name}: {error}") from error
    return vocoder.eval().requires_grad_(False).to(device)
