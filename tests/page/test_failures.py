"""What goes wrong is told as the API tells it, and nothing that a person has made is lost."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page.site import Site, browsing
from tests.support.browser import is_heard
from tests.support.fake_endpoint import described, model_error, refused

TEXT = "It must not be lost."


def speak(page: Page, text: str = TEXT) -> None:
    page.get_by_label("What to say").fill(text)
    page.get_by_role("button", name="Speak", exact=True).click()


def test_a_refusal_is_told_in_the_apis_words_with_the_id_of_the_request(page: Page, site: Site) -> None:
    site.endpoint.refusal = refused(422, "The voice cannot say 'ß'.")

    with page.expect_response("**/voice") as answered:
        speak(page)

    box = page.get_by_role("alert")
    expect(box).to_contain_text("The voice cannot say 'ß'.")
    expect(box).to_contain_text(answered.value.headers["x-request-id"])
    expect(page.get_by_label("What to say")).to_have_value(TEXT)


def test_what_is_wrong_with_a_field_is_told_beside_it(page: Page) -> None:
    page.get_by_text("How it is spoken").click()
    page.get_by_role("spinbutton", name="Seconds").fill("500")
    page.get_by_text("How it is spoken").click()

    speak(page)

    expect(page.locator("#duration-problem")).to_contain_text("must be a number from 0.5 to 120")
    expect(page.get_by_role("spinbutton", name="Seconds")).to_be_focused()
    expect(page.get_by_role("spinbutton", name="Seconds")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("spinbutton", name="Seconds").fill("2")
    speak(page)
    is_heard(page)
    expect(page.locator("#duration-problem")).to_be_hidden()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_nothing_to_say_is_told_without_asking_the_api(page: Page, site: Site) -> None:
    speak(page, "   ")

    expect(page.locator("#text-problem")).to_have_text("Write what is to be said.")
    expect(page.get_by_label("What to say")).to_be_focused()
    assert site.endpoint.spoken == []


def test_what_was_heard_before_can_still_be_heard_when_the_next_line_fails(page: Page, site: Site) -> None:
    speak(page, "The first one.")
    is_heard(page)
    site.endpoint.refusal = model_error(500, "it crashed")

    speak(page, "The second one.")
    expect(page.get_by_role("alert")).to_be_visible()

    page.get_by_role("button", name="The first one.", exact=True).click()
    is_heard(page)


def test_a_crash_can_be_tried_again(page: Page, site: Site) -> None:
    site.endpoint.refusal = model_error(500, "it crashed")
    speak(page)
    expect(page.get_by_role("alert")).to_contain_text("Bad Gateway")
    site.endpoint.refusal = None

    page.get_by_role("button", name="Try again").click()

    is_heard(page)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_endpoint_at_zero_is_asleep_and_when_to_try_again_is_told(chromium: Browser, site: Site) -> None:
    site.endpoint.sleep()
    with browsing(chromium, site) as page:
        expect(page.locator("#health")).to_have_text("Asleep")
        expect(page.locator("#health-notice")).to_contain_text("the first line wakes it, which takes about 8 minutes")

        speak(page, "Wake up.")

        expect(page.get_by_role("button", name="Try again, best in")).to_be_visible()
        expect(page.get_by_role("button", name="Speak it as soon as it can be")).to_be_visible()
        expect(page.get_by_label("What to say")).to_have_value("Wake up.")
        site.endpoint.reset()
        page.get_by_role("button", name="Try again, best in").click()
        is_heard(page)


@pytest.mark.parametrize(
    ("component", "copies", "word"), [("InService", 1, "Awake"), ("Creating", 0, "Waking"), ("Failed", 0, "Away")]
)
def test_how_the_endpoint_is_is_told_in_a_word(
    chromium: Browser, site: Site, component: str, copies: int, word: str
) -> None:
    site.endpoint.health = described("InService", component, CurrentCopyCount=copies, DesiredCopyCount=1)

    with browsing(chromium, site) as page:
        expect(page.locator("#health")).to_have_text(word)


def test_without_a_network_it_says_so_and_loses_nothing(page: Page) -> None:
    page.context.set_offline(True)

    speak(page)

    expect(page.get_by_role("alert")).to_contain_text("The API cannot be reached")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    is_heard(page)


def test_a_line_of_a_voice_that_is_gone_is_spoken_by_the_one_that_is_chosen(page: Page) -> None:
    entry = {
        "line": {"champion_id": "gone", "text": "Am I still there?", "format": "mp3"},
        "at": 0,
        "duration": 1,
        "job": None,
    }
    page.evaluate("entry => localStorage.setItem('champion-voice.history', JSON.stringify([entry]))", entry)
    page.reload()
    expect(page.get_by_role("radio", name="Ahri")).to_be_checked()

    page.get_by_role("button", name="Am I still there?").first.click()

    is_heard(page)
    expect(page.locator("#result")).to_contain_text("Ahri")
