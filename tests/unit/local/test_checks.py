"""A key that API Gateway could not have, and a full disk, are told before anything is started."""

from pathlib import Path

import pytest

from local import checks
from local.checks import CannotStartError, check_key, check_room


@pytest.mark.parametrize("key", ["", "0123456789abcdefghij", "!" * 128])
def test_a_key_may_have_20_to_128_characters_or_be_left_out(key: str) -> None:
    check_key("API_KEY", key)


@pytest.mark.parametrize("key", ["secret", "a" * 129, "with a space in the middle", "schlüssel-mit-zeichen-ü"])
def test_another_key_is_one_sentence_that_offers_a_right_one(key: str) -> None:
    with pytest.raises(CannotStartError, match="ADMIN_KEY will not do") as refused:
        check_key("ADMIN_KEY", key)

    check_key("ADMIN_KEY", str(refused.value).removesuffix(".").split()[-1])


def test_too_little_disk_is_one_sentence_that_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_room(tmp_path)
    monkeypatch.setattr(checks, "MIN_FREE_DISK_GB", 10**9)

    told = rf"Only [0-9.]+ GB of disk are free in {tmp_path}: the stack needs 1000000000 GB, free some\."
    with pytest.raises(CannotStartError, match=f"^{told}$"):
        check_room(tmp_path)
