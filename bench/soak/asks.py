"""What a caller of the soak may ask, and what must come back."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from random import Random
from typing import Any

import httpx
import soundfile

from contract.formats import FORMATS, JSON, FormatName
from contract.problem import PROBLEM_JSON

VOICES = Path(__file__).parents[2] / "voices"
CHAMPIONS = sorted(path.name for path in VOICES.iterdir() if path.is_dir())
AFTER = "line after another reference"
REPLACED = "soak"  # the champion whose reference is replaced
SENTENCES = (
    "Ward the river before you walk into it.",
    "At 25:30 you were 5/2/11 with 10k gold.",
    "Don't chase them past the 2nd tower!",
    "Do you see the dragon? It spawns in thirty seconds.",
    "Let the wave come to you.",
    "Tell your team, and take the brush on the left.",
)
WRITTEN: dict[str, str] = {
    "plain": "{}",
    "ssml": '<speak><p>{}</p><break time="200ms"/><s>Go in.</s></speak>',
    "markdown": "# Next\n\n**{}**",
}
SENTENCES_OF_A_LONG_LINE = 4
ENDPOINT_WAIT_SECONDS = 25  # as long as the API would wait
MAX_DIFFERENCE_SECONDS = 0.1  # between a sound and what is told of it
PAGES = ("/", "/health", "/voices", "/voices/ahri", "/openapi.json", "/docs", "/v1/models", "/v1/audio/voices")
KEPT = {"champion_id": "ahri", "text": "This line is kept.", "quality": "fast", "seed": 1}

Check = Callable[[httpx.Response], str]
"""What is wrong with an answer; empty for nothing."""


@dataclass(frozen=True)
class Where:
    """Where the stack is.

    Attributes:
        gateway: the URL of the API.
        ray_serve: the URL of the endpoint's own server.
    """

    gateway: str
    ray_serve: str


@dataclass(frozen=True)
class Ask:
    """A request.

    Attributes:
        kind: what it is counted under.
        check: judges the answer.
        is_spoken: whether the model must speak to answer it.
    """

    kind: str
    method: str
    url: str
    check: Check
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_spoken: bool = False


class Asker:
    """Makes requests, each other than those before.

    Args:
        where: of whom.
        draw: what is asked for.
    """

    def __init__(self, where: Where, draw: Random) -> None:
        self._where = where
        self._draw = draw

    def line(self, kind: str, sentences: int = 1, accept: str = JSON, **fields: object) -> Ask:
        """A line that was never spoken, at `POST /voice`."""
        asked = self._fields(sentences) | fields
        check = _is_spoken_json if accept == JSON else _is_sound(asked["format"])
        headers = {"Content-Type": JSON, "Accept": accept}
        url = f"{self._where.gateway}/voice"
        return Ask(kind, "POST", url, check, headers, json.dumps(asked).encode(), is_spoken=True)

    def json_line(self) -> Ask:
        """A short line whose answer is JSON."""
        return self.line("short line, as JSON")

    def sound_line(self) -> Ask:
        """A short line whose answer is a sound."""
        return self.line("short line, as sound", accept="audio/*")

    def long_line(self) -> Ask:
        """A line of several sentences."""
        return self.line("long line", sentences=SENTENCES_OF_A_LONG_LINE)

    def fine_line(self) -> Ask:
        """A short line in one of the better qualities."""
        return self.line("better quality", quality=self._draw.choice(("standard", "high")))

    def agents_line(self) -> Ask:
        """A line as an agent asks for it."""
        body = json.dumps(self._fields(1)).encode()
        url = f"{self._where.gateway}/speak"
        return Ask("agent's line", "POST", url, _is_link, {"Content-Type": JSON}, body, is_spoken=True)

    def openai_line(self) -> Ask:
        """A line as OpenAI's clients ask for it; their lines have no seed, so the text is a new one."""
        name = self._draw.choice(list(FORMATS))
        text = f"Wave {self._draw.randrange(10**6)}, let it come."
        voice = self._draw.choice(CHAMPIONS)
        body = json.dumps({"model": "tts-1", "voice": voice, "input": text, "response_format": name}).encode()
        url = f"{self._where.gateway}/v1/audio/speech"
        return Ask("OpenAI's line", "POST", url, _is_sound(name), {"Content-Type": JSON}, body, is_spoken=True)

    def kept_line(self) -> Ask:
        """A line that was spoken before."""
        url, body = f"{self._where.gateway}/voice", json.dumps(KEPT).encode()
        return Ask("line from the store", "POST", url, _is_kept, {"Content-Type": JSON}, body)

    def line_to_keep(self) -> Ask:
        """The same, for the first time on this stack or not."""
        return replace(self.kept_line(), check=_is_ok)

    def line_after(self, champion_id: str, seed: int) -> Ask:
        """A line that tells whether two champions sound alike."""
        plain = {"text": SENTENCES[0], "text_type": "plain", "speed": 1, "format": "wav"}
        return self.line(AFTER, 1, "audio/*", **plain, champion_id=champion_id, seed=seed)

    def script(self) -> Ask:
        """What would be said, at the endpoint itself."""
        body = json.dumps(self._fields(1) | {"script_only": True, "wait_seconds": ENDPOINT_WAIT_SECONDS}).encode()
        return Ask("script only", "POST", f"{self._where.ray_serve}/invocations", _is_script, body=body)

    def page(self) -> Ask:
        """What GET and HEAD answer alike."""
        method = self._draw.choice(("GET", "HEAD"))
        url = f"{self._where.gateway}{self._draw.choice(PAGES)}"
        return Ask("GET and HEAD", method, url, _is_empty if method == "HEAD" else _is_ok)

    def bad_input(self) -> Ask:
        """What must be refused."""
        method, path, body, headers = self._draw.choice(BAD_INPUT)
        server = self._where.ray_serve if path == "/invocations" else self._where.gateway
        check = _is_openai_error if path.startswith("/v1/") else _is_problem
        return Ask("bad input", method, f"{server}{path}", check, {"Content-Type": JSON} | headers, body)

    def new_reference(self, recording: bytes, transcript: str) -> Ask:
        """Another reference for the champion whose reference is replaced."""
        audio = base64.b64encode(recording).decode()
        voice = {"audio": audio, "transcript": transcript, "consent": True, "consent_by": "the soak"}
        url, body = f"{self._where.gateway}/voices/{REPLACED}", json.dumps(voice).encode()
        return Ask("replaced reference", "PUT", url, _is_ok, {"Content-Type": JSON}, body)

    def no_reference(self) -> Ask:
        """The champion whose reference was replaced goes."""
        return Ask("deleted reference", "DELETE", f"{self._where.gateway}/voices/{REPLACED}", _is_ok)

    def _fields(self, sentences: int) -> dict[str, Any]:
        written = self._draw.choice(list(WRITTEN))
        return {
            "champion_id": self._draw.choice((*CHAMPIONS, REPLACED)),
            "text": WRITTEN[written].format(" ".join(self._draw.sample(SENTENCES, sentences))),
            "text_type": written,
            "quality": "fast",
            "format": self._draw.choice(list(FORMATS)),
            "speed": self._draw.choice((0.9, 1.0, 1.2)),
            "seed": self._draw.randrange(1000, 2**32),
        }


