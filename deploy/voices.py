"""Upload champions to a voices bucket: `python -m deploy.voices FOLDER BUCKET`.

FOLDER holds one folder for each champion, named by the id that callers use, with reference.wav (1 to 12 seconds of one
voice; 3 to 12 are best) and reference.txt (what is said in it, word for word). Nothing is uploaded unless every
champion can be spoken with. What the bucket has already is not uploaded again. AWS_ENDPOINT_URL_S3 leads to another S3.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import numpy as np
import soundfile
from botocore.exceptions import BotoCoreError, ClientError
from numpy.typing import NDArray

from contract.line import is_champion_id
from contract.references import MAX_RECORDING_BYTES, MAX_TRANSCRIPT_BYTES, PREFIX, RECORDING, TRANSCRIPT, key
from deploy.errors import DeployError, exit_with_message
from deploy.progress import Progress
from engine.checkpoint import MelSpecDescription
from engine.reference import MAX_SECONDS, ReferenceUnusableError, prepare_reference

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MIN_SECONDS = 1
FULL_SCALE = 0.999
CLIPPED_SAMPLES = 3  # in a row at full scale: a peak that was cut off, not one that was raised to it
# What every F5-TTS model was trained on: whether a reference can be used does not depend on it.
MEL_SPEC = MelSpecDescription(
    target_sample_rate=24000, n_mel_channels=100, hop_length=256, win_length=1024, n_fft=1024, mel_spec_type="vocos"
)


def check(champion: Path) -> list[str]:
    """What is wrong with a champion's folder: for each thing a line that says what to do. None: it can be uploaded."""
    problems = []
    if not is_champion_id(champion.name):
        problems.append("the folder's name must be an id: lower-case letters, digits, - and _, at most 64")
    missing = [name for name in (RECORDING, TRANSCRIPT) if not (champion / name).is_file()]
    problems += [f"{name} is missing: add it" for name in missing]
    return problems if missing else problems + _check_reference(champion / RECORDING, champion / TRANSCRIPT)


def _check_reference(recording: Path, transcript: Path) -> list[str]:
    for path, limit in ((recording, MAX_RECORDING_BYTES), (transcript, MAX_TRANSCRIPT_BYTES)):
        if path.stat().st_size > limit:
            return [f"{path.name} has {path.stat().st_size} bytes: make it at most {limit}"]
    try:
        text = transcript.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return [f"{TRANSCRIPT} is not UTF-8: save it as such"]
    data = recording.read_bytes()
    try:
        wave, rate = soundfile.read(io.BytesIO(data), always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError):
        return [f"{RECORDING} cannot be read: save it as a WAV file"]
    seconds = len(wave) / rate
    if seconds < MIN_SECONDS:
        return [f"{RECORDING} lasts {seconds:.1f} s: record at least {MIN_SECONDS} s, better 3 to {MAX_SECONDS}"]
    problems = []
    if seconds > MAX_SECONDS:
        problems.append(
            f"{RECORDING} lasts {seconds:.1f} s: cut it to {MAX_SECONDS} s, and {TRANSCRIPT} to what is said in them"
        )
    if _is_clipped(wave):
        problems.append(f"{RECORDING} is clipped: record it again at a lower level")
    try:
        prepare_reference(data, text, MEL_SPEC)
    except ReferenceUnusableError as error:
        problems.append(f"{error}: put both right")
    return problems


def _is_clipped(wave: NDArray[np.float64]) -> bool:
    cut_off = (np.abs(wave) >= FULL_SCALE).T  # [channels, frames]
    run = cut_off[:, CLIPPED_SAMPLES - 1 :]
    for shift in range(1, CLIPPED_SAMPLES):
        run = run & cut_off[:, CLIPPED_SAMPLES - 1 - shift : -shift]
    return bool(run.any())


def upload(folder: Path, bucket: str, s3: S3Client) -> int:
    """Check every champion in a folder and upload them.

    Returns:
        How many files were uploaded; the bucket had the others.

    Raises:
        DeployError: there is no champion in it, or one cannot be spoken with; the message lists all that is wrong.
    """
    champions = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    if not champions:
        raise DeployError(
            f"{folder} holds no champions: it needs a folder for each, with {RECORDING} and {TRANSCRIPT}."
        )
    problems = [f"{champion}: {problem}." for champion in champions for problem in check(champion)]
    if problems:
        raise DeployError("\n".join([*problems, "Nothing was uploaded."]))
    files = {
        key(champion.name, name): (champion / name).read_bytes()
        for champion in champions
        for name in (RECORDING, TRANSCRIPT)
    }
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX)
    etags = {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", [])}
    # S3's ETag of what was put at once, not encrypted with a key of one's own.
    changed = {
        name: data
        for name, data in files.items()
        if etags.get(name) != hashlib.md5(data, usedforsecurity=False).hexdigest()
    }
    progress = Progress("uploading", sum(map(len, changed.values())))
    for name, data in changed.items():
        s3.put_object(Bucket=bucket, Key=name, Body=data)
        progress.add(len(data))
    print(f"  {len(champions)} champions in {bucket}, {len(changed)} of {len(files)} files were new", file=sys.stderr)
    return len(changed)


def main() -> None:
    """Upload what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("bucket")
    arguments = parser.parse_args()
    with exit_with_message():
        try:
            upload(arguments.folder, arguments.bucket, boto3.client("s3"))
        except (BotoCoreError, ClientError) as error:
            raise DeployError(f"Bucket {arguments.bucket}: {error}") from None


if __name__ == "__main__":
    main()
