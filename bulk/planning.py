"""From a row to what an engine is to speak, if it is to be spoken at all: texts, references and lengths, no model."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from bulk import rows
from bulk.keeping import Record, file_of, find, key_of
from bulk.model import fetch
from bulk.places import S3_THREADS, Place, open_place
from bulk.rows import RawRow, Row, Where
from bulk.voices import Voices
from contract.invocation import Invocation
from contract.problem import Problem
from engine.checkpoint import describe, load_reader
from engine.plan import MAX_UTTERANCE_SECONDS, UnspeakableError, Utterance, plan
from lexicons import Lexicons
from references import References
from speaker import prepare
from text.front_end import FrontEnd
from text.script import Script

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Order:
    """What a run is to do, as every worker is told.

    Args:
        sources: the files whose rows are spoken.
        out: where to.
        model: its directory, or an s3:// address.
        model_digest: what `bulk.model.digest` says of it.
        voices: the champions.
        fallback_champion: who speaks in place of an unknown one; None for nobody.
        lufs: the loudness of every line.
    """

    sources: tuple[str, ...]
    out: str
    model: str
    model_digest: str
    voices: Voices
    fallback_champion: str | None
    lufs: float


@dataclass(frozen=True)
class Entry:
    """What is known of a row at the end: a line of the manifest.

    Args:
        where: the row.
        row: the line; None if it could not be read.
        file: its sound file; None if it has none.
        record: what is known of that; None if it was not spoken.
        error: why not.
        was_there: it had been spoken before this run.
    """

    where: Where
    row: Row | None = None
    file: str | None = None
    record: Record | None = None
    error: str | None = None
    was_there: bool = False


@dataclass(frozen=True)
class Missing:
    """A row that is to be spoken.

    Args:
        where: the row.
        row: the line.
        file: its sound file.
        key: of everything that shapes that.
        script: what is said.
    """

    where: Where
    row: Row
    file: str
    key: str
    script: Script

    def spoken(self, record: Record) -> Entry:
        """The row, done."""
        return Entry(self.where, self.row, self.file, record)

    def failed(self, reason: str) -> Entry:
        """The row that could not be spoken."""
        return Entry(self.where, self.row, error=reason)


@dataclass(frozen=True)
class Job:
    """A row that is to be spoken, for the engine.

    Args:
        line: the row.
        utterance: what the engine is to speak.
        frames: of mel, references included: what it costs.
    """

    line: Missing
    utterance: Utterance
    frames: int


class Desk:
    """What a worker needs to plan rows; it lasts as long as the worker.

    Args:
        order: the run's.

    Attributes:
        place: where sounds are kept.
        lufs: how loud they are.
    """

    def __init__(self, order: Order) -> None:
        self._order = order
        self.place: Place = open_place(order.out)
        self.lufs = order.lufs
        self._kinds = [rows.kind_of(source) for source in order.sources]
        model_dir = fetch(order.model)
        self._description, self._reader = describe(model_dir), load_reader(model_dir)
        self._front_end = FrontEnd(self._reader.can_say, self._reader.reads_phonemes)
        s3 = cast("S3Client", order.voices)
        self._lexicons = Lexicons(s3)
        self._references = References(
            s3=s3,
            mel_spec=self._description.mel_spec,
            default_bucket="voices",
            allowed_buckets=frozenset(),
            fallback_champion=order.fallback_champion,
        )

    def plan(self, raw_rows: Iterable[RawRow], missing: Collection[Where] = frozenset()) -> Iterator[Entry | Job]:
        """Make rows jobs, in their order; entries are those that cannot be spoken, or were.

        Args:
            raw_rows: the rows.
            missing: those of them that are jobs, whether they were spoken or not.
        """
        jobs = [self._plan(raw) for raw in raw_rows]
        with ThreadPoolExecutor(S3_THREADS) as threads:  # S3 takes its time
            yield from threads.map(lambda job: job if _where(job) in missing else self._unless_kept(job), jobs)

    def _plan(self, raw: RawRow) -> Entry | Job:
        try:
            row = rows.parse(self._kinds[raw.where.source], raw.content)
            invocation = Invocation(**row.model_dump(exclude={"name"}))
            prepared = prepare(
                invocation, self._references, self._lexicons, self._front_end, self.lufs, MAX_UTTERANCE_SECONDS
            )
            pieces = plan(prepared.utterance, self._reader, self._description)
        except Problem as problem:
            reasons = [f"{error.field}: {error.reason}" for error in problem.errors]
            return Entry(raw.where, error="; ".join(reasons) or problem.detail)
        except UnspeakableError as error:
            return Entry(raw.where, error=str(error))
        shaped_by = {
            "script": prepared.script.digest,
            "champion_id": prepared.champion_id,
            "model": self._order.model_digest,
            **prepared.origin.model_dump(),
        }
        file = file_of(row, prepared.champion_id)
        line = Missing(raw.where, row, file, key_of(row, shaped_by), prepared.script)
        return Job(line, prepared.utterance, sum(piece.frames for piece in pieces))

    def _unless_kept(self, job: Entry | Job) -> Entry | Job:
        if isinstance(job, Entry) or not (record := find(self.place, job.line.file, job.line.key)):
            return job
        return replace(job.line.spoken(record), was_there=True)


def _where(job: Entry | Job) -> Where:
    return job.line.where if isinstance(job, Job) else job.where


def batches(jobs: Iterable[Job], max_frames: int) -> Iterator[list[Job]]:
    """Share jobs out: those of a quality that are alike in length together, the longest first.

    Args:
        jobs: to be spoken.
        max_frames: of a batch of several.
    """
    batch: list[Job] = []
    frames = 0
    for job in sorted(jobs, key=lambda job: (job.utterance.nfe, -job.frames)):
        if batch and (frames + job.frames > max_frames or batch[0].utterance.nfe != job.utterance.nfe):
            yield batch
            batch, frames = [], 0
        batch.append(job)
        frames += job.frames
    if batch:
        yield batch
