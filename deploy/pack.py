"""Pack model.tar.gz, as SageMaker unpacks it to /opt/ml/model: `python -m deploy.pack MODEL_DIR FOLDER`.

    config.yaml                what AWS's Ray Serve container runs
    model.yaml, vocab.txt, …   as they are in the model directory
    model.safetensors          the weights in half precision
    vocoder/                   config.yaml and model.safetensors, in full precision: it is small, and runs so
    code/                      endpoint/, contract/, and the packages that the container lacks

There is no code/requirements.txt: both containers would install it from the network before they start. Both put code/
on Python's path. The same input gives the same bytes, so their hash names them. Prints the path of what it packed.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import shutil
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, get_args

import torch
from safetensors.torch import save_file
from torch import Tensor

from deploy import layout, packages
from deploy.checksums import sha256
from deploy.errors import DeployError, exit_with_message
from deploy.packages import Container
from deploy.progress import Progress, megabytes
from engine import checkpoint
from engine.checkpoint import ModelError

TIMESTAMP = 315_532_800  # 1980-01-01; tar warns of 1970
# Half-precision weights shrink by 8 % at this level and at the highest.
COMPRESSION = 6
# Another packer may make other bytes of the same model.
PACKER = [Path(__file__).with_name(name) for name in ("layout.py", "pack.py", "packages.py")]


def pack(model_dir: Path, folder: Path, container: Container) -> Path:
    """Pack a model directory with the endpoint's code, unless the same has been packed before.

    Args:
        model_dir: as endpoint/engine/checkpoint.py describes it.
        folder: where to; what is packed lies in a folder below that is named after its inputs.
        container: which of AWS's containers it is for.

    Returns:
        The path of model.tar.gz.

    Raises:
        DeployError: the model directory cannot be loaded, or the packages not be fetched.
    """
    try:
        weights, vocoder = checkpoint.find_weights(model_dir), checkpoint.find_vocoder_weights(model_dir)
        small_files = checkpoint.small_files(model_dir)
    except ModelError as error:
        raise DeployError(f"{error}.") from None
    archive = (
        folder
        / _digest(model_dir, [weights, vocoder, *(model_dir / name for name in small_files)], container)
        / "model.tar.gz"
    )
    if archive.is_file():
        print(f"  already packed: {archive}, {megabytes(archive.stat().st_size)}", file=sys.stderr)
        return archive
    folder.mkdir(parents=True, exist_ok=True)
    for left_behind in folder.glob("unfinished-*"):  # by a run that was killed
        shutil.rmtree(left_behind)
    lacking = packages.lay_down(container, folder / "packages")
    with TemporaryDirectory(dir=folder, prefix="unfinished-") as temp:
        root = Path(temp, "model")
        (root / "vocoder").mkdir(parents=True)
        for name in small_files:
            shutil.copyfile(model_dir / name, root / name)
        _say_size("weights", weights, _save(_halved(checkpoint.read_weights(weights)), root / "model.safetensors"))
        contiguous = {name: value.contiguous() for name, value in checkpoint.read_weights(vocoder).items()}
        _say_size("vocoder", vocoder, _save(contiguous, root / checkpoint.VOCODER_WEIGHTS[0]))
        try:
            checkpoint.load_model(root, torch.device("cpu"))
        except ModelError as error:
            raise DeployError(
                f"{model_dir} cannot be loaded: {str(error).replace(str(root), str(model_dir))}"
            ) from None
        shutil.copyfile(layout.SERVE_CONFIG, root / "config.yaml")
        layout.lay_out_code(root / "code", lacking)
        unfinished = Path(temp, "packed")
        unfinished.mkdir()
        _write(root, unfinished / "model.tar.gz")
        unfinished.rename(archive.parent)
    print(f"  packed: {archive}, {megabytes(archive.stat().st_size)}", file=sys.stderr)
    return archive


def _digest(model_dir: Path, model: list[Path], container: Container) -> str:
    """A short name for everything that shapes the archive."""
    inputs = {path.relative_to(model_dir).as_posix(): path for path in model}
    inputs |= {f"code/{name}": path for name, path in layout.code_files().items()}
    inputs |= {path.name: path for path in (layout.SERVE_CONFIG, packages.lock_file(container), *PACKER)}
    digest = hashlib.sha256(container.encode())
    for name, path in sorted(inputs.items()):
        if not path.is_file():
            raise DeployError(f"{path} is missing: a model directory holds it.")
        digest.update(f"{name} {sha256(path)}\n".encode())
    return digest.hexdigest()[:12]


def _halved(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The network's weights in the half precision that upstream computes in on a GPU, without what training left.

    Raises:
        DeployError: a weight is beyond what half precision can hold.
    """
    halved = {}
    for name, value in weights.items():
        if checkpoint.dit_name(name) is None:
            continue
        halved[name] = value.half().contiguous()
        if not halved[name].isfinite().all():
            raise DeployError(f"The weight {name} cannot be held in half precision: the checkpoint is damaged.")
    return halved


def _save(weights: dict[str, Tensor], path: Path) -> Path:
    save_file(weights, path)
    return path


def _say_size(what: str, before: Path, after: Path) -> None:
    print(
        f"  {what}: {megabytes(before.stat().st_size)}, packed {megabytes(after.stat().st_size)}",
        file=sys.stderr,
        flush=True,
    )


def _write(root: Path, path: Path) -> None:
    """Write the archive: entries in order, owners, times and modes the same everywhere."""
    entries = sorted(root.rglob("*"), key=lambda entry: entry.relative_to(root).as_posix())
    progress = Progress("packing", sum(entry.stat().st_size for entry in entries if entry.is_file()))
    with (
        path.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", compresslevel=COMPRESSION, fileobj=raw, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for entry in entries:
            info = tarfile.TarInfo(entry.relative_to(root).as_posix())
            info.mtime = TIMESTAMP
            if entry.is_dir():
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(info)
            else:
                info.size, info.mode = entry.stat().st_size, 0o644
                with entry.open("rb") as file:
                    tar.addfile(info, _Counted(file, progress))
        compressed.flush()
    with path.open("rb") as written:
        os.fsync(written.fileno())


class _Counted:
    """A file that tells how much of it has been read."""

    def __init__(self, file: IO[bytes], progress: Progress) -> None:
        self._file = file
        self._progress = progress

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(size)
        self._progress.add(len(data))
        return data


def main() -> None:
    """Pack what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model_dir", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--container", choices=get_args(Container), default="ray")
    arguments = parser.parse_args()
    with exit_with_message():
        print(pack(arguments.model_dir, arguments.folder, arguments.container))


if __name__ == "__main__":
    main()
