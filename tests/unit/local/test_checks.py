"""A key that API Gateway could not have is refused before anything is started."""

import pytest

from local.checks import CannotStartError, check_key


@pytest.mark.parametrize("key", ["", "0123456789abcdefghij", "!" * 128])
def test_a_key_may_have_20_to_128_characters_or_be_left_out(key: str) -> None:
    check_key("API_KEY", key)


@pytest.mark.parametrize("key", ["secret", "a" * 129, "with a space in the middle", "schlüssel-mit-zeichen-ü"])
def test_another_key_is_one_sentence_that_offers_a_right_one(key: str) -> None:
    with pytest.raises(CannotStartError, match="ADMIN_KEY will not do") as refused:
        check_key("ADMIN_KEY", key)

    check_key("ADMIN_KEY", str(refused.value).removesuffix(".").split()[-1])
