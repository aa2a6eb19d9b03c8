"""Write docs/bulk.md's figures and docs/bulk.svg from the committed results: `python -m bench.bulk_page`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl

from bench.measure import RESULTS

mpl.use("svg")
from matplotlib import pyplot as plt

BULK = RESULTS / "bulk.json"
PAGE, PLOT = (Path(__file__).parents[1] / "docs" / name for name in ("bulk.md", "bulk.svg"))
BEGIN, END = "<!-- made by `make bench-bulk` -->\n", "<!-- end -->\n"
NOT_MEASURED = "Not measured yet.\n"


def table(results: dict[str, Any]) -> str:
    """The figures in words."""
    plain, actors = results["plain_loop"], results["actors"]
    text = [
        f"On {_machine(results)}, {results['date']}, with the small model, {plain['lines']} lines "
        "([bulk.json](../bench/results/bulk.json)):",
        "",
        "| | lines a second | seconds of speech a second | of the plain loop |",
        "|---|---|---|---|",
        f"| the engine in a plain loop | {plain['lines_a_second']:.2f} | {plain['speech_a_second']:.2f} | |",
    ]
    for count, row in actors.items():
        share = row["speech_a_second"] / plain["speech_a_second"]
        name = f"`make bulk`, {count} actor{'s' if count != '1' else ''}"
        text.append(f"| {name} | {row['lines_a_second']:.2f} | {row['speech_a_second']:.2f} | {share:.2f} |")
    text += [
        "",
        "![Seconds of speech a second over the number of actors](bulk.svg)",
        "",
        f"From the command to the first sound: {results['start_up']:.0f} s.",
        "",
        "| memory, with a stand-in for the network | the command's process | all processes |",
        "|---|---|---|",
    ]
    for count, row in results["memory"].items():
        text.append(f"| {int(count):,} rows | {row['driver']:,} MiB | {row['all']:,} MiB |")
    return "\n".join([*text, ""])


def with_table(page: str) -> str:
    """The page with the figures as they are now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    figures = table(json.loads(BULK.read_text(encoding="utf-8"))) if BULK.exists() else NOT_MEASURED
    return f"{before}{BEGIN}{figures}{END}{after}"


def draw(results: dict[str, Any], path: Path) -> None:
    """The curve over the actors, as SVG: the same bytes for the same results."""
    mpl.rcParams["svg.hashsalt"] = "bulk"
    figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
    counts = [int(count) for count in results["actors"]]
    axes.plot(counts, [row["speech_a_second"] for row in results["actors"].values()], marker="o", label="make bulk")
    axes.axhline(results["plain_loop"]["speech_a_second"], linestyle="--", color="grey", label="plain loop")
    axes.set(xlabel="actors", ylabel="seconds of speech a second", xticks=counts, ylim=(0, None))
    axes.set_title(_machine(results), fontsize="medium")
    axes.legend()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def write() -> None:
    """Write page and plot."""
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    if BULK.exists():
        draw(json.loads(BULK.read_text(encoding="utf-8")), PLOT)


def _machine(results: dict[str, Any]) -> str:
    about = results["machine"]
    return about["gpu"] or f"{about['processor']}, {about['cores']} cores"


if __name__ == "__main__":
    write()
