"""What a file is, by its first bytes, to tell people whose recording cannot be read."""

from __future__ import annotations

import re

KINDS = (
    (rb"\Z", "an empty file"),
    # Sound that libsndfile does not read, or reads only in part.
    (rb".{4}ftyp(heic|heix|mif1|avif)", "a picture"),
    (rb".{4}ftypqt  ", "a QuickTime film"),
    (rb".{4}ftyp3g", "3GPP audio"),
    (rb".{4}ftyp", "MPEG-4 audio"),
    (rb"\xff[\xf0\xf1\xf8\xf9]", "AAC audio"),
    (rb"ADIF", "AAC audio"),
    (rb"\x1aE\xdf\xa3", "WebM or Matroska"),
    (rb"0&\xb2u\x8ef\xcf\x11", "Windows Media audio"),
    (rb"#!AMR", "AMR audio"),
    (rb"\x0bw", "AC-3 audio"),
    (rb"\x7f\xfe\x80\x01", "DTS audio"),
    (rb"wvpk", "WavPack audio"),
    (rb"MAC ", "Monkey's Audio"),
    (rb"TTA[12]", "True Audio"),
    (rb"MP\+|MPCK", "Musepack audio"),
    (rb"DSD |FRM8", "DSD audio"),
    (rb"\.RMF|\.ra\xfd", "RealAudio"),
    (rb"MThd", "MIDI: notes, not sound"),
    (rb"FLV", "a Flash film"),
    (rb"\x00\x00\x01[\xb3\xba]", "an MPEG film"),
    (rb"G.{187}G", "an MPEG transport stream"),
    (rb"RIFF.{4}AVI ", "an AVI film"),
    (rb"OggS.{24}Speex", "Speex in Ogg"),
    (rb"OggS.{24}\x7fFLAC", "FLAC in Ogg"),
    (rb"OggS.{24}\x80theora", "an Ogg film"),
    (rb"RIFF.{4}WAVE.*?fmt .{4}(\xff\x00|\x10\x16)", "AAC in a WAV file"),
    (rb"RIFF.{4}WAVE.*?fmt .{4}[\x60-\x63]\x01", "Windows Media audio in a WAV file"),
    (rb"RIFF.{4}WAVE.*?fmt .{4}\x20\x00", "Yamaha's ADPCM in a WAV file"),
    (rb"RIFF.{4}WAVE.*?fmt .{4}[\x45\x64]\x00", "G.726 in a WAV file"),
    # Sound that it reads: what is left is damaged, or coded in a way that it does not know.
    (rb"RIFF.{4}WAVE|RF64|riff\.\x91\xcf\x11", "WAV, but damaged or of a rare coding"),
    (rb"FORM.{4}AIF[FC]", "AIFF, but damaged or of a rare coding"),
    (rb"caff", "CAF, but damaged or of a rare coding"),
    (rb"\.snd", "AU, but damaged or of a rare coding"),
    (rb"fLaC", "FLAC, but damaged, cut off or without its length"),
    (rb"OggS", "Ogg, but damaged or cut off"),
    (rb"ID3|\xff[\xe2-\xe5\xf2-\xf5\xfa-\xfd]", "MP3 or MP2, but damaged or cut off"),
    # No sound.
    (rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF.{4}WEBP", "a picture"),
    (rb"%PDF", "a PDF document"),
    (rb"PK\x03\x04", "a ZIP archive or an office document"),
    (rb"\x1f\x8b", "a gzip archive"),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (rb"Rar!", "a RAR archive"),
    (rb"version https://git-lfs", "a pointer of Git LFS: fetch the file itself with `git lfs pull`"),
    (rb"#EXTM3U|\[playlist\]", "a playlist"),
    (rb"\s*<(?i:!doctype|html|\?xml)", "a web page"),
    (rb"[\t\n\r\x20-\x7e]{64}", "text"),
)
"""The first pattern that a file begins with tells what it is. Shown as `this is ...`."""

MEDIA_TYPES = {
    b"RIFF": "audio/wav",
    b"fLaC": "audio/flac",
    b"OggS": "audio/ogg",
    b"ID3": "audio/mpeg",
    b"\xff": "audio/mpeg",
}
"""What a recording that can be read is played as, by its first bytes."""

UNKNOWN_TYPE = "application/octet-stream"

_PATTERNS = [(re.compile(pattern, re.DOTALL), name) for pattern, name in KINDS]
_HEAD_BYTES = 4096


def kind_of(data: bytes) -> str | None:
    """What a file is that cannot be read as a recording; None if its first bytes do not tell."""
    head = data[:_HEAD_BYTES]
    return next((name for pattern, name in _PATTERNS if pattern.match(head)), None)


def media_type_of(data: bytes) -> str:
    """What players take a recording as, by its first bytes."""
    return next((media_type for start, media_type in MEDIA_TYPES.items() if data.startswith(start)), UNKNOWN_TYPE)
