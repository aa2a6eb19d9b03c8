"""The kinds of sound file there are, and the choice of a media type (RFC 9110, section 12.5.1)."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

JSON = "application/json"

FormatName = Literal["wav"]


class Format(NamedTuple):
    """A kind of sound file.

    Attributes:
        media_type: what it is sent as.
        aliases: other names of the media type that callers use.
        extension: ends the file's name.
        container: libsndfile's name of the file's format.
        encoding: libsndfile's name of how samples lie in it.
    """

    media_type: str
    aliases: tuple[str, ...]
    extension: str
    container: str
    encoding: str


FORMATS: dict[FormatName, Format] = {
    "wav": Format("audio/wav", ("audio/x-wav", "audio/wave", "audio/vnd.wave"), "wav", "WAV", "PCM_16"),
}
"""Every format; the first is the default. A new one is a row here and its name in FormatName."""

_QVALUE = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")
_CANONICAL = {alias: each.media_type for each in FORMATS.values() for alias in each.aliases}


def negotiate(accept: str, offered: Sequence[str]) -> str | None:
    """Choose the media type to answer with.

    Args:
        accept: the Accept header; empty for none, which accepts everything.
        offered: the media types there are, the preferred one first.

    Returns:
        The offered type with the highest q-value; among equals the one that was named most exactly, then the preferred
        one. None when none is acceptable.
    """
    ranges = [accepted for part in accept.split(",") if (accepted := _media_range(part))]
    if not accept.strip():
        return offered[0]
    best, best_rank = None, (0.0, 0)
    for media_type in offered:
        # The most exact range that matches decides on a type: "audio/wav;q=0, */*" accepts all but WAV.
        exactness, quality = max(
            ((_exactness(media_range, media_type), quality) for media_range, quality in ranges), default=(0, 0.0)
        )
        if exactness and quality and (quality, exactness) > best_rank:
            best, best_rank = media_type, (quality, exactness)
    return best


def _media_range(part: str) -> tuple[str, float] | None:
    media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
    qvalue = next((parameter.removeprefix("q=") for parameter in parameters if parameter.startswith("q=")), "1")
    if not media_range or not _QVALUE.fullmatch(qvalue):
        return None
    return _CANONICAL.get(media_range, media_range), float(qvalue)


def _exactness(media_range: str, media_type: str) -> int:
    if media_range == media_type:
        return 3
    if media_range == f"{media_type.partition('/')[0]}/*":
        return 2
    return int(media_range == "*/*")
