"""Clean up after a supervisor that was killed and so could not do it: `python -m local.watchdog FOLDER`.

Its standard input names sessions, one a line, and ends when the supervisor does.
"""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil


def main() -> None:
    """Wait for the end of the supervisor, then end all processes of the sessions and remove the folder."""
    sessions = {int(line) for line in sys.stdin}
    while processes := members(sessions):
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.1)
    shutil.rmtree(Path(sys.argv[1]), ignore_errors=True)


def members(sessions: set[int]) -> list[int]:
    """The processes of the sessions that have not ended."""
    found = []
    for process in psutil.process_iter(["status"]):
        with suppress(ProcessLookupError):
            if os.getsid(process.pid) in sessions and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


if __name__ == "__main__":
    main()
