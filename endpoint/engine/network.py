"""F5-TTS's network (DiT), for inference alone: the weights of upstream's class, and as few operations as will do.

It computes what `f5_tts.model.backbones.dit.DiT` computes (tests hold the two together) and leaves out what training
needs. Queries, keys and values come from one product; one complex product rotates them; layer norm and its modulation
are one operation; what depends on the time step or on the text alone is computed outside the loop over steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812  the field's own name for it
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

MAX_TEXT_POSITIONS = 8192  # upstream's


class Architecture(BaseModel):
    """The `arch:` part of model.yaml, by upstream's names."""

    model_config = ConfigDict(extra="forbid")

    dim: int = Field(gt=0)
    depth: int = Field(gt=0)
    heads: int = Field(gt=0)
    dim_head: int = Field(default=64, gt=0)
    ff_mult: float = Field(default=4, gt=0)
    text_dim: int = Field(default=100, gt=0)
    text_mask_padding: bool = True
    text_embedding_average_upsampling: bool = False
    conv_layers: int = Field(default=0, ge=0)
    qk_norm: Literal["rms_norm"] | None = None
    pe_attn_head: int | None = Field(default=None, gt=0, description="How many heads know positions; None: all.")
    long_skip_connection: bool = False
    # What only training looks at.
    dropout: float = 0.1
    attn_backend: str = "torch"
    attn_mask_enabled: bool = False
    checkpoint_activations: bool = False


class Linear(NamedTuple):
    """`F.linear(x, *linear)`; a convolution's weight and bias, too."""

    weight: Tensor
    bias: Tensor

    def packed(self) -> Linear:
        """For `_linear`: prepack the weight where oneDNN multiplies it, so that it is not reordered on every call."""
        if self.weight.device.type != "cpu" or not _has_onednn_for(self.weight.dtype):
            return self
        return Linear(torch.ops.mkldnn._reorder_linear_weight(self.weight, None), self.bias)


def _has_onednn_for(dtype: torch.dtype) -> bool:
    """Tell whether oneDNN computes in a type here: torch for a Mac is built without it, and old CPUs lack halves."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    halves = {
        torch.bfloat16: torch.ops.mkldnn._is_mkldnn_bf16_supported,
        torch.float16: torch.ops.mkldnn._is_mkldnn_fp16_supported,
    }
    return dtype not in halves or bool(halves[dtype]())


@dataclass(frozen=True)
class TextBlock:
    """A ConvNeXt V2 block of the text encoder (arXiv 2301.00808)."""

    depthwise: Linear
    norm: Linear
    expand: Linear
    grn_gamma: Tensor
    grn_beta: Tensor
    contract: Linear


@dataclass(frozen=True)
class Block:
    """A transformer block."""

    modulation: Linear  # dim -> 6 dim
    qkv: Linear  # dim -> 3 heads * dim_head; packed, as are `out`, `ff_in` and `ff_out`
    q_norm: Tensor | None  # [dim_head]
    k_norm: Tensor | None
    out: Linear
    ff_in: Linear
    ff_out: Linear


@dataclass(frozen=True)
class Network:
    """The weights, each in the network's type on its device."""

    arch: Architecture
    time_in: Linear
    time_out: Linear
    text_embedding: Tensor  # [vocab + 1, text_dim]; 0 is the filler
    text_blocks: list[TextBlock]
    text_positions: Tensor  # [MAX_TEXT_POSITIONS, text_dim]
    proj_x: Tensor  # [dim, mels]: the input projection's part for the noised mel
    proj_context: Linear  # [dim, mels + text_dim]: its part for reference and text
    position_convolutions: list[Linear]  # [dim, dim / 16, 31]
    blocks: list[Block]
    long_skip: Tensor | None  # [dim, 2 dim]
    final_modulation: Linear  # dim -> 2 dim
    proj_out: Linear  # dim -> mels


class Step(NamedTuple):
    """One step of the solver, and all that the network derives from its time."""

    step_size: Tensor  # [], fp32
    blocks: Tensor  # [depth, 6, dim]: modulations of the blocks
    final: Tensor  # [2, dim]: of the last norm


class Fixed(NamedTuple):
    """What stays the same for a batch at every step."""

    context: Tensor  # [2, n, dim]: what reference and text add to the input, and its counterpart without either
    rotary: Tensor  # [n, 1, 1 or heads, dim_head / 2], complex: see `rotary_embedding`


