"""The model of a run: a directory, or what lies below an S3 prefix and is fetched once for each machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from bulk.errors import BulkError
from bulk.places import Bucket, open_place, s3
from engine.checkpoint import find_vocoder_weights, find_weights, small_files


def fetch(uri: str) -> Path:
    """The model on this machine's disk.

    Args:
        uri: a path, which is the answer, or an s3:// address, whose files are fetched unless they were before.

    Raises:
        BulkError: there is nothing below the address.
    """
    place = open_place(uri)
    if not isinstance(place, Bucket):
        return place.root
    listed = s3().get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.prefix)
    etags = {item["Key"]: item["ETag"] for page in listed for item in page.get("Contents", [])}
    if not etags:
        raise BulkError(f"{uri} holds no model.")
    version = hashlib.sha256(repr((uri, sorted(etags.items()))).encode()).hexdigest()[:16]
    folder = scratch() / version
    if not folder.is_dir():
        _fetch(place, etags, folder)
    return folder


def _fetch(place: Bucket, keys: dict[str, str], folder: Path) -> None:
    partial = Path(tempfile.mkdtemp(dir=folder.parent))
    for key in keys:
        target = partial / key.removeprefix(place.prefix)
        target.parent.mkdir(parents=True, exist_ok=True)
        s3().download_file(place.bucket, key, str(target))
    try:
        partial.rename(folder)
    except OSError:  # another worker was quicker
        shutil.rmtree(partial)


def scratch() -> Path:
    """A folder of ours on this machine's disk, which may be emptied while nothing runs."""
    folder = Path(tempfile.gettempdir()) / f"champion-voice-{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def digest(model_dir: Path) -> str:
    """The same for two models that speak alike, wherever they lie.

    Raises:
        ModelError: a file of the model is missing.
    """
    weights = [find_weights(model_dir), find_vocoder_weights(model_dir)]
    together = hashlib.sha256()
    for path in [*(model_dir / name for name in small_files(model_dir)), *weights]:
        with path.open("rb") as file:
            together.update(hashlib.file_digest(file, "sha256").digest())
    return together.hexdigest()
