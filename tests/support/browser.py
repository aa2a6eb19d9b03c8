"""A browser for tests: Debian's Chromium, led by Playwright, with a microphone that hears a champion's recording."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
VOICES = Path(__file__).resolve().parents[2] / "voices"
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}

# What the browser says of an answer that is no success: pages show it, and tests look at that.
_EXPECTED = re.compile(r"Failed to load resource")

# How far each sound of the result has come that was heard since a test asked, and every sentence that was marked.
_WITNESS = """
window.heard = [];
window.marked = [];
for (const event of ["playing", "timeupdate", "ended"]) {
  document.addEventListener(event, ({ type, target }) => {
    if (!target.closest("#result")) return;
    if (type === "playing") window.heard.push(0);
    if (target.paused && !target.ended) return;
    if (window.heard.length) window.heard[window.heard.length - 1] = target.currentTime;
  }, true);
}
new MutationObserver((changes) => {
  for (const { target } of changes) {
    if (target.matches("#result .sentence[aria-current]")) window.marked.push(target.textContent);
  }
}).observe(document, { subtree: true, attributeFilter: ["aria-current"] });
"""


def find_chromium() -> str | None:
    """Chromium's program, if there is one."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextmanager
def opened(program: str) -> Iterator[Browser]:
    """The browser, until the block ends."""
    microphone = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={VOICES / 'ahri/reference.wav'}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=microphone)
        yield browser
        browser.close()


def complaints(page: Page) -> list[str]:
    """What the browser will complain of: scripts that fail, and what the page's policy forbids."""
    heard: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _EXPECTED.search(message.text):
            heard.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def listen(page: Page) -> None:
    """Have a page remember what is heard and which sentences are marked: both may be over before a test asks."""
    page.add_init_script(_WITNESS)


def is_heard(page: Page, beyond: float = 0.0) -> None:
    """Wait until a sound is heard that is new since this was asked last, and has come so far, in seconds.

    It may have ended meanwhile.
    """
    page.wait_for_function(
        "(beyond) => window.heard.some((reached) => reached > beyond) && (window.heard = [])", arg=beyond
    )


def marked(page: Page, last: str) -> list[str]:
    """The sentences that have been marked, in order, as soon as this one is the last of them."""
    page.wait_for_function("(last) => window.marked.at(-1) === last", arg=last)
    sentences: list[str] = page.evaluate("window.marked")
    return sentences
