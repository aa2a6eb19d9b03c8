"""What stands where the model is, under a real Ray Serve: each line says what becomes of it."""

import asyncio
import json
import os
import signal
from pathlib import Path

from ray import serve

from answer import Answer

MAX_LINES = 4
MAX_QUEUED = (
    6  # more than any test but the crowd sends at once: Ray counts a line as queued until a replica has taken it
)


class Model:
    """Answers a line with its words, once it has slept or died as they say."""

    async def invoke(self, body: bytes, _type: str, _accept: str, _request_id: str, _deadline: float) -> Answer:
        line = json.loads(body)
        with Path(line["log"]).open("a") as log:
            log.write(f"{line['text']}\n")
        await asyncio.sleep(line.get("sleep", 0))
        if Path(line["log"]).read_text().splitlines().count(line["text"]) <= line.get("deaths", 0):
            os.kill(os.getpid(), signal.SIGKILL)
        return Answer(line["text"].encode(), "text/plain")


def build(_: dict[str, str]) -> serve.Application:
    """The application that stands where config.yaml has the model."""
    deployment = serve.deployment(
        max_ongoing_requests=MAX_LINES, max_queued_requests=MAX_QUEUED, health_check_period_s=1
    )
    return deployment(Model).bind()