def _line(**fields: object) -> bytes:
    return json.dumps({"champion_id": "ahri", "text": "Go in."} | fields).encode()


BAD_INPUT: tuple[tuple[str, str, bytes, dict[str, str]], ...] = (
    ("POST", "/voice", b'{"text": ', {}),
    ("POST", "/voice", b"{}", {}),
    ("POST", "/voice", _line(champion_id="yasou"), {}),
    ("POST", "/voice", _line(speed=9), {}),
    ("POST", "/voice", _line(text="Go. " * 600), {}),
    ("POST", "/voice", _line(text="..."), {}),
    ("POST", "/voice", _line(text="مرحبا"), {}),
    ("POST", "/voice", _line(text="<speak><p>Go in.", text_type="ssml"), {}),
    ("POST", "/voice", _line(), {"Content-Type": "text/csv"}),
    ("POST", "/voice", _line(), {"Accept": "image/png"}),
    ("POST", "/speak", _line(voice="ahri"), {}),
    ("DELETE", "/voice", b"", {}),
    ("GET", "/nowhere", b"", {}),
    ("PUT", "/voices/nobody", json.dumps({"audio": "AAAA", "transcript": "Go.", "consent": True}).encode(), {}),
    ("POST", "/v1/audio/speech", json.dumps({"model": "tts-1", "voice": "nobody", "input": "Go."}).encode(), {}),
    ("POST", "/v1/audio/speech", b"{}", {}),
    ("POST", "/invocations", _line(speed=9, wait_seconds=ENDPOINT_WAIT_SECONDS), {}),
    ("POST", "/invocations", b"[]", {}),
)


