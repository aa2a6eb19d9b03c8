"""A person writes a line, hears it, and does with it what they like."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.page.site import MAX_TEXT_CHARACTERS, Site, have_long_recordings
from tests.support.browser import is_heard, marked
from tests.support.fake_endpoint import refused

THREE = "Wait for the wave. Then take the fight at once, and do not look back. Well done!"
# Of half a minute: it is still heard, however slow the test is.
MANY = [f"This is sentence number {number} of a line that goes on." for number in range(1, 10)]
TIME = "document.querySelector('#result audio').currentTime"


def speak(page: Page, text: str) -> None:
    """Write a text and send it off by the keyboard."""
    page.get_by_label("What to say").fill(text)
    page.keyboard.press("Control+Enter")


def heights(page: Page) -> list[float]:
    """Of the waveform's bars, in pixels."""
    drawn = page.locator("#result .bars").first.get_attribute("d") or ""
    return [float(height) for height in re.findall(r"v([\d.]+)", drawn)]


def test_a_line_is_written_and_heard_in_the_chosen_voice(page: Page, site: Site) -> None:
    page.get_by_role("radio", name="Yasuo").check(force=True)

    speak(page, THREE)

    is_heard(page)
    expect(page.locator("#result")).to_contain_text("Yasuo")
    [line] = site.endpoint.spoken
    assert (line.champion_id, line.text, line.format) == ("yasuo", THREE, "mp3")


def test_the_waveform_is_that_of_the_sound(page: Page) -> None:
    speak(page, "Loud words and then, after a while, some more of them. And a second sentence.")
    is_heard(page)

    page.wait_for_function("() => document.querySelector('#result .bars').getAttribute('d').match(/v[3-9]\\d/)")

    drawn = heights(page)
    assert len(drawn) > 50
    assert max(drawn) > 5 * min(drawn)
    assert min(drawn) < 3, "the pause between the sentences is quiet"


def test_the_sentence_that_is_spoken_is_marked(page: Page) -> None:
    speak(page, THREE)
    three = ["Wait for the wave.", "Then take the fight at once, and do not look back.", "Well done!"]
    expect(page.locator("#result .sentence")).to_have_text(three)

    assert marked(page, three[-1]) == three
    expect(page.locator("#result [aria-current]")).to_have_text([three[-1]])


def test_a_click_on_a_sentence_jumps_to_it(page: Page) -> None:
    speak(page, " ".join(MANY))
    is_heard(page)

    page.get_by_role("button", name=MANY[-1], exact=True).click()

    is_heard(page, beyond=20)
    assert MANY[-2] not in marked(page, MANY[-1])


def test_the_waveform_can_be_moved_in_by_mouse_and_keyboard(page: Page) -> None:
    speak(page, " ".join(MANY))
    is_heard(page)
    page.get_by_role("button", name="Pause").click()
    slider = page.get_by_role("slider", name="Where it plays")
    box = slider.bounding_box()
    assert box is not None

    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    middle = page.evaluate(TIME)
    slider.press("ArrowRight")

    total = float(slider.get_attribute("aria-valuemax") or 0)
    assert middle == pytest.approx(total / 2, abs=0.1)
    assert page.evaluate(TIME) == pytest.approx(middle + 2, abs=0.1)
    slider.press("Home")
    assert page.evaluate(TIME) == 0


def test_line_ends_of_the_text_are_line_ends_of_what_is_shown(page: Page) -> None:
    speak(page, "First line.\nSecond line. Still the second.")

    expect(page.locator("#result .sentence")).to_have_count(3)
    assert page.locator("#result .sentences br").count() == 1
    assert page.evaluate("document.querySelector('#result .sentence').nextSibling.nodeName") == "BR"


def test_how_it_is_spoken_reaches_the_api(page: Page, site: Site) -> None:
    page.get_by_text("How it is spoken").click()
    page.get_by_role("radio", name="High").check(force=True)
    page.get_by_label("Speed").fill("1.5")
    page.get_by_label("Format").select_option("wav")
    page.get_by_label("The text is").select_option("Markdown")
    page.get_by_role("spinbutton", name="Seconds").fill("3.5")
    page.get_by_label("Seed").fill("7")

    speak(page, "Some *emphasis*.")
    is_heard(page)

    [line] = site.endpoint.spoken
    assert (line.quality, line.speed, line.format, line.text_type, line.duration, line.seed) == (
        "high", 1.5, "wav", "markdown", 3.5, 7,
    )  # fmt: skip


