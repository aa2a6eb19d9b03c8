"""A recording in numbers."""

from pydantic import BaseModel, ConfigDict, Field


class Measures(BaseModel):
    """A recording in numbers."""

    model_config = ConfigDict(frozen=True)

    duration: float = Field(description="Seconds of the recording.")
    speech: float = Field(description="Seconds of speech, without the silence at its edges.")
    peak: float = Field(description="The loudest sample, in dB, full scale 0.")
    clipped: float = Field(description="Share of the samples that are cut off.")
    signal_to_noise: float = Field(description="An estimate of how far the speech is above the noise, in dB.")

    def __str__(self) -> str:
        return (
            f"{self.speech:.1f} s of speech, {self.clipped:.2%} of the samples clipped, noise "
            f"{self.signal_to_noise:.0f} dB below the speech"
        )
