"""What the environment tells the Lambda."""

import os
from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from contract.invocation import DEFAULT_LUFS, MAX_LUFS, MIN_LUFS
from contract.line import MAX_TEXT_CHARACTERS, ChampionId


class Settings(BaseModel):
    """The environment variables of the Lambda, each under its lower-case name.

    Attributes:
        endpoint_name: the SageMaker endpoint that speaks.
        inference_component_name: the model's copies on that endpoint.
        voices_bucket: the bucket that holds the champions' references.
        audio_bucket: the bucket that keeps finished audio.
        model_id: names the model's version; other audio is kept for another model.
        loudness_lufs: how loud the endpoint makes every line; other audio is kept for another loudness.
        max_text_characters: longest text spoken in one request; the endpoint itself refuses more than 5,000.
        audio_url_seconds: how long a presigned URL to finished audio works, and a link to its captions; S3 allows at
            most a week.
        link_key: what links to captions are signed with; the same for every environment, and told to nobody.
        fallback_champion: speaks in place of an unknown champion; without one an unknown champion is an error.
        job_function: the durable function that does jobs, with its alias; without one there are none.
        job_concurrency: how many parts of a job are spoken at once; what the endpoint has beyond is left for lines.
        cors_origin: the origin whose pages may call the API from a browser; without one none may.
        admin_key_id: the API key that may write voices, by its id in API Gateway; without one none may.
    """

    model_config = ConfigDict(frozen=True)

    endpoint_name: str
    inference_component_name: str
    voices_bucket: str
    audio_bucket: str
    model_id: str
    loudness_lufs: float = Field(default=DEFAULT_LUFS, ge=MIN_LUFS, le=MAX_LUFS)
    max_text_characters: int = Field(default=2000, ge=1, le=MAX_TEXT_CHARACTERS)
    audio_url_seconds: int = Field(default=3600, ge=1, le=7 * 24 * 3600)
    link_key: str
    fallback_champion: ChampionId | None = None
    job_function: str | None = None
    job_concurrency: int = Field(default=4, ge=1, le=64)
    cors_origin: str | None = None
    admin_key_id: str | None = None


@cache
def get_settings() -> Settings:
    """Parse the environment, once.

    Raises:
        pydantic.ValidationError: a variable is missing or out of its range.
    """
    # An empty variable counts as unset: a SAM template cannot leave one out.
    return Settings.model_validate({name.lower(): value for name, value in os.environ.items() if value})
