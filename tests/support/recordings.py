"""Recordings for tests, made of harmonics and noise: like speech in level, pauses and spectrum, and nobody's voice."""

import io
from typing import TYPE_CHECKING

import numpy as np
import soundfile
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TRANSCRIPT = "Stay behind me and wait for the wave."


def recording(
    seconds: float,
    rate: int = 24000,
    channels: int = 1,
    level: float = 0.05,
    pauses: tuple[tuple[float, float], ...] = (),
) -> NDArray[np.float64]:
    """[frames, channels] with syllables of a few hertz, silent in the given spans of seconds."""
    time = np.arange(int(seconds * rate)) / rate
    random = np.random.default_rng(rate + channels)
    voice = sum(np.sin(2 * np.pi * 120 * k * time + k) / k for k in range(1, 20))
    wave = voice * level * (0.6 + 0.4 * np.sin(2 * np.pi * 3.1 * time)) + random.normal(size=len(time)) * 1e-3
    for start, end in pauses:
        wave[int(start * rate) : int(end * rate)] = (
            random.normal(size=len(wave[int(start * rate) : int(end * rate)])) * 1e-5
        )
    return np.stack([wave * (1 - 0.3 * channel) for channel in range(channels)], axis=1)


def wav(wave: NDArray[np.float64], rate: int = 24000, subtype: str = "PCM_16") -> bytes:
    """The recording as a WAV file."""
    file = io.BytesIO()
    soundfile.write(file, wave, rate, format="WAV", subtype=subtype)
    return file.getvalue()


def put_reference(
    s3: "S3Client", bucket: str, champion_id: str, seconds: float, transcript: bytes = TRANSCRIPT.encode()
) -> None:
    """Make a champion's reference."""
    folder = f"champion-voices/{champion_id}"
    s3.put_object(Bucket=bucket, Key=f"{folder}/reference.wav", Body=wav(recording(seconds)))
    s3.put_object(Bucket=bucket, Key=f"{folder}/reference.txt", Body=transcript)
