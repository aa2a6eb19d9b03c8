"""Write a trained model as a model directory: the files that the endpoint and upstream's own loaders read."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from matplotlib.figure import Figure
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.phonemes import Durations
from engine.reader import DURATIONS
from models.settings import Settings

WEIGHTS = "model.safetensors"


def write_model(
    model_dir: Path, settings: Settings, durations: Durations, network: dict[str, Tensor], vocoder: dict[str, Tensor]
) -> None:
    """Write everything but the card, in half precision.

    Args:
        model_dir: where to; made if it is not there.
        settings: what the model is.
        durations: how long phonemes last.
        network: the DiT's state.
        vocoder: the Vocos's.
    """
    (model_dir / "vocoder").mkdir(parents=True, exist_ok=True)
    (model_dir / "model.yaml").write_text(yaml.safe_dump({"model": settings.model}, sort_keys=False))
    (model_dir / "vocab.txt").write_text("".join(f"{token}\n" for token in settings.vocab))
    (model_dir / "vocoder/config.yaml").write_text(yaml.safe_dump(settings.vocoder, sort_keys=False))
    durations.write(model_dir / DURATIONS)
    save_file(
        {
            # Upstream's loader wants the rotary frequencies too; in half precision they would be wrong.
            f"ema_model.transformer.{name}": (value if "rotary" in name else value.half()).cpu().contiguous()
            for name, value in network.items()
        },
        model_dir / WEIGHTS,
    )
    save_file(
        {name: value.half().cpu().contiguous() for name, value in vocoder.items()}, model_dir / "vocoder" / WEIGHTS
    )


def read_weights(model_dir: Path) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The network's and the vocoder's state, as `write_model` wrote them."""
    prefix = "ema_model.transformer."
    network = {name.removeprefix(prefix): value for name, value in load_file(model_dir / WEIGHTS).items()}
    return network, load_file(model_dir / "vocoder" / WEIGHTS)


def plot_losses(folder: Path, path: Path) -> None:
    """Plot the losses that the trainings in a folder noted down, over their minutes."""
    noted = {
        path.stem.removesuffix("-loss"): [json.loads(line) for line in path.read_text().splitlines()]
        for path in sorted(folder.glob("*-loss.jsonl"))
        if path.stat().st_size
    }
    figure = Figure(figsize=(5 * len(noted), 3), layout="constrained")
    [axes] = figure.subplots(1, len(noted), squeeze=False)
    for axis, (name, entries) in zip(axes, noted.items(), strict=True):
        minutes = [entry["seconds"] / 60 for entry in entries]
        for part in entries[-1]["losses"]:
            axis.plot(minutes, [entry["losses"].get(part) for entry in entries], label=part)
        axis.legend()
        axis.set(title=name, xlabel="minutes of training", ylabel="loss", yscale="log")
        axis.grid(visible=True, which="both", alpha=0.3)
    figure.savefig(path, dpi=90)
