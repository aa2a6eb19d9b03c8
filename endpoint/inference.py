"""SageMaker's contract: `model_fn`, `input_fn`, `predict_fn`, `output_fn`.

AWS's PyTorch container calls them by these names (github.com/aws/sagemaker-inference-toolkit, transformer.py);
`deployment.py` calls them in AWS's Ray Serve container.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

import boto3
import torch
from botocore.config import Config

from audio import wav_bytes
from engine.checkpoint import load_model
from engine.plan import Passage, UnspeakableError, Utterance
from engine.speech import Engine, Speech
from failures import InvocationError
from payload import NFE_STEPS, Answer, Invocation, parse_invocation
from references import References

JSON, WAV = "application/json", "audio/wav"
CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"


@dataclass(frozen=True)
class Voices:
    """What `model_fn` loads: the engine, and the references it speaks from."""

    engine: Engine
    references: References


class Context(Protocol):
    """The part of the model server's context that an answer's headers are set on."""

    def set_response_header(self, idx: int, key: str, value: str) -> None:
        """Add a header to the answer of request number idx."""


def model_fn(model_dir: str) -> Voices:
    """Load the model once for each process, onto the GPU if there is one.

    The environment says where references are: VOICE_BUCKET, ALLOWED_VOICE_BUCKETS (comma separated) and
    FALLBACK_CHAMPION.

    Raises:
        engine.checkpoint.ModelError: the model directory cannot be loaded.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = load_model(Path(model_dir), device)
    allowed = os.environ.get("ALLOWED_VOICE_BUCKETS", "").split(",")
    references = References(
        s3=boto3.client("s3", config=Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 3})),
        mel_spec=model.description.mel_spec,
        default_bucket=os.environ.get("VOICE_BUCKET", ""),
        allowed_buckets=frozenset(bucket.strip() for bucket in allowed if bucket.strip()),
        fallback_champion=os.environ.get("FALLBACK_CHAMPION") or None,
    )
    engine = Engine(model)
    if device.type == "cuda":
        engine.warm_up(NFE_STEPS.values())
    return Voices(engine, references)


def input_fn(body: str | bytes, content_type: str) -> Invocation:
    """Read an invocation.

    Raises:
        InvocationError: 415 if the content type is not JSON, else what `payload.parse_invocation` raises.
    """
    if content_type.partition(";")[0].strip().lower() != JSON:
        raise InvocationError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send the invocation as {JSON}.")
    return parse_invocation(body)


def line_to_speak(invocation: Invocation, voices: Voices) -> Utterance:
    """What the engine is to do for an invocation; reads the reference from S3 if it is new or has changed.

    Raises:
        InvocationError: what `References.get` raises.
    """
    return Utterance(
        passages=[Passage(invocation.text)],
        reference=voices.references.get(invocation.champion_id, invocation.voice_bucket),
        nfe=NFE_STEPS[invocation.quality],
        speed=invocation.speed,
        duration=invocation.duration,
        seed=invocation.seed,
    )


def spoken(result: Speech | Exception) -> Speech:
    """The engine's result for one line.

    Raises:
        InvocationError: 422 if the line cannot be spoken as asked.
        Exception: what the engine failed with.
    """
    if isinstance(result, UnspeakableError):
        raise InvocationError(HTTPStatus.UNPROCESSABLE_ENTITY, str(result)) from result
    if isinstance(result, Exception):
        raise result
    return result


def predict_fn(invocation: Invocation, voices: Voices) -> Speech:
    """Speak one invocation.

    Raises:
        InvocationError: as `line_to_speak` and `spoken`.
    """
    [result] = voices.engine.speak_batch([line_to_speak(invocation, voices)])
    return spoken(result)


def output_fn(speech: Speech, accept: str, context: Context | None = None) -> tuple[bytes, str]:
    """The answer in the form that the caller accepts: JSON unless WAV is asked for.

    Args:
        speech: what `predict_fn` returned.
        accept: the Accept header.
        context: the model server's, if it has one: custom attributes are set on it.

    Returns:
        The answer's body and content type.

    Raises:
        InvocationError: 406 if neither is accepted.
    """
    content_type = negotiate(accept)
    wav = wav_bytes(speech)
    if content_type == WAV:
        if context is not None:
            context.set_response_header(0, CUSTOM_ATTRIBUTES, custom_attributes(speech))
        return wav, WAV
    answer = Answer(
        audio=base64.b64encode(wav).decode("ascii"), sample_rate=speech.sample_rate, duration=round(speech.seconds, 3)
    )
    return answer.model_dump_json().encode(), JSON


def custom_attributes(speech: Speech) -> str:
    """What raw audio cannot say about itself in JSON's place, for SageMaker's custom attributes header."""
    return f"sample_rate={speech.sample_rate},duration={speech.seconds:.3f},format=wav"


def negotiate(accept: str) -> str:
    """The first media type of an Accept header that can be answered; checked before any work is done for it.

    Raises:
        InvocationError: 406.
    """
    for accepted in (accept or JSON).split(","):
        media_type = accepted.partition(";")[0].strip().lower()
        if media_type in (JSON, "application/*", "*/*"):
            return JSON
        if media_type in (WAV, "audio/x-wav", "audio/wave", "audio/*"):
            return WAV
    raise InvocationError(HTTPStatus.NOT_ACCEPTABLE, f"An answer can be {JSON} or {WAV}.")
