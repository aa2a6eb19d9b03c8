"""What can be told before any machine is asked is told at once, in words."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]


def bulk(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-m", "bulk", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nobody = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment | nobody, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["{folder}/none.jsonl"], "{folder}/none.jsonl names no file."),
        (["s3://lines/lines.jsonl"], "Unable to locate credentials"),
        (["{folder}/lines.txt"], "{folder}/lines.txt: rows are read from .jsonl, .csv, .parquet files."),
        (["{folder}/lines.csv", "--model", "{folder}"], "{folder} must hold exactly one .safetensors file"),
        (["{folder}/lines.csv", "--voices", "{folder}/none"], "{folder}/none holds no champion: "),
    ],
)
def test_what_is_wrong_with_a_command_is_told_in_a_line(arguments: list[str], told: str, tmp_path: Path) -> None:
    for name in ("lines.txt", "lines.csv"):
        (tmp_path / name).write_text("champion_id,text\ngaren,Now.\n")
    out = tmp_path / "out"
    answer = bulk(*(each.format(folder=tmp_path) for each in arguments), "--out", str(out))
    assert answer.returncode == 1
    assert answer.stderr.startswith(told.format(folder=tmp_path))
    assert len(answer.stderr.splitlines()) == 1
    assert not out.exists()
