"""Finished audio, kept in S3 under a hash of everything that shapes it."""

import hashlib
import json

from botocore.exceptions import ClientError

import s3
from contract import Line
from observability import logger
from settings import get_settings
from voices import Voice
from wav import Wav


def key(line: Line, voice: Voice) -> str:
    """Names the audio of a line: another line, reference or model is another name.

    Args:
        line: what is spoken.
        voice: the champion that speaks it.
    """
    shape = {
        **line.model_dump(),
        "champion_id": voice.champion_id,
        "audio_etag": voice.audio_etag,
        "transcript_etag": voice.transcript_etag,
        "model_id": get_settings().model_id,
    }
    canonical = json.dumps(shape, sort_keys=True, separators=(",", ":"))
    return f"audio/{hashlib.sha256(canonical.encode()).hexdigest()}.wav"


def get(name: str) -> Wav | None:
    """Fetches audio that was kept.

    Returns:
        None when there is none, or none that can be played: it will be spoken, and kept, anew.

    Raises:
        StorageFailed: S3 did not answer.
    """
    with s3.failures_told():
        try:
            data = s3.client().get_object(Bucket=get_settings().audio_bucket, Key=name)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise
    try:
        return Wav.parse(data)
    except ValueError:
        logger.warning("stored audio cannot be read", key=name)
        return None


def put(name: str, wav: Wav) -> None:
    """Keeps audio.

    Raises:
        StorageFailed: S3 did not answer.
    """
    with s3.failures_told():
        s3.client().put_object(Bucket=get_settings().audio_bucket, Key=name, Body=wav.data, ContentType="audio/wav")


def url(name: str) -> str:
    """Signs a URL under which kept audio can be downloaded for a while, by anybody who has it."""
    settings = get_settings()
    return s3.client().generate_presigned_url(
        "get_object", Params={"Bucket": settings.audio_bucket, "Key": name}, ExpiresIn=settings.audio_url_seconds
    )
