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


def is_playing(page: Page, beyond: float = 0.0) -> None:
    """Wait until the line can be heard, and has come so far, in seconds."""
    page.wait_for_function(
        "(beyond) => { const audio = document.querySelector('#result audio');"
        " return !audio.paused && !audio.error && audio.currentTime > beyond; }",
        arg=beyond,
    )
