"""Trains the small model's network: f5_tts's DiT, by conditional flow matching on a corpus of espeak-ng's speech."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from pathlib import Path

import torch
from f5_tts.model.backbones.dit import DiT
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from engine.reference import log_mel
from engine.upstream import convert_char_to_pinyin
from models.corpus import SAMPLE_RATE, Recording
from models.muon import Muon
from models.settings import Settings
from models.training import Training

HOP = 256
REFERENCE_TAIL = 1200  # samples of digital silence that `engine.reference.trim` leaves after a reference


@dataclass(frozen=True)
class Line:
    """A recording as the network sees it.

    Attributes:
        voice: index of its voice.
        tokens: [tokens], of its text.
        mel: [frames, mel channels], float16.
        is_statement: whether the text ends with a full stop, as a reference's does when new text follows it.
    """

    voice: int
    tokens: Tensor
    mel: Tensor
    is_statement: bool


@dataclass(frozen=True)
class Example:
    """What one sample of a batch is made of: the lines of one voice one after the other, and what of it is masked.

    Attributes:
        tokens: [tokens].
        mel: [frames, mel channels].
        known: frames at the start that the network is shown; it learns to fill in the rest.
    """

    tokens: Tensor
    mel: Tensor
    known: int


def prepare(recordings: list[Recording], settings: Settings) -> list[Line]:
    """Log mels and tokens of a corpus."""
    lines = []
    for recording in tqdm(recordings, desc="log mels", unit="line", smoothing=0):
        wave = functional.pad(torch.from_numpy(recording.wave), (0, REFERENCE_TAIL))
        lines.append(
            Line(
                voice=recording.voice,
                tokens=tokenize(recording.text, settings.vocab),
                mel=log_mel(wave, settings.mel_spec).half(),
                is_statement=recording.text.endswith("."),
            )
        )
    return lines


def tokenize(text: str, vocab: str) -> Tensor:
    """Token ids of a text in lower case. Capitals get the same embeddings after training."""
    [characters] = convert_char_to_pinyin([text.lower()])
    return torch.tensor([vocab.index(character) for character in characters])


class Examples:
    """Draws examples: single lines, and pairs of lines of which the first is the reference of the second."""

    def __init__(self, lines: list[Line], space: int, seed: int) -> None:
        self._draw = random.Random(seed)  # noqa: S311 (nothing secret)
        self._space = space
        self._lines: dict[int, list[Line]] = {}
        for line in lines:
            self._lines.setdefault(line.voice, []).append(line)
        self._references = {
            voice: [line for line in own if line.is_statement and len(line.mel) < 3.6 * SAMPLE_RATE / HOP]
            for voice, own in self._lines.items()
        }

    def single(self) -> Example:
        """One line, of which the network is shown at most the first half."""
        line = self._draw.choice(self._lines[self._draw.choice(list(self._lines))])
        mel = _without_tail(line.mel)
        return Example(line.tokens, mel, int(len(mel) * max(0.0, self._draw.uniform(-0.2, 0.5))))

    def pair(self) -> Example:
        """A reference and a line, as in inference; half of the time only the reference's beginning is shown."""
        voice = self._draw.choice(list(self._lines))
        reference, line = self._draw.choice(self._references[voice]), self._draw.choice(self._lines[voice])
        spaces = torch.full((2,), self._space)
        known = len(reference.mel)
        if self._draw.random() < 0.5:
            known = int(known * self._draw.uniform(0.2, 1))
        return Example(
            torch.cat([reference.tokens, spaces, line.tokens]),
            torch.cat([reference.mel, _without_tail(line.mel)]),
            known,
        )

    def batches(self, pair_share: float, frames: int) -> list[list[Example]]:
        """A dozen batches or so, each of examples of nearly the same length.

        Args:
            pair_share: how many of the examples are pairs.
            frames: in a batch.
        """
        drawn = [self.pair() if self._draw.random() < pair_share else self.single() for _ in range(192)]
        drawn.sort(key=lambda example: len(example.mel))
        batches: list[list[Example]] = [[]]
        for example in drawn:
            if (len(batches[-1]) + 1) * len(example.mel) > frames:
                batches.append([])
            batches[-1].append(example)
        batches = [batch for batch in batches[:-1] if batch]
        self._draw.shuffle(batches)
        return batches


def _without_tail(mel: Tensor) -> Tensor:
    return mel[: -round(REFERENCE_TAIL / HOP)]


