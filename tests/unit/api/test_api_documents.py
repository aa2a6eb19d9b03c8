"""The documents describe what the doors do."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator, validate

from contract.formats import FORMATS
from contract.line import Quality, TextType
from contract.version import VERSION
from routes import agent
from tests.support.doors import Json, get, http_event, send
from tests.support.environment import SetEnvironment

ROOT = Path(__file__).resolve().parents[3]


def operations(document: Json) -> dict[str, Json]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def keys(node: Json) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from keys(child)


@pytest.fixture
def document() -> Json:
    answer = get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


@pytest.fixture
def agent_document() -> Json:
    return json.loads(agent.openapi())


def test_the_http_document_tells_the_longest_text_that_is_spoken(set_environment: SetEnvironment) -> None:
    set_environment(MAX_TEXT_CHARACTERS="123")
    schemas = get("/openapi.json").json()["components"]["schemas"]
    for name in ("Line", "AgentLine"):
        assert schemas[name]["properties"]["text"]["maxLength"] == 123


def test_the_http_document_is_valid_openapi(document: Json) -> None:
    validate(document)
    assert document["info"] | {"title": "Champion Voice", "version": VERSION} == document["info"]


def test_the_http_document_has_every_operation_described(document: Json) -> None:
    assert {name: operation["operationId"] for name, operation in operations(document).items()} == {
        "POST /voice": "speak",
        "POST /speak": "speakLine",
        "POST /jobs": "createJob",
        "GET /jobs": "listJobs",
        "GET /jobs/{job_id}": "getJob",
        "DELETE /jobs/{job_id}": "cancelJob",
        "POST /narration": "startNarration",
        "GET /narration": "getNarration",
        "GET /voices": "listVoices",
        "GET /voices/{champion_id}": "getVoice",
        "PUT /voices/{champion_id}": "putVoice",
        "DELETE /voices/{champion_id}": "deleteVoice",
        "POST /voices/{champion_id}/upload": "uploadRecording",
        "GET /health": "getHealth",
        "GET /captions/{name}": "getCaptions",
        "POST /v1/audio/speech": "createSpeech",
        "GET /v1/audio/voices": "listSpeechVoices",
        "GET /v1/models": "listModels",
        "GET /v1/models/{model}": "getModel",
    }
    assert all(operation["description"] and operation["summary"] for operation in operations(document).values())


def test_the_openai_doors_errors_have_openais_shape(document: Json) -> None:
    paths = {path: methods for path, methods in document["paths"].items() if path.startswith("/v1/")}
    for methods in paths.values():
        for operation in methods.values():
            refusals = {status: each for status, each in operation["responses"].items() if int(status) >= 400}
            assert refusals
            for refusal in refusals.values():
                assert set(refusal["content"]) == {"application/json"}
                assert refusal["content"]["application/json"]["schema"]["$ref"].endswith("/OpenAiErrorAnswer")


def test_post_voice_documents_every_status_and_what_it_comes_as(document: Json) -> None:
    responses = document["paths"]["/voice"]["post"]["responses"]

    assert {int(status) for status in responses} == {
        200, 202, 303, 400, 404, 406, 413, 415, 422, 429, 500, 502, 503, 504,
    }  # fmt: skip
    assert set(responses["200"]["content"]) == {"application/json", *(each.media_type for each in FORMATS.values())}
    for status, response in responses.items():
        if int(status) >= 400:
            assert set(response["content"]) == {"application/problem+json"}


def test_a_voice_is_documented_as_json_and_as_a_form(document: Json) -> None:
    content = document["paths"]["/voices/{champion_id}"]["put"]["requestBody"]["content"]

    assert content.keys() == {"application/json", "multipart/form-data"}
    required = document["components"]["schemas"]["OfferedVoice"]["required"]
    assert set(required) == {"transcript", "consent", "consent_by"}


def test_the_http_document_has_no_schema_that_nothing_refers_to(document: Json) -> None:
    text = json.dumps(document["paths"]) + json.dumps(document["components"])

    assert [name for name in document["components"]["schemas"] if f"/schemas/{name}" not in text] == []


def test_the_http_document_names_the_stage_it_is_served_under(document: Json) -> None:
    assert document["servers"] == [{"url": "/"}]
    staged = send(http_event("GET", "/openapi.json", stage="Prod")).json()
    assert staged["servers"] == [{"url": "/Prod"}]


def test_swagger_ui_shows_the_document_without_loading_anything_from_elsewhere() -> None:
    answer = get("/docs")

    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    page = answer.body.decode()
    assert "SwaggerUIBundle" in page
    assert '"operationId": "speak"' in page
    assert "<script src" not in page
    assert "<link rel='stylesheet'" not in page


def test_the_link_of_swagger_uis_page_leads_to_the_document(document: Json) -> None:
    event = http_event("GET", "/docs") | {"queryStringParameters": {"format": "json"}}

    assert send(event).json() == document


def test_the_agents_document_is_valid_openapi_3_0(agent_document: Json) -> None:
    assert agent_document["openapi"].startswith("3.0.")
    assert agent_document["info"]["version"] == VERSION
    OpenAPIV30SpecValidator(agent_document).validate()


def test_the_agents_document_keeps_to_what_bedrock_understands(agent_document: Json) -> None:
    assert {"enum", "const", "anyOf", "oneOf", "allOf"}.isdisjoint(keys(agent_document))
    assert "null" not in json.dumps(agent_document)


def test_every_operation_of_the_agent_has_a_description_and_an_operation_id(agent_document: Json) -> None:
    assert {name: operation["operationId"] for name, operation in operations(agent_document).items()} == {
        "POST /speak": "speakLine",
        "GET /voices": "listVoices",
        "POST /narration": "startNarration",
        "GET /narration": "getNarration",
    }
    assert all(len(operation["description"]) > 20 for operation in operations(agent_document).values())


def test_the_agent_is_told_what_each_field_of_a_line_is(agent_document: Json) -> None:
    line = agent_document["components"]["schemas"]["AgentLine"]

    assert set(line["properties"]) == {
        "champion_id", "text", "text_type", "duration", "speed", "seed", "quality", "format",
    }  # fmt: skip
    assert all(field["description"] and field["type"] for field in line["properties"].values())
    assert ", ".join(get_args(TextType)) in line["properties"]["text_type"]["description"]
    assert ", ".join(get_args(Quality)) in line["properties"]["quality"]["description"]
    assert ", ".join(FORMATS) in line["properties"]["format"]["description"]
    assert line["properties"]["duration"]["minimum"] == 0.5


def test_the_http_document_names_the_types_of_text_and_what_json_answers_of_the_speech(document: Json) -> None:
    schemas = document["components"]["schemas"]

    assert schemas["Line"]["properties"]["text_type"]["anyOf"][0]["enum"] == list(get_args(TextType))
    assert {"spoken_text", "segments"} <= set(schemas["SpokenLine"]["required"])
    assert set(schemas["Segment"]["required"]) == {"text", "start", "end"}


def test_optional_fields_of_a_line_may_be_null_and_required_ones_may_not(document: Json) -> None:
    line = document["components"]["schemas"]["Line"]
    nullable = {name for name, field in line["properties"].items() if "null" in json.dumps(field)}

    assert nullable == set(line["properties"]) - set(line["required"])
