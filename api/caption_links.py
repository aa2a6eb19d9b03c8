"""Links to a line's captions, which are made when somebody follows one.

A player sends no key, so a link is its own key: it can be worked out only by this stack, holds as long as a link to the
audio, and only for the very captions that it was given out for. Nothing is written for it: what is kept of a line
(audio_store) has the captions in it.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from http import HTTPStatus

from pydantic import TypeAdapter

import audio_store
from contract.invocation import Segment
from contract.line import Line
from contract.problem import Problem
from settings import get_settings

SIGNATURE_CHARACTERS = 32  # 128 bits
_NAME = re.compile(rf"([0-9a-f]{{64}})-([0-9]{{1,11}})-([0-9a-f]{{{SIGNATURE_CHARACTERS}}})")
_segments = TypeAdapter(Sequence[Segment])


class CaptionsNotFound(Problem):
    """The link is none of ours, its time is over, or the line was spoken anew with other times."""

    status = HTTPStatus.NOT_FOUND


def sign(line: Line, segments: Sequence[Segment], now: float) -> str:
    """Name the captions of a line that is kept.

    Args:
        line: as it was asked for.
        segments: its sentences.
        now: seconds since 1970.
    """
    digest, expires = audio_store.line_digest(line), int(now) + get_settings().audio_url_seconds
    return f"{digest}-{expires}-{_signature(digest, expires, segments)}"


def follow(name: str, now: float) -> Sequence[Segment]:
    """The segments of the line whose captions have this name.

    Args:
        name: what `sign` gave.
        now: seconds since 1970.

    Raises:
        CaptionsNotFound: there are no captions of this name, or not any more.
        StorageFailed: S3 did not answer.
    """
    found = _NAME.fullmatch(name)
    if found and int(found[2]) >= now:
        kept = audio_store.recall_by_digest(found[1])
        segments = kept.description.segments if kept else []
        if hmac.compare_digest(found[3], _signature(found[1], int(found[2]), segments)):
            return segments
    raise CaptionsNotFound("There are no captions here, or not any more. Ask for the line again: it tells a new link.")


def _signature(digest: str, expires: int, segments: Sequence[Segment]) -> str:
    signed = f"{digest}-{expires}-".encode() + _segments.dump_json(segments)
    return hmac.new(get_settings().link_key.encode(), signed, hashlib.sha256).hexdigest()[:SIGNATURE_CHARACTERS]
