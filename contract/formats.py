"""The kinds of sound file there are, and the choice of a media type (RFC 9110, section 12.5.1)."""

import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

JSON = "application/json"

FormatName = Literal["wav", "mp3", "opus", "flac", "pcm"]


class Format(NamedTuple):
    """A kind of sound file, of mono speech.

    Attributes:
        about: what it does to the sound, in words.
        media_type: what it is sent as.
        aliases: other names of the media type that callers use, in lower case.
        extension: ends the file's name.
        container: libsndfile's name of the file's format.
        encoding: libsndfile's name of how samples lie in it.
        max_bytes_per_sample: how large the file gets at most, beside its headers, for the hardest of sounds.
        compression: libsndfile's compression level, 0 to 1; None for a format that needs none.
        bitrate_mode: libsndfile's name of how the bit rate follows the sound; None where it cannot be chosen.
        parameters: what follows on the media type in Content-Type.
    """

    about: str
    media_type: str
    aliases: tuple[str, ...]
    extension: str
    container: str
    encoding: str
    max_bytes_per_sample: float
    compression: float | None = None
    bitrate_mode: str | None = None
    parameters: str = ""

    @property
    def sound_file(self) -> dict[str, Any]:
        """How soundfile is told to write such a file."""
        return {
            "format": self.container,
            "subtype": self.encoding,
            "compression_level": self.compression,
            "bitrate_mode": self.bitrate_mode,
        }

    def content_type(self, sample_rate: int) -> str:
        """The Content-Type of such a file.

        Args:
            sample_rate: samples a second.
        """
        return self.media_type + self.parameters.format(sample_rate=sample_rate)


FORMATS: dict[FormatName, Format] = {
    "wav": Format(
        about="16 bit",
        media_type="audio/wav",
        aliases=("audio/x-wav", "audio/wave", "audio/vnd.wave", "audio/x-pn-wav"),
        extension="wav",
        container="WAV",
        encoding="PCM_16",
        max_bytes_per_sample=2,
    ),
    # LAME's V4.5 rather than a constant 64 kbit/s: as many bytes, two thirds of the time, and nearer to the original.
    "mp3": Format(
        about="variable, about 64 kbit/s",
        media_type="audio/mpeg",
        aliases=("audio/mp3", "audio/x-mp3", "audio/mpeg3", "audio/x-mpeg-3", "audio/x-mpeg"),
        extension="mp3",
        container="MP3",
        encoding="MPEG_LAYER_III",
        max_bytes_per_sample=0.5,
        compression=0.45,
        bitrate_mode="VARIABLE",
    ),
    # libsndfile's level goes from 256 kbit/s at 0 to 6 at 1. Below 58, libopus codes speech by SILK, at its highest
    # complexity, which libsndfile asks for: that takes two and a half times as long.
    "opus": Format(
        about="60 kbit/s, in Ogg",
        media_type="audio/ogg",
        aliases=("audio/opus", "audio/x-opus+ogg", "audio/x-ogg", "application/ogg"),
        extension="opus",
        container="OGG",
        encoding="OPUS",
        max_bytes_per_sample=0.35,
        compression=(256 - 60) / 250,
    ),
    "flac": Format(
        about="16 bit, losslessly compressed",
        media_type="audio/flac",
        aliases=("audio/x-flac", "application/flac", "application/x-flac"),
        extension="flac",
        container="FLAC",
        encoding="PCM_16",
        max_bytes_per_sample=2.01,
    ),
    # Not sent as audio/L16, whose samples are big-endian (RFC 2586); whoever asks for that gets these.
    "pcm": Format(
        about="16 bit little-endian samples without a header",
        media_type="audio/pcm",
        aliases=("audio/l16", "audio/x-pcm"),
        extension="pcm",
        container="RAW",
        encoding="PCM_16",
        max_bytes_per_sample=2,
        parameters=";rate={sample_rate}",
    ),
}
"""Every format; the first is the default. A new one is a row here and its name in FormatName.

Bit rates are those at 24 kHz, the rate of every published F5-TTS model.
"""

_QVALUE = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")
_CANONICAL = {alias: each.media_type for each in FORMATS.values() for alias in each.aliases}


def max_seconds(name: FormatName, max_bytes: int, sample_rate: int = 24_000) -> int:
    """The longest speech whose sound is sure to fit, in whole seconds.

    Args:
        name: the format.
        max_bytes: what the sound may take, beside its headers.
        sample_rate: samples a second.
    """
    return int(max_bytes / (FORMATS[name].max_bytes_per_sample * sample_rate))


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
