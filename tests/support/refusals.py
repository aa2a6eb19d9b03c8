"""The refusals that docs/errors.md tells of: what is sent, and what is answered."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

PAGE = (Path(__file__).resolve().parents[2] / "docs/errors.md").read_text(encoding="utf-8")


class Refusal(NamedTuple):
    """A row of the page's table of fields."""

    sent: dict[str, Any]
    field: str
    reason: str


def refusals() -> list[Refusal]:
    """The rows of the table."""
    rows = re.findall(r"^\| `(\{.*\})` \| (.*) \|$", PAGE, re.MULTILINE)
    sent = [(json.loads(fields), reason) for fields, reason in rows]
    return [Refusal(fields, next(iter(fields)), reason) for fields, reason in sent]