def flow_matching_loss(dit: DiT, batch: list[Example], cond_drop: float, generator: torch.Generator) -> Tensor:
    """The conditional flow matching loss of a batch over the frames that are to be filled in.

    As f5_tts.model.cfm.CFM.forward, with two differences: what is shown is always a beginning, as in inference, and
    half of the time steps are drawn as densely near the noise as sway sampling takes them.

    Args:
        dit: the network.
        batch: what it is to learn from.
        cond_drop: how often it is to do without reference and text.
        generator: of noise and time steps.
    """
    device = next(dit.parameters()).device
    frames = max(len(example.mel) for example in batch)
    known = torch.tensor([example.known for example in batch])
    x1 = torch.empty(len(batch), frames, batch[0].mel.shape[1])
    for row, example in zip(x1, batch, strict=True):
        row[: len(example.mel)] = example.mel
        # What is missing to the longest is the pause at the end, a little longer: the noise in it is not to be learnt.
        row[len(example.mel) :] = example.mel[-2:].mean(0)
    shown = torch.arange(frames) < known[:, None]
    u = torch.rand(len(batch), generator=generator)
    t = torch.where(torch.rand(len(batch), generator=generator) < 0.5, u, 1 - torch.cos(u * math.pi / 2))
    x0 = torch.randn(x1.shape, generator=generator)
    tokens = nn.utils.rnn.pad_sequence([example.tokens for example in batch], batch_first=True, padding_value=-1)
    x1, x0, t, shown, tokens = (each.to(device) for each in (x1, x0, t, shown, tokens))

    # Classifier-free guidance drops reference and text together.
    drop = bool(torch.rand((), generator=generator) < cond_drop)
    with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
        predicted = dit(
            x=torch.lerp(x0, x1, t[:, None, None]),
            cond=x1 * shown.unsqueeze(-1),
            text=tokens,
            time=t,
            drop_audio_cond=drop,
            drop_text=drop,
        )
    error = functional.mse_loss(predicted.float(), x1 - x0, reduction="none").mean(-1)
    return error[~shown].mean()


class NetworkTraining(Training):
    """Trains the network.

    Args:
        settings: what it is and how it learns.
        lines: what it learns from.
        device: where it is trained.
        folder: where the training is kept.
    """

    def __init__(self, settings: Settings, lines: list[Line], device: torch.device, folder: Path) -> None:
        torch.manual_seed(settings.training.seed)
        training = settings.training
        self._settings = settings
        self._dit = DiT(
            **settings.arch, text_num_embeds=len(settings.vocab), mel_dim=settings.mel_spec.n_mel_channels, dropout=0.0
        ).to(device)
        self.average = AveragedModel(self._dit, multi_avg_fn=get_ema_multi_avg_fn(training.ema))  # type: ignore[no-untyped-call]
        matrices = {
            name: parameter
            for name, parameter in self._dit.named_parameters()
            if name.startswith("transformer_blocks") and parameter.ndim == 2 and "norm" not in name
        }
        others = [parameter for name, parameter in self._dit.named_parameters() if name not in matrices]
        muon = Muon(list(matrices.values()), lr=training.muon_lr)
        adam = torch.optim.AdamW(others, lr=training.adam_lr, betas=(0.9, 0.98), weight_decay=0.01)
        kept = {"network": self._dit, "average": self.average, "muon": muon, "adam": adam}
        super().__init__("network", folder, kept, [muon, adam], device)
        self.resume()
        # Other draws than those before the interruption.
        self._examples = Examples(lines, settings.vocab.index(" "), seed=training.seed + self.step)
        self._generator = torch.Generator().manual_seed(training.seed + self.step)
        self._batches: list[list[Example]] = []

    def begin_with(self, weights: dict[str, Tensor]) -> None:
        """Take weights for the network and for its average."""
        self._dit.load_state_dict(weights)
        self.average.module.load_state_dict(weights)

    def rate(self, progress: float) -> float:
        """Level, and from two fifths of the time on down to nothing."""
        return min(1.0, (1 - progress) / 0.6)

    def loss(self, progress: float) -> Tensor:
        """The conditional flow matching loss of another batch."""
        training = self._settings.training
        if not self._batches:
            self._batches = self._examples.batches(training.pair_share(progress), training.batch_frames)
        return flow_matching_loss(self._dit, self._batches.pop(), training.cond_drop, self._generator)

    def stepped(self) -> None:
        """Take the new weights into the average."""
        self.average.update_parameters(self._dit)
