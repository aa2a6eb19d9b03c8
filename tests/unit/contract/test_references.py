"""A champion is a folder with a recording and a transcript; who is not there is told which names are near."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from contract.problem import UnknownChampion
from contract.references import StoredReference, choose, complete, key

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


def stored(name: str, written: datetime = EARLY) -> dict[str, Any]:
    return {"Key": f"champion-voices/{name}", "ETag": f'"{name}"', "Size": len(name), "LastModified": written}


def reference(champion_id: str) -> StoredReference:
    [found] = complete([stored(f"{champion_id}/reference.wav"), stored(f"{champion_id}/reference.txt")])
    return found


CHAMPIONS = {name: reference(name) for name in ("ahri", "garen", "yasuo")}


def test_a_champion_with_both_files_is_told_of_by_both() -> None:
    [found] = complete([stored("yasuo/reference.wav", LATE), stored("yasuo/reference.txt", EARLY)])

    assert found == StoredReference(
        champion_id="yasuo",
        recording_etag='"yasuo/reference.wav"',
        transcript_etag='"yasuo/reference.txt"',
        recording_bytes=19,
        transcript_bytes=19,
        updated_at=LATE,
        lexicon_etag=None,
    )


def test_a_champions_lexicon_is_told_of_and_is_no_need() -> None:
    names = ["lexicon.txt", "yasuo/lexicon.txt", "yasuo/reference.txt", "yasuo/reference.wav", "ahri/lexicon.txt"]
    [found] = complete(map(stored, names))

    assert (found.champion_id, found.lexicon_etag) == ("yasuo", '"yasuo/lexicon.txt"')


@pytest.mark.parametrize(
    "names",
    [
        ["yasuo/reference.wav"],
        ["yasuo/reference.txt"],
        ["yasuo/reference.wav", "ahri/reference.txt"],
        ["Yasuo/reference.wav", "Yasuo/reference.txt"],
        ["yasuo/old/reference.wav", "yasuo/old/reference.txt"],
        ["reference.wav", "reference.txt"],
    ],
    ids=" ".join,
)
def test_a_folder_without_both_files_or_a_valid_name_is_no_champion(names: list[str]) -> None:
    assert complete(map(stored, names)) == []


def test_champions_are_listed_by_name() -> None:
    files = [stored(f"{name}/{file}") for name in ("zed", "ahri") for file in ("reference.wav", "reference.txt")]

    assert [found.champion_id for found in complete(files)] == ["ahri", "zed"]


def test_a_champions_files_lie_in_its_folder() -> None:
    assert key("yasuo", "reference.wav") == "champion-voices/yasuo/reference.wav"
    assert key("yasuo", "lexicon.txt") == "champion-voices/yasuo/lexicon.txt"
    assert key("yasuo", "") == "champion-voices/yasuo/"


def test_a_champion_that_is_there_speaks_itself() -> None:
    def names() -> Iterator[str]:
        raise AssertionError("nobody need be listed")

    assert choose("yasuo", "ahri", CHAMPIONS.get, names).champion_id == "yasuo"
    assert choose("nobody", "ahri", CHAMPIONS.get, names).champion_id == "ahri"


@pytest.mark.parametrize("fallback", [None, "nobody-else"])
def test_without_a_fallback_that_is_there_the_nearest_names_are_told(fallback: str | None) -> None:
    with pytest.raises(UnknownChampion, match=r"'yasou'\. Did you mean yasuo") as refused:
        choose("yasou", fallback, CHAMPIONS.get, lambda: CHAMPIONS)

    assert [error.field for error in refused.value.errors] == ["champion_id"]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "There is none yet."),
        (["ahri"], "There is ahri."),
        (["ahri", "garen", "yasuo"], "There is ahri, garen, yasuo."),
        ([f"champion-{number:04}" for number in range(1500)], r"champion-0008, champion-0009 and 1,490 more\."),
    ],
)
def test_a_name_like_no_other_is_told_which_there_are(names: list[str], told: str) -> None:
    with pytest.raises(UnknownChampion, match=told):
        choose("zzzz", None, CHAMPIONS.get, lambda: names)


@pytest.mark.parametrize("name", ["", "..", "../ahri", "-", "a" * 65, "*"])
def test_what_can_be_no_champions_name_is_looked_up_nowhere(name: str) -> None:
    def find(_: str) -> None:
        raise AssertionError("no key may be made of it")

    with pytest.raises(UnknownChampion, match="There is no champion"):
        choose(name, None, find, lambda: CHAMPIONS)
