"""The page is for everybody: keyboard and screen reader, phone and desktop, light and dark, and nothing jumps."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page.site import ROOT, Site, browsing, have_long_recordings
from tests.support.browser import DESKTOP, PHONE, is_heard
from tests.support.fake_endpoint import refused

AXE = ROOT / "build/npm/node_modules/axe-core/axe.min.js"
MAX_SHIFT = 0.01
SHIFTS = """
window.shifted = [];
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) {
    const moved = each.sources.map(({ node }) => node?.id || node?.className);
    if (!each.hadRecentInput) window.shifted.push([each.value, ...moved]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""

TOO_WIDE = """
document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("main *, header *, footer *")]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > innerWidth)
  .map((each) => `${each.tagName} ${each.id} ${each.className}`)
"""

FOCUSED = """
(({ ariaLabel, labels, textContent }) => (ariaLabel ?? labels?.[0]?.textContent ?? textContent).trim())(
  document.activeElement)
"""

Scheme = Literal["light", "dark"]


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Scheme:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def look(request: pytest.FixtureRequest, chromium: Browser, site: Site, scheme: Scheme) -> Iterator[Page]:
    """The page on a desktop and on a phone, by day and by night."""
    with browsing(chromium, site, viewport=request.param, color_scheme=scheme) as page:
        yield page


def findings(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now."""
    if not AXE.exists():
        pytest.skip(f"LEFT OUT: no axe-core in {AXE.parent}: npm install --prefix build/npm axe-core")
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")
    # As an expression of the debugger, which the page's policy does not hold for.
    page.evaluate(AXE.read_text() + "; 0")
    found: Any = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [f"{each['id']}: {[node['html'] for node in each['nodes']]}" for each in found["violations"]]


def speak(page: Page, text: str) -> None:
    page.get_by_label("What to say").fill(text)
    page.keyboard.press("Control+Enter")


def test_axe_finds_nothing_before_anything_is_done(look: Page) -> None:
    assert findings(look) == []


def test_axe_finds_nothing_while_a_line_is_heard(look: Page) -> None:
    look.get_by_text("How it is spoken").click()
    speak(look, "We need 5 more. Or six!")
    is_heard(look)
    look.get_by_text("What was said, word for word").click()

    assert findings(look) == []


def test_axe_finds_nothing_in_a_problem(look: Page, site: Site) -> None:
    site.endpoint.refusal = refused(422, "No.")
    speak(look, "Will it?")
    expect(look.get_by_role("alert")).to_be_visible()

    assert findings(look) == []


def test_axe_finds_nothing_in_a_line_as_code(look: Page) -> None:
    look.get_by_role("button", name="As code").click()

    assert findings(look) == []


def test_axe_finds_nothing_among_the_voices(look: Page) -> None:
    look.get_by_role("link", name="Voices").click()
    look.get_by_text("What it says, and who agreed").first.click()
    look.get_by_role("button", name="Add the voice").click()
    expect(look.locator("#transcript-problem")).to_be_visible()

    assert findings(look) == []


def test_nothing_is_wider_than_the_screen(look: Page) -> None:
    speak(look, "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle" * 3)
    is_heard(look)
    for view in ("Voices", "Speak"):
        look.get_by_role("link", name=view).click()
        assert look.evaluate(TOO_WIDE) == []


def test_nothing_jumps_while_the_page_loads(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.add_init_script(SHIFTS)
    page.goto(site.url)
    page.get_by_role("radio", name="Ahri").wait_for(state="attached")
    expect(page.locator("#health")).to_have_text("Awake")

    shifts = page.evaluate("new Promise((done) => setTimeout(() => done(window.shifted), 300))")
    assert sum(shift for shift, *_ in shifts) < MAX_SHIFT, shifts
    context.close()


def test_it_is_dark_where_that_is_wanted(chromium: Browser, site: Site) -> None:
    def brightness(scheme: Scheme) -> float:
        with browsing(chromium, site, color_scheme=scheme) as page:
            page.wait_for_load_state()
            colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
            return sum(int(number) for number in colour.strip("rgb()").split(",")) / 3

    assert brightness("dark") < 60 < 200 < brightness("light")


def test_nothing_moves_where_that_is_not_wanted(chromium: Browser, site: Site) -> None:
    with browsing(chromium, site, reduced_motion="reduce") as page:
        have_long_recordings(page)
        page.get_by_role("button", name="Hear Ahri's recording").click()

        assert (
            page.locator(".card.is-playing .sigil").evaluate("each => getComputedStyle(each).animationName") == "none"
        )


def test_a_line_can_be_spoken_and_heard_by_the_keyboard_alone(page: Page, site: Site) -> None:
    def tab_to(name: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate(FOCUSED) == name:
                return
        raise AssertionError(f"the Tab key does not lead to {name!r}")

    tab_to("Ahri")
    page.keyboard.press("ArrowRight")
    tab_to("What to say")
    # So long that it can be paused, however slow the test is.
    page.keyboard.type(f"By hand alone, {'and once more ' * 25}to the end. And a second one.")
    page.keyboard.press("Control+Enter")
    is_heard(page)
    tab_to("Pause")
    page.keyboard.press("Space")
    assert page.evaluate("document.querySelector('#result audio').paused")
    tab_to("And a second one.")
    page.keyboard.press("Enter")
    is_heard(page, beyond=15)

    assert site.endpoint.spoken[0].champion_id == "default"


def test_every_control_can_be_hit_by_a_thumb(chromium: Browser, site: Site) -> None:
    with browsing(chromium, site, viewport=PHONE) as page:
        small = page.evaluate(
            "[...document.querySelectorAll('button, a.button, select')].filter((each) => each.checkVisibility())"
            ".map((each) => [each.textContent, each.getBoundingClientRect()])"
            ".filter(([, box]) => box.width < 24 || box.height < 24).map(([text]) => text)"
        )

        assert small == []


def test_the_screenshots_of_the_docs_are_not_too_large() -> None:
    shots = list((Path(ROOT) / "docs").glob("page-*.png"))

    assert sum(shot.stat().st_size for shot in shots) < 2_000_000
