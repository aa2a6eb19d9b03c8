"""Where files lie: a folder, or what lies below a prefix in S3. A file appears there whole or not at all."""

from __future__ import annotations

import errno
import fnmatch
import glob
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple, Protocol
from uuid import uuid4

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from bulk.errors import BulkError, WriteError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PARTIAL = ".partial"  # files that are being written to a folder
FULL = {errno.ENOSPC, errno.EDQUOT}  # a disk, or a user's share of it
S3_THREADS = 16  # requests at a time of one worker

_S3 = re.compile(r"s3://([^/]+)/?(.*)")
_WILDCARD = re.compile(r"[*?\[]")


class StoredFile(NamedTuple):
    """A file as it was read.

    Attributes:
        data: its content.
        metadata: what S3 knows of it beside that; nothing on a disk.
    """

    data: bytes
    metadata: Mapping[str, str]


class Place(Protocol):
    """A folder or an S3 prefix; names are relative to it, with slashes."""

    def names(self) -> Iterator[str]:
        """Every file's name."""

    def has(self, name: str) -> bool:
        """Whether there is such a file."""

    def read(self, name: str) -> bytes | None:
        """A file's content; None where there is no such file."""

    def read_stored(self, name: str) -> StoredFile | None:
        """A file with its metadata; None where there is no such file."""

    def write(self, name: str, data: bytes, media_type: str) -> None:
        """Write a file; it appears once it is whole.

        Raises:
            WriteError: it cannot be written; what was there before is still there.
        """

    def take(self, path: Path, name: str, media_type: str) -> None:
        """Write a file that lies on this machine's disk, as `write` does."""

    def remove(self, name: str) -> None:
        """Remove a file if it is there.

        Raises:
            WriteError: it cannot be removed.
        """

    def reserved(self, size: int) -> AbstractContextManager[None]:
        """Hold room for what is to be written afterwards.

        Args:
            size: [bytes].

        Raises:
            WriteError: there is not as much.
        """


@dataclass(frozen=True)
class Folder:
    """A folder on a disk that every worker sees."""

    root: Path

    def names(self) -> Iterator[str]:
        """See Place."""
        return (path.relative_to(self.root).as_posix() for path in sorted(self.root.rglob("*")) if path.is_file())

    def has(self, name: str) -> bool:
        """See Place."""
        return (self.root / name).is_file()

    def read(self, name: str) -> bytes | None:
        """See Place."""
        try:
            return (self.root / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read_stored(self, name: str) -> StoredFile | None:
        """See Place."""
        data = self.read(name)
        return None if data is None else StoredFile(data, {})

    def write(self, name: str, data: bytes, media_type: str) -> None:  # noqa: ARG002 -- a disk keeps no types
        """See Place."""
        with self._writing(name) as partial, partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def take(self, path: Path, name: str, media_type: str) -> None:  # noqa: ARG002
        """See Place."""
        with self._writing(name) as partial:
            shutil.copyfile(path, partial)

    def remove(self, name: str) -> None:
        """See Place."""
        with telling(f"{self.root}/{name}"), suppress(NotADirectoryError):
            (self.root / name).unlink(missing_ok=True)

    @contextmanager
    def reserved(self, size: int) -> Iterator[None]:
        """See Place."""
        room = self.root / PARTIAL / uuid4().hex
        try:
            with telling(f"{self.root}/manifest.*"):
                room.parent.mkdir(parents=True, exist_ok=True)
                with room.open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, size)
            yield
        finally:
            with suppress(OSError):
                room.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what writers left behind that were killed; to be called while nobody writes."""
        shutil.rmtree(self.root / PARTIAL, ignore_errors=True)

    @contextmanager
    def _writing(self, name: str) -> Iterator[Path]:
        partial = self.root / PARTIAL / uuid4().hex
        try:
            with telling(f"{self.root}/{name}"):
                partial.parent.mkdir(parents=True, exist_ok=True)
                yield partial
                target = self.root / name
                target.parent.mkdir(parents=True, exist_ok=True)
                partial.replace(target)
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)


@dataclass(frozen=True)
class Bucket:
    """What lies below a prefix of a bucket; S3 shows no object that is not whole."""

    bucket: str
    prefix: str  # empty, or with a slash at its end

    def names(self) -> Iterator[str]:
        """See Place."""
        return (key.removeprefix(self.prefix) for key in _keys(self.bucket, self.prefix) if not key.endswith("/"))

    def has(self, name: str) -> bool:
        """See Place."""
        try:
            s3().head_object(Bucket=self.bucket, Key=self.prefix + name)
        except ClientError as error:
            if _is_missing(error):
                return False
            raise
        return True

    def read(self, name: str) -> bytes | None:
        """See Place."""
        stored = self.read_stored(name)
        return stored and stored.data

    def read_stored(self, name: str) -> StoredFile | None:
        """See Place."""
        try:
            answer = s3().get_object(Bucket=self.bucket, Key=self.prefix + name)
            return StoredFile(answer["Body"].read(), answer["Metadata"])
        except ClientError as error:
            if _is_missing(error):
                return None
            raise

    def write(self, name: str, data: bytes, media_type: str) -> None:
        """See Place."""
        with self._writing(name):
            s3().put_object(Bucket=self.bucket, Key=self.prefix + name, Body=data, ContentType=media_type)

    def take(self, path: Path, name: str, media_type: str) -> None:
        """See Place."""
        with self._writing(name):
            s3().upload_file(str(path), self.bucket, self.prefix + name, ExtraArgs={"ContentType": media_type})

    def remove(self, name: str) -> None:
        """See Place."""
        with self._writing(name):
            s3().delete_object(Bucket=self.bucket, Key=self.prefix + name)

    def reserved(self, size: int) -> AbstractContextManager[None]:  # noqa: ARG002 -- S3 is never full
        """See Place."""
        return nullcontext()

    @contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError, boto3.exceptions.S3UploadFailedError) as error:
            raise WriteError(f"s3://{self.bucket}/{self.prefix}{name} cannot be written: {error}") from error


@contextmanager
def telling(path: str) -> Iterator[None]:
    """Tell in a sentence why a file cannot be written, and what to do about it.

    Args:
        path: the file's.

    Raises:
        WriteError: for an OSError.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise WriteError(
                f"There is no space left for {path}: make some, and the same command goes on from there."
            ) from error
        raise WriteError(f"{path} cannot be written: {error.strerror}.") from error


