"""Giving up on a model that cannot be loaded, in words.

Ray starts an actor again whose process has died, as often as it takes. That is right for one that spoke, and goes on
for ever with one that dies of its model: for want of memory, say. So each start leaves a mark on its machine's disk
until it has come to its end.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager

import ray

from bulk.errors import BulkError
from bulk.model import scratch

MAX_STARTS = 3  # of an actor on a machine, each of which ended with its process


@contextmanager
def starting(model: str) -> Iterator[None]:
    """What an actor does to load its model.

    Args:
        model: its directory or s3:// address, for the message.

    Raises:
        BulkError: it failed, or the actor's process died of it MAX_STARTS times on this machine.
    """
    marks = scratch() / f"starts-{ray.get_runtime_context().get_actor_id()}"
    begun = marks.stat().st_size if marks.exists() else 0
    try:
        if begun >= MAX_STARTS:
            raise BulkError(f"{begun} processes died of it. Is there too little memory?")
        marks.write_bytes(b"." * (begun + 1))
        yield
    except Exception as error:
        told = " ".join(str(error).split()) or type(error).__name__  # Ray may hand on no more than a line
        raise BulkError(f"{model} cannot be loaded on {platform.node()}: {told}") from error
    finally:
        marks.unlink(missing_ok=True)
