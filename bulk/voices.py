"""The champions of a run: their files, read once and handed to every worker, so that nothing changes in its midst."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from bulk.errors import BulkError
from bulk.places import S3_THREADS, open_place
from contract import references as stored

FILES = {stored.RECORDING, stored.TRANSCRIPT, stored.LEXICON}
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Voices:
    """Champions' files, which answer as S3 does to what `references` and `lexicons` ask of it.

    Args:
        files: by their keys in a bucket, as `contract.references` has them.
    """

    files: Mapping[str, bytes]
    _etags: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        etags = {key: hashlib.md5(data, usedforsecurity=False).hexdigest() for key, data in self.files.items()}
        object.__setattr__(self, "_etags", etags)

    def reference_digest(self, champion_id: str) -> str:
        """The same for two references that are the same."""
        names = (stored.RECORDING, stored.TRANSCRIPT)
        return " ".join(self._etags[stored.key(champion_id, name)] for name in names)

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 -- boto3's
        """S3's ListObjectsV2."""
        return {
            "Contents": [
                {"Key": key, "ETag": self._etags[key], "Size": len(data), "LastModified": _EPOCH}
                for key, data in self.files.items()
                if key.startswith(request["Prefix"])
            ]
        }

    def get_object(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401
        """S3's GetObject."""
        data = self.files[request["Key"]]
        return {"Body": BytesIO(data), "ContentLength": len(data), "Metadata": {}}

    def get_paginator(self, _: str) -> Voices:
        """What pages through a listing; there is one page."""
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        """The one page, which tells folders: that is all that is asked for."""
        prefix = request["Prefix"]
        folders = {key[len(prefix) :].partition("/")[0] for key in self.files if key.startswith(prefix)}
        yield {"CommonPrefixes": [{"Prefix": f"{prefix}{folder}/"} for folder in sorted(folders)]}


def read_voices(uri: str) -> Voices:
    """The champions below a folder or an s3:// address, a folder for each: as voices/, or a bucket's champion-voices/.

    Raises:
        BulkError: there is none.
    """
    place = open_place(uri)

    def read(name: str) -> tuple[str, bytes]:
        return stored.PREFIX + name, place.read(name) or b""

    with ThreadPoolExecutor(S3_THREADS) as threads:
        files = dict(threads.map(read, _of_champions(place.names())))
    voices = Voices(files)
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
