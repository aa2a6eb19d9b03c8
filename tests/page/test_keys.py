"""An API that wants keys is given them, asked for once and kept for the tab alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page.site import ADMIN_KEY, API_KEY, Site, arriving, deployed
from tests.support.browser import is_heard


@pytest.fixture(scope="module")
def keyed_site(chromium: Browser, s3_url: str) -> Iterator[Site]:  # noqa: ARG001 -- nothing to deploy without it
    with deployed(s3_url, API_KEY=API_KEY, ADMIN_KEY=ADMIN_KEY) as site:
        yield site


@pytest.fixture
def page(chromium: Browser, keyed_site: Site) -> Iterator[Page]:
    keyed_site.endpoint.reset()
    with arriving(chromium, keyed_site) as page:
        yield page


def give(page: Page, key: str) -> None:
    """Answer when a key is asked for."""
    page.get_by_role("textbox", name="Key").fill(key)
    page.get_by_role("button", name="Go on").click()


def test_a_key_is_asked_for_until_it_is_the_right_one(page: Page) -> None:
    expect(page.get_by_role("dialog", name="An API key, please")).to_be_visible()

    give(page, "not-the-key")
    expect(page.get_by_role("dialog")).to_contain_text("The API did not take this one.")
    give(page, API_KEY)

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("radio", name="Ahri")).to_be_checked()
    page.get_by_label("What to say").fill("With the right key.")
    page.keyboard.press("Control+Enter")
    is_heard(page)


def test_a_key_is_kept_for_the_tab_and_no_longer(page: Page) -> None:
    give(page, API_KEY)
    expect(page.get_by_role("radio", name="Ahri")).to_be_attached()

    page.reload()
    expect(page.get_by_role("radio", name="Ahri")).to_be_attached()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("JSON.stringify(localStorage)").find(API_KEY) == -1

    another = page.context.new_page()
    another.goto("/")
    expect(another.get_by_role("dialog", name="An API key, please")).to_be_visible()


def test_who_gives_no_key_is_told_what_the_api_said_and_can_think_again(page: Page) -> None:
    page.get_by_role("button", name="Not now").click()

    expect(page.get_by_role("alert")).to_contain_text("Send an API key of this service")
    page.get_by_label("What to say").fill("By whom?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#cast-problem")).to_have_text("Choose a voice, as soon as they are there.")
    page.get_by_role("button", name="Try again").click()
    give(page, API_KEY)
    expect(page.get_by_role("radio", name="Ahri")).to_be_attached()


def test_code_for_an_api_with_keys_takes_the_key_from_the_environment(page: Page) -> None:
    give(page, API_KEY)
    page.get_by_label("What to say").fill("Mind the key.")
    page.get_by_role("button", name="As code").click()

    expect(page.locator("#code")).to_contain_text('-H "x-api-key: $API_KEY"')
    expect(page.locator("#code")).not_to_contain_text(API_KEY)
    page.get_by_role("radio", name="Python").check(force=True)
    expect(page.locator("#code")).to_contain_text('os.environ["API_KEY"]')


def test_voices_are_changed_with_a_key_of_their_own(page: Page) -> None:
    give(page, API_KEY)
    page.get_by_role("link", name="Voices").click()
    page.get_by_role("button", name="Delete Thresh").click()
    page.get_by_role("button", name="Delete Thresh", exact=True).last.click()

    expect(page.get_by_role("dialog", name="The admin key, please")).to_be_visible()
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("alert")).to_contain_text("key")
    expect(page.get_by_role("heading", name="Thresh")).to_be_visible()

    page.get_by_role("button", name="Delete Thresh").click()
    page.get_by_role("button", name="Delete Thresh", exact=True).last.click()
    give(page, ADMIN_KEY)
    expect(page.get_by_role("heading", name="Thresh")).to_have_count(0)
