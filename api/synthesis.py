"""The use case of a line: it is spoken, unless it was before.

`resolve`, `find` and `synthesise` can be called alone; `speak` is the three of them.
"""

import time
from dataclasses import dataclass

from aws_lambda_powertools.metrics import MetricUnit

import audio_store
import endpoint_client
import s3
import voices
from audio_store import Key, Provenance, Sound
from contract.invocation import AudioDescription, ScriptDescription
from contract.line import Line
from contract.problem import check_length
from deadline import of_endpoint
from observability import logger, metrics
from settings import get_settings


@dataclass(frozen=True, slots=True)
class Order:
    """A line that can be spoken.

    Attributes:
        written: the line as it was asked for.
        provenance: who speaks it, and what else shapes its audio.
        remembered: what is known of its audio, if the same line came before and nothing has changed since.
    """

    written: Line
    provenance: Provenance
    remembered: AudioDescription | None

    @property
    def line(self) -> Line:
        """The line, by the champion that speaks it."""
        return self.written.spoken_by(self.provenance.champion_id)


@dataclass(frozen=True, slots=True)
class FinishedAudio:
    """The audio of a line, in the store.

    Attributes:
        written: the line as it was asked for.
        key: where it is kept.
        description: what is known of the sound.
        sound: the file.
        from_store: whether it had been spoken before.
    """

    written: Line
    key: Key
    description: AudioDescription
    sound: Sound
    from_store: bool

    @property
    def line(self) -> Line:
        """What was spoken, by the champion that spoke it."""
        return self.written.spoken_by(self.key.champion_id)

    @property
    def url(self) -> str:
        """Where it can be downloaded for a while."""
        return audio_store.url(self.key)


def resolve(line: Line) -> Order:
    """Find out who speaks a line, and what is known of its audio.

    Raises:
        TextTooLong: the text has more characters than MAX_TEXT_CHARACTERS.
        UnknownChampion: there is no such champion and no fallback.
        StorageFailed: S3 did not answer.
    """
    check_length(line.text, get_settings().max_text_characters)
    reference, common_lexicon_etag, remembered = s3.together(
        lambda: voices.speaker(line.champion_id), voices.common_lexicon_etag, lambda: audio_store.recall(line)
    )
    provenance = Provenance(
        champion_id=reference.champion_id,
        recording_etag=reference.recording_etag,
        transcript_etag=reference.transcript_etag,
        lexicon_etags=[common_lexicon_etag, reference.lexicon_etag],
        model_id=get_settings().model_id,
        loudness_lufs=get_settings().loudness_lufs,
    )
    holds = remembered and remembered.provenance == provenance
    return Order(line, provenance, remembered.description if holds else None)


def find(order: Order, request_id: str, deadline: float) -> FinishedAudio | None:
    """Look whether what a line says has been spoken before, however it was written then.

    Args:
        order: what to look for.
        request_id: names the request at the endpoint, which is asked what the line says unless that is known.
        deadline: when waiting for the endpoint ends, in seconds of `time.monotonic`.

    Raises:
        StorageFailed: S3 did not answer.
        EndpointRefused, EndpointUnavailable, EndpointBusy, EndpointTimedOut, EndpointFailed: see endpoint_client.
    """
    return _remembered(order) or _said_before(order, endpoint_client.read(order.line, request_id, deadline))


def synthesise(order: Order, request_id: str, deadline: float) -> FinishedAudio:
    """Have a line spoken, and keep its audio.

    Args:
        order: what to speak.
        request_id: names the request at the endpoint.
        deadline: as for `find`.

    Raises:
        StorageFailed: S3 did not answer.
        EndpointRefused, EndpointUnavailable, EndpointBusy, EndpointTimedOut, EndpointFailed: see endpoint_client.
    """
    started = time.perf_counter()
    try:
        spoken = endpoint_client.speak(order.line, request_id, deadline)
    finally:
        metrics.add_metric("SynthesisSeconds", MetricUnit.Seconds, time.perf_counter() - started)
    provenance = order.provenance.as_told(spoken.description.origin)
    key = audio_store.key(order.line, provenance, spoken.description.digest)
    audio_store.put(key, spoken)
    s3.together(
        lambda: audio_store.describe(key, spoken.description),
        lambda: audio_store.remember(order.written, provenance, spoken.description),
    )
    sound = Sound(len(spoken.audio), lambda: spoken.audio)
    return FinishedAudio(order.written, key, spoken.description, sound, from_store=False)


def speak(line: Line, request_id: str) -> FinishedAudio:
    """Speak a line, or return the stored audio; measure and log it.

    Args:
        line: what to speak.
        request_id: names the request at the endpoint.

    Raises:
        Problem: what `resolve`, `find` and `synthesise` raise.
    """
    deadline = of_endpoint()
    order = resolve(line)
    finished = find(order, request_id, deadline) or synthesise(order, request_id, deadline)
    metrics.add_metric("StoreHits", MetricUnit.Count, int(finished.from_store))
    metrics.add_metric("AudioSeconds", MetricUnit.Seconds, finished.description.duration)
    logger.info(
        "spoke",
        champion_id=finished.line.champion_id,
        characters=len(finished.line.text),
        quality=finished.line.quality,
        audio_seconds=finished.description.duration,
        from_store=finished.from_store,
    )
    return finished


def _remembered(order: Order) -> FinishedAudio | None:
    """The audio of a line that was written so before."""
    if order.remembered is None:
        return None
    return _kept(order, order.remembered)


def _said_before(order: Order, script: ScriptDescription) -> FinishedAudio | None:
    """The audio of a line that was written otherwise."""
    description = audio_store.find(audio_store.key(order.line, order.provenance, script.digest))
    if description is None:
        return None
    description = description.written_as(script.sentences)
    audio_store.remember(order.written, order.provenance, description)
    return _kept(order, description)


def _kept(order: Order, description: AudioDescription) -> FinishedAudio | None:
    key = audio_store.key(order.line, order.provenance, description.digest)
    sound = audio_store.open_sound(key)
    return FinishedAudio(order.written, key, description, sound, from_store=True) if sound else None
