"""Train the small model's network: f5_tts's DiT, by conditional flow matching on a corpus of synthetic speech."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

import torch
from f5_tts.model.backbones.dit import DiT
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from engine.phonemes import SILENCE, Durations, PhonemeVocabulary, spread
from engine.reference import log_mel
from models.corpus import SAMPLE_RATE, Recording
from models.durations import fit
from models.muon import Muon
from models.settings import Settings
from models.training import Training, matrix_dtype

HOP = 256
REFERENCE_TAIL = 1200  # samples of digital silence that `contract.recording` leaves after a reference
TOWARDS_NOISE = 2.0
EDGE_SECONDS = 0.1  # of silence before and after a line, at most


@dataclass(frozen=True)
class Line:
    """A recording as the network sees it: mel and tokens side by side, frame by frame.

    Attributes:
        voice: whose it is; None for a voice that says nothing else.
        phonemes: each with the frame it begins at, the first at 0.
        mel: [frames, mel channels], float16.
    """

    voice: str | None
    phonemes: list[tuple[str, int]]
    mel: Tensor

    @property
    def sound(self) -> tuple[int, int]:
        """Its first frame after the silence before it, and the first of the mark that ends it."""
        return self.phonemes[1][1], self.phonemes[-1][1]


@dataclass(frozen=True)
class Example:
    """What one row of a batch is made of: the lines of one voice one after the other, and what of it is masked.

    Attributes:
        tokens: [frames].
        mel: [frames, mel channels].
        known: frames at the start that the network is shown; it learns to fill in the rest.
    """

    tokens: Tensor
    mel: Tensor
    known: int


def prepare(recordings: list[Recording], vocab: PhonemeVocabulary, settings: Settings) -> list[Line]:
    """Log mels of a corpus, and the frames at which phonemes begin."""
    lines = []
    for recording in tqdm(recordings, desc="log mels", unit="line", smoothing=0, mininterval=10):
        mel = log_mel(torch.from_numpy(recording.wave), settings.mel_spec).half()
        phonemes = [
            (vocab.nearest(name), min(round(sample / HOP), len(mel) - 1)) for name, sample in recording.phonemes
        ]
        lines.append(Line(recording.voice, phonemes, mel))
    return lines


class Examples:
    """Make examples at random: single lines, and pairs of lines of which the first is the reference of the second.

    Args:
        lines: to choose from.
        vocab: token numbers.
        durations: how the endpoint guesses where the phonemes of a reference lie.
        silence: [mel channels], the log mel of digital silence.
        seed: of the choices.
    """

    def __init__(
        self, lines: list[Line], vocab: PhonemeVocabulary, durations: Durations, silence: Tensor, seed: int
    ) -> None:
        self._draw = random.Random(seed)  # noqa: S311 (nothing secret)
        self._vocab = vocab
        self._durations = durations
        self._silence = silence
        self._lines = lines
        self._references: dict[str, list[Line]] = {}
        for line in lines:
            if line.voice and 2 * SAMPLE_RATE / HOP < line.sound[1] - line.sound[0] < 6.5 * SAMPLE_RATE / HOP:
                self._references.setdefault(line.voice, []).append(line)
        self._of_champions = [(line.voice, line) for line in lines if line.voice]

    def single(self) -> Example:
        """One line, of which the network is shown at most the first half."""
        line = self._draw.choice(self._lines)
        tokens, mel = self._target(line)
        known = int(len(mel) * max(0.0, self._draw.uniform(-0.1, 0.5)))
        return Example(tokens, mel, known)

    def pair(self) -> Example:
        """A reference and a line, as in inference; half of the time only the reference's beginning is shown."""
        voice, line = self._draw.choice(self._of_champions)
        tokens, mel = self._reference(self._draw.choice(self._references[voice]))
        known = len(mel)
        if self._draw.random() < 0.5:
            known = int(known * self._draw.uniform(0.3, 1))
        more_tokens, more_mel = self._target(line)
        return Example(torch.cat([tokens, more_tokens]), torch.cat([mel, more_mel]), known)

    def _tokens(self, phonemes: list[tuple[str, int]], frames: int) -> Tensor:
        """[frames] of token numbers, each that of the phoneme that is spoken there."""
        tokens = torch.empty(frames, dtype=torch.int64)
        for (name, begin), (_, end) in pairwise([*phonemes, (SILENCE, frames)]):
            tokens[max(0, begin) : max(0, end)] = self._vocab.number(name)
        return tokens

    def _target(self, line: Line) -> tuple[Tensor, Tensor]:
        """A line with a little of the silence around it."""
        first, _ = line.sound
        edge = round(EDGE_SECONDS * SAMPLE_RATE / HOP)
        begin = max(0, first - self._draw.randint(0, edge))
        end = len(line.mel) - self._draw.randint(0, edge)
        return self._tokens(line.phonemes, len(line.mel))[begin:end], line.mel[begin:end]

    def _reference(self, line: Line) -> tuple[Tensor, Tensor]:
        """A line as a reference is prepared: without its silence, with a tail; now and then its times are guessed."""
        begin, end = line.sound
        tail = round(REFERENCE_TAIL / HOP)
        mel = torch.cat([line.mel[begin:end], self._silence.expand(tail, -1)])
        phonemes = [(name, at - begin) for name, at in line.phonemes[1:]]
        if self._draw.random() < 0.5:
            names = [name for name, _ in phonemes]
            lengths = spread(self._durations.seconds(names)[:-1], end - begin)
            phonemes = list(zip(names, accumulate(lengths, initial=0), strict=True))
        return self._tokens(phonemes, len(mel)), mel

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
    dit: DiT, batch: list[Example], cond_drop: float, generator: torch.Generator, dtype: torch.dtype
) -> dict[str, Tensor]:
    """What a batch is to teach: the flow to speech.

    As in f5_tts.model.cfm.CFM.forward, with two differences: what is shown is always a beginning, as in inference, and
    most time steps are drawn near the noise, where inference takes most of its steps.

    Args:
        dit: the network.
        batch: what it is to learn from.
        cond_drop: how often it is to do without reference and text.
        generator: of noise and time steps.
        dtype: of the matrix products.
    """
    device = next(dit.parameters()).device
    frames = max(len(example.mel) for example in batch)
    known = torch.tensor([example.known for example in batch])
    lengths = torch.tensor([len(example.mel) for example in batch])
    x1 = torch.empty(len(batch), frames, batch[0].mel.shape[1])
    for row, example in zip(x1, batch, strict=True):
        row[: len(example.mel)] = example.mel
        row[len(example.mel) :] = example.mel[-2:].mean(0)
    at = torch.arange(frames)
    shown = at < known[:, None]
    asked = ~shown & (at < lengths[:, None])
    t = torch.rand(len(batch), generator=generator) ** TOWARDS_NOISE
    x0 = torch.randn(x1.shape, generator=generator)
    tokens = nn.utils.rnn.pad_sequence([example.tokens for example in batch], batch_first=True, padding_value=-1)
    x1, x0, t, shown, asked, tokens = (each.to(device) for each in (x1, x0, t, shown, asked, tokens))

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
    error = functional.mse_loss(predicted.float(), x1 - x0, reduction="none").mean(-1)
    return {"unguided" if drop else "flow": error[asked].mean()}


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
        matrices = {
            name: parameter
            for name, parameter in self._dit.named_parameters()
            if name.startswith("transformer_blocks") and parameter.ndim == 2 and "norm" not in name
        }
        others = [parameter for name, parameter in self._dit.named_parameters() if name not in matrices]
        muon = Muon(list(matrices.values()), training.muon_lr, matrix_dtype(device))
        adam = torch.optim.AdamW(others, lr=training.adam_lr, betas=(0.9, 0.98), weight_decay=0.01)
        kept = {"network": self._dit, "average": self.average, "muon": muon, "adam": adam}
        super().__init__("network", folder, kept, [muon, adam], device)
        self.resume()
        # Other draws than those before the interruption.
        seed = training.seed + self.step
        vocab = PhonemeVocabulary(settings.vocab)
        lines = prepare(recordings, vocab, settings)
        silence = log_mel(torch.zeros(4 * HOP), settings.mel_spec)[0].half()
        self.durations = fit(recordings, vocab, settings.vocab)
        self._examples = Examples(lines, vocab, self.durations, silence, seed)
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
        return losses(self._dit, batch, training.cond_drop, self._generator, self.dtype)

    def stepped(self) -> None:
        """Take the new weights into the average."""
        self.average.update_parameters(self._dit)
