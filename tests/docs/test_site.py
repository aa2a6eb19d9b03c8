"""`make docs` makes a site of the pages, and a link that leads nowhere stops it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.documented import REPOSITORY

SPHINX = REPOSITORY / ".venv-docs/bin/sphinx-build"
PAGES = ("*.md", "docs/*", "models/small/*.md", "models/small/*.png", "deploy/openapi/*", "contract/version.py")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What the site is made of and what it links to, to change."""
    if not SPHINX.exists():
        pytest.skip("LEFT OUT: no Sphinx here: make .venv-docs/installed")
    folder = tmp_path / "pages"
    tracked = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    for name in tracked.splitlines():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        # Of a file that is only linked to it matters that it is there.
        if any(Path(name).match(pattern) for pattern in PAGES) or name.startswith("docs/"):
            shutil.copy(REPOSITORY / name, target)
        else:
            target.touch()
    (folder / "build/api-reference").mkdir(parents=True)
    (folder / "build/api-reference/reference.html").write_text("<title>The API</title>")
    return folder


def made(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run what `make docs` runs, over the pages of a folder."""
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    [options] = re.findall(r"^\t\.venv-docs/bin/sphinx-build (.*)$", makefile, re.MULTILINE)
    return subprocess.run([SPHINX, *options.split()], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_site_is_made_and_begins_with_the_readme(copy: Path) -> None:
    ran = made(copy)

    assert ran.returncode == 0, ran.stderr
    site = copy / "build/site"
    assert "README.html" in (site / "index.html").read_text()
    assert "What it can do" in (site / "README.html").read_text()
    assert 'href="docs/jobs.html"' in (site / "README.html").read_text()
    assert (site / "_static/reference.html").exists()
    # Nothing is asked of another server for a page to be read.
    for page in site.rglob("*.html"):
        assert not re.search(r'<(?:script|img|iframe|link[^>]+stylesheet)[^>]+(?:src|href)="https?:', page.read_text())


@pytest.mark.slow
@pytest.mark.parametrize("link", ["[gone](gone.md)", "[no such part](jobs.md#no-such-part)", "[gone](../api/gone.py)"])
def test_a_link_that_leads_nowhere_stops_it(link: str, copy: Path) -> None:
    with (copy / "docs/text.md").open("a") as page:
        page.write(f"\n{link}\n")

    ran = made(copy)

    assert ran.returncode != 0
    assert "docs/text.md" in ran.stderr
    assert "not found" in ran.stderr


@pytest.mark.slow
def test_a_page_that_is_in_no_menu_stops_it(copy: Path) -> None:
    (copy / "docs/stray.md").write_text("# Stray\n")

    ran = made(copy)

    assert ran.returncode != 0
    assert "stray.md" in ran.stderr