@pytest.mark.parametrize("sound_format", ["wav", "mp3", "opus", "flac", "pcm"])
def test_every_format_is_heard_and_drawn(page: Page, sound_format: str) -> None:
    page.get_by_text("How it is spoken").click()
    page.get_by_label("Format").select_option(sound_format)

    speak(page, f"This is {sound_format}, to be heard here.")

    is_heard(page, beyond=0.2)
    page.wait_for_function("() => document.querySelector('#result .bars').getAttribute('d').match(/v[3-9]\\d/)")


def test_another_take_is_the_same_line_with_another_seed(page: Page, site: Site) -> None:
    speak(page, "Say it again.")
    is_heard(page)

    page.get_by_role("button", name="Another take").click()

    expect(page.locator("#result .state")).to_contain_text(re.compile("seed [1-9]"))
    first, second = site.endpoint.spoken
    assert first.model_copy(update={"seed": second.seed, "wait_seconds": second.wait_seconds}) == second
    assert second.seed != first.seed


def test_what_was_said_is_shown_where_it_differs_from_what_was_written(page: Page) -> None:
    speak(page, "We need 5 more.")
    is_heard(page)

    page.get_by_text("What was said, word for word").click()
    expect(page.locator("#result .said p")).to_have_text("We need five more.")

    speak(page, "We need some more.")
    expect(page.locator("#result .sentence")).to_have_text(["We need some more."])
    expect(page.locator("#result .said")).to_be_hidden()


def test_the_sound_is_saved_under_the_champions_name(page: Page, tmp_path: Path) -> None:
    speak(page, "To be kept.")
    is_heard(page)

    with page.expect_download() as saved:
        page.get_by_role("link", name="MP3").click()

    saved.value.save_as(tmp_path / "saved")
    assert saved.value.suggested_filename == "ahri.mp3"
    assert (tmp_path / "saved").read_bytes()[:2] in (b"ID", b"\xff\xfb", b"\xff\xf3")


@pytest.mark.parametrize(("language", "program"), [("curl", ["bash", "-e"]), ("Python", [sys.executable])])
def test_a_line_as_code_does_the_same_whatever_is_in_it(
    page: Page, site: Site, tmp_path: Path, language: str, program: list[str]
) -> None:
    text = f"It's \"{language}\", $HOME `id` \\n and 100 % – ✓ at\n5 o'clock."
    page.get_by_label("What to say").fill(text)
    page.get_by_role("button", name="As code").click()
    page.get_by_role("radio", name=language).check(force=True)
    (tmp_path / "code").write_text(page.locator("#code").inner_text())

    subprocess.run([*program, tmp_path / "code"], cwd=tmp_path, check=True)

    [line] = site.endpoint.spoken
    assert (line.text, line.format) == (text, "mp3")
    assert (tmp_path / "ahri.mp3").stat().st_size > 1000


def test_a_long_text_as_code_is_a_job(page: Page) -> None:
    page.get_by_label("What to say").fill("Word. " * 100)
    page.get_by_role("button", name="As code").click()

    expect(page.locator("#code")).to_contain_text(f"curl -sS -L --fail-with-body '{page.url.rstrip('/')}/jobs'")


