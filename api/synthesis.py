"""The use case: a line is spoken, unless it was before."""

import time
from dataclasses import dataclass

from aws_lambda_powertools.metrics import MetricUnit

import audio_store
import endpoint_client
import voices
from contract import Line
from observability import logger, metrics
from problems import TextTooLong
from settings import get_settings
from voices import Voice
from wav import Wav


@dataclass(frozen=True, slots=True)
class Speech:
    """A spoken line.

    Attributes:
        wav: the audio.
        audio_url: where the audio can be downloaded for a while.
        champion_id: the champion that spoke.
        seed: what the audio's randomness came from.
        from_store: whether it had been spoken before.
    """

    wav: Wav
    audio_url: str
    champion_id: str
    seed: int
    from_store: bool


def speak(line: Line, request_id: str) -> Speech:
    """Speaks a line, or finds the audio of the time before.

    Args:
        line: what to speak.
        request_id: names the request, here and at the endpoint.

    Raises:
        TextTooLong: the text has more characters than MAX_TEXT_CHARACTERS.
        UnknownChampion: there is no such champion and no fallback.
        StorageFailed: S3 did not answer.
        EndpointRefused, EndpointUnavailable, EndpointTimedOut, EndpointFailed: see endpoint_client.speak.
    """
    longest = get_settings().max_text_characters
    if len(line.text) > longest:
        raise TextTooLong(f"The text has {len(line.text):,} characters; at most {longest:,} are spoken in one request.")
    voice = _voice_for(line.champion_id)
    line = line.model_copy(update={"champion_id": voice.champion_id})
    key = audio_store.key(line, voice)
    kept = audio_store.get(key)
    wav = kept or _synthesise(line, request_id, key)
    metrics.add_metric("StoreHits", MetricUnit.Count, int(kept is not None))
    metrics.add_metric("AudioSeconds", MetricUnit.Seconds, wav.duration)
    logger.info(
        "spoke",
        champion_id=voice.champion_id,
        characters=len(line.text),
        quality=line.quality,
        audio_seconds=wav.duration,
        from_store=kept is not None,
    )
    return Speech(
        wav=wav,
        audio_url=audio_store.url(key),
        champion_id=voice.champion_id,
        seed=line.seed,
        from_store=kept is not None,
    )


def _voice_for(champion_id: str) -> Voice:
    voice = voices.find(champion_id)
    fallback = get_settings().fallback_champion
    if voice is None and fallback is not None:
        voice = voices.find(fallback)
    if voice is None:
        raise voices.unknown(champion_id)
    return voice


def _synthesise(line: Line, request_id: str, key: str) -> Wav:
    started = time.perf_counter()
    try:
        wav = endpoint_client.speak(line, request_id)
    finally:
        metrics.add_metric("SynthesisSeconds", MetricUnit.Seconds, time.perf_counter() - started)
    audio_store.put(key, wav)
    return wav
