"""A job that goes as far as a test says, in the documents that the API writes of one."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, Request, Route

from contract.invocation import DescribedAudio, Invocation
from tests.support.speaking_endpoint import hum

ID = "0123456789abcdef"


@dataclass
class JobsApi:
    """Answers for /jobs in a browser.

    Attributes:
        status: of the job.
        parts: the texts of all its parts.
        spoken: how many of them are finished.
        asked: what was asked, in order.
        problem: why it failed.
    """

    status: str = "queued"
    parts: list[str] = field(default_factory=list)
    spoken: int = 0
    asked: list[Request] = field(default_factory=list)
    problem: dict[str, Any] | None = None

    def answer_for(self, page: Page) -> None:
        """Stand where the API's jobs are."""
        page.route(re.compile(r"/jobs(/\w+)?$"), self._answer)
        page.route("**/parts/*.flac", self._sound)
        page.route("**/whole.*", lambda route: route.fulfill(body="whole"))

    def finish(self) -> None:
        """Have all of it spoken."""
        self.spoken, self.status = len(self.parts), "succeeded"

    def asked_by(self, method: str) -> list[Request]:
        """What was asked by a method."""
        return [request for request in self.asked if request.method == method]

    def document(self, url: str) -> dict[str, Any]:
        """The job as the API tells of it.

        Args:
            url: the API's.
        """
        done, start, told = self.status == "succeeded", 0.0, []
        for index, text in enumerate(self.parts[: self.spoken]):
            duration = self.sound(index).description.duration
            address = f"{url}/parts/{index}.flac"
            told.append({"index": index, "text": text, "start": start, "end": start + duration, "audio_url": address})
            start += duration
        return {
            "id": ID,
            "status": self.status,
            "progress": self.spoken / max(1, len(self.parts)),
            "created_at": "2026-11-25T12:00:00Z",
            "parts": told,
            "skipped": [],
            "format": "mp3",
            "duration": start if done else None,
            "audio_url": f"{url}/whole.mp3" if done else None,
            "captions_url": f"{url}/whole.vtt" if done else None,
            "subtitles_url": f"{url}/whole.srt" if done else None,
            "spoken_text": " ".join(self.parts) if done else None,
            "problem": self.problem,
        }

    def _answer(self, route: Route, request: Request) -> None:
        self.asked.append(request)
        if request.method == "POST":
            text = json.loads(request.post_data or "")["text"]
            self.parts = [part for part in re.split(r"(?<=\.)\s+", text) if part]
        if request.method == "DELETE":
            self.status = "cancelled"
        url = re.sub(r"/jobs.*", "", request.url)
        status = 202 if request.method == "POST" else 200
        route.fulfill(status=status, content_type="application/json", body=json.dumps(self.document(url)))

    def _sound(self, route: Route, request: Request) -> None:
        index = int(request.url.rsplit("/", 1)[1].removesuffix(".flac"))
        route.fulfill(content_type="audio/flac", body=self.sound(index).audio)

    def sound(self, index: int) -> DescribedAudio:
        """A part as it is spoken."""
        return hum(Invocation(champion_id="ahri", text=self.parts[index], format="flac"))
