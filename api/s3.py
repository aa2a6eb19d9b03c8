"""S3, where the references and the finished audio lie."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from contract.references import CHANGED
from observability import logger
from problems import StorageFailed
from settings import get_settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

T = TypeVar("T")

MAX_TRIES = 4  # at what others change meanwhile, which takes a moment each
CONFLICT = 409  # two conditional writes at the same moment


class ObjectChanged(Exception):  # noqa: N818 -- says what happened; it is not always an error
    """An object is not, or not any more, as the caller took it to be."""


@cache
def client() -> "S3Client":
    """The client, made once for each Lambda environment."""
    return boto3.client(
        "s3",
        config=Config(
            signature_version="s3v4",
            # Links to the region's own host. boto3 signs them for s3.amazonaws.com otherwise, which redirects whoever
            # asks for a new bucket, and the signature breaks.
            s3={"addressing_style": "virtual"},
            connect_timeout=2,
            read_timeout=5,
            retries={"mode": "standard", "total_max_attempts": 2},
        ),
    )


def origin(bucket: str) -> str:
    """Where links to a bucket's objects lead: scheme, host and port."""
    link = urlsplit(client().generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "any"}))
    return f"{link.scheme}://{link.netloc}"


def link(bucket: str, key: str) -> str:
    """Sign a URL under which an object can be downloaded for a while, by anybody who has it."""
    return client().generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=get_settings().audio_url_seconds
    )


def get(bucket: str, key: str) -> "GetObjectOutputTypeDef | None":
    """An object, whose body is still to be read; None where it is missing.

    Raises:
        StorageFailed: S3 did not answer.
    """
    with storage_errors():
        try:
            return client().get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Ask S3 for several things at the same time.

    Args:
        calls: functions without arguments.

    Returns:
        What each returned, in their order.

    Raises:
        Exception: what the first of them that failed raised.
    """
    client()  # not in the threads: boto3 makes clients in one thread at a time only
    futures = [_threads().submit(call) for call in calls]
    wait(futures)  # none may run on into another request
    return [future.result() for future in futures]


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="s3", max_workers=4)


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn what boto3 raises into what a caller is told, which names no bucket and no key.

    Raises:
        StorageFailed: boto3 raised within the block.
    """
    try:
        yield
    except ClientError as error:
        logger.error("S3 failed", code=error.response["Error"]["Code"], operation=error.operation_name)
        raise StorageFailed("The storage is not answering as it should. Try again later.") from error
    except (BotoCoreError, ResponseParserError) as error:
        logger.error("S3 failed", code=type(error).__name__)
        raise StorageFailed("The storage is not answering. Try again later.") from error


@contextmanager
def condition() -> Iterator[None]:
    """As `storage_errors`, for a call with a condition or of an object that may be gone.

    Raises:
        ObjectChanged: the condition does not hold.
        StorageFailed: see `storage_errors`.
    """
    with storage_errors():
        try:
            yield
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in CHANGED | {CONFLICT}:
                raise ObjectChanged from error
            raise


def until_settled(step: Callable[[], T]) -> T:
    """Take a step again as long as others change what it works on.

    Raises:
        StorageFailed: they do not end.
        Exception: what else the step raises.
    """
    for _ in range(MAX_TRIES):
        try:
            return step()
        except ObjectChanged:
            continue
    raise StorageFailed("It is being changed by others all the time. Try again later.")
