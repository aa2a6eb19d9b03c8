"""The manifest tells of every row, in the rows' order, the same in both of its files."""

import json
import tempfile
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet
import pytest

from bulk import manifest as module
from bulk.errors import WriteError
from bulk.keeping import Record
from bulk.manifest import GROUP_ROWS, Manifest
from bulk.places import Folder
from bulk.planning import Entry
from bulk.progress import Summary
from bulk.rows import Row, Where
from contract.invocation import AudioDescription, Segment
from tests.support.small_disk import SmallDisk

ROW = Row(champion_id="garen", text="Now.", name="now", seed=7)
DESCRIPTION = AudioDescription(
    digest="0" * 64,
    format="wav",
    sample_rate=24000,
    duration=1.5,
    spoken_text="Now.",
    segments=[Segment(text="Now.", start=0, end=1.4)],
)
SPOKEN = Entry(Where(0, 1), ROW, "garen/now.wav", Record(key="key", sha256="5" * 64, description=DESCRIPTION))
SOURCES = ("a.jsonl", "b.jsonl")


def test_a_row_is_told_with_its_sound_or_its_error(tmp_path: Path) -> None:
    with Manifest(SOURCES) as manifest:
        manifest.add(Entry(Where(1, 3), error="text: is “required”"))
        manifest.add(SPOKEN)
        manifest.put(Folder(tmp_path))
    spoken, failed = [json.loads(line) for line in (tmp_path / module.JSONL).read_text().splitlines()]
    assert spoken == {
        "source": "a.jsonl",
        "row": 1,
        "champion_id": "garen",
        "name": "now",
        "file": "garen/now.wav",
        "seconds": 1.5,
        "spoken_text": "Now.",
        "segments": [{"text": "Now.", "start": 0, "end": 1.4}],
        "seed": 7,
        "sha256": "5" * 64,
        "error": None,
    }
    assert {name: value for name, value in failed.items() if value is not None} == {
        "source": "b.jsonl",
        "row": 3,
        "error": "text: is “required”",
    }
    assert pyarrow.parquet.read_table(tmp_path / module.PARQUET).to_pylist() == [spoken, failed]


def test_rows_come_in_order_however_they_were_finished(tmp_path: Path) -> None:
    count = GROUP_ROWS + 10
    with Manifest(SOURCES) as manifest:
        for number in reversed(range(1, count + 1)):
            manifest.add(Entry(Where(number % 2, number), error="none"))
        manifest.put(Folder(tmp_path))
    table = pyarrow.parquet.read_table(tmp_path / module.PARQUET, columns=["source", "row"]).to_pylist()
    assert len(table) == count
    assert all((one["source"], one["row"]) < (other["source"], other["row"]) for one, other in pairwise(table))


def test_no_rows_are_a_manifest_too(tmp_path: Path) -> None:
    with Manifest(()) as manifest:
        manifest.put(Folder(tmp_path))
    assert (tmp_path / module.JSONL).read_text() == ""
    assert pyarrow.parquet.read_table(tmp_path / module.PARQUET).num_rows == 0


def test_a_full_disk_of_this_machine_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def add_many_rows() -> None:
        with Manifest(SOURCES) as manifest:
            for _ in range(1000):
                manifest.add(SPOKEN)

    with SmallDisk(tmp_path / "disk", kib=64) as disk:
        monkeypatch.setattr(tempfile, "tempdir", str(disk.path))
        with pytest.raises(WriteError, match=f"^There is no space left for {disk.path}/.*: make some, and "):
            add_many_rows()


def test_a_summary_tells_what_an_hour_of_speech_costs_where_a_price_is_given() -> None:
    summary = Summary(spoken=1000, there=2, failed=1, speech_seconds=7200, seconds=1800)
    assert summary.text(None) == (
        "1,000 lines spoken, 2 were there, 1 failed.\n"
        "2:00:00 of speech in 30:00: 0.56 lines a second, 4.00 s of speech a second."
    )
    assert summary.text(1.0).endswith("\n$0.50 at $1.00 an hour: $0.25 an hour of speech.")