class WeightsError(Exception):
    """The weights are not those of the architecture."""


def build_network(
    arch: Architecture, vocab_size: int, mels: int, weights: dict[str, Tensor], device: torch.device, dtype: torch.dtype
) -> Network:
    """Arrange a checkpoint's weights for inference.

    Args:
        arch: what the checkpoint was trained as.
        vocab_size: number of tokens.
        mels: mel channels.
        weights: by DiT's names, in any float type; emptied on the way.
        device: where to.
        dtype: type of the result.

    Raises:
        WeightsError: a weight is missing, left over, or of another shape.
    """

    def take(name: str, *shape: int) -> Tensor:
        if name not in weights:
            raise WeightsError(f"{name} is missing")
        if tuple(weights[name].shape) != shape:
            raise WeightsError(f"{name} is {list(weights[name].shape)} where {list(shape)} is expected")
        return weights.pop(name).to(device, dtype)

    def linear(name: str, rows: int, *columns: int) -> Linear:
        return Linear(take(f"{name}.weight", rows, *columns), take(f"{name}.bias", rows))

    dim, text_dim, inner = arch.dim, arch.text_dim, arch.heads * arch.dim_head
    ff, text_ff = int(dim * arch.ff_mult), text_dim * 2
    text_blocks = [
        TextBlock(
            depthwise=linear(f"{block}.dwconv", text_dim, 1, 7),
            norm=linear(f"{block}.norm", text_dim),
            expand=linear(f"{block}.pwconv1", text_ff, text_dim),
            grn_gamma=take(f"{block}.grn.gamma", 1, 1, text_ff)[0],
            grn_beta=take(f"{block}.grn.beta", 1, 1, text_ff)[0],
            contract=linear(f"{block}.pwconv2", text_dim, text_ff),
        )
        for block in (f"text_embed.text_blocks.{index}" for index in range(arch.conv_layers))
    ]
    blocks = []
    for index in range(arch.depth):
        attention, feed_forward = f"transformer_blocks.{index}.attn", f"transformer_blocks.{index}.ff.ff"
        queries, keys, values = (linear(f"{attention}.to_{name}", inner, dim) for name in "qkv")
        blocks.append(
            Block(
                modulation=linear(f"transformer_blocks.{index}.attn_norm.linear", 6 * dim, dim),
                qkv=Linear(
                    torch.cat([queries.weight, keys.weight, values.weight]),
                    torch.cat([queries.bias, keys.bias, values.bias]),
                ).packed(),
                q_norm=take(f"{attention}.q_norm.weight", arch.dim_head) if arch.qk_norm else None,
                k_norm=take(f"{attention}.k_norm.weight", arch.dim_head) if arch.qk_norm else None,
                out=linear(f"{attention}.to_out.0", dim, inner).packed(),
                ff_in=linear(f"{feed_forward}.0.0", ff, dim).packed(),
                ff_out=linear(f"{feed_forward}.2", dim, ff).packed(),
            )
        )
    proj = linear("input_embed.proj", dim, 2 * mels + text_dim)
    network = Network(
        arch=arch,
        time_in=linear("time_embed.time_mlp.0", dim, 256),
        time_out=linear("time_embed.time_mlp.2", dim, dim),
        text_embedding=take("text_embed.text_embed.weight", vocab_size + 1, text_dim),
        text_blocks=text_blocks,
        text_positions=_text_positions(text_dim).to(device, dtype),
        proj_x=proj.weight[:, :mels].contiguous(),
        proj_context=Linear(proj.weight[:, mels:].contiguous(), proj.bias),
        position_convolutions=[
            linear(f"input_embed.conv_pos_embed.conv1d.{index}", dim, dim // 16, 31) for index in (0, 2)
        ],
        blocks=blocks,
        long_skip=take("long_skip_connection.weight", dim, 2 * dim) if arch.long_skip_connection else None,
        final_modulation=linear("norm_out.linear", 2 * dim, dim),
        proj_out=linear("proj_out", mels, dim),
    )
    if weights:
        raise WeightsError(f"{len(weights)} weights belong to no part of it, {min(weights)} for one")
    return network


def _text_positions(text_dim: int) -> Tensor:
    """Sinusoidal positions of the text encoder, cosines then sines: [MAX_TEXT_POSITIONS, text_dim]."""
    frequencies = 1 / 10000 ** (torch.arange(0, text_dim, 2)[: text_dim // 2].float() / text_dim)
    angles = torch.outer(torch.arange(MAX_TEXT_POSITIONS).float(), frequencies)
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


def rotary_embedding(arch: Architecture, frames: int, device: torch.device) -> Tensor:
    """Rotary positions (RoPE, arXiv 2104.09864) as unit complex numbers: [frames, 1, 1 or heads, dim_head / 2]."""
    frequencies = 1 / 10000 ** (torch.arange(0, arch.dim_head, 2, device=device).float() / arch.dim_head)
    angles = torch.outer(torch.arange(frames, device=device).float(), frequencies)
    rotary = torch.polar(torch.ones_like(angles), angles)[:, None, None]
    if arch.pe_attn_head is None:
        return rotary
    identity = torch.ones_like(rotary)  # v0 models rotate their first heads only
    return torch.cat([rotary if head < arch.pe_attn_head else identity for head in range(arch.heads)], dim=2)


def embed_time(network: Network, time: Tensor) -> Tensor:
    """The times' embeddings as the adaptive norms take them: [nfe] -> [nfe, dim]."""
    frequencies = torch.exp(torch.arange(128, device=time.device).float() * -(math.log(10000) / 127))
    angles = 1000 * time[:, None] * frequencies
    embedding = torch.cat([angles.sin(), angles.cos()], dim=-1).to(network.proj_x.dtype)
    return F.silu(F.linear(F.silu(F.linear(embedding, *network.time_in)), *network.time_out))


def embed_text(network: Network, tokens: Tensor, frames: int) -> Tensor:
    """Embed a text, stretched over a piece, and fillers in its place: [tokens] -> [2, frames, text_dim].

    Args:
        network: the weights.
        tokens: ids, from 0.
        frames: length of the piece's mel, reference included.
    """
    count = min(len(tokens), frames)
    filled = F.pad(tokens[:frames] + 1, (0, frames - count))  # [frames]; 0 is the filler
    x = F.embedding(torch.stack([filled, torch.zeros_like(filled)]), network.text_embedding)
    if network.text_blocks:
        x = x + network.text_positions[:frames]
        if network.arch.text_mask_padding:
            x[:, count:] = 0
        for block in network.text_blocks:
            x = _text_block(block, x)
            if network.arch.text_mask_padding:
                x[:, count:] = 0
    if network.arch.text_embedding_average_upsampling:
        repeats = torch.full((count,), frames // count, device=x.device)
        repeats[count - frames % count :] += 1  # what does not divide evenly goes to the last tokens
        x = x[:, :count].repeat_interleave(repeats, dim=1, output_size=frames)
    return x


def _text_block(block: TextBlock, x: Tensor) -> Tensor:  # [2, frames, text_dim]
    y = F.conv1d(x.mT, *block.depthwise, padding=3, groups=x.shape[-1]).mT
    y = F.gelu(F.linear(F.layer_norm(y, (x.shape[-1],), *block.norm, eps=1e-6), *block.expand))
    energy = y.norm(dim=1, keepdim=True)  # global response normalisation, over the whole length
    y = block.grn_gamma * (y * (energy / (energy.mean(dim=-1, keepdim=True) + 1e-6))) + block.grn_beta + y
    return x + F.linear(y, *block.contract)


def modulations(network: Network, time: Tensor) -> tuple[Tensor, Tensor]:
    """All that the network derives from the time alone: [nfe], fp32, to a `Step`'s `blocks` and `final` for each time.

    Returns:
        For the blocks [nfe, depth, 6, dim]: shift, 1 + scale and gate of attention, then of the feed-forward part.
        For the last norm [nfe, 2, dim]: 1 + scale and shift.
    """
    embedding = embed_time(network, time)
    blocks = torch.stack([F.linear(embedding, *block.modulation) for block in network.blocks], dim=1)
    blocks = blocks.view(len(time), network.arch.depth, 6, network.arch.dim)
    blocks[:, :, [1, 4]] += 1
    final = F.linear(embedding, *network.final_modulation).view(len(time), 2, network.arch.dim)
    final[:, 0] += 1
    return blocks, final


def velocity(
    network: Network,
    lengths: Sequence[int],  # frames of each piece, n in all
    x: Tensor,  # [n, mels]
    step: Step,
    fixed: Fixed,
) -> tuple[Tensor, Tensor]:
    """Run the network once: the flow with reference and text, and the flow without, each [n, mels].

    Only attention and the position convolutions look from one frame to others: they see each piece by itself.
    """
    dim = (network.arch.dim,)
    h = fixed.context + F.linear(x, network.proj_x)  # [2, n, dim]
    h = h + _piece_by_piece(partial(_convolve_positions, network), lengths, h)
    skip = h
    for block, (shift_attn, scale_attn, gate_attn, shift_ff, scale_ff, gate_ff) in zip(
        network.blocks, step.blocks, strict=True
    ):
        y = _attend(network.arch, block, lengths, F.layer_norm(h, dim, scale_attn, shift_attn, 1e-6), fixed.rotary)
        h = torch.addcmul(h, gate_attn, y)
        y = _linear(F.layer_norm(h, dim, scale_ff, shift_ff, 1e-6), block.ff_in, gelu=True)
        h = torch.addcmul(h, gate_ff, _linear(y, block.ff_out))
    if network.long_skip is not None:
        h = F.linear(torch.cat([h, skip], dim=-1), network.long_skip)
    scale, shift = step.final
    conditioned, unconditioned = F.linear(F.layer_norm(h, dim, scale, shift, 1e-6), *network.proj_out)
    return conditioned, unconditioned


def _piece_by_piece(function: Callable[..., Tensor], lengths: Sequence[int], *rows: Tensor) -> Tensor:
    """Apply a function to each piece's rows: it takes and returns [2, frames, ...], of rows [2, n, ...]."""
    if len(lengths) == 1:
        return function(*rows)
    pieces = zip(*(each.split_with_sizes(list(lengths), dim=1) for each in rows), strict=True)
    return torch.cat([function(*piece) for piece in pieces], dim=1)


def _convolve_positions(network: Network, h: Tensor) -> Tensor:  # [2, frames, dim]
    # As 2D convolutions over an image one pixel high: on a CPU, 1D ones take twice the time.
    y = h.transpose(1, 2)[:, :, None]  # [2, dim, 1, frames]
    for weight, bias in network.position_convolutions:
        y = _mish(F.conv2d(y, weight[:, :, None], bias, padding=(0, 15), groups=16))
    return y[:, :, 0].transpose(1, 2)


def _mish(x: Tensor) -> Tensor:
    """`F.mish`; on a CPU by functions that are vectorised there.

    tanh(softplus(x)) is n / (n + 2) with n = e^x (e^x + 2). Outside the bounds it is 0 and 1 in fp32. Below the lower
    one e^x soon is a subnormal number; trained weights produce many such values, and F.mish takes some forty times as
    long for them.
    """
    if x.device.type != "cpu":
        return F.mish(x)
    y = x.float()
    exponential = y.clamp(-40, 20).exp_()
    n = (exponential + 2).mul_(exponential)
    return n.div_(n + 2).mul_(y).to(x.dtype)


def _attend(arch: Architecture, block: Block, lengths: Sequence[int], x: Tensor, rotary: Tensor) -> Tensor:
    qkv = _linear(x, block.qkv).view(*x.shape[:-1], 3, arch.heads, arch.dim_head)  # [2, n, 3, heads, d]
    qk = qkv[:, :, :2]
    if block.q_norm is not None and block.k_norm is not None:
        q = F.rms_norm(qk[:, :, 0], (arch.dim_head,), block.q_norm, 1e-6)
        qk = torch.stack([q, F.rms_norm(qk[:, :, 1], (arch.dim_head,), block.k_norm, 1e-6)], dim=2)
    qk_complex = torch.view_as_complex(qk.float().view(*qk.shape[:-1], -1, 2))  # neighbours rotate together
    q, k = torch.view_as_real(qk_complex * rotary).flatten(-2).to(x.dtype).unbind(2)  # each [2, n, heads, d]
    y = _piece_by_piece(_attention, lengths, q, k, qkv[:, :, 2])
    return _linear(y.flatten(-2), block.out)


def _attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:  # each [2, frames, heads, d]
    return F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)).transpose(1, 2)


def _linear(x: Tensor, linear: Linear, gelu: bool = False) -> Tensor:
    """`F.linear`, followed by the tanh approximation of GELU if asked for.

    Where the weight is packed this is one pass over the result, with oneDNN's fused operation that torch.compile uses:
    F.linear first fills the result with the bias, and GELU is another pass.
    """
    if linear.weight.is_mkldnn:
        activation, algorithm = ("gelu", "tanh") if gelu else ("none", "")
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, *linear, activation, [], algorithm)
        return y
    y = F.linear(x, *linear)
    return F.gelu(y, approximate="tanh") if gelu else y
