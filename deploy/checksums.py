"""SHA-256 of files, and lists of them as `sha256sum` writes and checks them."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def sha256(path: Path) -> str:
    """A file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_sums(path: Path) -> dict[str, str]:
    """SHA-256 by file name; nothing if there is no such list."""
    if not path.is_file():
        return {}
    lines = map(_LINE.fullmatch, path.read_text(encoding="utf-8").splitlines())
    return {line[2]: line[1] for line in lines if line}


def write_sums(path: Path, sums: Mapping[str, str]) -> None:
    """Write a list.

    Args:
        path: where to.
        sums: SHA-256 by file name.
    """
    path.write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()), encoding="utf-8")
