"""A disk of a few kilobytes, where Linux lets anybody make one: in a namespace of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest

_UNSHARE = ["unshare", "--user", "--map-root-user", "--mount", "sh"]


class SmallDisk:
    """A disk that can be filled; close it by leaving its context. Where it cannot be made, the test is left out.

    Args:
        folder: is made, and it is mounted there, for the process alone that holds it.
        kib: its size.

    Attributes:
        path: its root, for all other processes.
    """

    def __init__(self, folder: Path, kib: int) -> None:
        if shutil.which(_UNSHARE[0]) is None:
            pytest.skip("LEFT OUT: no disk can be filled: there is no unshare")
        folder.mkdir()
        self._shell = subprocess.Popen(_UNSHARE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._folder = folder
        self._mount(f"size={kib}k")
        self.path = Path(f"/proc/{self._shell.pid}/root{folder}")

    def __enter__(self) -> "SmallDisk":
        return self

    def __exit__(self, *_: object) -> None:
        self._shell.communicate()  # its last process takes the disk along

    def grow(self, kib: int) -> None:
        """Give it another size."""
        self._mount(f"remount,size={kib}k")

    def _mount(self, options: str) -> None:
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        try:
            self._shell.stdin.write(f"mount -t tmpfs -o {options} tmpfs '{self._folder}'; echo $?\n")
            self._shell.stdin.flush()
        except BrokenPipeError:
            pass
        if self._shell.stdout.readline() != "0\n":
            self._shell.communicate()
            pytest.skip("LEFT OUT: no disk can be filled: none may be mounted in a namespace of one's own")
