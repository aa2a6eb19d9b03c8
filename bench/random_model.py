"""Make a tiny F5-TTS of the real architecture with fixed random weights: it runs like a model and sounds like noise.

    python -m bench.random_model build/model

Tests and benchmarks run it where what is said does not matter.
"""

from __future__ import annotations

import argparse
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
import yaml
from f5_tts.model.backbones.dit import DiT
from safetensors.torch import save_file

from engine.upstream import Vocos

SEED = 0
MODEL: dict[str, Any] = {
    "name": "random-tiny",
    "notice": "This model has random weights and never learnt to speak: what you hear is noise of the right length.",
    "backbone": "DiT",
    "arch": {
        "dim": 128,
        "depth": 2,
        "heads": 2,
        "ff_mult": 2,
        "text_dim": 64,
        "text_mask_padding": True,
        "qk_norm": None,
        "conv_layers": 1,
        "pe_attn_head": None,
    },
    "mel_spec": {
        "target_sample_rate": 24000,
        "n_mel_channels": 100,
        "hop_length": 256,
        "win_length": 1024,
        "n_fft": 1024,
        "mel_spec_type": "vocos",
    },
}
# The layout of charactr/vocos-mel-24khz's config.yaml, with a smaller backbone.
VOCODER: dict[str, Any] = {
    "feature_extractor": {
        "class_path": "vocos.feature_extractors.MelSpectrogramFeatures",
        "init_args": {"sample_rate": 24000, "n_fft": 1024, "hop_length": 256, "n_mels": 100, "padding": "center"},
    },
    "backbone": {
        "class_path": "vocos.models.VocosBackbone",
        "init_args": {"input_channels": 100, "dim": 64, "intermediate_dim": 128, "num_layers": 2},
    },
    "head": {
        "class_path": "vocos.heads.ISTFTHead",
        "init_args": {"dim": 64, "n_fft": 1024, "hop_length": 256, "padding": "center"},
    },
}


def make_random_model(model_dir: Path, arch: dict[str, Any] | None = None) -> None:
    """Write a model directory with random weights that are the same every time.

    Args:
        model_dir: where to; made if it is not there.
        arch: entries of the architecture that differ from MODEL's, e.g. those that make it a v0 model.
    """
    torch.manual_seed(SEED)
    description = MODEL | {"arch": MODEL["arch"] | (arch or {})}
    vocab = files("f5_tts").joinpath("infer/examples/vocab.txt").read_text(encoding="utf-8")
    dit = DiT(
        **description["arch"],
        text_num_embeds=vocab.count("\n"),
        mel_dim=description["mel_spec"]["n_mel_channels"],
    )
    for parameter in dit.parameters():  # DiT starts with zeros where training would have moved it
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.02)
    (model_dir / "vocoder").mkdir(parents=True, exist_ok=True)
    (model_dir / "vocoder/config.yaml").write_text(yaml.safe_dump(VOCODER, sort_keys=False))
    vocoder = Vocos.from_hparams(str(model_dir / "vocoder/config.yaml"))
    save_file(vocoder.state_dict(), model_dir / "vocoder/model.safetensors")
    save_file(
        {f"ema_model.transformer.{name}": value.contiguous() for name, value in dit.state_dict().items()},
        model_dir / "model.safetensors",
    )
    (model_dir / "vocab.txt").write_text(vocab, encoding="utf-8")
    (model_dir / "model.yaml").write_text(yaml.safe_dump({"model": description}, sort_keys=False))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model_dir", type=Path)
    make_random_model(parser.parse_args().model_dir)
