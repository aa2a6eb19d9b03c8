"""Scripts for Node.js with packages of npm, which lie in build/npm."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.layout import ROOT

PACKAGES = ROOT / "build/npm/node_modules"


def needs(package: str) -> pytest.MarkDecorator:
    """Leave a test out where Node.js or a package, NAME@VERSION, is not installed."""
    there = shutil.which("node") and (PACKAGES / package.partition("@")[0]).is_dir()
    command = f"npm install --prefix build/npm --no-save {package}"
    return pytest.mark.skipif(not there, reason=f"LEFT OUT: node or the package is not installed: {command}")


def told_by(script: Path, variables: dict[str, str], seconds: float) -> Any:  # noqa: ANN401 -- JSON
    """Run a script to its end, which takes no longer, and read the JSON that it prints."""
    ran = subprocess.run(
        ["node", str(script)],
        env=os.environ | {"NODE_PATH": str(PACKAGES)} | variables,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
