"""The page before the whole stack: a line, a voice of one's own, and a chapter."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.layout import ROOT
from tests.integration.local_stack import LocalStack
from tests.support.browser import DESKTOP, complaints, is_heard, listen

WAIT_MILLISECONDS = 120_000
VOICES = ROOT / "voices"


@pytest.fixture
def page(chromium: Browser, stack: LocalStack) -> Iterator[Page]:
    """The page, open and ready; it must give no reason to complain."""
    context = chromium.new_context(base_url=stack.url, viewport=DESKTOP)
    context.set_default_timeout(WAIT_MILLISECONDS)
    expect.set_options(timeout=WAIT_MILLISECONDS)
    page = context.new_page()
    listen(page)
    heard = complaints(page)
    page.goto("/")
    page.get_by_role("radio", name="Ahri").wait_for(state="attached")
    yield page
    assert heard == []
    context.close()


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


def test_a_chapter_is_heard_from_its_first_part_on_and_found_again_after_a_reload(page: Page) -> None:
    page.get_by_text("How it is spoken").click()
    page.get_by_role("radio", name="Fast").check(force=True)
    speak(page, " ".join(f"This is sentence number {number} of a chapter." for number in range(1, 61)))
    is_heard(page)

    page.reload()

    expect(page.locator("#result")).to_contain_text("Done")
    expect(page.get_by_role("link", name="WebVTT")).to_be_visible()
