"""What lies beside a model in /opt/ml/model, in AWS's containers as on one machine: code/ and config.yaml."""

import shutil
from pathlib import Path

from deploy.errors import DeployError

ROOT = Path(__file__).resolve().parents[1]
ENDPOINT, CONTRACT = ROOT / "endpoint", ROOT / "contract"
SERVE_CONFIG = ENDPOINT / "config.yaml"
"""What Ray Serve runs."""


def code_files() -> dict[str, Path]:
    """Our own files in code/, by their paths there: the endpoint's modules and the package `contract`."""
    found = {path.relative_to(ENDPOINT).as_posix(): path for path in ENDPOINT.rglob("*.py")}
    found |= {path.relative_to(ROOT).as_posix(): path for path in CONTRACT.rglob("*.py")}
    return dict(sorted(found.items()))


def lay_out_code(target: Path, packages: Path | None = None) -> None:
    """Make code/: copies of our own files, and the packages that a container lacks.

    Args:
        target: the folder to make.
        packages: a folder of packages; on one machine they are installed.

    Raises:
        DeployError: a package has a file where one of ours belongs.
    """
    if packages:
        shutil.copytree(packages, target)
    for name, source in code_files().items():
        copy = target / name
        if copy.exists():
            raise DeployError(f"A package for the container has a file where the endpoint has {name}: rename ours.")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
