"""The way from lines to waveforms: split, sample all pieces in batches, decode, join.

What is said is what upstream's `infer_process` (f5_tts/infer/utils_infer.py) says for the same reference, text and
seed. What differs is how: pieces of all lines share batches, and a line that fails does so alone.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray

from engine.checkpoint import Model
from engine.graphs import Graphs
from engine.reference import Reference, log_mel
from engine.sampler import Condition, Schedule, euler_step, make_schedule, sample
from engine.text import byte_length, prompt, split_text, tokenize
from engine.vocoder import decode

CROSS_FADE_SECONDS = 0.15
SHORT_TEXT_BYTES = 10
SHORT_TEXT_SPEED = 0.3  # upstream's: the network swallows very short texts at full pace
MAX_FRAMES = 4096  # of one sample, reference included: bounds the memory that it takes
TRAINING_TIMES = 2  # and at most so many times as long as what the model was trained on
WARM_UP_SECONDS = 4
WARM_UP_TEXT = "Wait for the wave, then walk back to the tower."
MAX_LINE_SECONDS = 600  # of one line, all its samples together
# Of one batch: bounds the memory that it takes. A CPU is busy with one sample, and a batch of several only leaves its
# caches.
BATCH_FRAMES = {"cuda": 16 * 1024, "cpu": 1}


class UnspeakableError(Exception):
    """A line that cannot be spoken as asked; the message says why and what would help."""


@dataclass(frozen=True)
class Line:
    """What to say, in whose voice, and how."""

    text: str
    reference: Reference
    nfe: int
    speed: float = 1.0
    duration: float | None = None  # seconds of speech, without the reference
    seed: int = 0


@dataclass(frozen=True)
class Speech:
    """A spoken line."""

    wave: NDArray[np.float32]  # [samples], full scale 1
    sample_rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.wave) / self.sample_rate


@dataclass(frozen=True)
class _Piece:
    """One sample to draw: a chunk of a line's text."""

    reference: Reference
    condition: Condition
    keep: int | None  # samples to keep of it, where the line's duration is given

    @property
    def frames(self) -> int:
        return len(self.condition.noise)


