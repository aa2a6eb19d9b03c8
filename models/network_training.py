"""Train the small model's network: f5_tts's DiT, by conditional flow matching on a corpus of espeak-ng's speech."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise
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
PARTS = 3  # of a phoneme
PACE = 1.18
SOUNDS_WEIGHT = 0.3
REFERENCE_TAIL = 1200  # samples of digital silence that `contract.recording.trimming.trim` leaves after a reference


@dataclass(frozen=True)
class Line:
    """A recording as the network sees it.

    Attributes:
        voice: index of its voice.
        tokens: [tokens], of its text.
        mel: [frames, mel channels], float16.
        sounds: [frames], which part of which phoneme each frame is: see `Sounds`.
        is_statement: whether the text ends with a full stop, as a reference's does when new text follows it.
    """

    voice: int
    tokens: Tensor
    mel: Tensor
    sounds: Tensor
    is_statement: bool


@dataclass(frozen=True)
class Example:
    """What one row of a batch is made of: the lines of one voice one after the other, and what of it is masked.

    Attributes:
        tokens: [tokens].
        mel: [frames, mel channels].
        sounds: [frames].
        known: frames at the start that the network is shown; it learns to fill in the rest.
    """

    tokens: Tensor
    mel: Tensor
    sounds: Tensor
    known: int


class Sounds:
    """Numbers for the sounds of a corpus: beginning, middle and end of each phoneme. 0 is silence.

    Args:
        recordings: the corpus.
    """

    def __init__(self, recordings: list[Recording]) -> None:
        names = {name for recording in recordings for _, name in recording.phonemes}
        self._names = sorted(name for name in names if not name.startswith("_"))

    def __len__(self) -> int:
        return 1 + PARTS * len(self._names)

    def label(self, recording: Recording, frames: int) -> Tensor:
        """[frames] of numbers, each that of the sound at the frame's middle."""
        labels = torch.zeros(frames, dtype=torch.int64)
        for (begin, name), (end, _) in pairwise([*recording.phonemes, (len(recording.wave), "_")]):
            if not name.startswith("_"):
                first, last = (min(max(0, -(-sample // HOP)), frames) for sample in (begin, end))
                part = PARTS * (torch.arange(first, last) * HOP - begin) // max(1, end - begin)
                labels[first:last] = 1 + PARTS * self._names.index(name) + part.clamp(0, PARTS - 1)
        return labels


def prepare(recordings: list[Recording], settings: Settings) -> list[Line]:
    """Log mels, tokens and sounds of a corpus."""
    lines = []
    sounds = Sounds(recordings)
    for recording in tqdm(recordings, desc="log mels", unit="line", smoothing=0):
        wave = functional.pad(torch.from_numpy(recording.wave), (0, REFERENCE_TAIL))
        mel = log_mel(wave, settings.mel_spec).half()
        lines.append(
            Line(
                voice=recording.voice,
                tokens=tokenize(recording.text, settings.vocab),
                mel=mel,
                sounds=sounds.label(recording, len(mel)),
                is_statement=recording.text.endswith("."),
            )
        )
    return lines


def tokenize(text: str, vocab: str) -> Tensor:
    """Token ids of a text in lower case. Capitals get the same embeddings after training."""
    [characters] = convert_char_to_pinyin([text.lower()])
    return torch.tensor([vocab.index(character) for character in characters])


class Examples:
    """Make examples at random: single lines, and pairs of lines of which the first is the reference of the second."""

    def __init__(self, lines: list[Line], space: int, seed: int) -> None:
        self._draw = random.Random(seed)  # noqa: S311 (nothing secret)
        self._space = space
        self._lines = lines
        self._references: dict[int, list[Line]] = {}
        for line in lines:
            if line.is_statement and len(line.mel) < 3.6 * SAMPLE_RATE / HOP:
                self._references.setdefault(line.voice, []).append(line)

    def single(self) -> Example:
        """One line, of which the network is shown at most the first half."""
        line = self._draw.choice(self._lines)
        mel, sounds = self._at_some_pace(line)
        known = int(len(mel) * max(0.0, self._draw.uniform(-0.2, 0.5)))
        return Example(line.tokens, mel, sounds, known)

    def pair(self) -> Example:
        """A reference and a line, as in inference; half of the time only the reference's beginning is shown."""
        line = self._draw.choice(self._lines)
        reference = self._draw.choice(self._references[line.voice])
        spaces = torch.full((2,), self._space)
        known = len(reference.mel)
        mel, sounds = self._at_some_pace(line)
        if self._draw.random() < 0.5:
            known = int(known * self._draw.uniform(0.2, 1))
        return Example(
            torch.cat([reference.tokens, spaces, line.tokens]),
            torch.cat([reference.mel, mel]),
            torch.cat([reference.sounds, sounds]),
            known,
        )

    def _at_some_pace(self, line: Line) -> tuple[Tensor, Tensor]:
        """A line's mel and sounds; half of the time frames are doubled or left out.

        In inference a line gets as many frames as its letters got in the reference, which is not what it would take.
        """
        pace = self._draw.uniform(1 / PACE, PACE) if self._draw.random() < 0.5 else 1.0
        frames = len(line.mel) - round(REFERENCE_TAIL / HOP)
        chosen = torch.linspace(0, frames - 1, round(frames * pace)).round().long()
        return line.mel[chosen], line.sounds[chosen]

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


def losses(
    dit: DiT,
    reader: SoundReader,
    batch: list[Example],
    cond_drop: float,
    generator: torch.Generator,
    dtype: torch.dtype,
) -> dict[str, Tensor]:
    """What a batch is to teach: the flow to speech, and on the way there which sound each frame is.

    The flow as in f5_tts.model.cfm.CFM.forward, with two differences: what is shown is always a beginning, as in
    inference, and most time steps are drawn near the noise. There the course of the whole line is decided, from text
    and reference alone; later the sounds are seen in what there is already.

    Args:
        dit: the network.
        reader: of its middle block.
        batch: what it is to learn from.
        cond_drop: how often it is to do without reference and text; then it cannot know the sounds.
        generator: of noise and time steps.
        dtype: of the matrix products.
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
    t = torch.rand(len(batch), generator=generator) ** 3
    x0 = torch.randn(x1.shape, generator=generator)
    pad = nn.utils.rnn.pad_sequence
    tokens = pad([example.tokens for example in batch], batch_first=True, padding_value=-1)
    sounds = pad([example.sounds for example in batch], batch_first=True)
    x1, x0, t, shown, tokens, sounds = (each.to(device) for each in (x1, x0, t, shown, tokens, sounds))

    # Classifier-free guidance drops reference and text together.
    drop = bool(torch.rand((), generator=generator) < cond_drop)
    with torch.autocast(device.type, torch.bfloat16, enabled=dtype == torch.bfloat16):
        predicted = dit(
            x=torch.lerp(x0, x1, t[:, None, None]),
            cond=x1 * shown.unsqueeze(-1),
            text=tokens,
            time=t,
            drop_audio_cond=drop,
            drop_text=drop,
        )
        heard = reader()
    error = functional.mse_loss(predicted.float(), x1 - x0, reduction="none").mean(-1)
    flow = error[~shown].mean()
    if drop:
        return {"flow": flow}
    return {"flow": flow, "sounds": SOUNDS_WEIGHT * functional.cross_entropy(heard.float().mT, sounds)}


class SoundReader(nn.Module):
    """Tell each frame's sound from what the middle block of a network makes of it.

    The network learns sooner where each sound belongs when the sounds themselves are asked of it, and not only the
    speech that they become. After Yu et al. 2024 (arxiv.org/abs/2410.06940), who align a middle block of an image
    model with another network's features; here the synthesiser knows what is right.

    Args:
        dit: the network.
        sounds: how many there are.
    """

    def __init__(self, dit: DiT, sounds: int) -> None:
        super().__init__()
        self.linear = nn.Linear(dit.dim, sounds)
        self._made: list[Tensor] = []
        dit.transformer_blocks[dit.depth // 2 - 1].register_forward_hook(lambda *passed: self._made.append(passed[-1]))

    def forward(self) -> Tensor:
        """[batch, frames, sounds] of logits for what the network was last given."""
        read: Tensor = self.linear(self._made.pop())
        self._made.clear()
        return read


def matrix_dtype(device: torch.device) -> torch.dtype:
    """What matrices are multiplied in: bf16 where the processor has instructions for it."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if fast else torch.float32


class NetworkTraining(Training):
    """The network's training.

    Args:
        settings: what it is and how it learns.
        recordings: what it learns from.
        device: where it is trained.
        folder: where the training is kept.
    """

    def __init__(self, settings: Settings, recordings: list[Recording], device: torch.device, folder: Path) -> None:
        torch.manual_seed(settings.training.seed)
        training = settings.training
        self._settings = settings
        self._dit = DiT(
            **settings.arch, text_num_embeds=len(settings.vocab), mel_dim=settings.mel_spec.n_mel_channels, dropout=0.0
        ).to(device)
        self.average = AveragedModel(self._dit, multi_avg_fn=get_ema_multi_avg_fn(training.ema))  # type: ignore[no-untyped-call]
        # After the average, which is a copy and is not to be read.
        self._reader = SoundReader(self._dit, len(Sounds(recordings))).to(device)
        matrices = {
            name: parameter
            for name, parameter in self._dit.named_parameters()
            if name.startswith("transformer_blocks") and parameter.ndim == 2 and "norm" not in name
        }
        others = [parameter for name, parameter in self._dit.named_parameters() if name not in matrices]
        others.extend(self._reader.parameters())
        self._dtype = matrix_dtype(device)
        muon = Muon(list(matrices.values()), training.muon_lr, self._dtype)
        adam = torch.optim.AdamW(others, lr=training.adam_lr, betas=(0.9, 0.98), weight_decay=0.01)
        kept = {"network": self._dit, "reader": self._reader, "average": self.average, "muon": muon, "adam": adam}
        super().__init__("network", folder, kept, [muon, adam], device)
        self.resume()
        # Other draws than those before the interruption.
        seed = training.seed + self.step
        self._examples = Examples(prepare(recordings, settings), settings.vocab.index(" "), seed)
        self._generator = torch.Generator().manual_seed(seed)
        self._batches: list[list[Example]] = []

    def begin_with(self, weights: dict[str, Tensor]) -> None:
        """Take weights for the network and for its average.

        They may be those of a network of fewer blocks: its blocks are spread over the network's, and those between them
        stay as they were made, with gates of zero, so that they pass on what they get.

        Args:
            weights: the state of a DiT of the same widths.
        """
        blocks = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("transformer_blocks."))
        state = self._dit.state_dict()
        for name, value in weights.items():
            parts = name.split(".")
            if parts[0] == "transformer_blocks":
                parts[1] = str(int(parts[1]) * self._dit.depth // blocks)
            state[".".join(parts)] = value
        self._dit.load_state_dict(state)
        self.average.module.load_state_dict(state)

    def compile(self) -> None:
        """Have the blocks' many small operations made into few; needs a C++ compiler, a minute, and pays soon."""
        for block in (*self._dit.transformer_blocks, *self._dit.text_embed.text_blocks):
            block.compile(dynamic=True)

    def rate(self, progress: float) -> float:
        """Level, and from two fifths of the time on down to nothing."""
        return min(1.0, (1 - progress) / 0.6)

    def losses(self, progress: float) -> dict[str, Tensor]:
        """Those of another batch."""
        training = self._settings.training
        if not self._batches:
            self._batches = self._examples.batches(training.pair_share(progress), training.batch_frames)
        batch = self._batches.pop()
        return losses(self._dit, self._reader, batch, training.cond_drop, self._generator, self._dtype)

    def stepped(self) -> None:
        """Take the new weights into the average."""
        self.average.update_parameters(self._dit)
