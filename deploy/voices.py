"""Upload champions to a voices bucket: `python -m deploy.voices FOLDER BUCKET`.

FOLDER holds one folder for each champion, named by the id that callers use, with reference.wav (1 to 12 seconds of one
voice; 3 to 12 are best) and reference.txt (what is said in it, word for word). A lexicon.txt beside them says how words
are said by this champion, and one in FOLDER how by all. Every recording is measured and told of in numbers.
Nothing is uploaded unless every champion can be spoken with. What the bucket has already is not uploaded
again. AWS_ENDPOINT_URL_S3 leads to another S3.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from contract.line import CHAMPION_ID_RULE, is_champion_id
from contract.recording.measures import Measures
from contract.recording.usable import examine
from contract.references import (
    COMMON_LEXICON_KEY,
    LEXICON,
    MAX_LEXICON_BYTES,
    MAX_RECORDING_BYTES,
    MAX_TRANSCRIPT_BYTES,
    PREFIX,
    RECORDING,
    TRANSCRIPT,
    key,
)
from contract.voice_label import Label, Put, etag_of, put_copy, put_recording
from deploy.errors import DeployError, exit_with_message
from deploy.progress import Progress
from text.lexicon import Lexicon

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FILES = {"recording": RECORDING, "transcript": TRANSCRIPT}


class Checked(NamedTuple):
    """What there is to tell of a champion's folder.

    Attributes:
        problems: for each thing that is wrong a line that says what to do. None: it can be uploaded.
        measures: the recording in numbers; None if it cannot be read.
    """

    problems: list[str]
    measures: Measures | None = None


def check(champion: Path) -> Checked:
    """Find what is wrong with a champion's folder, and measure its recording."""
    problems = []
    if not is_champion_id(champion.name):
        problems.append(f"the folder's name {CHAMPION_ID_RULE}")
    missing = [name for name in (RECORDING, TRANSCRIPT) if not (champion / name).is_file()]
    if missing:
        return Checked([*problems, *(f"{name} is missing: add it" for name in missing)])
    found, measures = _check_reference(champion / RECORDING, champion / TRANSCRIPT)
    return Checked(problems + found + check_lexicon(champion / LEXICON), measures)


def check_lexicon(lexicon: Path) -> list[str]:
    """Find what is wrong with a lexicon; nothing if there is none."""
    if not lexicon.is_file():
        return []
    data = lexicon.read_bytes()
    if len(data) > MAX_LEXICON_BYTES:
        return [f"{LEXICON} has {len(data)} bytes: make it at most {MAX_LEXICON_BYTES}"]
    try:
        _, bad = Lexicon.parse(data.decode("utf-8"))
    except UnicodeDecodeError:
        return [f"{LEXICON} is not UTF-8: save it as such"]
    return [f"{LEXICON}, line {line.number}: {line.reason}" for line in bad]


def _check_reference(sound: Path, transcript: Path) -> Checked:
    for path, limit in ((sound, MAX_RECORDING_BYTES), (transcript, MAX_TRANSCRIPT_BYTES)):
        if path.stat().st_size > limit:
            return Checked([f"{path.name} has {path.stat().st_size} bytes: make it at most {limit}"])
    try:
        text = transcript.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return Checked([f"{TRANSCRIPT} is not UTF-8: save it as such"])
    findings, measures = examine(sound.read_bytes(), text)
    if measures:
        findings += Label.new(text, measures).findings
    return Checked([f"{FILES[finding.part]} {finding.problem}" for finding in findings], measures)


def upload(folder: Path, bucket: str, s3: S3Client) -> int:
    """Check every champion in a folder, tell how its recording is, and upload all.

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
    checked = {champion: check(champion) for champion in champions}
    for champion, (_, measures) in checked.items():
        if measures:
            print(f"  {champion.name}: {measures}")
    problems = [f"{champion}: {problem}." for champion, found in checked.items() for problem in found.problems]
    problems += [f"{folder}: {problem}." for problem in check_lexicon(folder / LEXICON)]
    if problems:
        raise DeployError("\n".join([*problems, "Nothing was uploaded."]))
    paths = {key(champion.name, name): champion / name for champion in champions for name in (*FILES.values(), LEXICON)}
    paths[COMMON_LEXICON_KEY] = folder / LEXICON
    files = {name: path.read_bytes() for name, path in paths.items() if path.is_file()}
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX)
    etags = {item["Key"]: item["ETag"] for page in pages for item in page.get("Contents", [])}
    changed = {name for name, data in files.items() if etags.get(name) != etag_of(data)}
    puts: list[Put] = [{"Key": name, "Body": files[name]} for name in sorted(changed) if name.endswith(LEXICON)]
    for champion, (_, measures) in checked.items():
        if measures and changed & {key(champion.name, name) for name in FILES.values()}:
            puts += _replace(champion.name, files, etags.get(key(champion.name, TRANSCRIPT)), measures)
    progress = Progress("uploading", sum(len(put["Body"]) for put in puts))
    for put in puts:
        s3.put_object(Bucket=bucket, **put)
        progress.add(len(put["Body"]))
    print(f"  {len(champions)} champions in {bucket}, {len(changed)} of {len(files)} files were new", file=sys.stderr)
    return len(changed)


def _replace(champion_id: str, files: dict[str, bytes], stale_etag: str | None, measures: Measures) -> list[Put]:
    """How a recording and its transcript are written so that nobody speaks from a mixture of old and new."""
    recording, transcript = (files[key(champion_id, name)] for name in (RECORDING, TRANSCRIPT))
    label = Label.new(transcript.decode("utf-8"), measures).model_copy(update={"stale_etag": stale_etag})
    return [put_recording(champion_id, recording, label), put_copy(champion_id, label)]


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
