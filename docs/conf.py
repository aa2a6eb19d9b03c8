"""What `make docs` tells Sphinx: which pages make the site, and in which order.

They are read where they lie, so a link that works on the site works in the repository; a broken one stops the build.
"""

import runpy
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

NAVIGATION = {
    "Using it": [
        "docs/using-the-api",
        "docs/api-reference",
        "docs/text",
        "docs/jobs",
        "docs/captions",
        "docs/openai",
        "docs/agents",
        "docs/page",
        "docs/bulk",
        "docs/errors",
    ],
    "Voices and models": ["docs/voices", "docs/models", "docs/training", "models/small/README"],
    "Running it": [
        "docs/on-one-machine",
        "docs/deploying",
        "docs/operating",
        "docs/under-load",
        "docs/security",
        "docs/speed",
    ],
    "Changing it": [
        "CONTRIBUTING",
        "docs/how-it-is-built",
        "docs/endpoint",
        "docs/lambda-in-docker",
        "docs/proofs",
        "CHANGELOG",
        "SECURITY",
        "CODE_OF_CONDUCT",
    ],
}
"""Every page but the README, which is the first: one that is left out stops the build."""

project = "Champion Voice"
version = release = runpy.run_path(str(ROOT / "contract/version.py"))["VERSION"]
root_doc = "README"
include_patterns = ["*.md", "docs/*.md", "models/small/README.md"]
extensions = ["myst_parser"]
myst_heading_anchors = 4  # `#heading`, as on GitHub

html_theme = "furo"
html_title = f"{project} {version}"
html_static_path = [str(ROOT / "build/api-reference")]
html_extra_path = ["site"]
html_copy_source = False


def add_navigation(_app: object, page: str, source: list[str]) -> None:
    """Put the other pages below the README; in the repository it has links enough."""
    if page == root_doc:
        for caption, pages in NAVIGATION.items():
            entries = "\n".join(f"/{each}" for each in pages)
            source[0] += f"\n\n```{{toctree}}\n:caption: {caption}\n:hidden:\n\n{entries}\n```\n"


def setup(app: Any) -> None:  # noqa: ANN401 -- Sphinx's, which lives in an environment of its own
    """Do what Sphinx asks of every configuration: say what it should call."""
    app.connect("source-read", add_navigation)
