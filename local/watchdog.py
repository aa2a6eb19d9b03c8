"""Clean up after a supervisor that was killed and so could not do it: `python -m local.watchdog FOLDER`.

Its standard input names sessions, one a line, and ends when the supervisor does.
"""

import os
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil


def main() -> None:
    """Wait for the end of the supervisor, then end all processes of the sessions and remove the folder."""
    sessions = {int(line) for line in sys.stdin}
    while processes := [each for each in members(sessions) if each.info["status"] != psutil.STATUS_ZOMBIE]:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        time.sleep(0.1)
    shutil.rmtree(Path(sys.argv[1]), ignore_errors=True)


def members(sessions: set[int]) -> list[psutil.Process]:
    """The processes of the sessions, and what nobody has reaped of those that ended."""
    found = []
    for process in psutil.process_iter(["status"]):
        with suppress(ProcessLookupError):
            if os.getsid(process.pid) in sessions:
                found.append(process)
    return found


if __name__ == "__main__":
    main()
