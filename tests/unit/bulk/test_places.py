"""A folder and a bucket are used alike; a file appears whole or not at all."""

import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bulk.errors import BulkError, WriteError
from bulk.places import Place, expand, on_disk, open_place, s3


@pytest.fixture(params=["folder", "bucket", "prefix"])
def place(request: pytest.FixtureRequest, tmp_path: Path, bucket: str) -> Place:
    uris = {"folder": str(tmp_path / "out"), "bucket": f"s3://{bucket}", "prefix": f"s3://{bucket}/a/b/"}
    return open_place(uris[request.param])


def test_what_is_written_is_there_until_it_is_removed(place: Place, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"taken")
    place.write("garen/now.wav", b"sound", "audio/wav")
    place.write("garen/now.wav", b"other", "audio/wav")
    place.take(tmp_path / "file", "manifest", "text/plain")
    assert (place.read("garen/now.wav"), place.read("manifest"), place.read("garen/then.wav")) == (
        b"other",
        b"taken",
        None,
    )
    assert (place.has("garen/now.wav"), place.has("garen"), place.has("garen/then.wav")) == (True, False, False)
    assert list(place.names()) == ["garen/now.wav", "manifest"]
    place.remove("garen/now.wav")
    place.remove("garen/now.wav")
    assert list(place.names()) == ["manifest"]


def test_a_sound_in_s3_says_what_it_is(bucket: str) -> None:
    open_place(f"s3://{bucket}/out").write("now.opus", b"sound", "audio/ogg")
    assert s3().head_object(Bucket=bucket, Key="out/now.opus")["ContentType"] == "audio/ogg"


def test_where_nothing_can_be_written_it_is_told(tmp_path: Path, bucket: str) -> None:
    (tmp_path / "garen").write_text("no folder")
    with pytest.raises(WriteError, match=r"garen/now\.wav cannot be written: "):
        open_place(str(tmp_path)).write("garen/now.wav", b"sound", "audio/wav")
    with pytest.raises(WriteError, match="NoSuchBucket"):
        open_place(f"s3://{bucket}-of-nobody/out").write("now.wav", b"sound", "audio/wav")


def test_a_file_that_does_not_fit_leaves_the_one_before_it(tmp_path: Path) -> None:
    program = f"""
from bulk.errors import WriteError
from bulk.places import open_place
place = open_place({str(tmp_path)!r})
place.write("now.wav", b"a" * 1000, "audio/wav")
try:
    place.write("now.wav", b"b" * 100_000, "audio/wav")
except WriteError as error:
    print(error)
"""

    def no_larger_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    ran = subprocess.run(
        [sys.executable, "-c", program],
        preexec_fn=no_larger_files,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "now.wav cannot be written" in ran.stdout
    assert (tmp_path / "now.wav").read_bytes() == b"a" * 1000
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["now.wav"]


def test_patterns_name_files_on_disk_and_in_s3(tmp_path: Path, bucket: str) -> None:
    for name in ("b.jsonl", "a.jsonl", "more/c.jsonl", "d.csv"):
        open_place(str(tmp_path)).write(name, b"{}", "")
        open_place(f"s3://{bucket}/in").write(name, b"{}", "")
    for root in (str(tmp_path), f"s3://{bucket}/in"):
        assert expand([f"{root}/d.csv", f"{root}/?.jsonl"])[:3] == [
            f"{root}/{name}" for name in ("d.csv", "a.jsonl", "b.jsonl")
        ]
        assert f"{root}/more/c.jsonl" in expand([f"{root}/**/*.jsonl"])
        with pytest.raises(BulkError, match="names no file"):
            expand([f"{root}/e.jsonl"])
        with on_disk(f"{root}/d.csv") as path:
            assert path.read_bytes() == b"{}"
            assert path.suffix == ".csv"
