"""A small HTTP server that stands where SageMaker does, and answers what a test tells it to."""

import hashlib
import io
import json
import re
import threading
import time
import wave
from dataclasses import dataclass, field, replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import ValidationError

from contract.formats import JSON, FormatName
from contract.invocation import (
    DESCRIBED_AUDIO,
    AudioDescription,
    DescribedAudio,
    Invocation,
    Origin,
    ScriptDescription,
    Segment,
)
from contract.line import Line

SAMPLE_RATE = 24_000
LOG_STREAM = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/f5tts:log-stream:secret"


@dataclass
class Reply:
    """What the server answers, after `delay` seconds."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0


@dataclass
class Received:
    """What the server was asked."""

    path: str
    headers: Message
    body: dict[str, Any]

    @property
    def line(self) -> dict[str, Any]:
        """What of the body is the line: not how it is to be answered, and by when."""
        return {name: value for name, value in self.body.items() if name in Line.model_fields}


def wav(seconds: float = 1.0, loudness: int = 1000) -> bytes:
    """A 24 kHz mono 16-bit WAV file of one constant sample."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(SAMPLE_RATE)
        writer.writeframes(loudness.to_bytes(2, "little") * round(seconds * SAMPLE_RATE))
    return buffer.getvalue()


def script(written: str, said: str | None = None) -> ScriptDescription:
    """What the endpoint would say of a text."""
    said = said or written
    sentences = re.split(r"(?<=[.!?])\s+", written)
    return ScriptDescription(digest=hashlib.sha256(said.encode()).hexdigest(), spoken_text=said, sentences=sentences)


def spoken(
    seconds: float = 1.0,
    loudness: int = 1000,
    delay: float = 0,
    sound_format: FormatName = "wav",
    sound: bytes | None = None,
    origin: Origin | None = None,
) -> Reply:
    """The endpoint speaks; `sound` is what it says in place of a WAV file, in whichever format."""
    description = AudioDescription(
        **script("What was asked for.").model_dump(include={"digest", "spoken_text"}),
        format=sound_format,
        sample_rate=SAMPLE_RATE,
        duration=seconds,
        segments=[Segment(text="What was asked for.", start=0, end=seconds)],
        origin=origin,
    )
    body = DescribedAudio(description, sound or wav(seconds, loudness)).to_bytes()
    return Reply(body=body, headers={"Content-Type": DESCRIBED_AUDIO}, delay=delay)


def sagemaker_error(status: int, code: str) -> Reply:
    """SageMaker itself refuses."""
    body = {"message": f"{code}: Endpoint arn:aws:sagemaker:us-east-1:123456789012:endpoint/f5tts-voice-generator"}
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json", "x-amzn-ErrorType": code})


def model_error(status: int, message: str | dict[str, Any]) -> Reply:
    """The container refuses, in SageMaker's envelope."""
    original = message if isinstance(message, str) else json.dumps(message)
    body = {
        "Message": f'Received server error ({status}) from primary with message "{original}"',
        "OriginalStatusCode": status,
        "OriginalMessage": original,
        "LogStreamArn": LOG_STREAM,
    }
    return Reply(424, json.dumps(body).encode(), {"Content-Type": "application/json", "x-amzn-ErrorType": "ModelError"})


def refused(status: int, detail: str = "Speak up.", **more: Any) -> Reply:  # noqa: ANN401 -- what json.dumps takes
    """The container refuses with the endpoint's own problem document."""
    return model_error(status, {"type": "about:blank", "title": "?", "status": status, "detail": detail} | more)


def described(endpoint: str, component: str = "InService", **copies: int) -> Reply:
    """DescribeEndpoint and DescribeInferenceComponent answer: boto3 takes from it what the one or the other says."""
    body: dict[str, Any] = {
        "EndpointName": "f5tts-voice-generator",
        "EndpointArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/f5tts-voice-generator",
        "EndpointStatus": endpoint,
        "InferenceComponentStatus": component,
        "RuntimeConfig": copies,
        "CreationTime": 0,
        "LastModifiedTime": 0,
    }
    return Reply(body=json.dumps(body).encode(), headers={"Content-Type": "application/x-amz-json-1.1"})


def refusal(asked: Received) -> Reply | None:
    """What the endpoint refuses before it speaks: another request than the contract's, or another answer."""
    expected = JSON if asked.body.get("script_only") else DESCRIBED_AUDIO
    if asked.headers["Accept"] != expected or asked.headers["Content-Type"] != JSON:
        return model_error(406, f"Only {expected} is answered, for {JSON}.")
    try:
        Invocation.model_validate(asked.body)
    except ValidationError as error:
        return model_error(422, str(error))
    return None


class FakeEndpoint:
    """The server.

    Attributes:
        reply: what it answers to a line that it is to speak; what it would say, it answers itself unless it refuses.
        always_reads: whether it answers what it would say even if `reply` refuses.
        received: the lines that it was to speak since the last `reset`.
        read: the lines of which it was only asked what it would say.
        says: what it says for a text, where that is not the text itself.
        health: what it answers when it is asked how it is, where that is not `reply`.
        refuses: what it answers to a text that holds this.
    """

    def __init__(self) -> None:
        self.reply = spoken()
        self.always_reads = False
        self.received: list[Received] = []
        self.read: list[Received] = []
        self.says: dict[str, str] = {}
        self.health: Reply | None = None
        self.refuses: dict[str, Reply] = {}
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if endpoint.health and "X-Amz-Target" in self.headers:
                    self.answer(endpoint.health)
                    return
                asked = Received(self.path, self.headers, json.loads(body or b"null"))
                only_read = bool(asked.body) and asked.body.get("script_only", False)
                (endpoint.read if only_read else endpoint.received).append(asked)
                text = str((asked.body or {}).get("text"))
                reply = next((refusal for held, refusal in endpoint.refuses.items() if held in text), endpoint.reply)
                speaks = reply.headers.get("Content-Type") == DESCRIBED_AUDIO
                if only_read and (speaks or endpoint.always_reads):
                    reply = refusal(asked) or endpoint.scripted(asked)
                elif speaks:
                    reply = refusal(asked) or endpoint.speaking(asked)
                self.answer(reply)

            def answer(self, reply: Reply) -> None:
                time.sleep(reply.delay)
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name in the base class
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign] # a client that timed out has left
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def scripted(self, asked: Received) -> Reply:
        """What it would say."""
        written = asked.body["text"]
        body = script(written, self.says.get(written)).model_dump_json().encode()
        return Reply(body=body, headers={"Content-Type": JSON})

    def speaking(self, asked: Received) -> Reply:
        """Its reply, told of the text that was asked for."""
        written = asked.body["text"]
        told = DescribedAudio.parse(self.reply.body)
        said = script(written, self.says.get(written))
        length = told.description.duration / len(said.sentences)
        segments = [
            Segment(text=sentence, start=number * length, end=(number + 1) * length)
            for number, sentence in enumerate(said.sentences)
        ]
        description = told.description.model_copy(
            update={"digest": said.digest, "spoken_text": said.spoken_text, "segments": segments}
        )
        return replace(self.reply, body=DescribedAudio(description, told.audio).to_bytes())

    def reset(self) -> None:
        self.reply = spoken()
        self.always_reads = False
        self.received, self.read, self.says = [], [], {}
        self.health, self.refuses = None, {}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
