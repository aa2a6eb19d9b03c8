"""S3 as the endpoint reads it: how long that may take, one object as it was listed, and what failures mean."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, IncompleteReadError
from botocore.parsers import ResponseParserError

from contract.problem import Problem
from contract.references import CHANGED

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_LOOKS = 4  # at an object that is replaced whenever it is about to be read, which takes a moment

logger = logging.getLogger("ray.serve")


class GoneError(Exception):
    """An object was deleted or replaced since it was listed: look again."""


class Stored(NamedTuple):
    """An object: what is in it, and what was noted beside it."""

    body: bytes
    metadata: dict[str, str]


class StorageFailed(Problem):
    """S3 did not do what was asked."""

    status = HTTPStatus.BAD_GATEWAY

    def __init__(self) -> None:
        super().__init__("The storage of the champions does not answer as it should.")


def client() -> S3Client:
    """A client that gives up soon enough for its caller's caller to hear of it: a line waits for 25 seconds."""
    config = Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2})
    return boto3.client("s3", config=config)


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn what boto3 raises into what a caller is told, which names no bucket and no key.

    Raises:
        StorageFailed: boto3 raised within the block.
    """
    try:
        yield
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        logger.error("S3 failed: %s", error)
        raise StorageFailed from error


def read(s3: S3Client, bucket: str, key: str, etag: str, limit: int) -> Stored:
    """Read an object as it was listed.

    Args:
        s3: the client.
        bucket: where it is.
        key: its name.
        etag: what the listing said.
        limit: bytes; of a larger object it is one more that comes back.

    Raises:
        GoneError: it is not there any more, or another is.
        BotoCoreError, ClientError: S3 did not answer, or not to the end.
    """
    try:
        answer = s3.get_object(Bucket=bucket, Key=key, IfMatch=etag)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in CHANGED:
            raise GoneError from error
        raise
    body = answer["Body"].read(limit + 1)
    expected = min(answer["ContentLength"], limit + 1)
    if len(body) < expected:
        raise IncompleteReadError(actual_bytes=len(body), expected_bytes=expected)
    return Stored(body, answer["Metadata"])
