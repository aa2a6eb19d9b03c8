"""Print what CHANGELOG.md says of the version that a tag names: `python3 .ci/release_notes.py v1.2.3`."""

# ruff: noqa: T201 -- a script

import re
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Print it, unless tag, code and changelog differ."""
    version = sys.argv[1].removeprefix("v")
    told = runpy.run_path(str(ROOT / "contract/version.py"))["VERSION"]
    if version != told:
        sys.exit(f"The tag is {sys.argv[1]}, and contract/version.py says {told}: one of them is wrong.")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d\n"
    section = re.search(rf"{heading}(.*?)(?=^## |\Z)", changelog, re.DOTALL | re.MULTILINE)
    if not section:
        sys.exit(f"CHANGELOG.md has no dated section {version}: write what has changed, and when it is released.")
    print(section[1].strip())


if __name__ == "__main__":
    main()
