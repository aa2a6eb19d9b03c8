"""Training for a given time: progress shown, kept every two minutes, taken up where it was left."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor
from tqdm import tqdm

CHECKPOINT_SECONDS = 120
LOG_STEPS = 50


def matrix_dtype(device: torch.device) -> torch.dtype:
    """What matrices are multiplied in: bf16 where the processor has instructions for it."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if fast else torch.float32


class Stateful(Protocol):
    """A module or an optimizer."""

    def state_dict(self) -> dict[str, Any]:
        """What it takes to be the same again."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> Any:  # noqa: ANN401  modules and optimizers differ
        """Be what a state says."""


class Training(ABC):
    """Something that learns.

    Args:
        name: of its files.
        folder: where they lie: checkpoint and losses.
        kept: what goes into the checkpoint.
        optimizers: whose steps it takes; each is among what is kept.
        device: where it is trained.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        kept: dict[str, Stateful],
        optimizers: list[torch.optim.Optimizer],
        device: torch.device,
    ) -> None:
        self.name = name
        self.device = device
        self.dtype = matrix_dtype(device)
        self.step = 0
        self.seconds = 0.0  # over all runs
        self._rates = [optimizer.param_groups[0]["lr"] for optimizer in optimizers]
        self._optimizers = optimizers
        self._kept = kept
        self._checkpoint = folder / f"{name}.pt"
        self._losses = folder / f"{name}-loss.jsonl"

    @abstractmethod
    def rate(self, progress: float) -> float:
        """Share of the full learning rate when a share of the time has passed."""

    @abstractmethod
    def losses(self, progress: float) -> dict[str, Tensor]:
        """What the loss of another batch is the sum of, each by its name."""

    @abstractmethod
    def stepped(self) -> None:
        """What is to be done after each step."""

    def train(self, minutes: float) -> None:
        """Train until so many minutes have been spent in all, those of earlier runs included."""
        budget, saved, averages = minutes * 60, time.monotonic(), dict[str, float]()
        with (
            self._losses.open("a") as log,
            tqdm(total=round(budget), initial=round(self.seconds), unit="s", desc=self.name) as bar,
        ):
            while self.seconds < budget:
                started = time.monotonic()
                progress = self.seconds / budget
                for optimizer, rate in zip(self._optimizers, self._rates, strict=True):
                    optimizer.param_groups[0]["lr"] = rate * min(self.rate(progress), (self.step + 1) / 100)
                    optimizer.zero_grad()
                losses = self.losses(progress)
                torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
                for optimizer in self._optimizers:
                    torch.nn.utils.clip_grad_norm_(optimizer.param_groups[0]["params"], 1.0)
                    optimizer.step()
                self.stepped()
                self.step += 1
                for name, loss in losses.items():
                    averages[name] = 0.98 * averages.get(name, loss.item()) + 0.02 * loss.item()
                self.seconds += time.monotonic() - started
                bar.update(round(self.seconds) - bar.n)
                bar.set_postfix(averages, step=self.step)
                if self.step % LOG_STEPS == 0:
                    noted = {name: round(average, 4) for name, average in averages.items()}
                    entry = {"step": self.step, "seconds": round(self.seconds), "losses": noted}
                    log.write(json.dumps(entry) + "\n")
                    log.flush()
                if time.monotonic() - saved > CHECKPOINT_SECONDS:
                    self._save()
                    saved = time.monotonic()
        self._save()

    def resume(self) -> None:
        """Go on where the last run ended, if there was one."""
        if self._checkpoint.exists():
            state = torch.load(self._checkpoint, map_location=self.device)
            self.step, self.seconds = state.pop("step"), state.pop("seconds")
            for name, kept in self._kept.items():
                kept.load_state_dict(state[name])

    def _save(self) -> None:
        # An interrupted one leaves the last.
        partial = self._checkpoint.with_suffix(".partial")
        states = {name: kept.state_dict() for name, kept in self._kept.items()}
        torch.save(states | {"step": self.step, "seconds": self.seconds}, partial)
        partial.replace(self._checkpoint)
