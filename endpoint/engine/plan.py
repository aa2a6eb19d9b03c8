"""From an utterance to the pieces that are spoken one by one: what each says, how long it lasts, what silence follows.

How long a text takes is upstream's rule (`infer_batch_process` in f5_tts/infer/utils_infer.py), because the official
models were tuned with it. Planning is arithmetic on texts and lengths: no torch here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, groupby, pairwise
from typing import TYPE_CHECKING

from engine.cuts import PLACES, Part, parts, share_out
from engine.phonemes import Pronunciation, Spoken

if TYPE_CHECKING:
    from engine.checkpoint import ModelDescription
    from engine.reader import Reader
    from engine.reference import Reference

MAX_FRAMES = 4096  # of one piece, reference included: bounds the memory that it takes
MIN_ROOM_SECONDS = 3  # for the speech of a piece, however long the reference is
MAX_UTTERANCE_SECONDS = 600
END_SECONDS = 0.03  # of silence, so that the end is one
# A network that aligns text itself swallows very short texts at full pace, and says a word twice at upstream's speed of
# 0.3 for less than ten bytes. So what should take no time at all gets SHORT_EXTRA_SECONDS, and the extra fades until
# SHORT_SECONDS.
SHORT_SECONDS = 1.0
SHORT_EXTRA_SECONDS = 0.3
SLOWNESS_COST = 80  # of a piece that takes twice its time: a quarter more is as bad as a cut between words
MAX_CHARACTERS_PER_SECOND = 30
MAX_DRAWL = 3  # times as long as at the reference's pace


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
    """A sentence, all of it words and marks; or a text of several, which is then cut at their ends."""

    text: str
    pause_after: float = 0.0  # seconds of silence; 0: speech runs on
    rate: float = 1.0  # how fast, beside the other passages
    pronunciations: Sequence[Pronunciation] = ()


@dataclass(frozen=True)
class Utterance:
    """What to say, in whose voice, and how."""

    passages: Sequence[Passage]
    reference: Reference
    nfe: int
    speed: float = 1.0
    duration: float | None = None  # seconds of all that comes back; the speed follows from it
    seed: int = 0
    pause_before: float = 0.0  # seconds of silence
    max_seconds: float = MAX_UTTERANCE_SECONDS  # of all that comes back


@dataclass(frozen=True)
class Silence:
    """The silence between the speech of one piece and that of the next."""

    seconds: float
    exact: bool  # it was asked for; any other may last longer, to fill a duration


@dataclass(frozen=True)
class Piece:
    """What the network speaks at once, and its mel's length."""

    text: str
    pronunciations: tuple[Pronunciation, ...]
    tokens: list[int]  # of the reference's prompt and the text
    frames: int  # of the mel, reference included
    keep_samples: int | None  # of its wave, where the utterance's duration is given
    passages: range  # those that are in it, or of which a part is
    borders: tuple[float, ...]  # about where each of them but the last ends, as a share of the piece's speech
    silence: Silence  # after it


def plan(utterance: Utterance, reader: Reader, description: ModelDescription) -> list[Piece]:
    """Share an utterance out over pieces and decide how long each is to be.

    Args:
        utterance: what to say.
        reader: how the model reads it.
        description: what the model was trained on.

    Returns:
        Pieces that are, with the reference, no longer than speech was in training. A piece holds parts of one passage
        or several whole ones that run on.

    Raises:
        UnspeakableError: a passage is empty, the duration asked for is not one that the text can have, or it would
            last too long.
    """
    return _Planner(utterance, reader, description).pieces()


@dataclass(frozen=True)
class _Draft:
    """A piece before its tokens are made."""

    text: str
    pronunciations: tuple[Pronunciation, ...]
    passages: range
    borders: tuple[float, ...]
    frames: float  # of its speech at the reference's pace
    speed: float
    silence: Silence


