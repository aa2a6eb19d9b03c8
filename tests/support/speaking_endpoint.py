"""A SageMaker endpoint that hums what it is asked to speak, in every format: nothing is learnt, everything is heard."""

import asyncio
import io
import re
import threading
from dataclasses import dataclass, field

import numpy as np
import soundfile
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract.formats import FORMATS, JSON
from contract.invocation import DESCRIBED_AUDIO, AudioDescription, DescribedAudio, Invocation, Segment
from tests.support.fake_endpoint import Reply, described, sagemaker_error, script
from tests.support.tones import RATE, tone

PAUSE_SECONDS = 0.25
MIN_SECONDS = 0.7
CHARACTERS_A_SECOND = 18


@dataclass
class SpeakingEndpoint:
    """The endpoint.

    Attributes:
        health: what SageMaker says of it.
        refusal: what it answers in place of speaking.
        go_on: lines wait for it.
        spoken: the lines that it has spoken.
    """

    health: Reply = field(default_factory=lambda: awake())
    refusal: Reply | None = None
    go_on: threading.Event = field(default_factory=threading.Event)
    spoken: list[Invocation] = field(default_factory=list)

    def reset(self) -> None:
        """Be awake, and forget."""
        self.health, self.refusal = awake(), None
        self.go_on.set()
        self.spoken.clear()

    def sleep(self) -> None:
        """Have no instance."""
        self.health = described("InService", CurrentCopyCount=0, DesiredCopyCount=0)
        self.refusal = sagemaker_error(400, "ValidationError")

    def app(self) -> Starlette:
        """Serve it as SageMaker does."""
        return Starlette(
            routes=[
                Route("/", self._describe, methods=["POST"]),
                Route("/endpoints/{name}/invocations", self._invoke, methods=["POST"]),
            ]
        )

    async def _describe(self, _: Request) -> Response:
        return _response(self.health)

    async def _invoke(self, request: Request) -> Response:
        line = Invocation.model_validate_json(await request.body())
        if self.refusal:
            return _response(self.refusal)
        if line.script_only:
            return Response(script(line.text).model_dump_json(), media_type=JSON)
        while not self.go_on.is_set():
            await asyncio.sleep(0.02)
        self.spoken.append(line)
        return Response(hum(line).to_bytes(), media_type=DESCRIBED_AUDIO)


def awake() -> Reply:
    """What SageMaker says of an endpoint that speaks."""
    return described("InService", CurrentCopyCount=1, DesiredCopyCount=1)


def hum(line: Invocation) -> DescribedAudio:
    """Every sentence as a hum as long as it takes to say, and a pause."""
    told = script(line.text)
    waves, segments, start = [], [], 0.0
    for sentence in told.sentences:
        seconds = max(MIN_SECONDS, len(sentence) / CHARACTERS_A_SECOND) / line.speed
        segments.append(Segment(text=sentence, start=round(start, 3), end=round(start + seconds, 3)))
        waves += [tone(seconds) * _words(sentence, seconds), np.zeros(round(PAUSE_SECONDS * RATE), np.float32)]
        start += seconds + PAUSE_SECONDS
    wave = np.concatenate(waves)
    kind = FORMATS[line.format]
    file = io.BytesIO()
    soundfile.write(file, wave, RATE, format=kind.container, subtype=kind.encoding)
    description = AudioDescription(
        digest=told.digest,
        format=line.format,
        sample_rate=RATE,
        duration=round(len(wave) / RATE, 3),
        spoken_text=re.sub(r"\b5\b", "five", told.spoken_text),
        segments=segments,
    )
    return DescribedAudio(description, file.getvalue())


def _words(sentence: str, seconds: float) -> NDArray[np.float32]:
    """As loud as words are: [samples], in the order and of the length of the sentence's."""
    samples = round(seconds * RATE)
    lengths = np.array([len(word) + 1 for word in sentence.split()], float)
    edges = np.concatenate([[0], np.cumsum(lengths) / lengths.sum() * samples])
    loud = np.interp(np.arange(samples), edges, np.resize([0.25, 1, 0.6, 0.9, 0.4, 0.8], len(edges)))
    return np.asarray(loud, np.float32)


def _response(reply: Reply) -> Response:
    return Response(reply.body, reply.status, reply.headers)
