"""A run's champions answer as their bucket does."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
import torch

from bulk.errors import BulkError
from bulk.places import open_place, s3
from bulk.voices import Voices, read_voices
from contract.problem import UnknownChampion
from contract.recording.usable import examine
from contract.voice_label import Label, etag_of, put_recording
from engine.checkpoint import describe
from lexicons import Lexicons
from references import References
from tests.support.recordings import TRANSCRIPT

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def references(client: "S3Client | Voices", model_dir: Path) -> References:
    return References(cast("S3Client", client), describe(model_dir).mel_spec, "bulk", frozenset(), None)


def test_a_folder_and_a_bucket_give_what_the_endpoint_reads_from_s3(voices: Path, bucket: str, model_dir: Path) -> None:
    (voices / "lexicon.txt").write_text("kai'sa = Kai sah")
    (voices / "garen" / "lexicon.txt").write_text("AP = ability power")
    (voices / "notes.txt").write_text("no champion's")
    place = open_place(f"s3://{bucket}/champion-voices")
    for path in voices.rglob("*.*"):
        place.write(path.relative_to(voices).as_posix(), path.read_bytes(), "")
    expected = references(s3(), model_dir).get("garen", None)
    for read in (read_voices(str(voices)), read_voices(f"s3://{bucket}/champion-voices")):
        voice = references(read, model_dir).get("garen", None)
        assert torch.equal(voice.reference.mel, expected.reference.mel)
        lexicon = Lexicons(cast("S3Client", read)).get(voice)
        assert lexicon == Lexicons(s3()).get(expected)
        assert lexicon.entries.keys() == {"kai'sa", "AP"}


def test_an_unknown_champion_is_told_the_names_like_it(voices: Path, model_dir: Path) -> None:
    with pytest.raises(UnknownChampion, match="Did you mean garen"):
        references(read_voices(str(voices)), model_dir).get("garren", None)


def test_a_file_beside_the_champions_is_told_as_none(voices: Path, model_dir: Path) -> None:
    (voices / "lexicon.txt").write_text("kai'sa = Kai sah")
    with pytest.raises(UnknownChampion) as caught:
        references(read_voices(str(voices)), model_dir).get("zzzzz", None)
    assert "There is garen, lux." in str(caught.value.detail)


def test_a_recordings_label_comes_along_from_s3(voices: Path, bucket: str, model_dir: Path) -> None:
    # While a voice is replaced, its label says what is said in it, and not yet reference.txt.
    sound = (voices / "garen" / "reference.wav").read_bytes()
    measures = examine(sound, TRANSCRIPT)[1]
    assert measures is not None
    before = b"What was said in the recording before."
    label = Label(transcript=TRANSCRIPT, measures=measures, revision="2", stale_etag=etag_of(before))
    s3().put_object(Bucket=bucket, **put_recording("garen", sound, label))
    s3().put_object(Bucket=bucket, Key="champion-voices/garen/reference.txt", Body=before)
    expected = references(s3(), model_dir).get("garen", None)
    voice = references(read_voices(f"s3://{bucket}/champion-voices"), model_dir).get("garen", None)
    assert voice.transcript_etag == expected.transcript_etag == etag_of(TRANSCRIPT.encode())
    assert voice.reference.prompt == expected.reference.prompt


def test_a_folder_and_a_bucket_tell_a_file_by_the_same_etag(voices: Path, bucket: str, model_dir: Path) -> None:
    for path in voices.rglob("*.*"):
        s3().put_object(
            Bucket=bucket, Key=f"champion-voices/{path.relative_to(voices).as_posix()}", Body=path.read_bytes()
        )
    on_disk, in_s3 = read_voices(str(voices)), read_voices(f"s3://{bucket}/champion-voices")
    for client in (on_disk, in_s3):
        voice, expected = references(client, model_dir).get("lux", None), references(s3(), model_dir).get("lux", None)
        assert (voice.recording_etag, voice.transcript_etag) == (expected.recording_etag, expected.transcript_etag)


def test_a_folder_without_champions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BulkError, match="holds no champion"):
        read_voices(str(tmp_path))
