"""A person adds a voice by file or microphone, hears it, replaces it and deletes it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page.site import ADMIN_KEY, API_KEY, Site, arriving, deployed, have_long_recordings
from tests.support.browser import VOICES, is_heard
from tests.support.recordings import recording, wav

TRANSCRIPT = (VOICES / "lux/reference.txt").read_text().strip()


@pytest.fixture(scope="module")
def kept_site(chromium: Browser, s3_url: str) -> Iterator[Site]:  # noqa: ARG001 -- nothing to deploy without it
    with deployed(s3_url, API_KEY=API_KEY, ADMIN_KEY=ADMIN_KEY) as site:
        yield site


@pytest.fixture
def page(chromium: Browser, kept_site: Site) -> Iterator[Page]:
    """The list of voices, before someone who may change them."""
    kept_site.endpoint.reset()
    kept_site.put_voices()
    with arriving(chromium, kept_site, keys={"caller": API_KEY, "admin": ADMIN_KEY}) as page:
        page.get_by_role("link", name="Voices").click()
        page.get_by_role("heading", name="Ahri").wait_for()
        yield page


def fill(page: Page, name: str, transcript: str = TRANSCRIPT) -> None:
    """Fill in everything but the recording."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("What is said in it").fill(transcript)
    page.get_by_label("Whose voice it is").fill("Ada Lovelace")
    page.get_by_label("This is my own voice").check()


def choose(page: Page, file: Path) -> None:
    page.locator("#recorder input[type=file]").set_input_files(file)


def test_a_voice_is_added_by_file_and_heard_at_once(page: Page, kept_site: Site) -> None:
    fill(page, "New Voice")
    choose(page, VOICES / "lux/reference.wav")
    expect(page.locator("#recorder")).to_contain_text("reference.wav 4.")
    page.get_by_role("button", name="Add the voice").click()
    page.get_by_role("button", name="Hear New Voice", exact=True).click()

    is_heard(page)

    expect(page.get_by_role("radio", name="New Voice")).to_be_checked()
    assert kept_site.endpoint.spoken[-1].champion_id == "new-voice"
    stored = kept_site.s3.get_object(Bucket=kept_site.voices_bucket, Key="champion-voices/new-voice/reference.wav")
    assert stored["Body"].read() == (VOICES / "lux/reference.wav").read_bytes()


def test_who_agreed_is_kept_with_the_voice_and_shown(page: Page) -> None:
    fill(page, "family voice")
    choose(page, VOICES / "lux/reference.wav")
    page.get_by_role("button", name="Add the voice").click()
    expect(page.get_by_role("heading", name="Family Voice")).to_be_visible()

    page.locator(".voice", has_text="Family Voice").get_by_text("What it says, and who agreed").click()

    expect(page.locator(".voice", has_text="Family Voice")).to_contain_text(TRANSCRIPT)
    expect(page.locator(".voice", has_text="Family Voice")).to_contain_text("Agreed to by Ada Lovelace.")


def test_a_voice_is_recorded_while_the_level_is_shown_and_the_time_runs_out(page: Page) -> None:
    page.get_by_role("button", name="Record", exact=True).click()

    expect(page.locator(".countdown")).to_have_text(re.compile("^[0-9] s left$"))
    page.wait_for_function("() => document.querySelector('#recorder meter').value > 0")
    page.get_by_role("button", name="Stop").click()

    expect(page.locator("#recorder")).to_contain_text("Your recording")
    # What was to be read aloud is what is said in it.
    expect(page.get_by_label("What is said in it")).to_have_value(re.compile("^When the river rises .* to fall.$"))
    page.locator("#recorder").get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.querySelector('#recorder audio').currentTime > 0.3")


def test_a_recording_ends_at_twelve_seconds_and_can_be_taken_again(page: Page) -> None:
    page.get_by_role("button", name="Record", exact=True).click()

    expect(page.locator("#recorder")).to_contain_text("Your recording 12 s")
    page.get_by_role("button", name="Take another").click()

    expect(page.get_by_role("button", name="Record", exact=True)).to_be_focused()
    expect(page.locator("#recorder")).to_contain_text("She counted seven lanterns")
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_label("What is said in it")).to_have_value(re.compile("^She counted seven lanterns"))


