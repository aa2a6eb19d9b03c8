"""Champions are uploaded when all of them can be spoken with, and nothing is otherwise."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import numpy as np
import pytest

from contract.line import CHAMPION_ID_RULE
from deploy.errors import DeployError
from deploy.voices import check, check_lexicon, upload
from tests.support.recordings import TRANSCRIPT, recording, wav

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REPOSITORY = Path(__file__).resolve().parents[2]
BUCKET = "uploaded-voices"


@pytest.fixture
def s3(s3_url: str) -> "Iterator[S3Client]":
    client = boto3.client(
        "s3", endpoint_url=s3_url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    client.create_bucket(Bucket=BUCKET)
    yield client
    for key in keys(client):
        client.delete_object(Bucket=BUCKET, Key=key)
    client.delete_bucket(Bucket=BUCKET)


def keys(s3: "S3Client") -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def champion(folder: Path, name: str, sound: bytes | None = None, transcript: bytes = TRANSCRIPT.encode()) -> Path:
    path = folder / name
    path.mkdir(parents=True)
    (path / "reference.wav").write_bytes(wav(recording(2)) if sound is None else sound)
    (path / "reference.txt").write_bytes(transcript)
    return path


def test_the_sample_champions_are_in_order() -> None:
    voices = REPOSITORY / "voices"
    assert {path.name: found for path in voices.iterdir() if path.is_dir() and (found := check(path).problems)} == {}
    assert check_lexicon(voices / "lexicon.txt") == []


@pytest.mark.parametrize(
    ("sound", "transcript", "problem"),
    [
        (b"no sound", TRANSCRIPT.encode(), "reference.wav is no sound file that can be read: save it as a WAV file"),
        (b"\0\0\0 ftypM4A \0\0\2\0", TRANSCRIPT.encode(), "reference.wav cannot be read, this is MPEG-4 audio"),
        (wav(recording(0.7)), b"Wait for it.", "lasts 0.7 s: record at least 1 s"),
        (wav(recording(13.0)), TRANSCRIPT.encode() * 4, "lasts 13.0 s: cut recording and transcript to at most 12 s"),
        (wav(recording(2, level=9.0)), TRANSCRIPT.encode(), "of its samples: record it more softly"),
        (wav(np.zeros((48000, 1))), TRANSCRIPT.encode(), "less than half a second of sound"),
        (wav(recording(2)), b" \n", "reference.txt is empty: write down what is said"),
        (wav(recording(2)), b"a" * 500, "cannot be what is said in it"),
        (wav(recording(2)), "für".encode("latin-1"), "reference.txt is not UTF-8"),
    ],
)
def test_what_is_wrong_with_a_reference_is_told(tmp_path: Path, sound: bytes, transcript: bytes, problem: str) -> None:
    [told] = check(champion(tmp_path, "ahri", sound, transcript)).problems
    assert problem in told
    assert "\n" not in told


def test_a_recording_raised_to_full_scale_is_not_clipped(tmp_path: Path) -> None:
    wave = recording(2)
    assert check(champion(tmp_path, "ahri", wav(wave / np.abs(wave).max()))).problems == []


@pytest.mark.parametrize("name", ["Ahri", "ah ri", "-ahri", "a" * 65])
def test_a_folder_must_be_named_by_an_id(tmp_path: Path, name: str) -> None:
    [told] = check(champion(tmp_path, name)).problems
    assert CHAMPION_ID_RULE in told


def test_everything_that_is_wrong_is_told_at_once_and_nothing_uploaded(tmp_path: Path, s3: "S3Client") -> None:
    champion(tmp_path, "ahri")
    champion(tmp_path, "Yasuo", b"no sound")
    (champion(tmp_path, "lux") / "reference.txt").unlink()
    with pytest.raises(DeployError) as refused:
        upload(tmp_path, BUCKET, s3)
    lines = str(refused.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        str(tmp_path / "Yasuo"),
        str(tmp_path / "Yasuo"),
        str(tmp_path / "lux"),
        "Nothing was uploaded.",
    ]
    assert keys(s3) == []


def test_every_recording_that_can_be_read_is_told_of_in_numbers(
    tmp_path: Path, s3: "S3Client", capsys: pytest.CaptureFixture[str]
) -> None:
    champion(tmp_path, "ahri")
    champion(tmp_path, "lux", wav(recording(2, level=9.0)))
    champion(tmp_path, "yasuo", b"no sound")
    with pytest.raises(DeployError, match=r"lux: reference\.wav peaks at 0\.0 dB in \d+\.\d% of its samples"):
        upload(tmp_path, BUCKET, s3)
    ahri, lux = capsys.readouterr().out.splitlines()
    assert "ahri: 2.0 s of speech, 0.00% of the samples clipped, noise " in ahri
    assert "lux: 2.0 s of speech" in lux


def test_champions_are_uploaded_once_and_again_when_they_change(tmp_path: Path, s3: "S3Client") -> None:
    champion(tmp_path, "ahri")
    lux = champion(tmp_path, "lux")
    assert upload(tmp_path, BUCKET, s3) == 4
    assert keys(s3) == [
        f"champion-voices/{name}/reference.{kind}" for name in ("ahri", "lux") for kind in ("txt", "wav")
    ]
    assert upload(tmp_path, BUCKET, s3) == 0
    (lux / "reference.txt").write_text("Stay behind me and wait.")
    assert upload(tmp_path, BUCKET, s3) == 1
    body = s3.get_object(Bucket=BUCKET, Key="champion-voices/lux/reference.txt")["Body"].read()
    assert body == b"Stay behind me and wait."


def command(s3_url: str, folder: Path, bucket: str) -> subprocess.CompletedProcess[str]:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "deploy.voices", str(folder), bucket],
        cwd=REPOSITORY,
        env={"PATH": "/usr/bin:/bin", "AWS_ENDPOINT_URL_S3": s3_url} | keys,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_uploads_to_the_s3_that_the_environment_names(tmp_path: Path, s3: "S3Client", s3_url: str) -> None:
    shutil.copytree(REPOSITORY / "voices/ahri", tmp_path / "ahri")
    run = command(s3_url, tmp_path, BUCKET)
    assert run.returncode == 0, run.stderr
    assert len(keys(s3)) == 2
    assert "100 %" in run.stderr


def test_the_command_says_in_one_line_that_there_is_no_such_bucket(tmp_path: Path, s3_url: str) -> None:
    champion(tmp_path, "ahri")
    run = command(s3_url, tmp_path, "no-such-bucket")
    assert run.returncode == 1
    [line] = run.stderr.splitlines()
    assert "no-such-bucket" in line


def test_lexicons_go_along_and_one_that_cannot_be_read_holds_all_back(tmp_path: Path, s3: "S3Client") -> None:
    own = champion(tmp_path, "yasuo") / "lexicon.txt"
    own.write_text("kai'sa = Kay sah\n", encoding="utf-8")
    (tmp_path / "lexicon.txt").write_text("# none\nno lexicon\n", encoding="utf-8")
    with pytest.raises(DeployError, match=r"lexicon.txt, line 2: it is not of the form"):
        upload(tmp_path, BUCKET, s3)
    assert keys(s3) == []
    (tmp_path / "lexicon.txt").write_text("kai'sa = Kai sah\n", encoding="utf-8")
    assert upload(tmp_path, BUCKET, s3) == 4
    assert keys(s3) == [
        "champion-voices/lexicon.txt",
        "champion-voices/yasuo/lexicon.txt",
        "champion-voices/yasuo/reference.txt",
        "champion-voices/yasuo/reference.wav",
    ]
