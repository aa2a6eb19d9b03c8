"""A short soak of the real stack: what `make soak` does for twenty minutes."""

import json
from pathlib import Path

import httpx
import pytest

from bench.soak import report
from bench.soak.asks import REPLACED, Where
from bench.soak.run import soak
from bench.soak.verdict import faults, summary
from local.stack import url
from tests.integration.local_stack import LocalStack

SECONDS = 45
KINDS = {
    *("GET and HEAD", "OpenAI's line", "agent's line", "bad input", "better quality", "hang-up"),
    *("line after another reference", "line from the store", "long line", "replaced reference", "script only"),
    *("short line, as JSON", "short line, as sound"),
}


@pytest.mark.slow
def test_nothing_is_lost_though_callers_hang_up_references_change_and_the_model_is_killed(
    stack: LocalStack, tmp_path: Path
) -> None:
    seen = soak(stack.process, Where(stack.url, url(stack.ports.ray_serve)), SECONDS)

    assert faults(seen) == []
    told = summary(seen)
    assert told["kinds"].keys() == KINDS
    assert [each["lines_in_flight"] > 0 for each in told["killed"]] == [True]
    held = told["processes"]
    assert {"the model", "the Lambda", "the gateway", "Ray Serve's proxy", "the way in", "S3"} <= held.keys()
    assert held["the gateway"]["memory"][1] > 10
    assert held["the gateway"]["handles"][1] > 5
    voices = httpx.get(f"{stack.url}/voices").json()["voices"]
    assert REPLACED not in {voice["champion_id"] for voice in voices}, "the soak takes back what it put"

    report.write(told | {"over_time": report.series(seen)}, tmp_path / "soak.json")
    assert len(json.loads((tmp_path / "soak.json").read_text())["over_time"]["at"]) == len(seen.samples)
    report.draw(seen, "This machine", tmp_path / "soak.svg")
    assert "lines spoken" in (tmp_path / "soak.svg").read_text()
