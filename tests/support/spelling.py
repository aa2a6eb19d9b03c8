"""A stand-in for a network and its vocoder: every letter is a hum, and sentences have silence between them."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import torch
from torch import Tensor, nn

from engine.checkpoint import Model
from engine.graphs import Graphs
from engine.network import Step
from engine.phonemes import Spoken
from engine.reference import Reference
from engine.sampler import Condition
from engine.speech import Engine
from engine.upstream import Vocos

WEIGHTS = {".": 6, ",": 1, "a": 2, "e": 2, "i": 2, "o": 2, "u": 2}  # of a character's length; others have 1
SILENT = " .,"
HOP = 256


class _Backbone(nn.Module):
    def forward(self, mels: Tensor) -> Tensor:  # [b, mels, n] -> [b, n, mels]
        return mels.mT


def _hum(mels: Tensor) -> Tensor:  # [1, n, mels] -> [1, samples]
    time = torch.arange(mels.shape[1] * HOP) / 24000
    return mels.mean(2).repeat_interleave(HOP, dim=1) * 0.3 * torch.sin(2 * torch.pi * 150 * time)


def spelling_engine(model: Model, reference: Reference) -> Engine:
    """An engine that spells what it is to say, with everything of the model but its network and vocoder.

    Args:
        model: how text is read.
        reference: of everything that the engine is to say.
    """
    reader = model.reader
    nothing = Spoken("", 0)
    prompt_tokens = len(reader.tokens(Spoken(reference.prompt, 0), nothing))
    weights = {reader.tokens(nothing, Spoken(character, 0))[0]: weight for character, weight in WEIGHTS.items()}
    silent = {reader.tokens(nothing, Spoken(character, 0))[0] for character in SILENT}

    def spell(_: Model, __: Sequence[Step], conditions: Sequence[Condition], ___: Graphs | None) -> list[Tensor]:
        mels = []
        for condition in conditions:
            said = condition.tokens[prompt_tokens:].tolist()
            new = len(condition.noise) - reference.samples // HOP
            lengths = torch.tensor([weights.get(each, 1) for each in said])
            ends = (lengths.cumsum(0) * new / lengths.sum()).round().long()
            sound = torch.tensor([float(each not in silent) for each in said])
            of_frames = sound.repeat_interleave(ends.diff(prepend=ends.new_zeros(1)))
            mels.append(torch.cat([torch.zeros(len(condition.noise) - new), of_frames])[:, None].expand(-1, 2))
        return mels

    vocoder = cast(Vocos, SimpleNamespace(backbone=_Backbone(), head=_hum))
    return Engine(replace(model, vocoder=vocoder), sampler=spell)