@dataclass(frozen=True)
class _Planner:
    utterance: Utterance
    reader: Reader
    description: ModelDescription

    def pieces(self) -> list[Piece]:
        passages, duration = self.utterance.passages, self.utterance.duration
        if not passages or not all(passage.text.strip() for passage in passages):
            raise UnspeakableError("text", "there is nothing to say in it, or in a part of it. Send words.")
        drafts = list(self.drafts(self.utterance.speed))
        max_seconds = min(self.utterance.max_seconds, MAX_UTTERANCE_SECONDS)
        if (duration or self.speech_seconds(drafts) + self.pauses) > max_seconds:
            field, advice = ("text", "a higher speed") if duration is None else ("duration", "a shorter duration")
            denser = " or a denser format" if max_seconds < MAX_UTTERANCE_SECONDS else ""
            raise UnspeakableError(
                field, f"it would last more than {max_seconds:g} s. Send it in parts, or ask for {advice}{denser}."
            )
        if duration is None:
            return [self.piece(draft, None) for draft in drafts]
        drafts = list(self.drafts(self.speed_for(duration)))
        return [self.piece(draft, keep) for draft, keep in zip(drafts, self.shares(drafts, duration), strict=True)]

    def piece(self, draft: _Draft, keep_samples: int | None) -> Piece:
        """Ask the reader how a draft is read."""
        if keep_samples is None:
            new = int(draft.frames / draft.speed) + self.reader.silent_frames
        else:
            new = math.ceil(keep_samples / self.hop) + 1
        tokens = self.reader.tokens(
            Spoken(self.utterance.reference.prompt, self.reference_frames),
            Spoken(draft.text, new, draft.pronunciations),
        )
        frames = max(self.reference_frames + new, len(tokens) + 1, self.utterance.reference.frames + 1)
        if frames > MAX_FRAMES:
            seconds = (frames - self.reference_frames) * self.hop / self.rate
            raise UnspeakableError(
                "speed", f"a single word would last {seconds:.0f} s, too long to be spoken. Ask for a higher speed."
            )
        return Piece(
            draft.text,
            draft.pronunciations,
            tokens,
            frames,
            keep_samples,
            draft.passages,
            draft.borders,
            draft.silence,
        )

    def drafts(self, speed: float) -> Iterator[_Draft]:
        """Share the text out for a speed."""
        pieces = list(chain.from_iterable(self.shared_out(run, speed) for run in self.runs()))
        for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
            last, its_speed = piece[-1], speed * self.utterance.passages[piece[-1].passage].rate
            pause = self.utterance.passages[last.passage].pause_after
            if following is None:
                silence = Silence(pause, exact=True) if pause else Silence(END_SECONDS, exact=False)
            elif pause and following[0].passage != last.passage:
                silence = Silence(pause, exact=True)
            else:
                silence = Silence(PLACES[following[0].place].pause / its_speed, exact=False)
            yield self.draft(piece, its_speed, silence)

    def runs(self) -> Iterator[list[int]]:
        """Passages that may share a piece: of one rate, without a pause between them."""
        run: list[int] = []
        for index, passage in enumerate(self.utterance.passages):
            before = self.utterance.passages[index - 1]
            if run and (before.pause_after or before.rate != passage.rate):
                yield run
                run = []
            run.append(index)
        yield run

    def shared_out(self, run: Sequence[int], speed: float) -> list[list[Part]]:
        """The parts of a run's pieces."""
        passages, measure = self.utterance.passages, self.reader.measure
        trained = min(self.description.trained_seconds, MAX_FRAMES * self.hop / self.rate)
        seconds = max(MIN_ROOM_SECONDS, trained - self.utterance.reference.seconds)
        room = seconds * self.rate / self.hop - self.reader.silent_frames
        most_units = room / self.frames_per_unit * speed * passages[run[0]].rate
        whole = (parts(index, passages[index].text, most_units / 2, measure) for index in run)
        return share_out(list(chain.from_iterable(whole)), most_units, measure(" "), self.slowness_cost)

    def draft(self, piece: Sequence[Part], speed: float, silence: Silence) -> _Draft:
        text, ends = "", []
        pronunciations: list[Pronunciation] = []
        for index, of_passage in groupby(piece, key=lambda part: part.passage):
            whole = list(of_passage)
            first, last = whole[0], whole[-1]
            if text:
                ends.append(self.reader.measure(text))
                text += " " if text[-1].isascii() else ""
            passage, moved = self.utterance.passages[index], len(text) - first.start
            text += passage.text[first.start : last.end]
            pronunciations += [
                each._replace(start=each.start + moved, end=each.end + moved)
                for each in passage.pronunciations
                if first.start <= each.start and each.end <= last.end
            ]
        units = self.reader.measure(text)
        return _Draft(
            text,
            tuple(pronunciations),
            range(piece[0].passage, piece[-1].passage + 1),
            tuple(end / units for end in ends),
            self.unhurried(self.frames_per_unit * units),
            speed,
            silence,
        )

    def unhurried(self, frames: float) -> float:
        """The frames that a piece gets, from those of its text at the reference's pace."""
        short, extra = (seconds * self.rate / self.hop for seconds in (SHORT_SECONDS, SHORT_EXTRA_SECONDS))
        return (
            frames
            if frames >= short or not self.reader.swallows_short_texts
            else frames + extra * (1 - frames / short) ** 2
        )

    def slowness_cost(self, units: float) -> float:
        frames = self.frames_per_unit * units
        return SLOWNESS_COST * (self.unhurried(frames) / frames - 1)

    def speed_for(self, duration: float) -> float:
        """The speed at which the text lasts about as long as asked; its range is told if that is out of it."""
        natural = self.speech_seconds(list(self.drafts(1.0)))
        characters = sum(len(passage.text.strip()) for passage in self.utterance.passages)
        shortest = math.ceil(10 * (characters / MAX_CHARACTERS_PER_SECOND + self.pauses)) / 10
        longest = math.floor(10 * (natural * MAX_DRAWL + self.pauses)) / 10
        if not shortest <= duration <= longest:
            pauses = f", {self.pauses:g} s of pauses included" if self.pauses else ""
            raise UnspeakableError(
                "duration",
                f"{duration:g} s is too {'short' if duration < shortest else 'long'} for this text. It can last "
                f"{shortest:g} to {longest:g} s{pauses}; ask for that, or leave it out.",
            )
        return natural / (duration - self.pauses)

    def shares(self, drafts: Sequence[_Draft], duration: float) -> list[int]:
        """The samples to keep of each piece, so that all, with the silences, last as long as asked."""
        speech = self.rate * (duration - self.utterance.pause_before - sum(draft.silence.seconds for draft in drafts))
        frames = list(accumulate((draft.frames / draft.speed for draft in drafts), initial=0.0))
        return [end - start for start, end in pairwise(round(speech * frame / frames[-1]) for frame in frames)]

    def speech_seconds(self, drafts: Sequence[_Draft]) -> float:
        """How long drafts last, without the pauses that were asked for."""
        frames = sum(draft.frames / draft.speed for draft in drafts)
        return frames * self.hop / self.rate + sum(draft.silence.seconds for draft in drafts if not draft.silence.exact)

    @property
    def pauses(self) -> float:
        """Seconds of silence that were asked for."""
        return self.utterance.pause_before + sum(passage.pause_after for passage in self.utterance.passages)

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
