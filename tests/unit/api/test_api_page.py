"""The page and its files, as the Lambda hands them out."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support.doors import Answer, get, http_event, send
from tests.support.environment import AUDIO_BUCKET, VOICES_BUCKET, SetEnvironment

FOLDER = Path(__file__).resolve().parents[3] / "api/page"
MAX_FIRST_PAINT_BYTES = 100_000


class Page(HTMLParser):
    """What a browser would load of the page, and what stands in it that the policy forbids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.base = ""
        self.inline: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "base":
            self.base = attributes["href"] or ""
        if tag == "link" or (tag == "script" and "src" in attributes):
            self.loads.append(attributes.get("href") or attributes.get("src") or "")
        if tag == "style" or (tag == "script" and "src" not in attributes):
            self.inline.append(tag)
        self.inline += [name for name in attributes if name == "style" or name.startswith("on")]
        self.ids += [attributes["id"] or ""] if "id" in attributes else []


@pytest.fixture
def page() -> Page:
    return Page(get("/").body.decode())


def policy(answer: Answer) -> dict[str, list[str]]:
    """The Content-Security-Policy by directive."""
    directives = [directive.split() for directive in answer.headers["content-security-policy"].split("; ")]
    return {name: sources for name, *sources in directives}


def head(path: str) -> Answer:
    return send(http_event("HEAD", path))


def test_the_page_is_html_that_is_asked_for_again_every_time() -> None:
    answer = get("/")

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "<h1" in answer.body.decode()


def test_every_file_that_the_page_loads_is_there_and_may_be_kept_for_ever(page: Page) -> None:
    assert len(page.loads) > 10
    for address in page.loads:
        answer = get(f"/{address}")
        assert answer.status == 200, address
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_page_loads_every_module_that_its_modules_import(page: Page) -> None:
    loaded = {Path(address).name for address in page.loads}
    for module in FOLDER.glob("*.js"):
        for imported in re.findall(r'from "\./([\w.-]+)"', module.read_text()):
            assert imported in loaded, f"{module.name} imports it"


def test_every_element_that_a_module_asks_for_by_its_id_is_in_the_page(page: Page) -> None:
    asked = {name for module in FOLDER.glob("*.js") for name in re.findall(r'byId\("([\w-]+)"\)', module.read_text())}

    assert len(asked) > 10
    assert asked - set(page.ids) == set()
    assert len(set(page.ids)) == len(page.ids)


def test_the_first_paint_takes_less_than_100_kb(page: Page) -> None:
    compressed = [get(f"/{address}", **{"Accept-Encoding": "gzip, br"}) for address in ["", *page.loads]]

    assert all(answer.headers["content-encoding"] == "gzip" for answer in compressed)
    assert sum(len(answer.body) for answer in compressed) < MAX_FIRST_PAINT_BYTES


@pytest.mark.parametrize("stage", ["", "v1"])
def test_files_are_found_whatever_stage_the_page_is_served_under(stage: str) -> None:
    page = Page(send(http_event("GET", "/", stage=stage)).body.decode())

    assert page.base == (f"/{stage}/" if stage else "/")
    assert all(address.startswith("page/") for address in page.loads)


def test_it_is_compressed_for_who_takes_that_and_the_same() -> None:
    plain, compressed = get("/"), get("/", **{"Accept-Encoding": "gzip"})

    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == compressed.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(compressed.body) == plain.body
    assert compressed.headers["etag"] == plain.headers["etag"]


@pytest.mark.parametrize("written", ["{0}", '"another", {0}', 'W/"another",{0}'])
def test_who_has_it_already_is_told_so(written: str) -> None:
    etag = get("/").headers["etag"]
    for headers in ({}, {"Accept-Encoding": "gzip"}):
        answer = get("/", **{"If-None-Match": written.format(etag)}, **headers)

        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["etag"] == etag
        assert answer.headers["cache-control"] == "no-cache"


def test_another_page_has_another_etag(set_environment: SetEnvironment) -> None:
    before = get("/").headers["etag"]

    set_environment(MAX_TEXT_CHARACTERS="777")

    assert get("/").headers["etag"] != before
    assert get("/", **{"If-None-Match": before}).status == 200


def test_head_says_what_get_would(page: Page) -> None:
    for path in ("/", f"/{page.loads[0]}"):
        asked, got = head(path), get(path)

        assert (asked.status, asked.headers) == (200, got.headers)


def test_the_policy_lets_in_no_script_and_no_style_but_the_pages_own_files(page: Page) -> None:
    allowed = policy(get("/"))

    assert allowed["default-src"] == ["'none'"]
    assert allowed["script-src"] == allowed["style-src"] == ["'self'"]
    assert allowed["base-uri"] == ["'self'"]
    assert allowed["frame-ancestors"] == allowed["form-action"] == ["'none'"]
    assert allowed["require-trusted-types-for"] == ["'script'"]
    assert "unsafe" not in get("/").headers["content-security-policy"]
    assert page.inline == []


def test_the_policy_lets_the_page_hear_what_links_of_this_api_lead_to() -> None:
    allowed = policy(get("/"))

    for bucket in (AUDIO_BUCKET, VOICES_BUCKET):
        assert any(bucket in source or "127.0.0.1" in source for source in allowed["media-src"])
    assert "blob:" in allowed["media-src"]
    assert set(allowed["connect-src"]) == set(allowed["media-src"]) - {"blob:"}


def test_no_module_makes_markup_of_text() -> None:
    markup = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\(|new Function")

    assert [module.name for module in FOLDER.glob("*.js") if markup.search(module.read_text())] == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    elsewhere = re.compile(r"https?://(?!www\.w3\.org/2000/svg)[\w.]")

    assert [path.name for path in FOLDER.iterdir() if elsewhere.search(path.read_text())] == []


def test_the_page_knows_how_long_a_line_may_be_and_whose_voice_it_is(set_environment: SetEnvironment) -> None:
    set_environment(MAX_TEXT_CHARACTERS="321", MODEL_ID='small-"><script>')

    page = get("/").body.decode()

    assert 'data-max-text-characters="321"' in page
    assert 'data-model-id="small-&quot;&gt;&lt;script&gt;"' in page


@pytest.mark.parametrize("name", ["nothing.js", "index.html", "..%2Fapp.py", "page.py"])
def test_what_is_no_file_of_the_page_is_not_found(page: Page, name: str) -> None:
    get(f"/{page.loads[0].rpartition('/')[0]}/{name}").problem(404)


def test_a_file_of_another_version_is_handed_out_but_not_for_ever() -> None:
    answer = get("/page/000000000000/main.js")

    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-cache"


def test_the_page_is_no_operation_that_tools_are_told_of() -> None:
    assert not {"/", "/page/{version}/{name}"} & set(get("/openapi.json").json()["paths"])
