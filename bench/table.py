"""Write the figures of docs/speed.md from the committed results: `python -m bench.table`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.measure import RESULTS

PAGE = Path(__file__).parents[1] / "docs/speed.md"
BEGIN, END = "<!-- made by `make bench` -->\n", "<!-- end -->\n"


def engine_table(engine: dict[str, Any]) -> list[str]:
    """The engine beside upstream, and what the qualities cost."""
    lines = ["| | this engine | upstream | times as fast |", "|---|---|---|---|"]
    rows = engine["rows"]
    for name, row in rows.items():
        if isinstance(row, dict) and "upstream" in row:
            ours, theirs = (_seconds(row[side]) for side in ("ours", "upstream"))
            lines.append(f"| {name} | {ours} | {theirs} | {row['times_as_fast']:.1f} |")
    for name, row in rows.items():
        if isinstance(row, dict) and "matmul_seconds" in row:
            share = row["matmul_seconds"] / row["ours"]["median"]
            lines += [
                "",
                f"{name}: matrix products alone take {row['matmul_seconds']:.3f} s at the measured "
                f"{rows['Matrix products, TFLOP/s']:.0f} TFLOP/s, {share:.0%} of this engine's time.",
            ]
    if "Qualities" in rows:
        lines += ["", "| quality | steps | seconds for a second of audio | log-mel distance from 32 steps in fp32 |"]
        lines += ["|---|---|---|---|"]
        for quality, row in rows["Qualities"].items():
            cost, distance = row["seconds_per_audio_second"], row["log_mel_distance"]
            lines.append(f"| `{quality}` | {row['steps']} | {cost:.3f} | {distance:.3f} |")
        for name, row in rows.items():
            if "as served" in name:
                cost = row["ours"]["median"] / row["audio_seconds"]
                lines += ["", f"The text as served takes {cost:.3f} s of work for a second of audio."]
    if "Formats" in rows:
        lines += ["", "| format | to encode 5 s | of the time to speak them | kbit/s |", "|---|---|---|---|"]
        for name, row in rows["Formats"].items():
            cost, share, rate = row["median"] * 1000, row["share_of_synthesis"], row["kbit_per_second"]
            lines.append(f"| `{name}` | {cost:.1f} ms | {share:.1%} | {rate} |")
    if "Front end" in rows:
        row = rows["Front end"]
        lines += [
            "",
            f"To read a line of {row['characters']} characters, numbers and all, takes {row['median'] * 1000:.1f} ms, "
            f"and a process's first, with everything that is imported for it, {row['start_up']:.2f} s.",
        ]
    memory = rows["Memory"]
    lines += [
        "",
        f"Memory of the process: {memory['with_model']} MiB with the model and upstream's packages loaded, "
        f"{memory['after_16_at_once']} MiB after 16 lines at once, {memory['after_1000_requests']} MiB after 1,000 "
        "requests more.",
    ]
    return lines


def stack_table(stack: dict[str, Any]) -> list[str]:
    """The whole stack under load."""
    rows = stack["rows"]
    lines = ["| callers at once, through Ray Serve | requests a second | p50 | p95 |", "|---|---|---|---|"]
    for callers in (1, 4, 16):
        row = rows[f"{callers} callers"]
        lines.append(f"| {callers} | {row['requests_per_second']:.1f} | {row['p50']:.2f} s | {row['p95']:.2f} s |")
    kept, added = rows["POST /voice, from the store"]["median"], rows["added by the API"]
    lines += [
        "",
        f"The API adds {added * 1000:.0f} ms to the endpoint's own time; a line from the store takes "
        f"{kept * 1000:.0f} ms.",
    ]
    return lines


def jobs_table(jobs: dict[str, Any]) -> list[str]:
    """A long text, jobs beside lines, and what a job adds."""
    chapter, beside, parts = (jobs["rows"][name] for name in ("chapter", "beside lines", "parts"))
    memory, off = chapter["memory_mib"], chapter["captions_off"]
    first, as_line = chapter["first_part"], chapter["line_of_the_first_part"]
    lines = [
        f"| a text of {chapter['characters']:,} characters, `{jobs['voice']['quality']}` | |",
        "|---|---|",
        f"| speech, in {chapter['parts']} parts | {chapter['speech_seconds']:,.0f} s |",
        f"| until all of it was there | {chapter['seconds']:,.0f} s |",
        f"| until its first sentence was | {first:.1f} s; as a line of its own {as_line:.1f} s |",
        f"| progress off a straight line, at most | {chapter['progress_off_the_straight_line']:.0%} |",
        f"| the file's length off its parts and pauses | {chapter['file_off_its_parts']:.3f} s |",
        f"| {chapter['captions']} captions off the speech they are for | median {off['p50']:.2f} s, "
        f"95 % within {off['p95']:.2f} s, at most {off['most']:.2f} s |",
        "| memory of all processes in the first and in the last third | "
        f"{memory['first third']:,} and {memory['last third']:,} MiB |",
        "",
        "| ordinary lines | p50 | p95 | refused (429) |",
        "|---|---|---|---|",
    ]
    for name, row in {"alone": beside["alone"], f"beside {beside['jobs']} jobs": beside["beside"]}.items():
        lines.append(f"| {name} | {row['p50']:.2f} s | {row['p95']:.2f} s | {row['refused']} |")
    return [
        *lines,
        "",
        f"After the last of these lines {beside['jobs_at_work_after_the_last_line']} of the jobs were still at work.",
        "",
        f"{parts['parts']} parts as a job: {parts['job_speech_a_second']:.1f} s of speech a second; straight at the "
        f"endpoint, as many at once: {parts['straight_speech_a_second']:.1f}. The job adds "
        f"{parts['added_to_a_part'] * 1000:.0f} ms to each part, its start and its join included.",
    ]


MAKE = {"engine": ("The engine", engine_table), "stack": ("The whole stack", stack_table), "jobs": ("Jobs", jobs_table)}


def table() -> str:
    """Everything that was measured, machine by machine."""
    lines = []
    for path in sorted(RESULTS.glob("*.json")):
        results = json.loads(path.read_text(encoding="utf-8"))
        for part, (title, make) in MAKE.items():
            if part in results:
                about = results[part]["machine"]
                where = about["gpu"] or f"{about['processor']}, {about['cores']} cores"
                source = f"[{path.name}](../bench/results/{path.name})"
                lines += [f"**{title} on {where}**, {results[part]['date']} ({source}):"]
                lines += ["", *make(results[part]), ""]
    return "\n".join(lines)


def with_table(page: str) -> str:
    """The page with the figures as they are now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def _seconds(row: dict[str, Any]) -> str:
    return f"{row['median']:.2f} s ({row['least']:.2f} to {row['most']:.2f})"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