def test_what_was_recorded_becomes_a_voice(page: Page, kept_site: Site) -> None:
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator(".countdown")).to_have_text(re.compile("^[0-7] s left$"))
    page.get_by_role("button", name="Stop").click()
    # The microphone of these tests hears Ahri's recording over and over.
    said = (VOICES / "ahri/reference.txt").read_text().strip()
    fill(page, "recorded", said)

    page.get_by_role("button", name="Add the voice").click()

    expect(page.get_by_role("heading", name="Recorded")).to_be_visible()
    stored = kept_site.s3.get_object(Bucket=kept_site.voices_bucket, Key="champion-voices/recorded/reference.wav")
    assert stored["Body"].read(4) == b"RIFF"


def test_what_is_wrong_with_a_recording_is_told_beside_it_in_the_checks_words(page: Page, tmp_path: Path) -> None:
    (tmp_path / "long.wav").write_bytes(wav(recording(14)))
    fill(page, "too-long")
    choose(page, tmp_path / "long.wav")

    page.get_by_role("button", name="Add the voice").click()

    expect(page.locator("#audio-problem")).to_contain_text("lasts 14.0 s: cut recording and transcript to at most 12 s")
    expect(page.get_by_label("Name")).to_have_value("too-long")
    expect(page.locator("#recorder")).to_contain_text("long.wav")


def test_what_is_missing_is_told_beside_each_field(page: Page) -> None:
    page.get_by_role("button", name="Add the voice").click()

    for field in ("champion_id", "audio", "transcript", "consent_by", "consent"):
        expect(page.locator(f"#{field}-problem")).not_to_be_empty()
    expect(page.get_by_label("Name")).to_be_focused()


def test_a_name_that_is_taken_is_not_written_over_unasked(page: Page, kept_site: Site) -> None:
    fill(page, "garen")
    choose(page, VOICES / "lux/reference.wav")
    page.get_by_role("button", name="Add the voice").click()
    expect(page.locator("#voice .problem")).to_be_visible()
    key = "champion-voices/garen/reference.wav"
    of_garen = (VOICES / "garen/reference.wav").read_bytes()
    assert kept_site.s3.get_object(Bucket=kept_site.voices_bucket, Key=key)["Body"].read() == of_garen

    page.locator("#voice .problem").get_by_role("button", name="Replace Garen").click()

    expect(page.get_by_text("Garen can speak.").first).to_be_visible()
    assert kept_site.s3.get_object(Bucket=kept_site.voices_bucket, Key=key)["Body"].read() != of_garen


def test_a_voice_is_replaced(page: Page, kept_site: Site) -> None:
    page.get_by_role("button", name="Replace Jinx").click()
    expect(page.get_by_role("heading", name="Replace Jinx")).to_be_visible()
    expect(page.get_by_label("What is said in it")).to_have_value((VOICES / "jinx/reference.txt").read_text().strip())
    fill_but_name(page)
    choose(page, VOICES / "lux/reference.wav")

    page.get_by_role("button", name="Replace the voice").click()

    expect(page.get_by_role("heading", name="Add a voice")).to_be_visible()
    stored = kept_site.s3.get_object(Bucket=kept_site.voices_bucket, Key="champion-voices/jinx/reference.wav")
    assert stored["Body"].read() == (VOICES / "lux/reference.wav").read_bytes()


def fill_but_name(page: Page) -> None:
    page.get_by_label("What is said in it").fill(TRANSCRIPT)
    page.get_by_label("Whose voice it is").fill("Ada Lovelace")
    page.get_by_label("This is my own voice").check()


def test_a_voice_is_deleted_only_after_a_question(page: Page) -> None:
    page.get_by_role("button", name="Delete Thresh").click()
    page.get_by_role("button", name="No, keep it").click()
    expect(page.get_by_role("heading", name="Thresh")).to_be_visible()

    page.get_by_role("button", name="Delete Thresh").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete Thresh").click()

    expect(page.get_by_role("heading", name="Thresh")).to_have_count(0)
    page.get_by_role("link", name="Speak").click()
    expect(page.get_by_role("radio", name="Thresh")).to_have_count(0)


def test_a_recording_of_the_list_can_be_heard(page: Page) -> None:
    have_long_recordings(page)
    button = page.locator("#voice-list").get_by_role("button", name="Hear Thresh's recording")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
