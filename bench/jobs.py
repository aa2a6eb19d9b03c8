"""Jobs on the whole stack, on this machine alone: a chapter, many beside lines, what each adds; `python -m bench.jobs`.

It starts the stack as `make run` does, with the model that `make run` speaks with.
"""

from __future__ import annotations

import io
import itertools
import re
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import httpx
import numpy as np
import psutil
import soundfile
from tqdm import tqdm

from bench.measure import percentiles, save
from bench.soak.watching import sample
from bench.stack import GATEWAY, RAY_SERVE, stack

VOICE = {"champion_id": "yasuo", "quality": "fast"}
SENTENCES = (
    "On day {} the river was calm, and nobody came near it.",
    "She counted {} steps to the gate and back again.",
    "By nine o'clock {} of them had gone home.",
    "It took {} men to move the stone, and one to laugh at them.",
    "Nobody spoke of the other {} until the morning.",
)
CHAPTER_CHARACTERS = 20_000
JOBS, JOB_CHARACTERS = 50, 300
LINES = 40  # ordinary ones, alone and beside the jobs
PARTS_CHARACTERS = 4_500  # of the job beside the same parts straight to the endpoint
JOB_CONCURRENCY = 4  # the setting's default
LOOK_SECONDS = 0.5
WATCH_SECONDS = 5.0
QUIET = 0.004  # of full scale, smoothed over 5 ms: below it nobody speaks
PAUSE_SECONDS = 0.15  # the shortest silence that is taken for one between sentences

client = httpx.Client(base_url=GATEWAY, timeout=120)
numbers = itertools.count(1)


def text_of(characters: int) -> str:
    """At least so many characters that were never spoken, whole sentences."""
    sentences: list[str] = []
    while sum(map(len, sentences)) < characters:
        number = next(numbers)
        sentences.append(SENTENCES[number % len(SENTENCES)].format(number))
    return " ".join(sentences)


def speak(text: str) -> float | None:
    """Have a line spoken.

    Returns:
        The seconds that its caller waited; None if it was told that there are too many lines.

    Raises:
        httpx.HTTPError: it was not spoken for another reason.
    """
    started = time.perf_counter()
    answer = client.post("/voice", json=VOICE | {"text": text, "format": "wav"})
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        time.sleep(float(answer.headers.get("Retry-After", 1)))
        return None
    answer.raise_for_status()
    return time.perf_counter() - started


def begin(text: str) -> str:
    """Ask for a job.

    Returns:
        Its id.

    Raises:
        httpx.HTTPError: it was refused.
    """
    answer = client.post("/jobs", json=VOICE | {"text": text, "format": "flac"}).raise_for_status()
    return str(answer.json()["id"])


def looks(job_id: str) -> Iterator[dict[str, Any]]:
    """Look at a job until it has succeeded.

    Raises:
        RuntimeError: it failed.
    """
    while True:
        job = client.get(f"/jobs/{job_id}").raise_for_status().json()
        yield job
        if job["status"] == "succeeded":
            return
        if job["status"] in ("failed", "cancelled"):
            raise RuntimeError(f"job {job_id}: {job['problem']}")
        time.sleep(LOOK_SECONDS)


