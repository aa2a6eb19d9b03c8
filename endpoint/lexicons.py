"""Lexicons: read from S3 beside the references, parsed once, and read again when they change."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from contract import references as stored
from recent import Recent
from references import Voice
from storage import MAX_LOOKS, GoneError, StorageFailed, read
from text.lexicon import NO_LEXICON, Lexicon

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_PARSED = 256  # lexicons kept in memory
MAX_TOLD = 10  # bad lines of a lexicon that are told

logger = logging.getLogger("ray.serve")


@dataclass(frozen=True)
class Lexicons:
    """The lexicons in one or more buckets: one for all champions, and one for each that has its own.

    Args:
        s3: a client that may list and read `champion-voices/` in these buckets.
        parsed: the lexicons that were parsed lately.
    """

    s3: S3Client
    parsed: Recent[tuple[str, str, str], Lexicon] = field(default_factory=lambda: Recent(MAX_PARSED))

    def get(self, voice: Voice) -> Lexicon:
        """What holds for a champion, as it stands in S3 now; its own lexicon goes before that for all.

        A lexicon that cannot be read counts as none, and a line of it that cannot be parsed is left out; the log tells.

        Raises:
            BotoCoreError, ClientError: S3 did not answer.
            StorageFailed: a lexicon is changed whenever it is about to be read.
        """
        own = self._read(voice.bucket, stored.key(voice.champion_id, stored.LEXICON), voice.lexicon_etag)
        common_etag = self._etag(voice.bucket, stored.COMMON_LEXICON_KEY)
        return own.over(self._read(voice.bucket, stored.COMMON_LEXICON_KEY, common_etag))

    def _etag(self, bucket: str, key: str) -> str | None:
        listing = self.s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
        return next((each["ETag"] for each in listing.get("Contents", []) if each["Key"] == key), None)

    def _read(self, bucket: str, key: str, etag: str | None) -> Lexicon:
        """A lexicon as it was listed, or as it is if it has changed since; one that is not there says nothing."""
        for _ in range(MAX_LOOKS):
            if etag is None:
                return NO_LEXICON
            try:
                return self.parsed.get((bucket, key, etag), partial(self._parse, bucket, key, etag))
            except GoneError:
                etag = self._etag(bucket, key)
        raise StorageFailed

    def _parse(self, bucket: str, key: str, etag: str) -> Lexicon:
        body, _ = read(self.s3, bucket, key, etag, stored.MAX_LEXICON_BYTES)
        if len(body) > stored.MAX_LEXICON_BYTES:
            logger.warning("%s has more than %d bytes: it is left out", key, stored.MAX_LEXICON_BYTES)
            return NO_LEXICON
        try:
            lexicon, bad = Lexicon.parse(body.decode("utf-8"))
        except UnicodeDecodeError:
            logger.warning("%s is not UTF-8: it is left out", key)
            return NO_LEXICON
        for line in bad[:MAX_TOLD]:
            logger.warning("%s, line %d is left out: %s", key, line.number, line.reason)
        if len(bad) > MAX_TOLD:
            logger.warning("%s: %d more lines are left out", key, len(bad) - MAX_TOLD)
        return lexicon
