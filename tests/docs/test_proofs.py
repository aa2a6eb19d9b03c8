"""docs/proofs.md tells of every folder of tests, and of every test that was never seen to pass."""

import ast
import re
from collections.abc import Iterator

from tests.support.documented import REPOSITORY

PAGE = (REPOSITORY / "docs/proofs.md").read_text(encoding="utf-8")
FOLDERS = re.findall(r"^\| `(tests/[\w/]+)` \|", PAGE, re.MULTILINE)
UNPROVED = re.findall(r"^\| `(tests/[\w/]+\.py::test_\w+)` \| (.+) \|$", PAGE, re.MULTILINE)
NOT_PROVED = "NOT PROVED: "
PROGRAMS = [path for path in (REPOSITORY / "tests").rglob("test_*.py") if "__pycache__" not in path.parts]


def test_every_folder_of_tests_has_a_row() -> None:
    folders = {path.name for path in (REPOSITORY / "tests").iterdir() if any(path.glob("**/*.py"))} - {"unit"}
    units = {path.name for path in (REPOSITORY / "tests/unit").iterdir() if any(path.glob("**/test_*.py"))}

    assert set(FOLDERS) == {f"tests/{name}" for name in folders} | {f"tests/unit/{name}" for name in units}
    assert len(FOLDERS) == len(set(FOLDERS))


def test_what_is_named_is_there() -> None:
    named = re.findall(r"`((?:tests|bulk|\.ci|docs)/[\w./-]+?)(?:::\w+)?`", PAGE)

    assert len(named) > 30
    assert [path for path in named if not (REPOSITORY / path).exists()] == []


def test_what_was_not_seen_to_pass_is_told_with_its_reason() -> None:
    assert sorted(UNPROVED) == sorted(unproved())


def test_the_page_tells_that_there_is_no_account_no_hub_and_no_gpu() -> None:
    for need in ("an AWS account", "the hub", "a GPU"):
        assert re.search(rf"^\| {need} \| .{{40,}} \|$", PAGE, re.MULTILINE)


def unproved() -> Iterator[tuple[str, str]]:
    """The tests that are skipped for good, by file and name, and why."""
    for path in PROGRAMS:
        for test in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(test, ast.FunctionDef):
                marks = [word for mark in test.decorator_list for word in ast.walk(mark)]
                words = [str(word.value) for word in marks if isinstance(word, ast.Constant)]
                reasons = [word for word in words if word.startswith(NOT_PROVED)]
                yield from ((f"{path.relative_to(REPOSITORY)}::{test.name}", why[len(NOT_PROVED) :]) for why in reasons)