def chapter(process: psutil.Process) -> dict[str, Any]:
    """A long text: when it is first heard, how evenly it goes on, whether it is whole, and what it holds in memory."""
    text = text_of(CHAPTER_CHARACTERS)
    # A job's first part is a sentence, too.
    alone = statistics.median(filter(None, (speak(text_of(1)) for _ in range(5))))
    started = time.perf_counter()
    job_id = begin(text)
    progress: list[tuple[float, float]] = []
    memory: list[float] = []
    with tqdm(total=100, desc="chapter", unit="%", bar_format="{desc}: {percentage:.0f} %, {elapsed}") as bar:
        for job in looks(job_id):
            at = time.perf_counter() - started
            if job["parts"]:
                progress.append((at, job["progress"]))
            if at >= len(memory) * WATCH_SECONDS:
                memory.append(sum(sample(process, at).memory.values()))
            bar.update(100 * job["progress"] - bar.n)
    third = max(1, len(memory) // 3)
    return {
        "characters": len(text),
        "speech_seconds": job["duration"],
        "parts": len(job["parts"]),
        "seconds": round(at, 1),
        "line_of_the_first_part": round(alone, 2),
        "first_part": round(progress[0][0], 2),
        "progress_off_the_straight_line": round(unevenness(progress), 3),
        "memory_mib": {
            "first third": round(statistics.median(memory[:third])),
            "last third": round(statistics.median(memory[-third:])),
        },
        **_whole(job),
    }


def beside() -> dict[str, Any]:
    """Ordinary lines alone, and beside many jobs."""
    texts = [text_of(JOB_CHARACTERS) for _ in range(JOBS)]
    alone = [speak(text_of(40)) for _ in tqdm(range(LINES), desc="lines alone")]
    with ThreadPoolExecutor(4) as pool:
        job_ids = list(pool.map(begin, texts))
    together = [speak(text_of(40)) for _ in tqdm(range(LINES), desc=f"lines beside {JOBS} jobs")]
    at_work = sum(client.get(f"/jobs/{job_id}").json()["status"] != "succeeded" for job_id in job_ids)
    for job_id in tqdm(job_ids, desc="the jobs' end"):
        for _ in looks(job_id):
            pass
    return {
        "jobs": JOBS,
        "jobs_at_work_after_the_last_line": at_work,
        "alone": _waited(alone),
        "beside": _waited(together),
    }


def parts() -> dict[str, Any]:
    """What a job's parts cost beside the same texts straight at the endpoint, as many at once."""
    started = time.perf_counter()
    *_, job = looks(begin(text_of(PARTS_CHARACTERS)))
    as_job = time.perf_counter() - started
    started = time.perf_counter()
    with ThreadPoolExecutor(JOB_CONCURRENCY) as pool:
        list(pool.map(_straight, [part["text"] for part in job["parts"]]))
    straight = time.perf_counter() - started
    return {
        "parts": len(job["parts"]),
        "straight_speech_a_second": round(job["duration"] / straight, 2),
        "job_speech_a_second": round(job["duration"] / as_job, 2),
        "added_to_a_part": round((as_job - straight) / len(job["parts"]), 3),
    }


def _straight(text: str) -> None:
    line = VOICE | {"text": text, "seed": 1}  # the endpoint remembers what it has just spoken
    client.post(f"{RAY_SERVE}/", json=line, headers={"Accept": "audio/flac"}).raise_for_status()


def _waited(waits: list[float | None]) -> dict[str, float]:
    seconds = [each for each in waits if each is not None]
    return percentiles(seconds) | {"refused": len(waits) - len(seconds)}


def unevenness(progress: list[tuple[float, float]]) -> float:
    """How far looks at a progress (seconds, share done) ever are from the straight line from the first to the last."""
    (start, low), (end, high) = progress[0], progress[-1]
    if end == start:
        return 0.0
    return max(abs(at_value - (low + (high - low) * (at - start) / (end - start))) for at, at_value in progress)


def _whole(job: dict[str, Any]) -> dict[str, Any]:
    """How far the file is from its parts and its pauses, and each caption from the speech that it is for."""
    sound, rate = soundfile.read(io.BytesIO(httpx.get(job["audio_url"], timeout=120).raise_for_status().content))
    expected = 0.0
    for part, after in itertools.pairwise([*job["parts"], None]):
        heard = soundfile.info(io.BytesIO(httpx.get(part["audio_url"]).raise_for_status().content)).duration
        expected += heard + (after["start"] - part["end"] if after else 0.0)
    starts = cue_starts(httpx.get(job["captions_url"]).raise_for_status().text)
    begins = onsets(sound, rate)
    off = [float(np.abs(begins - start).min()) for start in starts]
    return {
        "file_off_its_parts": round(abs(len(sound) / rate - expected), 3),
        "captions": len(starts),
        "captions_off": percentiles(off),
    }


def cue_starts(captions: str) -> list[float]:
    """The seconds at which each cue of a WebVTT file begins."""
    found = re.findall(r"^(?:(\d+):)?(\d\d):(\d\d\.\d{3}) -->", captions, re.MULTILINE)
    return [int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds) for hours, minutes, seconds in found]


def onsets(sound: np.ndarray[Any, np.dtype[np.float64]], rate: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The seconds at which speech begins, at the start and after each silence that may part two sentences."""
    frame = rate // 200
    frames = sound[: len(sound) // frame * frame].reshape(-1, frame)
    loud = np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) > QUIET)
    gaps = np.diff(loud, prepend=-rate) * frame / rate
    return loud[gaps > PAUSE_SECONDS] * frame / rate


def main() -> None:
    """Measure and save."""
    with stack() as process:
        for _ in range(2):
            speak(text_of(1))
        rows = {"chapter": chapter(process), "beside lines": beside(), "parts": parts()}
    print(save("jobs", {"voice": VOICE, "rows": rows}).read_text())


if __name__ == "__main__":
    main()
