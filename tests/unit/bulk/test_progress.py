"""Who waits sees how far a run has come: lines, seconds of speech, pace, time left, failures."""

import re
from dataclasses import replace

import pytest

from bulk.keeping import Record
from bulk.planning import Entry
from bulk.progress import Bar, Summary
from bulk.rows import Where
from contract.invocation import AudioDescription


def test_a_bar_tells_lines_speech_pace_time_left_and_failures(capsys: pytest.CaptureFixture[str]) -> None:
    description = AudioDescription(
        digest="0" * 64, format="wav", sample_rate=24000, duration=61.0, spoken_text="Now.", segments=[]
    )
    record = Record(key="key", sha256="0" * 64, description=description)
    spoken = Entry(Where(0, 1), record=record)
    summary = Summary()
    with Bar("Speaking", 4) as bar:
        for entry in (spoken, replace(spoken, was_there=True), Entry(Where(0, 3), error="no such champion")):
            summary.add(entry)
            bar.add(1, summary.bar_text())
    told = capsys.readouterr().err.splitlines()[-1]
    assert re.search(r"Speaking: +75%.* 3/4 \[\d+:\d+<\d+:\d+, .*1:01 of speech, .* s a second, 1 failed", told)
    assert (summary.spoken, summary.there, summary.failed, summary.speech_seconds) == (1, 1, 1, 61.0)
