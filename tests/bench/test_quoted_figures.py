"""The figures of docs/speed.md are those of the committed results."""

from bench.table import BEGIN, END, PAGE, engine_table, table, with_table


def test_the_page_quotes_the_committed_results() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert BEGIN in page
    assert END in page
    assert with_table(page) == page, "run `make bench-table`"


def test_every_machine_that_was_measured_is_in_the_table() -> None:
    assert table().count("**The engine on ") >= 1
    assert table().count("**The whole stack on ") >= 1


def test_a_gpus_table_says_how_much_of_the_time_its_matrix_products_take() -> None:
    seconds = {"median": 0.2, "least": 0.19, "most": 0.25}
    row = {"ours": seconds, "upstream": seconds | {"median": 1.0}, "times_as_fast": 5.0, "matmul_seconds": 0.08}
    memory = {"with_model": 1, "after_16_at_once": 2, "after_1000_requests": 3}
    lines = engine_table({"rows": {"Matrix products, TFLOP/s": 612.3, "One line": row, "Memory": memory}})
    assert "| One line | 0.20 s (0.19 to 0.25) | 1.00 s (0.19 to 0.25) | 5.0 |" in lines
    assert (
        "One line: matrix products alone take 0.080 s at the measured 612 TFLOP/s, 40% of this engine's time." in lines
    )
