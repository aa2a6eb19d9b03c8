"""The flow-matching sampler: a batch of conditions in, a batch of mels out.

F5-TTS (Chen et al., 2024, arXiv 2410.06885) solves dx/dt = v(x, t | reference, text) from noise at t=0 to a mel at t=1
in Euler steps, with classifier-free guidance (CFG). The network is upstream's DiT, module by module; what a step does
not change (text embeddings, time embeddings and the adaptive norms that hang on them) is computed before the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812  the field's own name for it
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from engine.checkpoint import Model
from engine.upstream import DiT, get_epss_timesteps

CFG_STRENGTH = 2.0
SWAY_COEFFICIENT = -1.0


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
    block_modulations: Tensor  # [nfe, depth, 6, dim]
    final_modulations: Tensor  # [nfe, 2, dim]


@torch.inference_mode()
def make_schedule(model: Model, nfe: int) -> Schedule:
    """Time steps with upstream's pruned schedules (EPSS) and sway sampling, and their modulations."""
    dit = model.dit
    time = get_epss_timesteps(nfe, device=model.device, dtype=torch.float32)  # [nfe + 1]
    time = time + SWAY_COEFFICIENT * (torch.cos(torch.pi / 2 * time) - 1 + time)
    embedding = dit.time_embed.time_embed(time[:-1]).to(model.dtype)
    embedding = F.silu(dit.time_embed.time_mlp(embedding))  # [nfe, dim]
    blocks = torch.stack([block.attn_norm.linear(embedding) for block in dit.transformer_blocks], dim=1)
    return Schedule(
        steps=time.diff(),
        block_modulations=blocks.view(nfe, dit.depth, 6, dit.dim),
        final_modulations=dit.norm_out.linear(embedding).view(nfe, 2, dit.dim),
    )


@torch.inference_mode()
def sample(model: Model, schedule: Schedule, conditions: Sequence[Condition]) -> list[Tensor]:
    """Draw one mel for each condition, in one batch. Each comes out as it would alone.

    Returns:
        For each condition [frames, mels] in fp32 on the model's device, beginning with the reference's own frames.
    """
    lengths = [len(condition.noise) for condition in conditions]
    x = pad_sequence([condition.noise for condition in conditions], batch_first=True).to(model.device)  # [b, n, mels]
    frames = x.shape[1]
    reference = torch.stack([F.pad(c.mel, (0, 0, 0, frames - len(c.mel))) for c in conditions]).to(model.device)
    mask = None  # [2b, n], true where a sample has a frame
    if min(lengths) < frames:
        valid = torch.arange(frames) < torch.tensor(lengths).unsqueeze(1)
        mask = valid.repeat(2, 1).to(model.device)
    context = _context(model, conditions, reference)  # [2b, n, dim]
    rope = model.dit.rotary_embed.forward_from_seq_len(frames)
    for step, blocks, final in zip(schedule.steps, schedule.block_modulations, schedule.final_modulations, strict=True):
        conditioned, unconditioned = _velocity(model.dit, x.to(model.dtype), context, mask, rope, blocks, final)
        x = x + step * (conditioned + (conditioned - unconditioned) * CFG_STRENGTH)
    mels = []
    for row, condition in zip(x, conditions, strict=True):
        mels.append(torch.cat([condition.mel.to(model.device), row[len(condition.mel) : len(condition.noise)]]))
    return mels


def _context(model: Model, conditions: Sequence[Condition], reference: Tensor) -> Tensor:
    """What reference and text add to the network's input at every step.

    The input projection is linear in [x, reference, text], so all but x's part of it is summed up here. The text is
    embedded for each sample by itself and at its own length, because the text encoder normalises over the whole length.

    Args:
        model: whose network is asked.
        conditions: the batch.
        reference: [b, n, mels], zero beyond each reference.

    Returns:
        [2b, n, dim]: with reference and text, then without either (for CFG).
    """
    dit, frames = model.dit, reference.shape[1]
    texts = []
    for drop_text in (False, True):
        for condition in conditions:
            length = len(condition.noise)
            embedded = dit.text_embed(condition.tokens[None].to(model.device), seq_len=length, drop_text=drop_text)
            texts.append(F.pad(embedded[0], (0, 0, 0, frames - length)))
    mels = reference.shape[-1]
    weight = dit.input_embed.proj.weight[:, mels:]  # [dim, mels + text_dim]
    cond = torch.cat([reference, torch.zeros_like(reference)]).to(model.dtype)
    return F.linear(torch.cat([cond, torch.stack(texts)], dim=-1), weight, dit.input_embed.proj.bias)


def _velocity(
    dit: DiT,
    x: Tensor,  # [b, n, mels]
    context: Tensor,  # [2b, n, dim]
    mask: Tensor | None,  # [2b, n]
    rope: tuple[Tensor, float],
    blocks: Tensor,  # [depth, 6, dim]
    final: Tensor,  # [2, dim]
) -> tuple[Tensor, Tensor]:
    """The network once: the flow with reference and text and the flow without, each [b, n, mels] in fp32."""
    mels = x.shape[-1]
    h = F.linear(x, dit.input_embed.proj.weight[:, :mels]).repeat(2, 1, 1) + context  # [2b, n, dim]
    h = h + dit.input_embed.conv_pos_embed(h, mask=mask)
    skip = h
    for block, modulation in zip(dit.transformer_blocks, blocks, strict=True):
        shift_attn, scale_attn, gate_attn, shift_ff, scale_ff, gate_ff = modulation
        h = h + gate_attn * block.attn(block.attn_norm.norm(h) * (1 + scale_attn) + shift_attn, mask=mask, rope=rope)
        h = h + gate_ff * block.ff(block.ff_norm(h) * (1 + scale_ff) + shift_ff)
    if dit.long_skip_connection is not None:
        h = dit.long_skip_connection(torch.cat([h, skip], dim=-1))
    scale, shift = final
    flow = dit.proj_out(dit.norm_out.norm(h) * (1 + scale) + shift).float()
    conditioned, unconditioned = flow.chunk(2)
    return conditioned, unconditioned
