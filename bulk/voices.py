"""The champions of a run: their files, read once and handed to every worker, so that nothing changes in its midst."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from bulk.errors import BulkError
from bulk.places import S3_THREADS, StoredFile, open_place
from contract import references as stored
from contract.voice_label import etag_of

FILES = {stored.RECORDING, stored.TRANSCRIPT, stored.LEXICON}
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Voices:
    """Champions' files, which answer as S3 does to what `references` and `lexicons` ask of it.

    Args:
        files: by their keys in a bucket, as `contract.references` has them.
    """

    files: Mapping[str, StoredFile]
    _etags: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The same for a folder and a bucket, so that a line that was spoken from one need not be for the other.
        object.__setattr__(self, "_etags", {key: etag_of(file.data) for key, file in self.files.items()})

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 -- boto3's
        """S3's ListObjectsV2."""
        return {
            "Contents": [
                {"Key": key, "ETag": self._etags[key], "Size": len(file.data), "LastModified": _EPOCH}
                for key, file in self.files.items()
                if key.startswith(request["Prefix"])
            ]
        }

    def get_object(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401
        """S3's GetObject."""
        file = self.files[request["Key"]]
        return {"Body": BytesIO(file.data), "ContentLength": len(file.data), "Metadata": file.metadata}

    def get_paginator(self, _: str) -> Voices:
        """What pages through a listing; there is one page."""
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        """The one page, which tells folders: that is all that is asked for."""
        prefix = request["Prefix"]
        below = (key[len(prefix) :].partition("/") for key in self.files if key.startswith(prefix))
        folders = {folder for folder, slash, _ in below if slash}
        yield {"CommonPrefixes": [{"Prefix": f"{prefix}{folder}/"} for folder in sorted(folders)]}


def read_voices(uri: str) -> Voices:
    """The champions below a folder or an s3:// address, a folder for each: as voices/, or a bucket's champion-voices/.

    Raises:
        BulkError: there is none.
    """
    place = open_place(uri)

    names = list(_of_champions(place.names()))
    with ThreadPoolExecutor(S3_THREADS) as threads:
        files = zip(names, threads.map(place.read_stored, names), strict=True)
        voices = Voices({stored.PREFIX + name: file for name, file in files if file is not None})
    if not stored.complete(voices.list_objects_v2(Prefix=stored.PREFIX)["Contents"]):
        raise BulkError(
            f"{uri} holds no champion: it needs a folder for each, with {stored.RECORDING} and {stored.TRANSCRIPT}."
        )
    return voices


def _of_champions(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        _, _, file = name.rpartition("/")
        if name == stored.LEXICON or (name.count("/") == 1 and file in FILES):
            yield name
