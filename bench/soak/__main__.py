"""`python -m bench.soak`, which is `make soak`: the stack that `make run` starts, under mixed load for some minutes.

A soak of FULL_MINUTES or more writes its figures into bench/results/, docs/soak.svg and docs/under-load.md; a shorter
one writes them into build/.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from typing import Any

from bench.measure import machine
from bench.soak.asks import Where
from bench.soak.report import PAGE, PLOT, RESULT, ROOT, draw, series, table, with_table, write
from bench.soak.run import CALLERS, soak
from bench.soak.verdict import GROWTH_SECONDS, Soak, faults, summary
from bench.stack import GATEWAY, RAY_SERVE, stack

FULL_MINUTES = 20


def main() -> None:
    """Soak, report, and exit with 1 if something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=FULL_MINUTES)
    minutes = parser.parse_args().minutes
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    try:
        with stack() as process:
            seen = soak(process, Where(GATEWAY, RAY_SERVE), minutes * 60)
    except KeyboardInterrupt:
        sys.exit("Stopped: nothing was written.")
    found = faults(seen)
    about = machine()
    report = {"machine": about, "date": time.strftime("%Y-%m-%d"), "callers": CALLERS, "faults": found} | summary(seen)
    keep(seen, report, is_full=minutes >= FULL_MINUTES)
    if minutes * 60 < GROWTH_SECONDS:
        print(f"Whether anything grows was not judged: that takes {GROWTH_SECONDS // 60} minutes.")
    if found:
        sys.exit("\n".join(["The soak did not pass.", *found]))
    print("The soak passed.")


def keep(seen: Soak, report: dict[str, Any], *, is_full: bool) -> None:
    """Write figures, plot and, of a full soak, the page."""
    result, plot = (RESULT, PLOT) if is_full else (ROOT / "build" / path.name for path in (RESULT, PLOT))
    write(report | {"over_time": series(seen)}, result)
    about = report["machine"]
    draw(seen, about["gpu"] or f"{about['processor']}, {about['cores']} cores", plot)
    if is_full:
        PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"{table(report)}\n{_relative(result)}, {_relative(plot)}")


def _relative(path: Path) -> Path:
    return path.relative_to(ROOT)


if __name__ == "__main__":
    main()