def test_code_is_copied(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_label("What to say").fill("Copy me.")
    page.get_by_role("button", name="As code").click()

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "Copy me." in page.evaluate("navigator.clipboard.readText()")


def test_what_was_spoken_stays_listed_and_can_be_heard_again(page: Page, site: Site) -> None:
    page.get_by_role("radio", name="Garen").check(force=True)
    speak(page, "Hold the line.")
    is_heard(page)
    page.get_by_role("radio", name="Lux").check(force=True)
    speak(page, "Light the way.")
    expect(page.locator(".entry-text")).to_have_text(["Light the way.", "Hold the line."])
    page.reload()

    page.get_by_role("button", name=re.compile("^Hold the line")).click()

    is_heard(page)
    expect(page.get_by_role("radio", name="Garen")).to_be_checked()
    expect(page.get_by_label("What to say")).to_have_value("Hold the line.")
    expect(page.locator("#result .state")).to_contain_text("from the store")
    expect(page.locator(".entry-text")).to_have_text(["Hold the line.", "Light the way."])
    assert len(site.endpoint.spoken) == 2


def test_a_line_of_the_list_is_spoken_by_its_voice_though_the_voices_are_still_asked_for(
    page: Page, site: Site
) -> None:
    page.get_by_role("radio", name="Garen").check(force=True)
    speak(page, "Stand your ground.")
    is_heard(page)
    page.get_by_role("radio", name="Lux").check(force=True)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/voices", hold)
    page.reload()

    page.get_by_role("button", name=re.compile("^Stand your ground")).click()

    is_heard(page)
    [asked] = held
    asked.continue_()
    expect(page.get_by_role("radio", name="Garen")).to_be_checked()
    assert {line.champion_id for line in site.endpoint.spoken} == {"garen"}


def test_what_was_spoken_can_be_forgotten(page: Page) -> None:
    for text in ("One.", "Two.", "Three."):
        speak(page, text)
        expect(page.locator(".entry-text").first).to_have_text(text)

    page.get_by_role("button", name="Forget: Two.").click()
    expect(page.locator(".entry-text")).to_have_text(["Three.", "One."])
    page.get_by_role("button", name="Forget all").click()

    expect(page.locator(".entry")).to_have_count(0)
    page.reload()
    expect(page.locator(".entry")).to_have_count(0)


def test_the_list_does_not_grow_without_end(page: Page) -> None:
    entries = [
        {"line": {"champion_id": "ahri", "text": f"{n}" * 9000}, "at": n, "duration": 1, "job": None} for n in range(99)
    ]
    page.evaluate("entries => localStorage.setItem('champion-voice.history', JSON.stringify(entries))", entries)
    page.reload()

    speak(page, "One more.")
    expect(page.locator(".entry-text").first).to_have_text("One more.")

    kept = page.evaluate("localStorage.getItem('champion-voice.history')")
    assert len(kept) < 400_000
    assert page.locator(".entry").count() <= 40


def test_what_is_written_is_still_there_after_a_reload(page: Page) -> None:
    page.get_by_role("radio", name="Jinx").check(force=True)
    page.get_by_label("What to say").fill("Half a thou")
    page.get_by_text("How it is spoken").click()
    page.get_by_label("Format").select_option("flac")

    for _ in range(2):
        page.reload()
        expect(page.get_by_role("radio", name="Jinx")).to_be_checked()

    expect(page.get_by_label("What to say")).to_have_value("Half a thou")
    expect(page.locator("#settings-summary")).to_have_text("FLAC")


def test_it_tells_how_long_a_text_is_and_when_it_is_too_long_for_one_line(page: Page) -> None:
    page.get_by_label("What to say").fill("Ten chars.")
    expect(page.locator("#count")).to_have_text(f"10 of {MAX_TEXT_CHARACTERS} characters, about 0.7 s")

    page.get_by_label("What to say").fill("word " * 120)
    expect(page.locator("#count")).to_have_text("600 characters, about 40 s: spoken in parts")


def test_a_champions_recording_can_be_heard(page: Page) -> None:
    have_long_recordings(page)
    button = page.get_by_role("button", name="Hear Thresh's recording")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")

    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_a_line_that_takes_long_can_be_stopped_and_nothing_is_lost(page: Page, site: Site) -> None:
    site.endpoint.go_on.clear()
    speak(page, "Never mind.")
    expect(page.locator("#result")).to_contain_text("Speaking")

    page.get_by_role("button", name="Stop").click()

    expect(page.locator("#result")).to_contain_text("Stopped.")
    expect(page.get_by_label("What to say")).to_have_value("Never mind.")
    site.endpoint.go_on.set()
    page.get_by_role("button", name="Speak").click()
    is_heard(page)


def test_the_keyboard_speaks_what_is_written_now_in_place_of_what_is_waited_for(page: Page, site: Site) -> None:
    site.endpoint.go_on.clear()
    speak(page, "The old one.")
    expect(page.locator("#result")).to_contain_text("Speaking")

    speak(page, "The new one.")
    site.endpoint.go_on.set()

    expect(page.locator("#result .sentence")).to_have_text(["The new one."])
    is_heard(page)


def test_text_of_a_right_to_left_script_runs_that_way(page: Page) -> None:
    text = "مرحبا بكم في النهر"
    page.get_by_label("What to say").fill(text)
    assert page.get_by_label("What to say").evaluate("box => getComputedStyle(box).direction") == "rtl"

    page.keyboard.press("Control+Enter")
    is_heard(page)

    assert page.locator("#result .sentences").evaluate("box => getComputedStyle(box).direction") == "rtl"


def test_markup_that_is_spoken_stays_text(page: Page, site: Site) -> None:
    text = "<img src=x onerror=document.title='caught'><b>Bold.</b>"
    speak(page, text)
    is_heard(page)

    expect(page.locator("#result .sentence")).to_have_text([text])
    site.endpoint.refusal = refused(422, "<i>That</i> cannot be said: <script>1</script>")
    speak(page, "Something else.")
    expect(page.locator(".problem")).to_contain_text("<i>That</i> cannot be said: <script>1</script>")
    assert page.locator("main img, main b, main i").count() == 0
    assert page.title() == "Champion Voice"
