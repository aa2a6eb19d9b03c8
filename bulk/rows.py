"""Rows of files: a row is a line with the API's fields, and a name if it has one.

A row is read in two steps, because the first goes through a file from its top and the second can be done by many
workers: `read` tells rows apart, `parse` makes a row a line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, NamedTuple

import numpy as np
import pyarrow
import pyarrow.parquet
from pydantic import AfterValidator, ValidationError
from pydantic_core import PydanticCustomError

from bulk.errors import BulkError
from contract.body import read_json
from contract.formats import JSON
from contract.line import MAX_TEXT_CHARACTERS, Line
from contract.problem import InvalidRequest, check_length, invalid_request

PARQUET_ROWS = 1024  # read at a time
_NUMBER_BITS = 40

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


def _file_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        rule = "must be 1 to 128 of the letters A to Z, digits, _, - and dots, and not begin with a dot or hyphen"
        raise PydanticCustomError("file_name", rule)
    return name


class Row(Line):
    """A line, and what its file is to be called."""

    name: Annotated[str, AfterValidator(_file_name)] | None = None


class Where(NamedTuple):
    """Where a row stands.

    Attributes:
        source: the index of its file.
        number: of its line in JSONL; in CSV as a spreadsheet counts, the header being 1; in Parquet the first is 1.
    """

    source: int
    number: int

    @property
    def packed(self) -> int:
        """Both in one number, by which rows are in order."""
        return self.source << _NUMBER_BITS | self.number

    @classmethod
    def unpack(cls, packed: int | np.uint64) -> Where:
        """What `packed` says."""
        return cls(int(packed) >> _NUMBER_BITS, int(packed) & (1 << _NUMBER_BITS) - 1)


class RawRow(NamedTuple):
    """A row that was told apart from others.

    Attributes:
        where: where it stands.
        content: what stands there, for the parser of its kind of file.
    """

    where: Where
    content: Any


class Unreadable(NamedTuple):
    """Stands in the place of a row that could not be told apart.

    Attributes:
        reason: what is wrong.
    """

    reason: str


class _Kind(NamedTuple):
    read: Callable[[Path], Iterator[tuple[int, Any]]]
    parse: Callable[[Any], Row]


def kind_of(uri: str) -> str:
    """How a file is read: by its ending.

    Raises:
        BulkError: by none.
    """
    ending = PurePosixPath(uri).suffix.lower()
    if ending not in _KINDS:
        raise BulkError(f"{uri}: rows are read from {', '.join(_KINDS)} files.")
    return ending


def read(path: Path, kind: str, source: int) -> Iterator[RawRow]:
    """Tell the rows of a file apart.

    Args:
        path: the file.
        kind: what `kind_of` says.
        source: its index.
    """
    for number, content in _KINDS[kind].read(path):
        yield RawRow(Where(source, number), content)


def parse(kind: str, content: Any) -> Row:  # noqa: ANN401 -- what `read` made
    """Make what stands in a row a line.

    Raises:
        Problem: what is wrong with it, by field.
    """
    if isinstance(content, Unreadable):
        raise InvalidRequest(content.reason)
    try:
        row = _KINDS[kind].parse(content)
    except ValidationError as error:
        raise invalid_request(error.errors(include_url=False, include_input=False, include_context=False)) from None
    check_length(row.text, MAX_TEXT_CHARACTERS)
    return row


def _read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if line.strip():
                yield number, line


def _read_csv(path: Path) -> Iterator[tuple[int, dict[str, str] | Unreadable]]:
    # A byte that is no UTF-8 becomes a lone surrogate, which no field takes: its row is refused, not the file.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        number = 1
        try:
            for number, cells in enumerate(csv.DictReader(file, strict=True), start=2):
                if None in cells:
                    yield number, Unreadable("it has more cells than the header")
                else:
                    yield number, {name: cell for name, cell in cells.items() if cell}
        except csv.Error as error:
            yield number + 1, Unreadable(f"it and what follows it cannot be read as CSV: {error}")


def _read_parquet(path: Path) -> Iterator[tuple[int, dict[str, Any] | Unreadable]]:
    number = 0
    try:
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches(PARQUET_ROWS):
            for fields in batch.to_pylist():
                number += 1
                yield number, fields
    except pyarrow.ArrowException as error:
        yield number + 1, Unreadable(f"it and what follows it cannot be read as Parquet: {error}")


def _parse_json(line: bytes) -> Row:
    return Row.model_validate(read_json(line, JSON))


def _parse_cells(cells: dict[str, str]) -> Row:
    return Row.model_validate(cells, strict=False)  # numbers are text there


_KINDS = {
    ".jsonl": _Kind(_read_lines, _parse_json),
    ".csv": _Kind(_read_csv, _parse_cells),
    ".parquet": _Kind(_read_parquet, Row.model_validate),
}
