"""What docs/under-load.md says of a soak is what the last full one has measured, or that there was none."""

import json
from pathlib import Path

import pytest

from bench.soak import report


def test_the_page_quotes_the_committed_soak() -> None:
    page = report.PAGE.read_text(encoding="utf-8")

    assert report.BEGIN in page
    assert report.END in page
    assert report.with_table(page) == page, "run `make soak`"


def test_a_soak_is_told_in_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = {
        "machine": {"gpu": None, "processor": "A processor", "cores": 2},
        "date": "2026-12-01",
        "callers": 4,
        "faults": ["No line was spoken."],
        "seconds": 1200,
        "requests": 7,
        "lines_spoken": 3,
        "lines_spoken_a_second": 0.0025,
        "statuses": {"200": 6, "503": 1},
        "kinds": {"line": {"p50": 1.0, "p95": 2.0, "p99": 2.5, "most": 3.0, "statuses": {"200": 6, "503": 1}}},
        "killed": [{"at": 60.0, "spoke_again_after": 20.4, "lines_in_flight": 3, "of_these_answered_at_once": 2}],
        "processes": {"the gateway": {"memory": [50, 51], "handles": [20, 21]}, "gone at once": {}},
    }
    path = tmp_path / "soak.json"
    report.write(measured, path)
    monkeypatch.setattr(report, "RESULT", path)

    assert json.loads(path.read_text()) == measured
    told = report.with_table(f"Before.\n{report.BEGIN}old\n{report.END}After.\n")
    assert told.startswith(
        f"Before.\n{report.BEGIN}On A processor, 2 cores, 2026-12-01, 20 minutes, 4 callers: 7 requests"
    )
    assert "It did not pass: No line was spoken." in told
    assert "killed 1 times, with 3 lines in flight: 2 of them" in told
    assert "| line | 7 | 1.00 s | 2.00 s | 2.50 s | 3.00 s |" in told
    assert "| 503 | 1 |" in told
    assert "| the gateway | 50 | 51 | 20 | 21 |" in told
    assert told.endswith(f"{report.END}After.\n")
