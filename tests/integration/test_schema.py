"""Schemathesis sends the running stack what it makes up from /openapi.json, right and wrong requests."""

import os
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from tests.integration.local_stack import LocalStack

# Its own list, and 413, which is what a text that is too long gets.
CONFIG = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, "5xx"]
"""


DOORS = 10  # those that have many requests; schemathesis makes up what there is for the others
CALLS = int(os.environ.get("CALLS", "1000"))  # at all doors together: `make fuzz CALLS=5000`

# What would be in the way of the other tests: voices that are gone, and jobs that are spoken beside them.
LEFT_OUT = ("putVoice", "deleteVoice", "uploadRecording", "createJob", "startNarration")


def schemathesis(stack: LocalStack, folder: Path, *options: str, **variables: str) -> None:
    """Run its checks on what it makes up, the same every time, in a folder that it may litter."""
    (folder / "schemathesis.toml").write_text(CONFIG)
    program = str(Path(sys.executable).with_name("schemathesis"))
    command = [program, "run", f"{stack.url}/openapi.json", "--generation-deterministic", "--no-color", *options]
    ended = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=240 + CALLS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.slow
def test_no_request_is_answered_in_a_way_that_the_schema_does_not_describe(stack: LocalStack, tmp_path: Path) -> None:
    # It may think up a text with nothing to speak: right by the schema, which cannot say so, and refused.
    schemathesis(
        stack,
        tmp_path,
        f"--max-examples={CALLS // DOORS}",
        "--exclude-checks=positive_data_acceptance",
        *chain.from_iterable(("--exclude-operation-id", each) for each in LEFT_OUT),
    )


@pytest.mark.slow
def test_what_the_schema_allows_is_spoken(stack: LocalStack, tmp_path: Path) -> None:
    before = stack.invocations()

    schemathesis(
        stack,
        tmp_path,
        "--mode=positive",
        "--max-examples=160",  # many are one line: null is a field left out
        "--phases=coverage,fuzzing",
        "--include-path=/voice",
        PYTHONPATH=str(Path(__file__).parent),
        SCHEMATHESIS_HOOKS="schemathesis_hooks",
    )

    assert stack.invocations() - before > 2 * 20
