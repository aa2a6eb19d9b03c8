"""From the parts of a job to one sound file and its captions, however long: a part at a time is in memory."""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from contract.formats import Format
from contract.invocation import Segment
from job_schemas import PlacedPart, SpokenPart

BLOCK_FRAMES = 65_536


class Whole(NamedTuple):
    """What parts were joined to.

    Attributes:
        parts: when each is heard, to the sample.
        sample_rate: samples a second.
    """

    parts: list[PlacedPart]
    sample_rate: int


class Joint(NamedTuple):
    """A part, and the seconds of silence from its speech to the next part's."""

    part: SpokenPart
    pause: float


def place(joints: Iterable[Joint]) -> list[PlacedPart]:
    """When each part is heard.

    Args:
        joints: the parts that are spoken, in order.
    """
    placed: list[PlacedPart] = []
    end = 0.0
    before: Joint | None = None
    for joint in joints:
        start = end + (_gap(before, joint.part) if before else 0.0)
        end = start + joint.part.duration
        placed.append(PlacedPart(part=joint.part, start=round(start, 3), end=round(end, 3)))
        before = joint
    return placed


def join(sounds: Iterable[tuple[Joint, bytes]], sound_format: Format, path: Path) -> Whole:
    """Write parts behind each other into one file, with the silences between them.

    Args:
        sounds: the parts in order, at least one, each with its sound file, all of one sample rate.
        sound_format: of the file that is written.
        path: of that file.

    Raises:
        soundfile.LibsndfileError: a part is no sound file, or the disk is full.
    """
    placed: list[PlacedPart] = []
    before: Joint | None = None
    frames = 0
    with ExitStack() as opened:
        for joint, sound in sounds:
            with soundfile.SoundFile(io.BytesIO(sound)) as part:
                rate: int = part.samplerate
                if before is None:
                    out = opened.enter_context(
                        soundfile.SoundFile(path, "w", rate, channels=1, **sound_format.sound_file)
                    )
                else:
                    silence = np.zeros(round(_gap(before, joint.part) * rate), np.int16)
                    out.write(silence)
                    frames += len(silence)
                start = frames
                for block in part.blocks(BLOCK_FRAMES, dtype="int16"):
                    out.write(block)
                    frames += len(block)
            placed.append(PlacedPart(part=joint.part, start=start / rate, end=frames / rate))
            before = joint
    return Whole(placed, rate)


def segments(placed: Sequence[PlacedPart]) -> Iterator[Segment]:
    """The sentences of all parts, in seconds from the beginning of the whole."""
    for start, part in ((each.start, each.part) for each in placed):
        for segment in part.segments:
            yield segment.model_copy(
                update={"start": round(start + segment.start, 3), "end": round(start + segment.end, 3)}
            )


def _gap(before: Joint, part: SpokenPart) -> float:
    """Seconds of silence to add: what two parts have of it at their edges is part of the pause."""
    tail = before.part.duration - before.part.segments[-1].end
    return max(0.0, before.pause - tail - part.segments[0].start)
