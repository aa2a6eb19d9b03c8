"""The use case of a line: it is spoken, unless it was before.

`resolve`, `find` and `synthesise` can be called alone; `speak` is the three of them.
"""

import time
from dataclasses import dataclass

from aws_lambda_powertools.metrics import MetricUnit

import audio_store
import endpoint_client
import voices
from audio_store import Key, Sound
from contract.invocation import AudioDescription
from contract.line import Line
from contract.problem import check_length
from observability import logger, metrics
from settings import get_settings


@dataclass(frozen=True, slots=True)
class Order:
    """A line that can be spoken.

    Attributes:
        line: what is spoken, by the champion that speaks it.
        key: where its audio is kept.
    """

    line: Line
    key: Key


@dataclass(frozen=True, slots=True)
class FinishedAudio:
    """The audio of a line, in the store.

    Attributes:
        order: what was spoken.
        description: what is known of the sound.
        sound: the file.
        from_store: whether it had been spoken before.
    """

    order: Order
    description: AudioDescription
    sound: Sound
    from_store: bool

    @property
    def url(self) -> str:
        """Where it can be downloaded for a while."""
        return audio_store.url(self.order.key)


def resolve(line: Line) -> Order:
    """Find out who speaks a line, and under which key its audio is kept.

    Raises:
        TextTooLong: the text has more characters than MAX_TEXT_CHARACTERS.
        UnknownChampion: there is no such champion and no fallback.
        StorageFailed: S3 did not answer.
    """
    check_length(line.text, get_settings().max_text_characters)
    reference = voices.speaker(line.champion_id)
    line = line.spoken_by(reference.champion_id)
    return Order(line, audio_store.key(line, reference))


def find(order: Order) -> FinishedAudio | None:
    """Look whether a line has been spoken before.

    Raises:
        StorageFailed: S3 did not answer.
    """
    kept = audio_store.find(order.key)
    return FinishedAudio(order, kept.description, kept.sound, from_store=True) if kept else None


def synthesise(order: Order, request_id: str) -> FinishedAudio:
    """Have a line spoken, and keep its audio.

    Args:
        order: what to speak.
        request_id: names the request at the endpoint.

    Raises:
        StorageFailed: S3 did not answer.
        EndpointRefused, EndpointUnavailable, EndpointTimedOut, EndpointFailed: see endpoint_client.speak.
    """
    started = time.perf_counter()
    try:
        spoken = endpoint_client.speak(order.line, request_id)
    finally:
        metrics.add_metric("SynthesisSeconds", MetricUnit.Seconds, time.perf_counter() - started)
    audio_store.put(order.key, spoken)
    sound = Sound(len(spoken.audio), lambda: spoken.audio)
    return FinishedAudio(order, spoken.description, sound, from_store=False)


def speak(line: Line, request_id: str) -> FinishedAudio:
    """Speak a line, or return the stored audio; measure and log it.

    Args:
        line: what to speak.
        request_id: names the request at the endpoint.

    Raises:
        Problem: what `resolve`, `find` and `synthesise` raise.
    """
    order = resolve(line)
    finished = find(order) or synthesise(order, request_id)
    metrics.add_metric("StoreHits", MetricUnit.Count, int(finished.from_store))
    metrics.add_metric("AudioSeconds", MetricUnit.Seconds, finished.description.duration)
    logger.info(
        "spoke",
        champion_id=order.line.champion_id,
        characters=len(order.line.text),
        quality=order.line.quality,
        audio_seconds=finished.description.duration,
        from_store=finished.from_store,
    )
    return finished
