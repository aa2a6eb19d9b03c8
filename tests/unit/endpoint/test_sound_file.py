"""A recording is read however its file is called and coded, or refused by the name of what it is."""

import io
import struct
from typing import TypeAlias

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from contract.recording.finding import ReferenceUnusableError
from contract.recording.kinds import KINDS, kind_of
from contract.recording.sound_file import MAX_SAMPLES, read
from tests.support.recordings import recording, wav

Wave: TypeAlias = NDArray[np.float64]

SPEECH = recording(2)


def saved(container: str, coding: str, rate: int = 24000, wave: Wave = SPEECH) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, wave, rate, format=container, subtype=coding)
    return file.getvalue()


def assert_sounds_like(data: bytes, wave: Wave, rate: int = 24000) -> None:
    sound = read(data)
    assert sound.rate == rate
    assert sound.seconds == pytest.approx(len(wave) / rate, abs=0.1)
    ours, original = (np.fft.rfft(each[:, 0], 2 * len(wave)) for each in (sound.wave, wave))
    alike = np.fft.irfft(ours * original.conj()).max()  # at the best delay: MP3 has one
    assert alike > 0.95 * np.linalg.norm(sound.wave) * np.linalg.norm(wave)


CODINGS = [
    *(("WAV", coding) for coding in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
    *(("WAV", coding) for coding in ("ALAW", "ULAW", "IMA_ADPCM", "MS_ADPCM")),
    *(("WAVEX", "PCM_24"), ("RF64", "PCM_16"), ("W64", "PCM_16")),
    *(("FLAC", "PCM_S8"), ("FLAC", "PCM_16"), ("FLAC", "PCM_24")),
    *(("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS"), ("OGG", "OPUS")),
    *(("AIFF", "PCM_16"), ("AIFF", "PCM_S8"), ("AU", "ULAW"), ("CAF", "ALAC_16")),
]


@pytest.mark.parametrize(("container", "coding"), CODINGS)
def test_every_coding_is_read(container: str, coding: str) -> None:
    assert_sounds_like(saved(container, coding), SPEECH)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 96000, 192000])
def test_every_rate_is_read(rate: int) -> None:
    assert_sounds_like(wav(recording(2, rate), rate), recording(2, rate), rate)


@pytest.mark.parametrize("rate", [7999, 192001, 400000])
def test_a_rate_that_is_none_of_speech_is_refused(rate: int) -> None:
    with pytest.raises(ReferenceUnusableError, match=f"has {rate} samples a second: save it with 8000 to 192000"):
        read(wav(recording(1, 8000), rate))


def by_hand(bits: int, wave: Wave = SPEECH) -> bytes:
    """A WAV file of a word length that soundfile does not write: in the upper bits of whole bytes."""
    width = (bits + 7) // 8
    steps = np.rint(wave[:, 0] * 2 ** (bits - 1)).astype(np.int64) << (8 * width - bits)
    samples = b"".join(int(step).to_bytes(width, "little", signed=True) for step in steps)
    layout = struct.pack("<HHIIHH", 1, 1, 24000, 24000 * width, width, bits)
    head = b"WAVEfmt " + struct.pack("<I", 16) + layout + b"data" + struct.pack("<I", len(samples))
    return b"RIFF" + struct.pack("<I", len(head) + len(samples)) + head + samples


@pytest.mark.parametrize("bits", [12, 16, 20, 24, 32])
def test_every_word_length_is_read(bits: int) -> None:
    assert_sounds_like(by_hand(bits), SPEECH)
    assert np.abs(read(by_hand(bits)).wave[:, 0]).max() == pytest.approx(np.abs(SPEECH).max(), abs=1e-3)


def with_sizes(riff: int | None, data: int | None) -> bytes:
    file = bytearray(wav(SPEECH))
    if riff is not None:
        file[4:8] = struct.pack("<I", riff)
    if data is not None:
        file[40:44] = struct.pack("<I", data)
    return bytes(file)


@pytest.mark.parametrize("riff", [None, 0, 36, 0xFFFFFFFF])
@pytest.mark.parametrize("data", [None, 0, 0x7FFFF000, 0xFFFFFFFF])
def test_a_length_that_was_never_filled_in_does_not_matter(riff: int | None, data: int | None) -> None:
    assert np.array_equal(read(with_sizes(riff, data)).wave, read(wav(SPEECH)).wave)


CUT_OFF = {
    **{f"{container} {coding}": saved(container, coding) for container, coding in CODINGS},
    "WAV, its header alone": wav(SPEECH)[:88],
}


