"""docs/security.md names the test that holds each of its claims: there is one of that name."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs/security.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_test_that_the_page_names_is_there() -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = NAMED.findall(page)

    assert len(named) > 50
    assert len(named) == page.count("::")
    for file, test in named:
        assert re.search(rf"def {test}\(", (REPOSITORY / file).read_text(encoding="utf-8")), f"{file}::{test}"
