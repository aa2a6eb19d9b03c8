"""What the docs tell to type is typed, before the whole stack, and does and prints what they say."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.local_stack import LocalStack
from tests.support.documented import REPOSITORY, Block, Command, blocks, pages

THIS = "tests/integration/test_what_the_docs_tell.py"
PAGES = {
    page.relative_to(REPOSITORY).as_posix(): found
    for page in pages()
    if (found := [block for block in blocks(page) if block.what == THIS])
}


@pytest.fixture
def folder(tmp_path: Path, stack: LocalStack) -> Iterator[Path]:
    """A folder like the repository's, with a recording of one's own; the voice that is made of it goes again."""
    (tmp_path / "voices").symlink_to(REPOSITORY / "voices")
    shutil.copy(REPOSITORY / "voices/lux/reference.wav", tmp_path / "mina.wav")
    shutil.copy(REPOSITORY / "voices/lux/reference.txt", tmp_path / "mina.txt")
    yield tmp_path
    httpx.delete(f"{stack.url}/voices/mina", timeout=30)


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_tells_to_type_does_what_it_says(page: str, stack: LocalStack, folder: Path) -> None:
    lacking = {name for name in ("curl", "jq") if not shutil.which(name)}
    if used := sorted(name for name in lacking for block in PAGES[page] if name in str(block.commands)):
        pytest.skip(f"LEFT OUT: no {used[0]} on this machine (Debian: apt install {used[0]})")
    for block in PAGES[page]:
        for command in block.commands:
            printed = typed(command.typed, stack, folder)
            check(block, command, printed, folder)


def typed(command: str, stack: LocalStack, folder: Path) -> str:
    """What a command prints, with this stack's addresses in place of those of `make run`."""
    for documented, port in {3000: stack.ports.gateway, 3001: stack.ports.sagemaker, 3002: stack.ports.s3}.items():
        command = command.replace(f"127.0.0.1:{documented}", f"127.0.0.1:{port}")
    of_a_reader = {"API_URL": stack.url, "API_KEY": "any", "ADMIN_KEY": "any", "OPENAI_API_KEY": "any"}
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=os.environ | of_a_reader,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
    return ran.stdout


def check(block: Block, command: Command, printed: str, folder: Path) -> None:
    """Compare what is printed with what the page shows: the shape of JSON, the status and the headers of HTTP."""
    if command.printed.startswith("HTTP/"):
        shown, there = head(command.printed), head(printed)
        assert there[0].split()[1] == shown[0].split()[1], f"{block.place}: {printed}"
        assert set(names(shown)) <= set(names(there)), f"{block.place}: {printed}"
    elif command.printed:
        shown, there = (json.loads(each.replace("\n", "")) for each in (command.printed, printed))
        assert there.keys() == shown.keys(), f"{block.place}: {printed}"
        assert there.get("status") == shown.get("status")
    elif printed.strip():
        assert "about:blank" not in printed, f"{block.place}: {printed}"
    if written := re.search(r"(?:-o|--output) (\S+)", command.typed):
        sound = (folder / written[1]).read_bytes()
        assert sound[:4] == b"RIFF" or sound[:3] == b"ID3" or sound[:1] == b"\xff", sound[:200]


def head(answer: str) -> list[str]:
    """The lines of an HTTP answer's head."""
    return [line.strip() for line in answer.splitlines() if line.strip()]


def names(head: list[str]) -> list[str]:
    """The names of its headers."""
    return [line.partition(":")[0].lower() for line in head[1:]]