class Engine:
    """A model that speaks lines.

    Args:
        model: the loaded model. It is used by one thread at a time.
        batch_frames: most frames in one batch of several samples; by default what suits the device.
    """

    def __init__(self, model: Model, batch_frames: int | None = None) -> None:
        self.model = model
        self._batch_frames = batch_frames or BATCH_FRAMES[model.device.type]
        self._mel_spec = model.description.mel_spec
        seconds = TRAINING_TIMES * model.description.trained_seconds
        self._max_frames = min(MAX_FRAMES, int(seconds * self.sample_rate / self._mel_spec.hop_length))
        self._schedules: dict[int, Schedule] = {}
        step = partial(euler_step, model.network, model.description.cfg_strength)
        self._graphs = Graphs(step) if model.device.type == "cuda" else None

    def speak(self, lines: Sequence[Line]) -> list[Speech | Exception]:
        """Speak lines, together where they fit into a batch.

        Returns:
            For each line its speech, or the error that kept this line alone from being spoken: UnspeakableError if it
            cannot be spoken as asked, any other exception if the engine failed.
        """
        pieces: list[list[_Piece]] = []
        failures: dict[int, Exception] = {}
        for index, line in enumerate(lines):
            try:
                pieces.append(self._pieces(line))
            except Exception as error:  # noqa: BLE001  whatever is wrong with one line, the others are spoken
                pieces.append([])
                failures[index] = error
        waves: dict[tuple[int, int], NDArray[np.float32]] = {}
        batches = deque(self._batches(lines, pieces))
        while batches:
            nfe, batch = batches.popleft()
            try:
                drawn = self._draw(nfe, [pieces[index][chunk] for index, chunk in batch])
                waves.update(zip(batch, drawn, strict=True))
                continue
            except torch.OutOfMemoryError as error:
                # Without its traceback, which holds on to what filled the memory.
                failure: Exception = error.with_traceback(None)
            except Exception as error:  # noqa: BLE001  the other batches still run
                failure = error
            if isinstance(failure, torch.OutOfMemoryError) and len(batch) > 1:
                if self._graphs is not None:
                    self._graphs.forget()
                    torch.cuda.empty_cache()
                middle = len(batch) // 2
                batches.extendleft([(nfe, batch[middle:]), (nfe, batch[:middle])])
            else:
                failures.update({index: failure for index, _ in batch})
        return [
            failures.get(index)
            or Speech(self._join([waves[index, chunk] for chunk in range(len(pieces[index]))], line), self.sample_rate)
            for index, line in enumerate(lines)
        ]

    def warm_up(self, nfes: Iterable[int]) -> None:
        """Speak one line at each number of steps, so that no caller waits for what a GPU sets up at its first use.

        Raises:
            Exception: the model cannot speak.
        """
        samples = WARM_UP_SECONDS * self.sample_rate
        noise = 0.1 * torch.randn(samples, generator=torch.Generator().manual_seed(0))
        reference = Reference(log_mel(noise, self._mel_spec), samples, WARM_UP_SECONDS, 1.0, WARM_UP_TEXT + " ")
        for result in self.speak([Line(WARM_UP_TEXT, reference, nfe) for nfe in nfes]):
            if isinstance(result, Exception):
                raise result

    @property
    def sample_rate(self) -> int:
        """Samples a second of what comes out."""
        return self._mel_spec.target_sample_rate

    def _schedule(self, nfe: int) -> Schedule:
        if nfe not in self._schedules:
            self._schedules[nfe] = make_schedule(self.model, nfe)
        return self._schedules[nfe]

    def _batches(
        self, lines: Sequence[Line], pieces: Sequence[Sequence[_Piece]]
    ) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """Group pieces into batches of one NFE count, as (nfe, [(line, chunk), ...])."""

        def nfe_of(at: tuple[int, int]) -> int:
            return lines[at[0]].nfe

        everything = ((line, chunk) for line, chunks in enumerate(pieces) for chunk in range(len(chunks)))
        for nfe, group in groupby(sorted(everything, key=nfe_of), key=nfe_of):
            batch: list[tuple[int, int]] = []
            frames = 0
            for line, chunk in group:
                more = pieces[line][chunk].frames
                if batch and frames + more > self._batch_frames:
                    yield nfe, batch
                    batch, frames = [], 0
                batch.append((line, chunk))
                frames += more
            yield nfe, batch

    def _pieces(self, line: Line) -> list[_Piece]:
        """Split a line and decide how long each piece is to be.

        Raises:
            UnspeakableError: the text does not fit into the duration asked for, or it would last too long.
        """
        reference, hop = line.reference, self._mel_spec.hop_length
        reference_frames = reference.samples // hop
        prompt_text = prompt(reference)
        frames_per_byte = reference_frames / byte_length(prompt_text)
        max_bytes = int((self._max_frames - reference_frames) / frames_per_byte * min(line.speed, 1))
        chunks = split_text(line.text, reference, line.speed, self.model.description.trained_seconds, max(max_bytes, 1))
        keeps = self._allocate(line.duration, chunks)
        noise = torch.Generator().manual_seed(line.seed)  # on the CPU, so that every device draws the same
        pieces, total_frames = [], 0
        for chunk, keep in zip(chunks, keeps, strict=True):
            tokens = tokenize(prompt_text + chunk, self.model.vocab)
            shortest = max(len(tokens), len(reference.mel)) + 1
            if keep is None:
                speed = SHORT_TEXT_SPEED if byte_length(chunk) < SHORT_TEXT_BYTES else line.speed
                frames = max(reference_frames + int(frames_per_byte * byte_length(chunk) / speed), shortest)
            else:
                frames = reference_frames + math.ceil(keep / hop) + 1
                if frames < shortest:
                    raise UnspeakableError(
                        f"duration: {line.duration:g} s is too short for this text. Ask for more, or leave it out."
                    )
            if frames > self._max_frames:
                asked, most = ((n - reference_frames) * hop / self.sample_rate for n in (frames, self._max_frames))
                raise UnspeakableError(
                    f"duration: a part of the text would last {asked:.0f} s, and at most {most:.0f} s are spoken in "
                    "one go. Ask for a shorter duration or a higher speed."
                )
            total_frames += frames - reference_frames
            if total_frames * hop > MAX_LINE_SECONDS * self.sample_rate:
                raise UnspeakableError(
                    f"text: it would last more than {MAX_LINE_SECONDS} s. Send it in parts, or ask for a higher speed."
                )
            drawn = torch.randn(frames, self._mel_spec.n_mel_channels, generator=noise)
            pieces.append(_Piece(reference, Condition(reference.mel, tokens, drawn), keep))
        return pieces

    def _allocate(self, duration: float | None, chunks: Sequence[str]) -> list[int] | list[None]:
        """Samples for each chunk, so that the joined speech lasts exactly `duration` seconds."""
        if duration is None:
            return [None] * len(chunks)
        overlap = round(CROSS_FADE_SECONDS * self.sample_rate)
        total = round(duration * self.sample_rate) + overlap * (len(chunks) - 1)
        weights = np.cumsum([0] + [byte_length(chunk) for chunk in chunks])
        edges = np.rint(total * weights / weights[-1]).astype(int)
        return [int(samples) for samples in np.diff(edges)]

    def _draw(self, nfe: int, pieces: Sequence[_Piece]) -> list[NDArray[np.float32]]:
        """Waveforms of pieces, at their references' level, in one batch."""
        mels = sample(self.model, self._schedule(nfe), [piece.condition for piece in pieces], self._graphs)
        hop = self._mel_spec.hop_length
        new = [mel[piece.reference.samples // hop :] for mel, piece in zip(mels, pieces, strict=True)]
        waves = decode(self.model.vocoder, new)
        return [
            wave.numpy()[: piece.keep] * np.float32(piece.reference.gain)
            for wave, piece in zip(waves, pieces, strict=True)
        ]

    def _join(self, waves: Sequence[NDArray[np.float32]], line: Line) -> NDArray[np.float32]:
        """Join a line's chunks with upstream's linear cross-fade."""
        joined = waves[0]
        for following in waves[1:]:
            overlap = min(int(CROSS_FADE_SECONDS * self.sample_rate), len(joined), len(following))
            fade = np.linspace(0, 1, overlap, dtype=np.float32)
            mixed = joined[len(joined) - overlap :] * (1 - fade) + following[:overlap] * fade
            joined = np.concatenate([joined[: len(joined) - overlap], mixed, following[overlap:]])
        # A chunk shorter than the cross-fade overlaps by less than was reckoned with.
        return joined if line.duration is None else joined[: round(line.duration * self.sample_rate)]
