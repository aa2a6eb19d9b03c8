"""The way of one invocation: read it, prepare it for the engine, answer with the speech.

PUT HERE: a step that every invocation takes, whichever server runs the endpoint.
DO NOT PUT HERE: a server's own ways (`inference`, `deployment`), how a model speaks (`engine`), or a rule of a line
(`contract`).
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from pydantic import ValidationError

import storage
from answer import CUSTOM_ATTRIBUTES, Answer
from audio import encode
from contract.body import read_json
from contract.formats import FORMATS, JSON, FormatName
from contract.invocation import (
    DEFAULT_LUFS,
    DESCRIBED_AUDIO,
    AudioDescription,
    DescribedAudio,
    Invocation,
    Origin,
    ScriptDescription,
    Segment,
)
from contract.line import MAX_TEXT_CHARACTERS, NFE_STEPS, Line
from contract.problem import TooSlow, check_length, invalid_request, refused_field
from contract.representation import MAX_PAYLOAD_BYTES, Representation, represent_as
from engine.checkpoint import load_model
from engine.phonemes import Pronunciation
from engine.plan import MAX_UTTERANCE_SECONDS, Passage, UnspeakableError, Utterance
from engine.reference import Reference
from engine.speech import Engine, Speech, Task
from lexicons import Lexicons
from loudness import level
from references import References
from text.front_end import FrontEnd
from text.script import Script, UnsayableError


class Prepared(NamedTuple):
    """What the engine is to do for an invocation, and from what; whose voice that is: a fallback's, maybe."""

    champion_id: str
    script: Script
    utterance: Utterance
    origin: Origin


class Spoken(NamedTuple):
    """A line's script, and its speech and what that was made from unless the script alone was asked for."""

    script: Script
    speech: Speech | None
    origin: Origin | None = None


@dataclass(frozen=True)
class Speaker:
    """A loaded model, and the references it speaks from."""

    engine: Engine
    front_end: FrontEnd
    references: References
    lexicons: Lexicons
    lufs: float  # the loudness of every line

    @classmethod
    def load(cls, model_dir: Path) -> Speaker:
        """Load the model once for each process, onto the GPU if there is one.

        The environment says where references are, VOICE_BUCKET, ALLOWED_VOICE_BUCKETS (comma separated) and
        FALLBACK_CHAMPION, and how loud speech is, LOUDNESS_LUFS.

        Raises:
            engine.checkpoint.ModelError: the model directory cannot be loaded.
        """
        engine, front_end = load_engine(model_dir)
        allowed = os.environ.get("ALLOWED_VOICE_BUCKETS", "").split(",")
        s3 = storage.client()
        references = References(
            s3=s3,
            mel_spec=engine.model.description.mel_spec,
            default_bucket=os.environ.get("VOICE_BUCKET", ""),
            allowed_buckets=frozenset(bucket.strip() for bucket in allowed if bucket.strip()),
            fallback_champion=os.environ.get("FALLBACK_CHAMPION") or None,
        )
        lufs = float(os.environ.get("LOUDNESS_LUFS") or DEFAULT_LUFS)
        return cls(engine, front_end, references, Lexicons(s3), lufs)

    def prepare(self, invocation: Invocation, chosen: Representation | None = None) -> Prepared:
        """Make an invocation the engine's; reads reference and lexicons from S3 if they are new or have changed.

        Args:
            invocation: what to speak.
            chosen: how it is to be answered, which bounds how long it may be. Where that is not known yet, `respond`
                refuses what is too long.

        Raises:
            Problem: what the function `prepare` raises.
        """
        max_seconds = chosen.max_seconds(self.engine.sample_rate) if chosen else MAX_UTTERANCE_SECONDS
        return prepare(invocation, self.references, self.lexicons, self.front_end, self.lufs, max_seconds)

    def plan(self, prepared: Prepared) -> list[Task]:
        """The tasks of a line that was prepared: the engine's `run` speaks them.

        Raises:
            InvalidRequest: the line cannot be spoken as asked.
        """
        try:
            return self.engine.plan(prepared.utterance)
        except UnspeakableError as error:
            raise refused_field(error.field, error.reason) from error

    def speak(self, invocation: Invocation) -> Spoken:
        """Speak one invocation, and nothing beside it.

        Raises:
            Problem: what `prepare` and `plan` raise; TooSlow once its caller has stopped to wait.
            Exception: what the engine failed with.
        """
        deadline = time.monotonic() + invocation.wait_seconds
        prepared = self.prepare(invocation)
        if invocation.script_only:
            return Spoken(prepared.script, None)
        tasks = self.plan(prepared)
        while waiting := [task for task in tasks if task.outcome is None]:
            if time.monotonic() > deadline:
                raise TooSlow()
            self.engine.run(self.engine.next_batch(waiting))
        return self.finish(prepared, self.engine.joined(tasks))

    def finish(self, prepared: Prepared, result: Speech | Exception) -> Spoken:
        """The engine's result for one line, as loud as every other.

        Raises:
            Exception: what the engine failed with.
        """
        if isinstance(result, Exception):
            raise result
        return Spoken(prepared.script, level(result, self.lufs), prepared.origin)


