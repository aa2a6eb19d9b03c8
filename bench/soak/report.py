"""What a soak leaves: figures as JSON, a plot, and the words of docs/under-load.md."""

from __future__ import annotations

import json
import math
import re
import statistics
from pathlib import Path
from typing import Any

import matplotlib as mpl

from bench.soak.verdict import Soak

mpl.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

ROOT = Path(__file__).parents[2]
RESULT, PLOT, PAGE = ROOT / "bench/results/soak.json", ROOT / "docs/soak.svg", ROOT / "docs/under-load.md"
BEGIN, END = "<!-- made by `make soak` -->\n", "<!-- end -->\n"
NOT_MEASURED = "Not yet measured for 20 minutes.\n"
BINS = 40  # of the time, in the plot


def write(report: dict[str, Any], path: Path) -> None:
    """Write the figures, a list of numbers a line."""
    text = json.dumps(report, indent=2, ensure_ascii=False)
    path.write_text(re.sub(r"\[[\d\s.,]*\]", lambda found: " ".join(found[0].split()), text) + "\n", encoding="utf-8")


def series(soak: Soak) -> dict[str, Any]:
    """What the processes held over time: lists as long as `at`, in seconds, with 0 where there was none."""
    groups = sorted({group for each in soak.samples for group in each.memory})
    return {
        "at": [round(each.at) for each in soak.samples],
        "memory": {group: [each.memory.get(group, 0) for each in soak.samples] for group in groups},
        "handles": {group: [each.handles.get(group, 0) for each in soak.samples] for group in groups},
    }


def draw(soak: Soak, title: str, path: Path) -> None:
    """Draw requests, seconds, memory and file handles over time; each dotted line is a replica that was killed."""
    figure, rows = plt.subplots(4, figsize=(8, 10), sharex=True, layout="constrained")
    width = soak.seconds / BINS
    middles = [(number + 0.5) * width for number in range(BINS)]
    ended = [[each for each in soak.tries if each.ended // width == number] for number in range(BINS)]
    rows[0].plot(middles, [len(each) / width for each in ended], label="requests")
    rows[0].plot(
        middles, [sum(t.is_spoken and t.status == 200 for t in each) / width for each in ended], label="lines spoken"
    )
    rows[0].set(ylabel="a second", ylim=(0, None), title=title)
    spoken = [[t.seconds for t in each if t.is_spoken and t.status == 200] for each in ended]
    rows[1].plot(middles, [statistics.median(each or [math.nan]) for each in spoken], label="half within")
    rows[1].plot(middles, [max(each, default=math.nan) for each in spoken], label="the longest")
    rows[1].set(ylabel="seconds for a line", ylim=(0, None))
    _draw_held(rows[2], soak, "memory", "memory, MiB")
    _draw_held(rows[3], soak, "handles", "file handles")
    rows[3].set_xlabel("seconds")
    for axes in rows:
        for killed in soak.killed:
            axes.axvline(killed, linestyle=":", color="grey")
        axes.legend(fontsize="x-small", loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _draw_held(axes: Axes, soak: Soak, what: str, label: str) -> None:
    held = series(soak)
    for group, values in held[what].items():
        axes.plot(held["at"], values, label=group)
    axes.set(ylabel=label, ylim=(0, None))


def table(report: dict[str, Any]) -> str:
    """The figures in words."""
    about, killed = report["machine"], report["killed"]
    where = about["gpu"] or f"{about['processor']}, {about['cores']} cores"
    verdict = "It passed." if not report["faults"] else f"It did not pass: {' '.join(report['faults'])}"
    in_flight = sum(each["lines_in_flight"] for each in killed)
    at_once = sum(each["of_these_answered_at_once"] for each in killed)
    after = [each["spoke_again_after"] for each in killed if each["spoke_again_after"] is not None]
    lines = [
        f"On {where}, {report['date']}, {report['seconds'] / 60:.0f} minutes, {report['callers']} callers: "
        f"{report['requests']} requests, {report['lines_spoken']} lines spoken, "
        f"{report['lines_spoken_a_second']:.2f} a second. {verdict}",
        "",
        f"The replica was killed {len(killed)} times, with {in_flight} lines in flight: {at_once} of them were "
        "answered by that request, the others when their callers tried again. It spoke again after "
        f"{min(after, default=0):.0f} to {max(after, default=0):.0f} s.",
        "",
        "| requests | | p50 | p95 | p99 | longest |",
        "|---|---|---|---|---|---|",
    ]
    for kind, row in report["kinds"].items():
        seconds = " | ".join(f"{row[name]:.2f} s" if name in row else "" for name in ("p50", "p95", "p99", "most"))
        lines.append(f"| {kind} | {sum(row['statuses'].values())} | {seconds} |")
    lines += ["", "| status | answers |", "|---|---|"]
    lines += [f"| {status} | {count} |" for status, count in report["statuses"].items()]
    lines += [
        "",
        "| processes | MiB, second quarter | last | file handles, second quarter | last |",
        "|---|---|---|---|---|",
    ]
    for group, held in report["processes"].items():
        if held:
            lines.append(
                f"| {group} | {held['memory'][0]} | {held['memory'][1]} | {held['handles'][0]} | {held['handles'][1]} |"
            )
    return "\n".join([*lines, "", f"![Requests, seconds, memory and file handles over time]({PLOT.name})", ""])


def with_table(page: str) -> str:
    """The page with the figures as they are now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    told = table(json.loads(RESULT.read_text(encoding="utf-8"))) if RESULT.exists() else NOT_MEASURED
    return f"{before}{BEGIN}{told}{END}{after}"
