"""Captions: what is said when, in the formats that players show.

They are made of segments, whether of a line or of something longer.
"""

import html
import io
from collections.abc import Iterable
from typing import Literal

from contract.invocation import Segment

CaptionFormat = Literal["vtt", "srt"]

MEDIA_TYPES: dict[CaptionFormat, str] = {"vtt": "text/vtt", "srt": "application/x-subrip"}
"""What each format is sent as, by the ending of its files' names: WebVTT and SubRip."""


def write(segments: Iterable[Segment], name: CaptionFormat) -> str:
    """Write captions, one for each segment.

    Args:
        segments: in order, their times in seconds.
        name: the format.
    """
    # Imported here because few requests need it.
    from webvtt import Caption, WebVTT
    from webvtt.models import Timestamp

    captions = [
        Caption(
            str(Timestamp.from_seconds(each.start)),
            str(Timestamp.from_seconds(each.end)),
            # In WebVTT an arrow would be taken for times and `<` for a tag, and an empty line ends a caption.
            html.escape(" ".join(each.text.split()), quote=False),
        )
        for each in segments
    ]
    written = io.StringIO()
    WebVTT(captions=captions).write(written, format=name)
    text = written.getvalue().rstrip("\n") + "\n"
    # SubRip has no way to escape.
    return html.unescape(text) if name == "srt" else text
