"""The name of a job: whose it is, and an id that begins with the time, counted down: S3 lists the newest first."""

import hashlib
import secrets
import time
from datetime import UTC, datetime
from typing import NamedTuple

JOB_ID_PATTERN = r"^[0-9a-f]{32}$"

# 48 bits of milliseconds last until the year 10889.
_TIME_DIGITS = 12
_END_OF_TIME = 16**_TIME_DIGITS - 1


class JobName(NamedTuple):
    """Which job.

    Attributes:
        owner: whose it is, see `owner_of`.
        id: its own name, of JOB_ID_PATTERN.
    """

    owner: str
    id: str

    @property
    def created_at(self) -> datetime:
        """When it was asked for."""
        milliseconds = _END_OF_TIME - int(self.id[:_TIME_DIGITS], 16)
        return datetime.fromtimestamp(milliseconds / 1000, UTC)

    def key(self, name: str) -> str:
        """The S3 key of one of its objects."""
        return f"jobs/{self.owner}/{self.id}/{name}"


def owner_of(api_key_id: str | None) -> str:
    """Whose a job is: the API key's by which it was asked for, or everybody's who needs none."""
    return hashlib.sha256((api_key_id or "").encode()).hexdigest()[:16]


def new(owner: str) -> JobName:
    """A name that no job has."""
    milliseconds = time.time_ns() // 1_000_000
    return JobName(owner, f"{_END_OF_TIME - milliseconds:0{_TIME_DIGITS}x}{secrets.token_hex(10)}")
