"""A long text becomes a job by itself: its parts are heard as they come, and nothing of it is lost."""

import pytest
from playwright.sync_api import Page, expect

from tests.page.jobs_api import JobsApi
from tests.page.site import MAX_TEXT_CHARACTERS, Site
from tests.support.browser import is_heard, marked

PARTS = [
    f"Part number {number} of a text that is too long to be one line, with some words more." for number in range(8)
]
LONG = " ".join(PARTS)


@pytest.fixture
def jobs(page: Page) -> JobsApi:
    """The API's jobs, of which there is none yet."""
    assert len(LONG) > MAX_TEXT_CHARACTERS
    jobs = JobsApi()
    jobs.answer_for(page)
    return jobs


def speak(page: Page, text: str = LONG) -> None:
    page.get_by_label("What to say").fill(text)
    page.keyboard.press("Control+Enter")


def test_a_long_text_is_handed_over_as_a_job_under_a_key_of_its_own(page: Page, jobs: JobsApi, site: Site) -> None:
    speak(page)

    expect(page.locator("#result")).to_contain_text("Waiting for its turn")
    [request] = jobs.asked_by("POST")
    assert request.post_data_json == {"champion_id": "ahri", "text": LONG, "format": "mp3"}
    assert len(request.headers["idempotency-key"]) >= 16
    assert site.endpoint.spoken == []


def test_a_job_begins_at_nothing_whatever_was_heard_before_it(page: Page, jobs: JobsApi) -> None:
    speak(page, "A line before it.")
    is_heard(page, beyond=1)
    clock = page.locator("#result .clock")
    expect(clock).to_have_text("0:01 / 0:01")

    speak(page)

    expect(page.locator("#result")).to_contain_text("Waiting for its turn")
    expect(clock).to_have_text("0:00 / 0:00")
    assert jobs.spoken == 0


def test_the_first_part_is_heard_while_the_others_are_still_spoken(page: Page, jobs: JobsApi) -> None:
    speak(page)
    jobs.status, jobs.spoken = "running", 1

    is_heard(page)

    expect(page.locator("#result")).to_contain_text("Speaking · 13 %")
    expect(page.locator("#result .sentence")).to_have_text([PARTS[0]])
    assert float(page.locator("#result progress").evaluate("bar => bar.value")) == pytest.approx(1 / 8)


def test_parts_are_heard_one_after_the_other_as_they_come(page: Page, jobs: JobsApi) -> None:
    speak(page)
    jobs.status, jobs.spoken = "running", 1
    is_heard(page)
    page.wait_for_function("() => document.querySelector('#result audio').ended")

    jobs.spoken = 3

    is_heard(page)
    assert marked(page, PARTS[2]) == PARTS[:3]


def test_at_the_end_there_is_one_file_with_captions(page: Page, jobs: JobsApi, site: Site) -> None:
    speak(page)
    jobs.finish()

    for name, address in (("MP3", "/whole.mp3"), ("WebVTT", "/whole.vtt"), ("SRT", "/whole.srt")):
        link = page.locator("#result").get_by_role("link", name=name)
        expect(link).to_have_attribute("href", site.url + address)
    expect(page.locator("#result")).to_contain_text("Done")
    expect(page.locator("#result progress")).to_be_hidden()
    expect(page.locator(".entry").first).to_contain_text("long text")


def test_any_part_can_be_jumped_to(page: Page, jobs: JobsApi) -> None:
    speak(page)
    jobs.finish()
    expect(page.locator("#result .sentence")).to_have_count(8)

    page.get_by_role("button", name=PARTS[6], exact=True).click()

    seen = marked(page, PARTS[7])
    assert seen[-2:] == PARTS[6:]
    assert PARTS[5] not in seen


def test_a_reload_finds_the_job_again(page: Page, jobs: JobsApi) -> None:
    speak(page)
    jobs.status, jobs.spoken = "running", 2
    expect(page.locator("#result .sentence")).to_have_count(2)

    page.reload()

    expect(page.locator("#result .sentence")).to_have_text(PARTS[:2])
    expect(page.get_by_label("What to say")).to_have_value(LONG)
    jobs.finish()
    expect(page.locator("#result .sentence")).to_have_count(8)
    assert len(jobs.asked_by("POST")) == 1


def test_a_job_can_be_cancelled_and_what_was_spoken_stays(page: Page, jobs: JobsApi) -> None:
    speak(page)
    jobs.status, jobs.spoken = "running", 2
    expect(page.locator("#result .sentence")).to_have_count(2)

    page.get_by_role("button", name="Cancel").click()

    expect(page.locator("#result")).to_contain_text("Cancelled")
    expect(page.locator("#result .sentence")).to_have_count(2)
    assert len(jobs.asked_by("DELETE")) == 1
    page.reload()
    expect(page.locator("#result")).to_contain_text("What is spoken is heard here.")


def test_a_sleeping_endpoint_is_waited_for(page: Page, jobs: JobsApi) -> None:
    speak(page)
    jobs.status = "waiting_for_capacity"

    expect(page.locator("#result")).to_contain_text("Waiting for the voice to wake")


def test_why_a_job_failed_is_told(page: Page, jobs: JobsApi) -> None:
    speak(page)
    jobs.status, jobs.spoken = "failed", 1
    jobs.problem = {"title": "Unprocessable Entity", "status": 422, "detail": "Part 2 cannot be said: 'ß'."}

    expect(page.get_by_role("alert")).to_contain_text("Part 2 cannot be said: 'ß'.")
    expect(page.locator("#result .sentence")).to_have_count(1)
    expect(page.get_by_label("What to say")).to_have_value(LONG)


def test_a_line_can_be_spoken_while_a_job_goes_on_and_the_job_be_found_again(page: Page, jobs: JobsApi) -> None:
    speak(page)
    jobs.status, jobs.spoken = "running", 1
    is_heard(page)

    speak(page, "Something short.")
    expect(page.locator("#result .sentence")).to_have_text(["Something short."])
    jobs.finish()
    page.locator(".entry", has_text="long text").locator(".entry-open").click()

    expect(page.locator("#result .sentence")).to_have_count(8)
    expect(page.locator("#result")).to_contain_text("Done")
