"""From a waveform to the bytes of a sound file: the same waveform is always the same bytes."""

from __future__ import annotations

import io
import zlib

import numpy as np
import soundfile

from contract.formats import Format
from engine.speech import Speech

MAX_PEAK = 0.98

# A page of Ogg (RFC 3533, section 6): "OggS", version, flags, position, then these, then how long its segments are.
_OGG_SERIAL = slice(14, 18)
_OGG_CHECKSUM = slice(22, 26)
_OGG_SEGMENTS = 26
_BITS_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def encode(speech: Speech, sound_format: Format) -> bytes:
    """A mono sound file. Speech that would clip is turned down to MAX_PEAK of full scale as a whole.

    Args:
        speech: the waveform.
        sound_format: a row of `contract.formats.FORMATS`.
    """
    peak = float(np.abs(speech.wave).max(initial=0.0))
    wave = speech.wave * (MAX_PEAK / peak) if peak > MAX_PEAK else speech.wave
    file = io.BytesIO()
    soundfile.write(file, wave, speech.sample_rate, **sound_format.sound_file)
    sound = file.getvalue()
    return _with_serial(sound, zlib.crc32(wave.tobytes())) if sound_format.container == "OGG" else sound


def _with_serial(ogg: bytes, serial: int) -> bytes:
    """An Ogg stream under another serial number: libsndfile draws one by the clock."""
    pages, start = [], 0
    while start < len(ogg):
        lengths = start + _OGG_SEGMENTS + 1
        data = lengths + ogg[start + _OGG_SEGMENTS]
        end = data + sum(ogg[lengths:data])
        page = bytearray(ogg[start:end])
        page[_OGG_SERIAL] = serial.to_bytes(4, "little")
        page[_OGG_CHECKSUM] = bytes(4)  # it is computed with zeros in its place
        page[_OGG_CHECKSUM] = _ogg_checksum(page)
        pages.append(page)
        start = end
    return b"".join(pages)


def _ogg_checksum(page: bytearray) -> bytes:
    """A page's checksum: zlib's CRC-32, but of bits in the other order, and neither begun nor ended with ones."""
    ones = 0xFFFFFFFF
    checksum = zlib.crc32(page.translate(_BITS_REVERSED), ones) ^ ones
    return checksum.to_bytes(4, "big").translate(_BITS_REVERSED)
