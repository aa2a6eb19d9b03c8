"""Which media type a caller wants (RFC 9110, section 12.5.1)."""

import re
from collections.abc import Sequence

QUALITY = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


def negotiate(accept: str, offered: Sequence[str]) -> str | None:
    """Chooses the media type to answer with.

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
    quality = next((parameter.removeprefix("q=") for parameter in parameters if parameter.startswith("q=")), "1")
    return (media_range, float(quality)) if media_range and QUALITY.fullmatch(quality) else None


def _exactness(media_range: str, media_type: str) -> int:
    if media_range == media_type:
        return 3
    if media_range == f"{media_type.partition('/')[0]}/*":
        return 2
    return int(media_range == "*/*")
