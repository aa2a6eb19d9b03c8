"""From an utterance to the pieces that are spoken one by one: what each says, how long it lasts, what silence follows.

The rules are upstream's (`chunk_text`, `infer_process` and `infer_batch_process` in f5_tts/infer/utils_infer.py),
because the official models were tuned with them. Planning is arithmetic on texts and lengths: no torch here.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from engine.reader import Spoken

if TYPE_CHECKING:
    from engine.checkpoint import ModelDescription
    from engine.reader import Reader
    from engine.reference import Reference

CROSS_FADE_SECONDS = 0.15
SHORT_TEXT_SPEED = 0.3  # upstream's: the network swallows very short texts at full pace
MAX_FRAMES = 4096  # of one piece, reference included: bounds the memory that it takes
MAX_TRAINED_LENGTHS = 2  # a piece, reference included, over what the model was trained on
MAX_UTTERANCE_SECONDS = 600

_SENTENCE_END = re.compile(r"(?<=[;:,.!?])\s+|(?<=[；：，。！？])")  # noqa: RUF001


class UnspeakableError(Exception):
    """An utterance that cannot be spoken as asked.

    Args:
        field: what to change: `text`, `duration` or `speed`.
        reason: a sentence on what is wrong with it, and one on what would help.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


@dataclass(frozen=True)
class Passage:
    """Text that is spoken in one go.

    Passages without a pause between them are joined by a cross-fade, as are the pieces of a long one.
    """

    text: str
    pause_after: float = 0.0  # seconds of silence


@dataclass(frozen=True)
class Utterance:
    """What to say, in whose voice, and how."""

    passages: Sequence[Passage]
    reference: Reference
    nfe: int
    speed: float = 1.0
    duration: float | None = None  # seconds of speech, pauses included, without the reference
    seed: int = 0


@dataclass(frozen=True)
class Piece:
    """What the network speaks at once, and its mel's length."""

    text: str
    tokens: list[int]  # of the reference's prompt and the text
    frames: int  # of the mel, reference included
    keep_samples: int | None  # of its wave, where the utterance's duration is given
    pause_after: float  # seconds of silence; 0 for a cross-fade into the next piece


def plan(utterance: Utterance, reader: Reader, description: ModelDescription) -> list[Piece]:
    """Split an utterance into pieces and decide how long each is to be.

    Args:
        utterance: what to say.
        reader: how the model reads it.
        description: what the model was trained on.

    Returns:
        One or more pieces for each passage, in order.

    Raises:
        UnspeakableError: a passage is empty, the text does not fit into the duration asked for, or it would last too
            long.
    """
    return _Planner(utterance, reader, description).pieces()


