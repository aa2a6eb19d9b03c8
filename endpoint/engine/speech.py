"""The way from utterances to waveforms: plan the pieces, sample their mels in batches, decode, join.

A sentence comes out as upstream's `infer_process` (f5_tts/infer/utils_infer.py) says it with the same reference and
seed. What differs is how: pieces of all utterances share batches, and an utterance that fails does so alone.

`Engine.speak_batch` is the whole way. Its steps, `plan`, `next_batch`, `run` and `joined`, are there for who decides
between two batches what is spoken next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

import numpy as np
import torch

from contract.recording.transcript import prompt
from engine.checkpoint import Model
from engine.graphs import Graphs
from engine.joining import join
from engine.plan import Passage, Piece, Utterance, plan
from engine.reference import Reference, log_mel
from engine.sampler import Condition, Sampler, euler_step, make_schedule, sample_mels
from engine.silence import Wave
from engine.vocoder import decode

# Frames of a batch of several pieces: bounds the memory that it takes. A CPU is busy with one piece, and a batch of
# several only leaves its caches.
MAX_BATCH_FRAMES = {"cuda": 16 * 1024, "cpu": 1}
WARM_UP_SECONDS = 4
WARM_UP_TEXT = "Wait for the wave, then walk back to the tower."


@dataclass(frozen=True)
class Speech:
    """A spoken utterance."""

    wave: Wave
    sample_rate: int
    spans: tuple[tuple[float, float], ...] = ()  # the seconds at which each passage's speech begins and ends

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.wave) / self.sample_rate


@dataclass(eq=False)
class Task:
    """A piece on its way to a wave."""

    utterance: Utterance
    piece: Piece
    condition: Condition
    outcome: Wave | Exception | None = field(default=None, init=False)  # set once its batch has run

    @property
    def work(self) -> int:
        """How much the network computes for it: frames times steps."""
        return self.piece.frames * self.utterance.nfe


class Engine:
    """A model that speaks.

    Args:
        model: the loaded model. It is used by one thread at a time.
        max_batch_frames: of a batch of several pieces; by default what suits the device.
        sampler: what turns conditions into mels.

    Attributes:
        graphs: of the sampler's steps, on a GPU; None elsewhere.
    """

    def __init__(self, model: Model, max_batch_frames: int | None = None, sampler: Sampler = sample_mels) -> None:
        self.model = model
        step = partial(euler_step, model.network, model.description.cfg_strength)
        self.graphs = Graphs(step) if model.device.type == "cuda" else None
        self._max_batch_frames = max_batch_frames or MAX_BATCH_FRAMES[model.device.type]
        self._sampler = sampler
        self._schedule = cache(partial(make_schedule, model))
        self._mel_spec = model.description.mel_spec

    @property
    def sample_rate(self) -> int:
        """Samples a second of what comes out."""
        return self._mel_spec.target_sample_rate

    def speak(self, utterance: Utterance) -> Speech:
        """Speak one utterance.

        Raises:
            UnspeakableError: it cannot be spoken as asked.
            Exception: the engine failed.
        """
        [result] = self.speak_batch([utterance])
        if isinstance(result, Exception):
            raise result
        return result

    def speak_batch(self, utterances: Sequence[Utterance]) -> list[Speech | Exception]:
        """Speak utterances, together where they fit into a batch.

        Returns:
            For each utterance its speech, or what `speak` would raise for it; the others are spoken all the same.
        """
        planned = [self._planned(utterance) for utterance in utterances]
        waiting = [task for tasks in planned if not isinstance(tasks, Exception) for task in tasks]
        while waiting:
            self.run(self.next_batch(waiting))
            waiting = [task for task in waiting if task.outcome is None]
        return [tasks if isinstance(tasks, Exception) else self.joined(tasks) for tasks in planned]

    def plan(self, utterance: Utterance) -> list[Task]:
        """Cut an utterance into tasks, and make the noise that each starts from.

        Raises:
            UnspeakableError: it cannot be spoken as asked.
        """
        generator = torch.Generator().manual_seed(utterance.seed)  # on the CPU, for the same noise on every device
        tasks = []
        for piece in plan(utterance, self.model.reader, self.model.description):
            noise = torch.randn(piece.frames, self._mel_spec.n_mel_channels, generator=generator)
            condition = Condition(utterance.reference.mel, torch.tensor(piece.tokens, dtype=torch.long), noise)
            tasks.append(Task(utterance, piece, condition))
        return tasks

    def next_batch(self, tasks: Sequence[Task]) -> list[Task]:
        """The tasks that are run next: the first, and of those after it with as many steps what fits into its batch.

        Args:
            tasks: that have not run, at least one; the more urgent before the less.
        """
        batch: list[Task] = []
        frames = 0
        for task in tasks:
            if task.utterance.nfe != tasks[0].utterance.nfe:
                continue
            frames += task.piece.frames
            if batch and frames > self._max_batch_frames:
                break
            batch.append(task)
        return batch

    def run(self, batch: Sequence[Task]) -> None:
        """Set the outcome of every task of a batch; one that does not fit into memory runs in parts."""
        batches = deque([batch])
        while batches:
            batch = batches.popleft()
            error = self._try(batch)
            if isinstance(error, torch.OutOfMemoryError) and len(batch) > 1:
                if self.graphs is not None:
                    self.graphs.forget()
                    torch.cuda.empty_cache()
                middle = len(batch) // 2
                batches.extendleft([batch[middle:], batch[:middle]])
            elif error is not None:
                for task in batch:
                    task.outcome = error

    def joined(self, tasks: Sequence[Task]) -> Speech | Exception:
        """An utterance's speech from its tasks, or the first error of its pieces; those after it need not have run."""
        waves: list[Wave] = []
        for task in tasks:
            if not isinstance(task.outcome, np.ndarray):
                return task.outcome or RuntimeError("a piece was not spoken")
            waves.append(task.outcome)
        utterance = tasks[0].utterance
        pieces = [task.piece for task in tasks]
        wave, spans = join(waves, pieces, self.sample_rate, utterance.pause_before, utterance.duration)
        return Speech(wave, self.sample_rate, spans)

    def warm_up(self, nfes: Iterable[int]) -> None:
        """Speak a line at each number of steps, so that no caller waits for what a GPU sets up at its first use.

        Raises:
            Exception: the model cannot speak.
        """
        samples = WARM_UP_SECONDS * self.sample_rate
        noise = 0.1 * torch.randn(samples, generator=torch.Generator().manual_seed(0))
        reference = Reference(log_mel(noise, self._mel_spec), samples, WARM_UP_SECONDS, 1.0, prompt(WARM_UP_TEXT))
        for nfe in nfes:
            self.speak(Utterance([Passage(WARM_UP_TEXT)], reference, nfe))

    def _planned(self, utterance: Utterance) -> list[Task] | Exception:
        """An utterance's tasks, or what keeps it from being spoken."""
        try:
            return self.plan(utterance)
        except Exception as error:  # noqa: BLE001  whatever is wrong with one utterance, the others are spoken
            return error

    def _try(self, batch: Sequence[Task]) -> Exception | None:
        """Speak a batch's pieces, or tell what kept them from being spoken."""
        try:
            self._speak_pieces(batch)
        except torch.OutOfMemoryError as error:
            return error.with_traceback(None)  # which holds on to what filled the memory
        except Exception as error:  # noqa: BLE001  the other batches still run
            return error
        return None

    def _speak_pieces(self, batch: Sequence[Task]) -> None:
        """Set the outcomes of one batch to waves at their references' level."""
        schedule = self._schedule(batch[0].utterance.nfe)
        mels = self._sampler(self.model, schedule, [task.condition for task in batch], self.graphs)
        hop = self._mel_spec.hop_length
        new = [mel[task.utterance.reference.samples // hop :] for mel, task in zip(mels, batch, strict=True)]
        for task, wave in zip(batch, decode(self.model.vocoder, new), strict=True):
            task.outcome = wave.numpy()[: task.piece.keep_samples] * np.float32(task.utterance.reference.gain)
