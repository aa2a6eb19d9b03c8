"""The worked examples of CONTRIBUTING.md are changes that apply, and do what they say."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = re.compile(r"^### (.+)$(?:(?!^### )[\s\S])*?^<!-- proof: (.+) -->\n```diff\n([\s\S]*?)^```$", re.MULTILINE)
EXAMPLES = EXAMPLE.findall((REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8"))
ROOMS = ("api", "bench", "bulk", "contract", "deploy", "docs", "endpoint", "local", "models", "tests", "pyproject.toml")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The rooms, to change."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *ROOMS]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    for name in listed.splitlines():
        source, target = REPOSITORY / name, tmp_path / name
        if source.suffix != ".safetensors" and source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target, follow_symlinks=False)
    return tmp_path


def test_there_is_one_for_a_door_a_format_and_a_rule() -> None:
    assert [title for title, _, _ in EXAMPLES] == ["A door", "A format", "A rule of the front end"]


@pytest.mark.slow
@pytest.mark.parametrize(("title", "proofs", "change"), EXAMPLES, ids=[title for title, _, _ in EXAMPLES])
def test_it_applies_and_its_tests_pass(title: str, proofs: str, change: str, copy: Path) -> None:
    applied = subprocess.run(["git", "apply", "-"], cwd=copy, input=change, capture_output=True, text=True, check=False)
    assert applied.returncode == 0, f"{title}: {applied.stderr}"

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", *proofs.split()],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
