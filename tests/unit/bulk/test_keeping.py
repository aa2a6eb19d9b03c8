"""A sound is there if its file and its record are, and the record has the row's key."""

from pathlib import Path

import pytest

from bulk.errors import WriteError
from bulk.keeping import file_of, find, keep, key_of
from bulk.places import Folder
from bulk.rows import Row
from contract.invocation import AudioDescription, DescribedAudio, Segment

DESCRIPTION = AudioDescription(
    digest="0" * 64,
    format="wav",
    sample_rate=24000,
    duration=1.0,
    spoken_text="Now.",
    segments=[Segment(text="Now.", start=0, end=1)],
)
SPOKEN = DescribedAudio(DESCRIPTION, b"sound")
FILE = "garen/now.wav"


def row(**fields: object) -> Row:
    return Row.model_validate({"champion_id": "garen", "text": "Now."} | fields)


def test_what_was_kept_is_found_under_its_key_alone(tmp_path: Path) -> None:
    place = Folder(tmp_path)
    assert find(place, FILE, "key") is None
    record = keep(place, FILE, "key", SPOKEN)
    assert find(place, FILE, "key") == record
    assert find(place, FILE, "another key") is None
    assert (tmp_path / FILE).read_bytes() == b"sound"
    assert record.description == DESCRIPTION


def test_a_sound_that_was_removed_is_missing(tmp_path: Path) -> None:
    keep(Folder(tmp_path), FILE, "key", SPOKEN)
    (tmp_path / FILE).unlink()
    assert find(Folder(tmp_path), FILE, "key") is None


def test_a_record_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    keep(Folder(tmp_path), FILE, "key", SPOKEN)
    (tmp_path / ".lines" / f"{FILE}.json").write_text("{")
    assert find(Folder(tmp_path), FILE, "key") is None


def test_no_record_outlives_the_sound_that_it_tells_of(tmp_path: Path) -> None:
    # The run ends between the new sound and its record.
    keep(Folder(tmp_path), FILE, "before", SPOKEN)
    records = tmp_path / ".lines" / "garen"

    class Broken(Folder):
        def write(self, name: str, data: bytes, media_type: str) -> None:
            if name == FILE:
                super().write(name, data, media_type)
                raise WriteError("the end")

    with pytest.raises(WriteError):
        keep(Broken(tmp_path), FILE, "after", DescribedAudio(DESCRIPTION, b"new sound"))
    assert (tmp_path / FILE).read_bytes() == b"new sound"
    assert list(records.iterdir()) == []


def test_a_file_is_called_by_the_rows_name_or_by_all_that_is_written_in_it() -> None:
    assert file_of(row(name="now.1"), "garen") == "garen/now.1.wav"
    unnamed = [row(), row(text="Then."), row(seed=1), row(format="opus"), row(champion_id="lux"), row(speed=1.1)]
    files = [file_of(each, "garen") for each in unnamed]
    assert len(set(files)) == len(files)
    assert files[0].startswith("garen/")
    assert files[3].endswith(".opus")
    assert file_of(row(), "garen") == files[0]


def test_no_file_lies_outside_of_a_champions_folder() -> None:
    assert file_of(row(champion_id="../../etc", name="now"), "lux") == "lux/now.wav"
    assert file_of(row(champion_id="nobody", name="now"), "lux") == "nobody/now.wav"


def test_a_key_is_made_of_what_shapes_a_sound() -> None:
    shaped_by = {"script": "said", "reference": "etag"}
    key = key_of(row(), shaped_by)
    assert key_of(row(name="now", text="NOW."), shaped_by) == key
    others = [row(seed=1), row(speed=1.1), row(quality="high"), row(format="flac"), row(duration=1)]
    keys = [key_of(each, shaped_by) for each in others]
    keys += [key_of(row(), shaped_by | {"script": "else"}), key_of(row(), shaped_by | {"reference": "other"})]
    assert len({key, *keys}) == 8