def open_place(uri: str) -> Folder | Bucket:
    """The place that a path or an s3:// address names; a folder need not be there yet."""
    if found := _S3.fullmatch(uri):
        bucket, prefix = found.groups()
        return Bucket(bucket, f"{prefix.rstrip('/')}/" if prefix.strip("/") else "")
    return Folder(Path(uri).absolute())


def absolute(uri: str) -> str:
    """A path as every worker on this machine understands it; an s3:// address as it is."""
    return uri if _S3.fullmatch(uri) else str(Path(uri).absolute())


def expand(patterns: Iterable[str]) -> list[str]:
    """The files that patterns name, in the order of the patterns and sorted within each.

    Args:
        patterns: paths or s3:// addresses; `*` and `?` stand for what they do in a shell, `**` for any folders.

    Raises:
        BulkError: a pattern names no file.
    """
    files: dict[str, None] = {}
    for pattern in patterns:
        found = sorted(_matching(pattern))
        if not found:
            raise BulkError(f"{pattern} names no file.")
        files |= dict.fromkeys(found)
    return list(files)


def _matching(pattern: str) -> Iterable[str]:
    if not (address := _S3.fullmatch(pattern)):
        return (str(Path(path).resolve()) for path in glob.glob(pattern, recursive=True) if Path(path).is_file())  # noqa: PTH207 -- patterns may be absolute
    bucket, key = address.groups()
    fixed = _WILDCARD.split(key)[0]
    found = _keys(bucket, fixed)
    return (f"s3://{bucket}/{each}" for each in found if each == key or fnmatch.fnmatchcase(each, key))


@contextmanager
def on_disk(uri: str) -> Iterator[Path]:
    """A file on this machine's disk, fetched for as long as it is read if it lies in S3."""
    if not (address := _S3.fullmatch(uri)):
        yield Path(uri)
        return
    bucket, key = address.groups()
    with TemporaryDirectory() as folder:
        path = Path(folder) / Path(key).name
        s3().download_file(bucket, key, str(path))
        yield path


@cache
def s3() -> S3Client:
    """A process's client."""
    retries = Config(
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard", "total_max_attempts": 8},
        max_pool_connections=S3_THREADS,
    )
    return boto3.client("s3", config=retries)


def _keys(bucket: str, prefix: str) -> Iterator[str]:
    for page in s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (item["Key"] for item in page.get("Contents", []))


def _is_missing(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in ("404", "NoSuchKey")