@dataclass(frozen=True)
class _Planner:
    utterance: Utterance
    reader: Reader
    description: ModelDescription

    def pieces(self) -> list[Piece]:
        texts, pauses = [], []
        for passage in self.utterance.passages:
            parts = self.split(passage.text)
            texts += parts
            pauses += [0.0] * (len(parts) - 1) + [passage.pause_after]
        if not texts or not all(texts):
            raise UnspeakableError("text", "there is nothing to say in it, or in a part of it. Send words.")
        pieces = [
            self.piece(text, keep, pause)
            for text, keep, pause in zip(texts, self.keep_samples(texts, pauses), pauses, strict=True)
        ]
        speech_samples = self.hop * sum(piece.frames - self.reference_frames for piece in pieces)
        if speech_samples + self.samples(sum(pauses)) > self.samples(MAX_UTTERANCE_SECONDS):
            raise UnspeakableError(
                "text",
                f"it would last more than {MAX_UTTERANCE_SECONDS} s. Send it in parts, or ask for a higher speed.",
            )
        return pieces

    def piece(self, text: str, keep_samples: int | None, pause_after: float) -> Piece:
        reference, speed, duration = self.utterance.reference, self.utterance.speed, self.utterance.duration
        least = reference.frames + 1
        if keep_samples is None:
            frames = max(self.reference_frames + int(self.frames_per_unit * self.reader.measure(text) / speed), least)
        else:
            frames = self.reference_frames + math.ceil(keep_samples / self.hop) + 1
        new = frames - self.reference_frames
        tokens = self.reader.tokens(Spoken(reference.prompt, self.reference_frames), Spoken(text, new))
        frames = max(frames, len(tokens) + 1)
        if frames > self.max_frames:
            asked, most = ((n - self.reference_frames) * self.hop / self.rate for n in (frames, self.max_frames))
            field, advice = ("speed", "a higher speed") if duration is None else ("duration", "a shorter duration")
            raise UnspeakableError(
                field,
                f"a part of the text would last {asked:.0f} s, and at most {most:.0f} s are spoken in one go. "
                f"Ask for {advice}.",
            )
        return Piece(text, tokens, frames, keep_samples, pause_after)

    def keep_samples(self, texts: Sequence[str], pauses: Sequence[float]) -> list[int] | list[None]:
        """The samples to keep of each piece, so that all, joined, last exactly as long as asked."""
        duration = self.utterance.duration
        if duration is None:
            return [None] * len(texts)
        speech = self.samples(duration) - sum(map(self.samples, pauses))
        if speech <= 0:
            raise UnspeakableError(
                "duration",
                f"{duration:g} s is too short: the pauses alone last {sum(pauses):g} s. Ask for more, or leave it out.",
            )
        cross_fades = sum(not pause for pause in pauses[:-1])
        total = speech + cross_fades * int(CROSS_FADE_SECONDS * self.rate)
        lengths = list(accumulate(map(self.reader.measure, texts), initial=0))
        edges = [round(total * length / lengths[-1]) for length in lengths]
        return [end - start for start, end in pairwise(edges)]

    def split(self, text: str) -> list[str]:
        """Split a text at sentence marks into pieces no longer, with the reference, than speech was in training."""
        reference = self.utterance.reference
        # Upstream counts the prompt before it adds the second space.
        units_per_second = self.reader.measure(reference.prompt.removesuffix(" ")) / reference.seconds
        room = self.description.trained_seconds - reference.seconds
        max_units = int(units_per_second * room * self.utterance.speed)
        pieces = [""]
        for sentence in _SENTENCE_END.split(text):
            for part in self.split_between_words(sentence):
                if pieces[-1] and self.reader.measure(pieces[-1]) + self.reader.measure(part) > max_units:
                    pieces.append("")
                pieces[-1] += part + " " if part[-1].isascii() else part
        return [piece.strip() for piece in pieces]

    def split_between_words(self, sentence: str) -> Iterator[str]:
        """Split a sentence that is too long for one piece at spaces, or between characters where there is none.

        Upstream leaves it whole, and cuts off what does not fit.
        """
        room = (self.max_frames - self.reference_frames) / self.frames_per_unit
        max_units = max(1, int(room * min(self.utterance.speed, 1)))
        while self.reader.measure(sentence) > max_units:
            fits = bisect_right(range(1, len(sentence)), max_units, key=lambda n: self.reader.measure(sentence[:n]))
            fitting = sentence[: max(1, fits)]
            head = fitting[: fitting.rfind(" ")] if " " in fitting.strip() else fitting
            yield head
            sentence = sentence[len(head) :].lstrip()
        if sentence:
            yield sentence

    def samples(self, seconds: float) -> int:
        return round(seconds * self.rate)

    @property
    def rate(self) -> int:
        return self.description.mel_spec.target_sample_rate

    @property
    def hop(self) -> int:
        return self.description.mel_spec.hop_length

    @property
    def reference_frames(self) -> int:
        return self.utterance.reference.samples // self.hop

    @property
    def frames_per_unit(self) -> float:
        return self.reference_frames / self.reader.measure(self.utterance.reference.prompt)

    @property
    def max_frames(self) -> int:
        return min(MAX_FRAMES, int(MAX_TRAINED_LENGTHS * self.description.trained_seconds * self.rate / self.hop))
