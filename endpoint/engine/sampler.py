"""The flow-matching sampler: a batch of conditions in, a batch of mels out.

The pieces of a batch lie one behind the other, without padding: a batch of n frames in all takes the time and memory of
n frames, however they are shared out.

F5-TTS (Chen et al., 2024, arXiv 2410.06885) solves dx/dt = v(x, t | reference, text) from noise at t=0 to a mel at t=1
in Euler steps, with classifier-free guidance (CFG). What a step does not change (text embeddings, time embeddings and
the adaptive norms' modulations) is computed before the first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import TypeAlias

import torch
import torch.nn.functional as F  # noqa: N812  the field's own name for it
from torch import Tensor

from engine.checkpoint import Model
from engine.graphs import Graphs
from engine.network import Fixed, Network, Step, embed_text, modulations, rotary_embedding, velocity
from engine.upstream import get_epss_timesteps

SWAY_COEFFICIENT = -1.0
# Frames of a batch that a graph is captured for. With more, kernels run longer than their launches take even on an
# H100 (a step of F5TTS_v1_Base is 3 TFLOP of matrix products), so that a graph would only hold memory.
MAX_CAPTURED_FRAMES = 4096


@dataclass(frozen=True)
class Condition:
    """What one piece is conditioned on."""

    mel: Tensor  # [reference frames, mels], fp32
    tokens: Tensor  # [tokens], of the reference's prompt and the new text
    noise: Tensor  # [frames, mels], fp32; as long as the piece's mel, reference included


Sampler: TypeAlias = Callable[[Model, Sequence[Step], Sequence[Condition], Graphs | None], list[Tensor]]
"""As `sample_mels`."""


@torch.inference_mode()
def make_schedule(model: Model, nfe: int) -> list[Step]:
    """The steps of one NFE count, with upstream's pruned schedules (EPSS) and sway sampling."""
    time = get_epss_timesteps(nfe, device=model.device, dtype=torch.float32)  # [nfe + 1]
    time = time + SWAY_COEFFICIENT * (torch.cos(torch.pi / 2 * time) - 1 + time)
    step_sizes = time.diff()
    return list(starmap(Step, zip(step_sizes, *modulations(model.network, time[:-1]), strict=True)))


@torch.inference_mode()
def sample_mels(
    model: Model, schedule: Sequence[Step], conditions: Sequence[Condition], graphs: Graphs | None
) -> list[Tensor]:
    """Turn the noise of each condition into a mel, in one batch. Each comes out as it would alone.

    Args:
        model: whose network is asked.
        schedule: the steps.
        conditions: what each piece is to be.
        graphs: of `euler_step` with this network and CFG strength, on a GPU.

    Returns:
        For each condition [frames, mels] in fp32 on the model's device, beginning with the reference's own frames.
    """
    lengths = tuple(len(condition.noise) for condition in conditions)
    x = torch.cat([condition.noise for condition in conditions]).to(model.device)  # [n, mels]
    rotary = rotary_embedding(model.network.arch, max(lengths), model.device)
    fixed = Fixed(_context(model, conditions), torch.cat([rotary[:length] for length in lengths]))
    if graphs is None or len(x) > MAX_CAPTURED_FRAMES:
        for step in schedule:
            euler_step(model.network, model.description.cfg_strength, lengths, x, step, fixed)
    else:
        graph = graphs.load(lengths, x, schedule[0], fixed)
        for step in schedule:
            graph.replay(step)
        x = graph.x
    return [
        torch.cat([condition.mel.to(model.device), mel[len(condition.mel) :]])
        for mel, condition in zip(x.split_with_sizes(list(lengths)), conditions, strict=True)
    ]


def euler_step(
    network: Network,
    cfg_strength: float,
    lengths: tuple[int, ...],  # frames of each piece, n in all
    x: Tensor,  # [n, mels], fp32
    step: Step,
    fixed: Fixed,
) -> None:
    """Move x along the flow, guided away from what it would be without reference and text."""
    conditioned, unconditioned = velocity(network, lengths, x.to(fixed.context.dtype), step, fixed)
    x += step.step_size * torch.lerp(unconditioned.float(), conditioned.float(), 1 + cfg_strength)


def _context(model: Model, conditions: Sequence[Condition]) -> Tensor:
    """What reference and text add to the network's input at every step: with both, then without either (for CFG).

    The input projection is linear in [x, reference, text], so all but x's part of it is summed up here. The text is
    embedded for each piece by itself, because the text encoder normalises over the whole length.

    Returns:
        [2, n, dim].
    """
    rows = []
    for condition in conditions:
        length = len(condition.noise)
        text = embed_text(model.network, condition.tokens.to(model.device), length)  # [2, length, text_dim]
        mel = text.new_zeros(2, length, condition.mel.shape[1])
        mel[0, : len(condition.mel)] = condition.mel
        rows.append(torch.cat([mel, text], dim=-1))
    return F.linear(torch.cat(rows, dim=1), *model.network.proj_context)
