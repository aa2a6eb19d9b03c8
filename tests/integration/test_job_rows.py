"""Every row of the bench of jobs can be measured, with short texts and few lines in place of its own."""

import httpx
import pytest

from bench import jobs
from bench.table import jobs_table
from local.stack import url
from tests.integration.local_stack import LocalStack


@pytest.mark.slow
def test_a_chapter_jobs_beside_lines_and_what_a_job_adds_are_measured(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "client", httpx.Client(base_url=stack.url, timeout=120))
    monkeypatch.setattr(jobs, "RAY_SERVE", url(stack.ports.ray_serve))
    for name, value in {
        "CHAPTER_CHARACTERS": 300,
        "JOBS": 2,
        "JOB_CHARACTERS": 60,
        "LINES": 2,
        "PARTS_CHARACTERS": 150,
    }.items():
        monkeypatch.setattr(jobs, name, value)

    rows = {"chapter": jobs.chapter(stack.process), "beside lines": jobs.beside(), "parts": jobs.parts()}

    assert rows["chapter"]["parts"] >= 3
    assert rows["chapter"]["captions"] >= 6
    assert rows["chapter"]["captions_off"]["p50"] <= 0.1
    assert rows["chapter"]["file_off_its_parts"] < 0.01
    assert rows["parts"]["straight_speech_a_second"] > rows["parts"]["job_speech_a_second"] > 0
    told = "\n".join(jobs_table({"voice": jobs.VOICE, "rows": rows}))
    assert "beside 2 jobs" in told
