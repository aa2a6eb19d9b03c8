"""What stages know of rows that no row shows by itself."""

from types import MappingProxyType

import numpy as np
import pytest

from bulk.rows import RawRow, Where
from bulk.stages import Verdicts


@pytest.mark.parametrize("missing", [[], [Where(0, 2)], [Where(0, 2), Where(0, 3), Where(1, 1)]])
def test_of_any_rows_those_are_known_that_were_missing(missing: list[Where]) -> None:
    verdicts = Verdicts(
        MappingProxyType({}), frozenset(), np.array([where.packed for where in missing], dtype=np.uint64)
    )
    rows = [RawRow(Where(source, number), b"") for source in range(3) for number in range(5)]
    assert verdicts.were_missing(rows) == set(missing)
    assert verdicts.were_missing([]) == set()
