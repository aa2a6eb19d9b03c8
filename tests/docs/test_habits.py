"""One version, a changelog that tells of it, hooks and workflows that do what they are said to."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml

from contract.version import VERSION
from tests.support.documented import REPOSITORY

CHANGELOG = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
WORKFLOWS = REPOSITORY / ".github/workflows"

# What yaml.safe_load gives.
Yaml: TypeAlias = Any


def read(path: Path) -> Yaml:
    """A file of YAML."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_version_stands_in_one_place_and_others_read_it() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "contract.version.VERSION"}
    for document in ("rest-api.json", "agent-openapi.json"):
        info = json.loads((REPOSITORY / "deploy/openapi" / document).read_text(encoding="utf-8"))["info"]
        assert info["version"] == VERSION, "run `make openapi`"


def test_the_changelog_is_in_the_form_of_keep_a_changelog_and_its_newest_release_is_this() -> None:
    releases = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", CHANGELOG, re.MULTILINE)
    kinds = set(re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE))

    assert releases[0] == ("Unreleased", "")
    assert releases[1][0] == VERSION
    assert [day for _, day in releases[1:]] == sorted((day for _, day in releases[1:]), reverse=True)
    assert all(day for _, day in releases[1:])
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.mark.parametrize(("tag", "released"), [(f"v{VERSION}", True), ("v99.0.0", False)])
def test_a_release_tells_what_the_changelog_tells_of_its_tag(tag: str, released: bool) -> None:
    script = REPOSITORY / ".ci/release_notes.py"
    ran = subprocess.run([sys.executable, script, tag], capture_output=True, text=True, check=False)

    assert (ran.returncode == 0) is released, ran.stderr
    if released:
        assert ran.stdout.strip() in CHANGELOG
        assert "## [" not in ran.stdout
    else:
        assert VERSION in ran.stderr


def test_the_hook_before_a_commit_is_make_lint_and_nothing_else() -> None:
    [repository] = read(REPOSITORY / ".pre-commit-config.yaml")["repos"]
    [hook] = repository["hooks"]

    assert repository["repo"] == "local"
    assert hook["entry"] == "make lint"
    assert not hook["pass_filenames"]


def test_the_workflow_runs_what_ci_runs_and_a_release_waits_for_it() -> None:
    steps = read(WORKFLOWS / "ci.yml")["jobs"]["run"]["steps"]
    jobs = read(WORKFLOWS / "release.yml")["jobs"]

    assert steps[-1] == {"run": ".ci/run"}
    assert jobs["ci"]["uses"] == "./.github/workflows/ci.yml"
    assert jobs["release"]["needs"] == "ci"
    assert any(".ci/release_notes.py" in step.get("run", "") for step in jobs["release"]["steps"])


def test_no_workflow_may_write_but_the_one_that_makes_a_release() -> None:
    for path in WORKFLOWS.glob("*.yml"):
        workflow = read(path)
        assert workflow["permissions"] == {"contents": "read"}, path.name
        writing = [name for name, job in workflow["jobs"].items() if "write" in str(job.get("permissions"))]
        assert writing == (["release"] if path.name == "release.yml" else [])
