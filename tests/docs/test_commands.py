"""Every command that the docs show is run by a test, or says what it needs that tests have not.

A comment before the block says which: `<!-- run by tests/... -->` or `<!-- needs an AWS account -->`.
"""

import re
from collections.abc import Iterator

import pytest

from tests.support.documented import REPOSITORY, Block, blocks, pages

# What tests have not, and no other reason counts.
NEEDS = {"an AWS account", "npm, g++ and hours", "pre-commit"}
RUNS_AS_WRITTEN = "tests/integration/test_what_the_docs_tell.py"

BLOCKS = [block for page in pages() for block in blocks(page)]
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")


def test_the_commands_are_found() -> None:
    assert len(BLOCKS) > 25
    assert all(block.commands for block in BLOCKS), [block.place for block in BLOCKS if not block.commands]


@pytest.mark.parametrize("block", BLOCKS, ids=[block.place for block in BLOCKS])
def test_a_command_is_run_by_a_test_or_says_what_it_needs(block: Block) -> None:
    assert block.how, f"{block.place}: say before the block what runs it, or what it needs"
    if block.how == "needs":
        assert block.what in NEEDS
        return
    files = block.what.split(", ")
    assert all((REPOSITORY / file).is_file() for file in files), f"{block.place}: {block.what}"
    if files != [RUNS_AS_WRITTEN]:
        run = "\n".join((REPOSITORY / file).read_text(encoding="utf-8") for file in files)
        for command in block.commands:
            assert any(re.search(rf"(?<!\w){re.escape(trace)}(?!\w)", run) for trace in traces(command.typed)), (
                f"{block.place}: nothing of `{command.typed}` stands in {block.what}"
            )


@pytest.mark.parametrize("block", BLOCKS, ids=[block.place for block in BLOCKS])
def test_what_is_typed_is_there_to_be_called(block: Block) -> None:
    for command in block.commands:
        for target in re.findall(r"\bmake ([a-z][\w-]*)", command.typed):
            assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), f"{block.place}: there is no make {target}"
        for program in re.findall(r"^(?:\./|\.ci/)[\w.-]+", command.typed):
            assert (REPOSITORY / program).is_file(), f"{block.place}: there is no {program}"


def traces(typed: str) -> Iterator[str]:
    """What a file holds, one of them at least, that runs a command."""
    program = re.sub(r"^(?:[A-Z_]+=\S+ )+", "", typed.partition("#")[0]).split()
    match program:
        case ["make", target, *_]:
            yield f"make {target}"
            recipe = re.search(rf"^{target}:.*\n((?:\t.*\n)*)", MAKEFILE, re.MULTILINE)
            # What make runs, by its whole name or as a module that a test imports.
            for module in re.findall(r"-m ([\w.]+)", recipe[1] if recipe else ""):
                yield module
                yield f"import {module.rpartition('.')[2]}"
                yield f'"{module}"'
            yield f'planned("{target}"'
        case ["./deploy.sh", *options]:
            yield from options or ["deploy()"]
        case ["curl", *_]:
            yield from re.findall(r"/voices|/voice", typed)
        case ["export", *variables]:
            yield variables[0].partition("=")[0]
        case ["(cd", *_]:
            yield "sha256sum"
        case _:
            yield program[0].rpartition("/")[2]
            yield " ".join(program[:2])
