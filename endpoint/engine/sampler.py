"""The flow-matching sampler: a batch of conditions in, a batch of mels out.

The samples of a batch lie one behind the other, without padding: a batch of n frames in all takes the time and memory
of n frames, however they are shared out.

F5-TTS (Chen et al., 2024, arXiv 2410.06885) solves dx/dt = v(x, t | reference, text) from noise at t=0 to a mel at t=1
in Euler steps, with classifier-free guidance (CFG). What a step does not change (text embeddings, time embeddings and
the adaptive norms that hang on them) is computed before the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812  the field's own name for it
from torch import Tensor

from engine.checkpoint import Model
from engine.graphs import Graphs
from engine.network import Network, embed_text, modulations, rotary, velocity
from engine.upstream import get_epss_timesteps

SWAY_COEFFICIENT = -1.0
# Frames of a batch, those without a condition included. Kernels on more run longer than their launches take even on an
# H100 (at 8,192, a step of F5TTS_v1_Base is 3 TFLOP of matrix products), so that a recording would only hold memory.
MOST_RECORDED_ROWS = 8192


@dataclass(frozen=True)
class Condition:
    """What one sample is conditioned on."""

    mel: Tensor  # [reference frames, mels], fp32
    tokens: Tensor  # [tokens], of the reference's transcript and the new text
    noise: Tensor  # [frames, mels], fp32; its length is the sample's, reference included


@dataclass(frozen=True)
class Schedule:
    """The time steps of one NFE count, and all that the network derives from the time alone."""

    steps: Tensor  # [nfe], fp32: how far each step goes
    blocks: Tensor  # [nfe, depth, 6, dim]: modulations of the blocks
    final: Tensor  # [nfe, 2, dim]: of the end


@torch.inference_mode()
def make_schedule(model: Model, nfe: int) -> Schedule:
    """Time steps with upstream's pruned schedules (EPSS) and sway sampling, and their modulations."""
    time = get_epss_timesteps(nfe, device=model.device, dtype=torch.float32)  # [nfe + 1]
    time = time + SWAY_COEFFICIENT * (torch.cos(torch.pi / 2 * time) - 1 + time)
    return Schedule(time.diff(), *modulations(model.network, time[:-1]))


@torch.inference_mode()
def sample(
    model: Model, schedule: Schedule, conditions: Sequence[Condition], graphs: Graphs | None = None
) -> list[Tensor]:
    """Draw one mel for each condition, in one batch. Each comes out as it would alone.

    Args:
        model: whose network is asked.
        schedule: the steps.
        conditions: what each sample is to be.
        graphs: of `euler_step` with this network and CFG strength, on a GPU.

    Returns:
        For each condition [frames, mels] in fp32 on the model's device, beginning with the reference's own frames.
    """
    lengths = tuple(len(condition.noise) for condition in conditions)
    x = torch.cat([condition.noise for condition in conditions]).to(model.device)  # [n, mels]
    turns = rotary(model.network.arch, max(lengths), model.device)
    constant = _context(model, conditions), torch.cat([turns[:length] for length in lengths])
    steps = list(zip(schedule.steps, schedule.blocks, schedule.final, strict=True))
    if graphs is None or 2 * len(x) > MOST_RECORDED_ROWS:
        for step in steps:
            euler_step(model.network, model.description.cfg_strength, lengths, x, *step, *constant)
    else:
        recording = graphs.load(lengths, x, *steps[0], *constant)
        x, *changing = recording.tensors[: 1 + len(steps[0])]
        for step in steps:
            for own, value in zip(changing, step, strict=True):
                own.copy_(value)
            recording.replay()
    return [
        torch.cat([condition.mel.to(model.device), drawn[len(condition.mel) :]])
        for drawn, condition in zip(x.split_with_sizes(list(lengths)), conditions, strict=True)
    ]


def euler_step(
    network: Network,
    cfg_strength: float,
    lengths: tuple[int, ...],  # frames of each sample, n in all
    x: Tensor,  # [n, mels], fp32
    step: Tensor,  # [], how far
    blocks: Tensor,  # [depth, 6, dim]: this and the next are this step's part of the schedule
    final: Tensor,  # [2, dim]
    context: Tensor,  # [2, n, dim]
    turns: Tensor,  # [n, 1, 1 or heads, dim_head / 2], complex
) -> None:
    """Move x along the flow, guided away from what it would be without reference and text."""
    conditioned, unconditioned = velocity(network, lengths, x.to(context.dtype), context, turns, blocks, final)
    x += step * torch.lerp(unconditioned.float(), conditioned.float(), 1 + cfg_strength)


def _context(model: Model, conditions: Sequence[Condition]) -> Tensor:
    """What reference and text add to the network's input at every step: with both, then without either (for CFG).

    The input projection is linear in [x, reference, text], so all but x's part of it is summed up here. The text is
    embedded for each sample by itself, because the text encoder normalises over the whole length.

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
