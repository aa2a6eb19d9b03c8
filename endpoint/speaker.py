"""The way of one invocation: read it, prepare it for the engine, answer with the speech.

PUT HERE: a step that every invocation takes, whichever server runs the endpoint.
DO NOT PUT HERE: a server's own ways (`inference`, `deployment`), how a model speaks (`engine`), or a rule of a line
(`contract`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import boto3
import torch
from botocore.config import Config
from pydantic import ValidationError

from answer import Answer
from audio import encode
from contract.body import read_json
from contract.formats import FORMATS, JSON
from contract.invocation import DESCRIBED_AUDIO, AudioDescription, DescribedAudio, Invocation
from contract.line import MAX_TEXT_CHARACTERS, NFE_STEPS
from contract.problem import check_length, invalid_request, refused_field
from contract.representation import Representation, represent_as
from engine.checkpoint import load_model
from engine.plan import Passage, UnspeakableError, Utterance
from engine.speech import Engine, Speech
from loudness import DEFAULT_LUFS, level
from references import References

CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"


class Prepared(NamedTuple):
    """What the engine is to do for an invocation, and whose voice that is: a fallback's, maybe."""

    champion_id: str
    utterance: Utterance


@dataclass(frozen=True)
class Speaker:
    """A loaded model, and the references it speaks from."""

    engine: Engine
    references: References
    lufs: float  # the loudness of every line

    @classmethod
    def load(cls, model_dir: Path) -> Speaker:
        """Load the model once for each process, onto the GPU if there is one.

        The environment says where references are, VOICE_BUCKET, ALLOWED_VOICE_BUCKETS (comma separated) and
        FALLBACK_CHAMPION, and how loud speech is, LOUDNESS_LUFS.

        Raises:
            engine.checkpoint.ModelError: the model directory cannot be loaded.
        """
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        model = load_model(model_dir, device)
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
        return cls(engine, references, float(os.environ.get("LOUDNESS_LUFS") or DEFAULT_LUFS))

    def prepare(self, invocation: Invocation) -> Prepared:
        """Make an invocation the engine's; reads the reference from S3 if it is new or has changed.

        Raises:
            Problem: what `References.get` raises.
        """
        champion_id, reference = self.references.get(invocation.champion_id, invocation.voice_bucket)
        utterance = Utterance(
            passages=(Passage(invocation.text),),
            reference=reference,
            nfe=NFE_STEPS[invocation.quality],
            speed=invocation.speed,
            duration=invocation.duration,
            seed=invocation.seed,
        )
        return Prepared(champion_id, utterance)

    def speak(self, invocation: Invocation) -> Speech:
        """Speak one invocation.

        Raises:
            Problem: what `prepare` and `spoken` raise.
        """
        [result] = self.engine.speak_batch([self.prepare(invocation).utterance])
        return self.spoken(result)

    def spoken(self, result: Speech | Exception) -> Speech:
        """The engine's result for one line, as loud as every other.

        Raises:
            InvalidRequest: the line cannot be spoken as asked.
            Exception: what the engine failed with.
        """
        if isinstance(result, UnspeakableError):
            raise refused_field(result.field, result.reason) from result
        if isinstance(result, Exception):
            raise result
        return level(result, self.lufs)


def read_invocation(body: bytes, content_type: str) -> Invocation:
    """Read the JSON body of an invocation.

    Raises:
        Problem: what `read_json` raises, TextTooLong, or InvalidRequest for a field that is wrong.
    """
    try:
        invocation = Invocation.model_validate(read_json(body, content_type))
    except ValidationError as error:
        raise invalid_request(error.errors(include_url=False, include_input=False, include_context=False)) from None
    check_length(invocation.text, MAX_TEXT_CHARACTERS)
    return invocation


def representation(accept: str, invocation: Invocation) -> Representation:
    """How to answer; to be asked before any work is done for it.

    Raises:
        NotAcceptable: nothing that there is suits the caller.
    """
    if accept == DESCRIBED_AUDIO:
        return Representation(DESCRIBED_AUDIO, invocation.format)
    return represent_as(accept, invocation)


def respond(speech: Speech, chosen: Representation) -> Answer:
    """The answer with a line's speech in it."""
    audio = encode(speech, FORMATS[chosen.format])
    duration = round(speech.seconds, 3)
    described = DescribedAudio(
        AudioDescription(format=chosen.format, sample_rate=speech.sample_rate, duration=duration), audio
    )
    bodies = {JSON: described.to_json, DESCRIBED_AUDIO: described.to_bytes}
    # What raw audio cannot say about itself.
    attributes = f"sample_rate={speech.sample_rate},duration={duration:.3f},format={chosen.format}"
    body = bodies[chosen.media_type]() if chosen.media_type in bodies else audio
    return Answer(body, chosen.media_type, headers={CUSTOM_ATTRIBUTES: attributes})
