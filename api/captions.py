"""Captions: what is said when, in the formats that players show.

They are made of segments, whether of a line or of something longer.
"""

import html
import io
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from contract.invocation import Segment

CaptionFormat = Literal["vtt", "srt"]


class Captions(NamedTuple):
    """A format of captions.

    Attributes:
        media_type: what they are sent as.
        escape: writes a sentence so that it is shown as it is.
    """

    media_type: str
    escape: Callable[[str], str]


CAPTIONS: dict[CaptionFormat, Captions] = {
    # https://www.w3.org/TR/webvtt1/#webvtt-cue-text-span: an arrow in a sentence would be taken for times.
    "vtt": Captions("text/vtt", lambda sentence: html.escape(sentence, quote=False)),
    # SubRip has no way to escape.
    "srt": Captions("application/x-subrip", str),
}
"""Every format, by the ending of its files' names."""


def write(segments: Iterable[Segment], name: CaptionFormat) -> str:
    """Write captions, one for each segment.

    Args:
        segments: in order, their times in seconds.
        name: the format.
    """
    # Imported here because few requests need it.
    from webvtt import Caption, WebVTT

    escape = CAPTIONS[name].escape
    captions = [
        # An empty line would end a caption before its end.
        Caption(_clock(each.start), _clock(each.end), escape(" ".join(each.text.split())))
        for each in segments
    ]
    written = io.StringIO()
    WebVTT(captions=captions).write(written, format=name)
    return written.getvalue().rstrip("\n") + "\n"


def _clock(seconds: float) -> str:
    """Seconds as WebVTT writes them: 3661.5 is 01:01:01.500."""
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds / 1000:06.3f}"