@pytest.mark.parametrize("name", CUT_OFF)
def test_half_a_file_is_refused(name: str) -> None:
    with pytest.raises(ReferenceUnusableError, match=r"is cut off after [01]\.\d s|cannot be read, this is"):
        read(CUT_OFF[name][: len(CUT_OFF[name]) // 2])


def test_a_wrong_byte_at_the_end_is_forgiven() -> None:
    assert read(wav(SPEECH)[:-1]).seconds == pytest.approx(2, abs=0.001)


def test_floats_beyond_full_scale_are_turned_down_as_a_whole() -> None:
    loud = read(wav(SPEECH * 32768, subtype="FLOAT")).wave
    assert np.abs(loud).max() == 1
    assert np.allclose(loud, SPEECH / np.abs(SPEECH).max(), atol=1e-6)


def test_hours_of_silence_in_a_small_file_are_refused_before_they_fill_the_memory() -> None:
    flac = saved("FLAC", "PCM_16", wave=np.zeros((MAX_SAMPLES + 1, 1)))
    assert len(flac) < 1_000_000
    with pytest.raises(ReferenceUnusableError, match=r"lasts 208\.3 s: cut recording and transcript"):
        read(flac)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_refused(value: float) -> None:
    with pytest.raises(ReferenceUnusableError, match="holds values that are no numbers"):
        read(wav(np.append(SPEECH, [[value]], axis=0), subtype="FLOAT"))


BEGINNINGS = {
    "an empty file": b"",
    "a picture": b"\x89PNG\r\n\x1a\n",
    "a QuickTime film": b"\0\0\0\x14ftypqt  ",
    "3GPP audio": b"\0\0\0\x18ftyp3gp4",
    "MPEG-4 audio": b"\0\0\0 ftypM4A \0\0\2\0",
    "AAC audio": b"\xff\xf1X@@\x1f\xfc",
    "WebM or Matroska": b"\x1aE\xdf\xa3\x9fB\x86\x81",
    "Windows Media audio": b"0&\xb2u\x8ef\xcf\x11\xa6\xd9",
    "AMR audio": b"#!AMR\n",
    "AC-3 audio": b"\x0bwr7\x8c",
    "DTS audio": b"\x7f\xfe\x80\x01\xfc",
    "WavPack audio": b"wvpk\x98\xc1",
    "Monkey's Audio": b"MAC \x96\x0f",
    "True Audio": b"TTA1\x01\x00",
    "Musepack audio": b"MPCKSH",
    "DSD audio": b"DSD \x1c\0",
    "RealAudio": b".RMF\0\0\0\x12",
    "MIDI: notes, not sound": b"MThd\0\0\0\x06",
    "a Flash film": b"FLV\x01\x04",
    "an MPEG film": b"\0\0\x01\xba\x44",
    "an MPEG transport stream": b"G" + bytes(187) + b"G",
    "an AVI film": b"RIFF\xff\xff\xff\xffAVI LIST",
    "Speex in Ogg": b"OggS" + bytes(24) + b"Speex   1.2",
    "FLAC in Ogg": b"OggS" + bytes(24) + b"\x7fFLAC",
    "an Ogg film": b"OggS" + bytes(24) + b"\x80theora",
    "AAC in a WAV file": b"RIFF\0\0\0\0WAVEJUNK\4\0\0\0\0\0\0\0fmt \x12\0\0\0\xff\x00\1\0",
    "Windows Media audio in a WAV file": b"RIFF\0\0\0\0WAVEfmt \x12\0\0\0\x61\x01\1\0",
    "Yamaha's ADPCM in a WAV file": b"RIFF\0\0\0\0WAVEfmt \x12\0\0\0\x20\x00\1\0",
    "G.726 in a WAV file": b"RIFF\0\0\0\0WAVEfmt \x12\0\0\0\x45\x00\1\0",
    "WAV, but damaged or of a rare coding": b"RIFF\0\0\0\0WAVEfmt \x12\0\0\0\x99\x99\1\0",
    "AIFF, but damaged or of a rare coding": b"FORM\0\0\0\0AIFC",
    "CAF, but damaged or of a rare coding": b"caff\0\1",
    "AU, but damaged or of a rare coding": b".snd\0\0",
    "FLAC, but damaged, cut off or without its length": b"fLaC\0\0",
    "Ogg, but damaged or cut off": b"OggS\0\2",
    "MP3 or MP2, but damaged or cut off": b"ID3\4\0\0\0\0\0",
    "a PDF document": b"%PDF-1.7",
    "a ZIP archive or an office document": b"PK\x03\x04",
    "a gzip archive": b"\x1f\x8b\x08",
    "a 7z archive": b"7z\xbc\xaf\x27\x1c",
    "a RAR archive": b"Rar!\x1a\x07",
    "a pointer of Git LFS: fetch the file itself with `git lfs pull`": b"version https://git-lfs.github.com/spec/v1\n",
    "a playlist": b"#EXTM3U\n",
    "a web page": b"\n<!DOCTYPE html>",
    "text": b"The recording is on the other machine, I send it when I am back there.",
}


@pytest.mark.parametrize("name", BEGINNINGS)
def test_what_cannot_be_read_is_called_by_its_name(name: str) -> None:
    with pytest.raises(ReferenceUnusableError) as refused:
        read(BEGINNINGS[name])
    assert str(refused.value) == f"the recording cannot be read, this is {name}: save it as a WAV file"


def test_every_kind_is_tried() -> None:
    assert {name for _, name in KINDS} == set(BEGINNINGS)


@pytest.mark.parametrize("junk", [bytes(5000), np.random.default_rng(0).bytes(50000), b"short text", b"\xff\xfeh\0i\0"])
def test_what_nobody_knows_is_no_sound_file(junk: bytes) -> None:
    assert kind_of(junk) is None
    with pytest.raises(ReferenceUnusableError, match="is no sound file that can be read: save it as a WAV file"):
        read(junk)
