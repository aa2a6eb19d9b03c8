"""WAV files as the endpoint makes them."""

import io
import wave
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wav:
    """A WAV file that was checked.

    Attributes:
        data: the file's bytes.
        sample_rate: samples per second.
        duration: seconds, to the millisecond.
    """

    data: bytes
    sample_rate: int
    duration: float

    @classmethod
    def parse(cls, data: bytes) -> "Wav":
        """Reads the header, and checks that the samples it promises are there.

        Raises:
            ValueError: the bytes are no whole WAV file with PCM samples.
        """
        try:
            with wave.open(io.BytesIO(data)) as reader:
                frames, sample_rate = reader.getnframes(), reader.getframerate()
                frame_bytes = reader.getnchannels() * reader.getsampwidth()
                whole = 0 < frames * frame_bytes == len(reader.readframes(frames))
        except (wave.Error, EOFError) as error:
            raise ValueError("not a PCM WAV file") from error
        if not whole or sample_rate == 0:
            raise ValueError("not a whole WAV file")
        return cls(data=data, sample_rate=sample_rate, duration=round(frames / sample_rate, 3))
