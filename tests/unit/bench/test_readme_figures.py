"""The README's figures are those of the committed results."""

from bench.table import BEGIN, END, README, table, with_table


def test_the_readme_quotes_the_committed_results() -> None:
    readme = README.read_text(encoding="utf-8")
    assert BEGIN in readme
    assert END in readme
    assert with_table(readme) == readme, "run `make bench-table`"


def test_every_machine_that_was_measured_is_in_the_table() -> None:
    assert table().count("**The engine on ") >= 1
    assert table().count("**The whole stack on ") >= 1
