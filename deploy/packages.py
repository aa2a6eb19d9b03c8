"""Lay down the Python packages that a container lacks: `python -m deploy.packages ray`, say.

Which they are was read in AWS's own lists of what its images hold:
github.com/aws/deep-learning-containers, docker/ray/uv.lock (ray, v1.4) and pytorch/inference/docker/2.6 (pytorch).
tests/containers/ starts the endpoint on what the containers hold and these, and nothing else.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

from deploy.errors import DeployError, exit_with_message

Container = Literal["ray", "pytorch"]
PYTHON: dict[Container, str] = {"ray": "3.13", "pytorch": "3.12"}
PLATFORM = "x86_64-manylinux_2_28"  # glibc 2.28; the images have 2.34 (Amazon Linux 2023) and 2.35 (Ubuntu 22.04)
SOURCE_ALONE = ("docopt", "encodec", "gruut", "gruut-ipa", "gruut-lang-en")
# Different on every machine, and read by nothing that imports the package.
LEFT_OUT = (
    "bin",
    "tests",
    *(f"*.dist-info/{name}" for name in ("RECORD", "WHEEL", "INSTALLER", "REQUESTED", "direct_url.json", "uv_*.json")),
    "**/__pycache__",
    ".lock",
)


def lock_file(container: Container) -> Path:
    """Versions and hashes of the packages."""
    return Path(__file__).with_name(f"requirements-{container}.lock")


def lay_down(container: Container, folder: Path) -> Path:
    """The packages in a folder of their own, from uv's cache or the package index unless they lie there already.

    Args:
        container: whose Python they are for.
        folder: where the folder is made.

    Raises:
        DeployError: they cannot be fetched.
    """
    lock = lock_file(container)
    digest = hashlib.sha256(lock.read_bytes() + Path(__file__).read_bytes()).hexdigest()[:12]
    packages = folder / f"{container}-{digest}"
    if packages.is_dir():
        return packages
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix="unfinished-") as temp:
        command = [
            str(Path(sys.executable).with_name("uv")),
            *("pip", "install", "--quiet", "--no-deps", "--require-hashes", "--target", f"{temp}/packages"),
            *("--python-version", PYTHON[container], "--python-platform", PLATFORM),
            # Published as source alone; they are pure Python.
            *("--only-binary", ":all:", *chain.from_iterable(("--no-binary", name) for name in SOURCE_ALONE)),
            *("--requirement", str(lock)),
        ]
        # Once they have been fetched there is no need to ask the index; what is said of the try is of no interest.
        offline = subprocess.run([*command, "--offline"], stderr=subprocess.DEVNULL, check=False)
        if offline.returncode and subprocess.run(command, check=False).returncode:
            raise DeployError("The packages for the container could not be installed: see above, and run again.")
        for pattern in LEFT_OUT:
            for path in list(Path(temp, "packages").glob(pattern)):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        Path(temp, "packages").rename(packages)
    return packages


def main() -> None:
    """Lay them down under build/."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("container", choices=get_args(Container))
    with exit_with_message():
        print(lay_down(parser.parse_args().container, Path("build/deploy/packages")))


if __name__ == "__main__":
    main()
