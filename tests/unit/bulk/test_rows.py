"""Rows of JSONL, CSV and Parquet are lines with the API's fields; a broken one is told and spoils no other."""

from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from bulk.errors import BulkError
from bulk.rows import Row, kind_of, parse, read
from contract.line import MAX_TEXT_CHARACTERS
from contract.problem import Problem
from tests.support.bulk_lines import write_jsonl

LINE = {"champion_id": "garen", "text": "Hold the line."}


def parsed(path: Path) -> list[tuple[int, Row | str]]:
    """Each row's number, and the line or what is wrong with it."""
    kind = kind_of(str(path))
    found: list[tuple[int, Row | str]] = []
    for raw in read(path, kind, source=0):
        try:
            found.append((raw.where.number, parse(kind, raw.content)))
        except Problem as problem:
            reasons = [f"{error.field}: {error.reason}" for error in problem.errors]
            found.append((raw.where.number, "; ".join(reasons) or problem.detail))
    return found


LINES: list[dict[str, Any]] = [
    {"champion_id": "garen", "text": "Hold, the “line”.", "name": "001"},
    {"champion_id": "Lux", "text": "7", "speed": 1.5, "seed": 7, "format": "opus", "quality": "fast"},
    {"champion_id": "lux", "text": "Two\nlines.", "duration": 2.0, "text_type": "markdown"},
]


def as_csv(path: Path) -> Path:
    path.write_text(
        "champion_id,text,name,speed,seed,format,quality,duration,text_type\r\n"
        'garen,"Hold, the “line”.",001,,,,,,\r\n'
        "lux,7,,1.5,7,opus,fast,,\r\n"
        'lux,"Two\nlines.",,,,,,2,markdown\r\n',
        encoding="utf-8-sig",
    )
    return path


def as_parquet(path: Path) -> Path:
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(LINES, _SCHEMA), path)
    return path


_SCHEMA = pyarrow.schema(
    [(name, pyarrow.string()) for name in ("champion_id", "text", "name", "format", "quality", "text_type")]
    + [("speed", pyarrow.float64()), ("duration", pyarrow.float64()), ("seed", pyarrow.int64())]
)


def test_every_kind_of_file_holds_the_same_lines(tmp_path: Path) -> None:
    lines = [Row.model_validate(line) for line in LINES]
    assert [row for _, row in parsed(write_jsonl(tmp_path / "lines.jsonl", LINES))] == lines
    assert [row for _, row in parsed(as_csv(tmp_path / "lines.csv"))] == lines
    assert [row for _, row in parsed(as_parquet(tmp_path / "lines.parquet"))] == lines


def test_rows_are_numbered_as_an_editor_and_a_spreadsheet_number_them(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "lines.jsonl", LINES)
    path.write_text("\ufeff\n" + path.read_text())
    assert [number for number, _ in parsed(path)] == [2, 3, 4]
    assert [number for number, _ in parsed(as_csv(tmp_path / "lines.csv"))] == [2, 3, 4]
    assert [number for number, _ in parsed(as_parquet(tmp_path / "lines.parquet"))] == [1, 2, 3]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (b"{", "body: is not JSON: "),
        (b'{"champion_id": "garen", "text": "\xff"}', "body: is not JSON: byte"),
        (b"[]", "body: must be a JSON object"),
        (b'{"champion_id": "garen"}', "text: is required"),
        (b'{"champion_id": "garen", "text": "Now.", "speed": "1"}', "speed: "),
        (b'{"champion_id": "garen", "text": "Now.", "voice_bucket": "mine"}', "voice_bucket: is not a field"),
        (b'{"champion_id": "garen", "text": "Now.", "name": "../now"}', "name: must be 1 to 128 of the letters"),
        (b'{"champion_id": "garen", "text": "Now.", "name": ""}', "name: "),
        (b'{"champion_id": "garen", "text": "%s"}' % (b"a" * (MAX_TEXT_CHARACTERS + 1)), "text: has 5,001 characters"),
    ],
)
def test_a_broken_row_is_told_and_the_next_is_read(row: bytes, told: str, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "lines.jsonl", [LINE])
    path.write_bytes(path.read_bytes() + row + b"\n" + path.read_bytes())
    (_, before), (number, reason), (_, after) = parsed(path)
    assert before == after == Row.model_validate(LINE)
    assert number == 2
    assert isinstance(reason, str)
    assert reason.startswith(told)


def test_a_broken_row_of_a_csv_file_is_told_and_the_next_is_read(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_bytes(b"champion_id,text,speed\nlux,Now.,fast\nlux,Now.,1,more\nlux,\xff,1\n,Now.,1\nlux,Now.,1\n")
    *broken, (_, last) = parsed(path)
    told = ["speed: ", "it has more cells", "text: ", "champion_id: is required"]
    assert [number for number, _ in broken] == [2, 3, 4, 5]
    for (_, reason), beginning in zip(broken, told, strict=True):
        assert isinstance(reason, str)
        assert reason.startswith(beginning)
    assert isinstance(last, Row)


def test_what_cannot_be_read_to_its_end_is_told(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text('champion_id,text\nlux,Now.\nlux,"No')
    (tmp_path / "lines.parquet").write_bytes(b"no Parquet")
    (_, row), (number, reason) = parsed(tmp_path / "lines.csv")
    assert (isinstance(row, Row), number) == (True, 3)
    assert "cannot be read as CSV" in str(reason)
    [(number, reason)] = parsed(tmp_path / "lines.parquet")
    assert number == 1
    assert "cannot be read as Parquet" in str(reason)


def test_another_kind_of_file_is_refused_with_the_kinds_there_are() -> None:
    with pytest.raises(BulkError, match=r"lines\.xlsx: rows are read from \.jsonl, \.csv, \.parquet files"):
        kind_of("lines.xlsx")