def _is_ok(answer: httpx.Response) -> str:
    return "" if answer.is_success else f"{answer.status_code}: {answer.text[:200]}"


def _is_empty(answer: httpx.Response) -> str:
    return _is_ok(answer) or ("HEAD was answered with a body" if answer.content else "")


def _is_spoken_json(answer: httpx.Response) -> str:
    if wrong := _is_ok(answer):
        return wrong
    told = answer.json()
    return _differs(base64.b64decode(told["audio"]), told["format"], told["duration"])


def _is_sound(name: FormatName) -> Check:
    def check(answer: httpx.Response) -> str:
        if wrong := _is_ok(answer):
            return wrong
        if not (media_type := answer.headers["Content-Type"]).startswith(FORMATS[name].media_type):
            return f"{name} was asked for and {media_type} came"
        return _differs(answer.content, name, float(answer.headers["X-Duration"]))

    return check


def _differs(sound: bytes, name: FormatName, duration: float) -> str:
    """Whether a sound is shorter or longer than what is told of it."""
    if name == "pcm":
        seconds = len(sound) / 2 / 24_000
    else:
        try:
            about = soundfile.info(io.BytesIO(sound))
        except soundfile.LibsndfileError as error:
            return f"{name} that cannot be read: {error}"
        seconds = about.frames / about.samplerate
    return "" if abs(seconds - duration) < MAX_DIFFERENCE_SECONDS else f"{seconds} s of sound, {duration} were told"


def _is_link(answer: httpx.Response) -> str:
    if wrong := _is_ok(answer):
        return wrong
    sound = httpx.get(answer.json()["audio_url"], timeout=30)
    return "" if sound.is_success and sound.content else f"the link to the sound answered {sound.status_code}"


def _is_kept(answer: httpx.Response) -> str:
    return _is_ok(answer) or ("" if answer.json()["from_store"] else "a line was spoken anew that was in the store")


def _is_script(answer: httpx.Response) -> str:
    return _is_ok(answer) or ("" if answer.json().get("spoken_text") else "a script without a text")


def _is_refused(answer: httpx.Response) -> str:
    status = answer.status_code
    is_client_error = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return "" if is_client_error else f"{answer.request.method} {answer.request.url} was answered {status}"


def _is_problem(answer: httpx.Response) -> str:
    if wrong := _is_refused(answer):
        return wrong
    has_type = answer.headers.get("Content-Type", "").startswith(PROBLEM_JSON)
    if has_type and (problem := answer.json()).get("status") == answer.status_code and problem.get("detail"):
        return ""
    return f"{answer.request.url} was refused without a problem document: {answer.text[:200]}"


def _is_openai_error(answer: httpx.Response) -> str:
    if wrong := _is_refused(answer):
        return wrong
    error = answer.json().get("error")
    has_shape = isinstance(error, dict) and {"message", "type", "param", "code"} <= error.keys()
    return "" if has_shape else f"{answer.request.url} was refused in another shape than OpenAI's"
