"""The page does in Firefox what it does in Chromium: a line, a long text, the voices, by night and on a phone."""

import base64
import json
import shutil
from pathlib import Path

import pytest

from tests.page.jobs_api import JobsApi
from tests.page.site import MAX_TEXT_CHARACTERS, Site
from tests.support.browser import VOICES
from tests.support.node import needs, told_by

SCRIPT = Path(__file__).with_name("firefox.cjs")
FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
SENTENCES = ["Wait for the wave.", "Then take the fight at once.", "Well done!"]
PARTS = [f"Part number {number}: {'and so on ' * 16}to its end." for number in range(3)]


def job(url: str) -> dict[str, object]:
    """A long text, what is told of its job each time it is asked for, and how its parts sound."""
    assert len(" ".join(PARTS)) > MAX_TEXT_CHARACTERS
    jobs = JobsApi(parts=PARTS)
    told = [jobs.document(url)]
    jobs.status, jobs.spoken = "running", 1
    told.append(jobs.document(url))
    jobs.finish()
    told.append(jobs.document(url))
    sounds = {f"/parts/{index}.flac": base64.b64encode(jobs.sound(index).audio).decode() for index in range(len(PARTS))}
    return {"text": " ".join(PARTS), "told": told, "parts": len(PARTS), "sounds": sounds}


@pytest.mark.slow
@pytest.mark.skipif(not FIREFOX, reason="LEFT OUT: no Firefox on this machine (Debian: apt install firefox-esr)")
@needs("puppeteer-core@24")
def test_a_line_and_a_long_text_are_heard_and_the_voices_shown_without_a_complaint(site: Site, tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text(json.dumps(job(site.url)))

    told = told_by(
        SCRIPT,
        {
            "PAGE_URL": site.url,
            "FIREFOX": str(FIREFOX),
            "LINE": " ".join(SENTENCES),
            "JOB": str(tmp_path / "job.json"),
            "SHOTS": str(tmp_path),
        },
        seconds=300,
    )

    assert told["complaints"] == []
    line = told["line"]
    assert line["marked"] == SENTENCES
    assert line["seconds"] > 3
    assert max(line["bars"]) > 5 * min(line["bars"]), "the waveform is that of the sound"
    assert line["listed"] == " ".join(SENTENCES)
    assert max(int(number) for number in line["background"].strip("rgb()").split(",")) < 60, "it is night"
    assert told["phone"], "nothing is wider than a phone"
    assert len(told["voices"]) == len(list(VOICES.glob("*/reference.wav")))
    assert told["long"]["marked"] == PARTS
    assert told["long"]["state"].startswith("Done")
