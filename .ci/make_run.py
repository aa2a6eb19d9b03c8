"""Do what a new user does: `make run` in a fresh clone, the printed curl line, Ctrl-C; then again with a port taken.

While that stack is up, `sam local` runs the built Lambda in Docker against it.

The packages come from uv's cache, which an install on a new machine has to wait for.
"""

# ruff: noqa: S603, S606, S607, T201 -- a script that runs commands and tells of it

import atexit
import os
import pty
import re
import shutil
import socket
import subprocess
import sys
import time
import wave
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

ROOT = Path(__file__).resolve().parent.parent
PORT = 13900
READY = "Ctrl-C ends all of it."
START_SECONDS = 600
STOP_SECONDS = 10


class Terminal:
    """A command in a terminal of its own, the only way to press Ctrl-C as a user does: `make` gets it too."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.printed = ""
        pid, self._terminal = pty.fork()
        if pid == 0:
            os.chdir(folder)
            os.execvp(command[0], command)
        self.process = psutil.Process(pid)

    def read_until(self, text: str, seconds: float) -> bool:
        """Read until the text is printed or the command ends; pass on what is read."""
        deadline = time.monotonic() + seconds
        while text not in self.printed and time.monotonic() < deadline:
            try:
                chunk = os.read(self._terminal, 4096).decode(errors="replace")
            except OSError:  # the command has closed its terminal
                return text in self.printed
            print(chunk, end="", flush=True)
            self.printed += chunk
        return text in self.printed

    def press_ctrl_c(self) -> None:
        """Have the terminal interrupt all that runs in its foreground."""
        os.write(self._terminal, b"\x03")


def fail_unless(holds: object, what: str) -> None:
    """End the script with what went wrong, if it did."""
    if not holds:
        sys.exit(f"CI: {what}")


def run_and_interrupt(clone: Path) -> None:
    """`make run` until it is ready, the curl line that it prints, and Ctrl-C."""
    terminal = Terminal(["make", "run", f"PORT={PORT}"], clone)
    # Whatever fails here, the stack does not stay.
    atexit.register(terminal.press_ctrl_c)
    fail_unless(terminal.read_until(READY, START_SECONDS), "make run did not get ready")
    fail_unless(seconds_of(clone / "demo.wav") > 1, "demo.wav holds no line")
    [curl] = re.findall(r"^curl .*?(?=\r?$)", terminal.printed, re.MULTILINE)
    subprocess.run(["bash", "-c", curl], cwd=clone, check=True)
    fail_unless(seconds_of(clone / "ahri.wav") > 1, "the curl line wrote no line")
    if shutil.which("dockerd"):
        subprocess.run([ROOT / ".ci/sam-local"], check=True, env=os.environ | {"PORT": str(PORT)})
    else:
        print("CI: LEFT OUT: sam local, there is no Docker engine on this machine")
    started = [terminal.process, *terminal.process.children(recursive=True)]
    fail_unless(len(started) > 10, f"only {len(started)} processes are up")

    pressed = time.monotonic()
    atexit.unregister(terminal.press_ctrl_c)
    terminal.press_ctrl_c()
    fail_unless(terminal.read_until("Every process has ended.", STOP_SECONDS), "Ctrl-C did not end the stack")
    _, alive = psutil.wait_procs(started, timeout=STOP_SECONDS - (time.monotonic() - pressed))
    fail_unless(not alive, f"still running after Ctrl-C: {alive}")
    fail_unless("***" not in terminal.printed, "make complained about Ctrl-C")


def run_with_port_taken(clone: Path) -> None:
    """`make run` when someone else has one of its ports, the second time, so nothing is installed any more."""
    with socket.create_server(("127.0.0.1", PORT + 1)):
        ended = subprocess.run(
            ["make", "run", f"PORT={PORT}"], cwd=clone, capture_output=True, text=True, timeout=60, check=False
        )
    print(ended.stdout + ended.stderr, flush=True)
    fail_unless(ended.returncode != 0, "make run succeeded on a port that is taken")
    sentences = [line for line in (ended.stdout + ended.stderr).splitlines() if not line.startswith("make: ***")]
    fail_unless(len(sentences) == 1 and f"Port {PORT + 1} is in use" in sentences[0], "not one sentence about the port")


def seconds_of(wav: Path) -> float:
    """The length of a WAV file."""
    with wave.open(str(wav)) as file:
        return float(file.getnframes() / file.getframerate())


def main() -> None:
    """Clone what is committed, and run it."""
    with TemporaryDirectory() as temp:
        clone = Path(temp, "voice")
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        run_and_interrupt(clone)
        run_with_port_taken(clone)
    print("CI: make run does what it says.")


if __name__ == "__main__":
    main()
