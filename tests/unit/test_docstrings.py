"""A docstring is an imperative or a noun phrase ("Speak a line", "The champion's reference"), never "Speaks a line"."""

import json
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = ("api", "bench", "bulk", "contract", "deploy", "docs", "endpoint", "local", "models", "tests/support", ".ci")
# Ruff's rule for the imperative mood takes a noun phrase for a wrong verb; these begin one.
NOUN_PHRASES = ("A", "An", "The", "This", "What", "Whatever")


def test_no_docstring_speaks_in_the_third_person() -> None:
    ruff = Path(sys.executable).with_name("ruff")
    options = ["--isolated", "--select=D401", "--output-format=json", "--exit-zero"]
    checked = subprocess.run(
        [ruff, "check", *options, *ROOMS], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    told = [
        f"{Path(found['filename']).relative_to(REPOSITORY)}:{found['location']['row']} {sentence}"
        for found in json.loads(checked.stdout)
        if (sentence := found["message"].partition('"')[2]).split()[0] not in NOUN_PHRASES
    ]
    assert told == []