def load_engine(model_dir: Path) -> tuple[Engine, FrontEnd]:
    """Load a model onto the GPU if there is one, and what reads its texts.

    Raises:
        engine.checkpoint.ModelError: the model directory cannot be loaded.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    engine = Engine(load_model(model_dir, device))
    if device.type == "cuda":
        engine.warm_up(NFE_STEPS.values())
    reader = engine.model.reader
    return engine, FrontEnd(reader.can_say, reader.reads_phonemes)


def prepare(
    invocation: Invocation,
    references: References,
    lexicons: Lexicons,
    front_end: FrontEnd,
    lufs: float,
    max_seconds: float,
) -> Prepared:
    """Make an invocation an engine's; no engine is needed for it.

    Args:
        invocation: what to speak.
        references: the champions that there are.
        lexicons: how they say words.
        front_end: how the model's texts are read.
        lufs: how loud the line is to be.
        max_seconds: how long it may last.

    Raises:
        Problem: what `References.get` raises, StorageFailed if S3 does not answer, or InvalidRequest for a text that
            cannot be said.
    """
    with storage.storage_errors():
        voice = references.get(invocation.champion_id, invocation.voice_bucket)
        lexicon = lexicons.get(voice)
    try:
        script = front_end.read(invocation.text, invocation.text_type, lexicon)
    except UnsayableError as error:
        raise refused_field("text", error.reason) from error
    utterance = utterance_of(invocation, script, voice.reference, max_seconds)
    origin = Origin(recording_etag=voice.recording_etag, transcript_etag=voice.transcript_etag, loudness_lufs=lufs)
    return Prepared(voice.champion_id, script, utterance, origin)


def utterance_of(
    line: Line, script: Script, reference: Reference, max_seconds: float = MAX_UTTERANCE_SECONDS
) -> Utterance:
    """What the engine is to do for a line.

    Args:
        line: how it is to be spoken.
        script: what its text says.
        reference: in whose voice.
        max_seconds: how long it may last.
    """
    return Utterance(
        passages=[
            Passage(
                sentence.spoken,
                sentence.pause_after,
                sentence.rate,
                [Pronunciation(each.start, each.end, each.ipa) for each in sentence.pronunciations],
            )
            for sentence in script.sentences
        ],
        reference=reference,
        nfe=NFE_STEPS[line.quality],
        speed=line.speed,
        duration=line.duration,
        seed=line.seed,
        pause_before=script.pause_before,
        max_seconds=max_seconds,
    )


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


def respond(spoken: Spoken, chosen: Representation) -> Answer:
    """The answer to a line: its speech, or what would be said.

    Raises:
        InvalidRequest: it is more than InvokeEndpoint lets through.
    """
    script, speech, origin = spoken
    if speech is None:
        sentences = [sentence.written for sentence in script.sentences]
        described_script = ScriptDescription(digest=script.digest, spoken_text=script.spoken_text, sentences=sentences)
        return Answer(described_script.model_dump_json().encode(), JSON)
    described = describe(script, speech, chosen.format, origin)
    audio, duration = described.audio, described.description.duration
    bodies = {JSON: described.to_json, DESCRIBED_AUDIO: described.to_bytes}
    if chosen.media_type in bodies:
        body, content_type = bodies[chosen.media_type](), chosen.media_type
    else:
        body, content_type = audio, FORMATS[chosen.format].content_type(speech.sample_rate)
    if len(body) > MAX_PAYLOAD_BYTES:
        seconds = chosen.max_seconds(speech.sample_rate)
        raise refused_field(
            "text",
            f"lasts {duration:.0f} s, and at most {seconds} s of {chosen.format} can be answered. Send it in parts, or "
            "ask for a higher speed or a denser format.",
        )
    # What raw audio cannot say about itself.
    attributes = f"sample_rate={speech.sample_rate},duration={duration:.3f},format={chosen.format}"
    return Answer(body, content_type, headers={CUSTOM_ATTRIBUTES: attributes})


def describe(script: Script, speech: Speech, name: FormatName, origin: Origin | None = None) -> DescribedAudio:
    """A line's sound file, and what is known of it.

    Args:
        script: what is said.
        speech: as it is heard.
        name: the sound file's format.
        origin: what it was made from, for whom keeps it where references change.
    """
    description = AudioDescription(
        digest=script.digest,
        format=name,
        sample_rate=speech.sample_rate,
        duration=round(speech.seconds, 3),
        spoken_text=script.spoken_text,
        segments=[
            Segment(text=sentence.written, start=round(start, 3), end=round(end, 3))
            for sentence, (start, end) in zip(script.sentences, speech.spans, strict=True)
        ],
        origin=origin,
    )
    return DescribedAudio(description, encode(speech, FORMATS[name]))
