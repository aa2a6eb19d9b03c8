"""The page before the whole stack: a line, a voice of one's own, a chapter; a wrong key, and a model that dies."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.soak.watching import kill_model
from deploy.layout import ROOT
from local.keys import API_KEY
from local.stack import lambda_variables, local_environment
from tests.integration.local_stack import LocalStack
from tests.support.browser import DESKTOP, complaints, is_heard, listen, marked
from tests.support.gateway import gateway
from tests.support.waiting import wait_until

WAIT_MILLISECONDS = 120_000
START_SECONDS = 60
KEY = "a-callers-key-0123456789"
VOICES = ROOT / "voices"


@contextmanager
def arriving(chromium: Browser, address: str) -> Iterator[Page]:
    """Open the page; it must give no reason to complain."""
    context = chromium.new_context(base_url=address, viewport=DESKTOP)
    context.set_default_timeout(WAIT_MILLISECONDS)
    expect.set_options(timeout=WAIT_MILLISECONDS)
    page = context.new_page()
    listen(page)
    heard = complaints(page)
    page.goto("/")
    yield page
    assert heard == []
    context.close()


@pytest.fixture
def page(chromium: Browser, stack: LocalStack) -> Iterator[Page]:
    """The page, open and ready."""
    with arriving(chromium, stack.url) as page:
        page.get_by_role("radio", name="Ahri").wait_for(state="attached")
        yield page


@pytest.fixture
def keyed(stack: LocalStack) -> Iterator[str]:
    """Another door to the stack, for those who have the key."""
    with gateway(local_environment(stack.ports) | lambda_variables("small-0") | {API_KEY: KEY}) as url:
        yield url


def speak(page: Page, text: str) -> None:
    page.get_by_label("What to say").fill(text)
    page.keyboard.press("Control+Enter")


def test_a_line_is_heard_sentence_by_sentence(page: Page) -> None:
    page.get_by_role("radio", name="Yasuo").check(force=True)

    speak(page, "Wait for the wave. Then take the fight at 25:30.")

    is_heard(page)
    sentences = page.locator("#result .sentence")
    expect(sentences).to_have_text(["Wait for the wave.", "Then take the fight at 25:30."])
    expect(sentences.nth(1)).to_have_attribute("aria-current", "true")
    page.get_by_text("What was said, word for word").click()
    expect(page.locator("#result .said")).to_contain_text("twenty-five")


def test_what_cannot_be_said_is_told_and_stays_in_the_box(page: Page) -> None:
    speak(page, "Привет всем.")

    expect(page.get_by_role("alert")).to_contain_text("Request")
    expect(page.get_by_label("What to say")).to_have_value("Привет всем.")


def test_with_a_wrong_key_nothing_is_spoken_and_with_the_right_one_it_is(chromium: Browser, keyed: str) -> None:
    with arriving(chromium, keyed) as page:
        page.get_by_role("textbox", name="Key").fill("not-the-key-0123456789")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("dialog")).to_contain_text("The API did not take this one.")
        page.get_by_role("textbox", name="Key").fill(KEY)
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("radio", name="Ahri")).to_be_checked()

        speak(page, "With the right key.")

        is_heard(page)


@pytest.mark.slow
def test_a_line_whose_model_is_killed_meanwhile_is_heard_all_the_same(page: Page, stack: LocalStack) -> None:
    page.get_by_text("How it is spoken").click()
    page.get_by_role("radio", name="High").check(force=True)
    asked = stack.invocations()
    speak(page, " ".join(f"This is sentence number {number} of a line that takes long." for number in range(1, 9)))
    # What it says was asked and answered; now it is spoken.
    assert wait_until(lambda: stack.invocations() > asked, START_SECONDS)

    assert kill_model(stack.process)

    assert page.locator("#result").get_attribute("aria-busy") == "true"
    is_heard(page)
    # Where the model takes too long to come back, the line has become a job, whose parts hold more than a sentence.
    expect(page.locator("#result .sentence").last).to_contain_text("sentence number 8 of")


def test_a_voice_is_added_and_heard(page: Page) -> None:
    page.get_by_role("link", name="Voices").click()
    page.get_by_label("Name").fill("page test")
    page.locator("#recorder input[type=file]").set_input_files(VOICES / "lux/reference.wav")
    page.get_by_label("What is said in it").fill((VOICES / "lux/reference.txt").read_text())
    page.get_by_label("Whose voice it is").fill("Nobody: a synthetic voice")
    page.get_by_label("This is my own voice").check()
    page.get_by_role("button", name="Add the voice").click()
    page.get_by_role("button", name="Hear Page Test", exact=True).click()

    is_heard(page)

    expect(page.get_by_role("radio", name="Page Test")).to_be_checked()
    page.get_by_role("link", name="Voices").click()
    page.get_by_role("button", name="Delete Page Test").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete Page Test").click()
    expect(page.get_by_role("heading", name="Page Test")).to_have_count(0)


@pytest.mark.slow
def test_a_chapter_is_heard_from_its_first_part_on_and_found_again_after_a_reload(page: Page) -> None:
    page.get_by_text("How it is spoken").click()
    page.get_by_role("radio", name="Fast").check(force=True)
    speak(page, " ".join(f"This is sentence number {number} of a chapter." for number in range(1, 61)))
    is_heard(page)

    page.reload()

    expect(page.locator("#result")).to_contain_text("Done")
    expect(page.get_by_role("link", name="WebVTT")).to_be_visible()
    parts = page.locator("#result .sentence")
    assert parts.count() > 1
    parts.last.click()
    marked(page, parts.last.inner_text())
    is_heard(page)
