"""The documents in deploy/openapi/ are those that the code describes itself with."""

import json

import pytest

from deploy import openapi_documents


@pytest.mark.parametrize("name", sorted(openapi_documents.DOCUMENTS))
def test_a_document_that_is_deployed_is_not_stale(name: str) -> None:
    assert (openapi_documents.FOLDER / name).read_text() == openapi_documents.DOCUMENTS[name](), "run `make openapi`"


def test_the_agents_action_group_is_the_agents_document() -> None:
    included = json.loads((openapi_documents.FOLDER / "agent-action-group.json").read_text())

    assert included.keys() == {"Payload"}
    assert json.loads(included["Payload"]) == json.loads((openapi_documents.FOLDER / "agent-openapi.json").read_text())
