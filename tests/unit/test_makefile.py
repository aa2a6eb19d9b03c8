"""What the Makefile sets up and runs, tried in a folder of its own."""

import os
import re
import shutil
import subprocess
import venv
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with an environment that nothing has been installed into."""
    folder = tmp_path / "checkout"
    venv.create(folder / ".venv", symlinks=True)
    (folder / ".venv/bin/uv").touch()
    shutil.copy(REPOSITORY / "Makefile", folder)
    for module in ("contract/line.py", "deploy/pack.py", "local/stack.py", "endpoint/engine/speech.py"):
        path = folder / module
        path.parent.mkdir(parents=True)
        path.touch()
    return folder


def test_every_part_can_be_imported_from_anywhere(checkout: Path, tmp_path: Path) -> None:
    subprocess.run(["make", "--silent", ".venv/importable"], cwd=checkout, check=True)

    # -I: neither the folder that it runs in nor PYTHONPATH helps.
    program = "import contract.line, deploy.pack, local.stack, engine.speech; print(engine.speech.__file__)"
    ran = subprocess.run(
        [checkout / ".venv/bin/python", "-I", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    assert Path(ran.stdout.strip()) == checkout / "endpoint/engine/speech.py"


def planned(*arguments: str) -> str:
    """What make would run if every environment were there."""
    environments = ["installed-run", "installed-test", "enough-disk", "importable"]
    there = [f"--assume-old=.venv/{stamp}" for stamp in environments]
    # Without what the make that runs these tests hands on.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "TESTS"))
    }
    ran = subprocess.run(
        ["make", "--dry-run", *there, *arguments],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


def test_make_test_runs_what_it_is_told_to_and_builds_nothing_for_it() -> None:
    commands = planned("test", "TESTS=tests/unit/api -k kept")

    assert "pytest tests/unit/api -k kept" in commands
    assert "sam build" not in commands


def test_make_test_alone_builds_and_checks_and_leaves_only_slow_proofs_out() -> None:
    commands = planned("test")

    assert "sam build" in commands
    assert "mypy ." in commands
    unit, others = re.findall(r"\.venv/bin/pytest (?!--quiet)(.*)", commands)
    assert unit.startswith("tests/unit")
    assert "-m" not in unit
    assert others == '--ignore tests/unit -m "not slow"'


def test_make_test_all_leaves_nothing_out() -> None:
    before, _, after = planned("test-all").rpartition(".venv/bin/pytest ")

    assert planned("test").strip() == before.strip()
    assert after.strip() == "--ignore tests/unit -m slow"


def test_make_unit_needs_neither_sam_nor_other_environments() -> None:
    commands = planned("unit")

    assert "pytest tests/unit" in commands
    assert "sam" not in commands
    assert ".venv-" not in commands


def test_make_run_fetches_the_model_that_is_named_and_runs_on_it() -> None:
    commands = planned("run", "MODEL=F5TTS_v1_Base")

    assert 'MODEL_DIR=$(.venv/bin/python -W ignore -m deploy.model "F5TTS_v1_Base")' in commands
    assert commands.rstrip().endswith("exec .venv/bin/python -m local.stack")


def test_make_audit_looks_at_all_that_is_deployed() -> None:
    commands = planned("--assume-old=.venv-audit/installed", "audit")

    [names] = re.findall(r"^for lock in (.*); do$", commands.replace("\\\n", ""), re.MULTILINE)[:1]
    containers = {f"deploy/requirements-{container}.lock" for container in ("ray", "pytorch")}
    assert set(names.split()) == {"api/requirements.txt"} | containers
    for tool in ("cyclonedx-py", "pip-licenses", "pip-audit"):
        assert f".venv-audit/bin/{tool}" in commands


def test_make_lists_its_targets_in_groups() -> None:
    listed = subprocess.run(["make"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    first, *groups = listed.split("\n\n")
    targets = {group.splitlines()[0]: re.findall(r"^  make ([\w-]+) +\w", group, re.MULTILINE) for group in groups}

    assert "make help" in first
    assert {"run", "say"} <= set(targets["Hear it"])
    assert {"unit", "test", "test-all", "lint"} <= set(targets["Prove it"])
    assert {"docs", "openapi"} <= set(targets["Write what is made of the code"])
    assert all(targets.values())
