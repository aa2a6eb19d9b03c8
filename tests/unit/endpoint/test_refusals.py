"""The endpoint refuses a field in the words that the API does."""

import json

import pytest

from contract.problem import InvalidRequest
from speaker import read_invocation
from tests.support.refusals import Refusal, refusals


@pytest.mark.parametrize("refusal", refusals(), ids=lambda refusal: str(refusal.sent)[:60])
def test_a_field_is_refused_in_the_words_of_the_page(refusal: Refusal) -> None:
    body = json.dumps({"champion_id": "yasuo", "text": "Hello."} | refusal.sent).encode()

    with pytest.raises(InvalidRequest) as refused:
        read_invocation(body, "application/json")

    assert [(error.field, error.reason) for error in refused.value.errors] == [(refusal.field, refusal.reason)]
