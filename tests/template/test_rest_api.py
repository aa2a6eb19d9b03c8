"""The REST API is what the Lambda's own document says, in the form that API Gateway knows."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft4Validator
from openapi_spec_validator import OpenAPIV30SpecValidator
from pydantic import ValidationError

from contract import LONGEST_TEXT, SpeakLineRequest, VoiceRequest
from local import openapi_documents
from local.gateway import API, RestApi, create_app
from routes import http
from tests.integration.serving import served
from tests.template.conftest import Deploy, Json, of_type

ORIGIN = "https://recaps.example"


def body(deployed: Json) -> Json:
    """The document that API Gateway imports."""
    [api] = of_type(deployed["Resources"], "AWS::ApiGateway::RestApi").values()
    return api["Body"]


def operations(document: Json) -> dict[tuple[str, str], Json]:
    """Its operations, by method and path."""
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


@pytest.fixture
def document(deploy: Deploy) -> Json:
    return body(deploy())


@pytest.fixture
def models(document: Json) -> dict[str, Draft4Validator]:
    return {
        name: Draft4Validator(schema | {"components": document["components"]})
        for name, schema in document["components"]["schemas"].items()
    }


def test_it_is_openapi_3_0(document: Json) -> None:
    assert document["openapi"].startswith("3.0.")
    OpenAPIV30SpecValidator(document).validate()


def test_it_offers_what_the_lambda_describes_and_the_description(document: Json) -> None:
    described = {
        (method.upper(), path): operation["operationId"]
        for path, methods in json.loads(http.openapi())["paths"].items()
        for method, operation in methods.items()
    }
    documentation = {("GET", "/openapi.json"): "getOpenapi", ("GET", "/docs"): "getDocs"}
    offered = {operation: each["operationId"] for operation, each in operations(document).items()}
    assert offered == described | documentation
    for path in ("/openapi.json", "/docs"):
        assert any(route.rule.match(path) for route in http.resolver._static_routes)


def test_every_path_is_explicit_and_leads_to_the_live_lambda(document: Json) -> None:
    for (_, path), operation in operations(document).items():
        assert "+}" not in path
        assert operation["x-amazon-apigateway-integration"] == {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": ("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/<ApiFunctionAliaslive>/invocations"),
        }


def test_the_product_needs_an_api_key_and_its_description_none(document: Json) -> None:
    keyed = {
        path for (_, path), operation in operations(document).items() if operation["security"] == [{"api_key": []}]
    }
    unkeyed = {path for (_, path), operation in operations(document).items() if operation["security"] == []}
    assert keyed == {"/voice", "/speak", "/voices", "/voices/{champion_id}"}
    assert unkeyed == {"/health", "/openapi.json", "/docs"}
    assert document["x-amazon-apigateway-api-key-source"] == "HEADER"


def test_bodies_and_parameters_are_validated(document: Json) -> None:
    validator = document["x-amazon-apigateway-request-validator"]
    assert document["x-amazon-apigateway-request-validators"][validator] == {
        "validateRequestBody": True,
        "validateRequestParameters": True,
    }
    for (method, path), operation in operations(document).items():
        if method == "POST":
            assert operation["requestBody"]["required"]
            assert operation["requestBody"]["content"].keys() == {"application/json"}
        if "{" in path:
            assert [parameter["required"] for parameter in operation["parameters"]] == [True]


def test_a_body_in_json_is_text_so_that_it_can_be_validated_and_audio_is_binary(document: Json) -> None:
    assert document["x-amazon-apigateway-binary-media-types"] == ["audio/wav", "audio/*"]


class TestModels:
    """API Gateway's models and pydantic's say the same, but for what a schema of API Gateway cannot say."""

    LINES: tuple[tuple[Json, bool], ...] = (
        ({"champion_id": "yasuo", "text": "Hello."}, True),
        (
            {"champion_id": "a_b-1", "text": "世界", "duration": 0.5, "speed": 2, "seed": 2**32 - 1, "quality": "high"},
            True,
        ),
        ({"champion_id": "yasuo", "text": "Hello.", "speed": 0.5, "seed": 0, "duration": 120}, True),
        ({"text": "Hello."}, False),
        ({"champion_id": "yasuo"}, False),
        ({"champion_id": "yasuo", "text": ""}, False),
        ({"champion_id": "yasuo", "text": 7}, False),
        ({"champion_id": "../ahri", "text": "Hello."}, False),
        ({"champion_id": "Yasuo", "text": "Hello."}, False),
        ({"champion_id": "yasuo", "text": "Hello.", "volume": 11}, False),
        ({"champion_id": "yasuo", "text": "Hello.", "duration": 0.49}, False),
        ({"champion_id": "yasuo", "text": "Hello.", "duration": 121}, False),
        ({"champion_id": "yasuo", "text": "Hello.", "speed": 2.1}, False),
        ({"champion_id": "yasuo", "text": "Hello.", "speed": None}, False),
        ({"champion_id": "yasuo", "text": "Hello.", "seed": -1}, False),
        ({"champion_id": "yasuo", "text": "Hello.", "seed": 2**32}, False),
        ({"champion_id": "yasuo", "text": "Hello.", "seed": 1.5}, False),
        ([], False),
        ("Hello.", False),
    )

    @pytest.mark.parametrize(("line", "good"), LINES, ids=str)
    @pytest.mark.parametrize("model", [VoiceRequest, SpeakLineRequest])
    def test_a_line_is_good_to_both_or_to_neither(
        self, models: dict[str, Draft4Validator], model: type[VoiceRequest], line: Json, good: bool
    ) -> None:
        try:
            model.model_validate_json(json.dumps(line), strict=True)
            to_pydantic = True
        except ValidationError:
            to_pydantic = False
        assert (models[model.__name__].is_valid(line), to_pydantic) == (good, good)

    def test_a_duration_may_be_null_where_the_lambda_takes_null(self, models: dict[str, Draft4Validator]) -> None:
        assert models["VoiceRequest"].is_valid({"champion_id": "yasuo", "text": "Hello.", "duration": None})

    @pytest.mark.parametrize(("quality", "good"), [("fast", True), ("best", False)])
    def test_a_quality_is_one_of_three(self, models: dict[str, Draft4Validator], quality: str, good: bool) -> None:
        line = {"champion_id": "yasuo", "text": "Hello.", "quality": quality}
        assert models["VoiceRequest"].is_valid(line) is good

    @pytest.mark.parametrize("name", ["VoiceRequest", "SpeakLineRequest"])
    def test_no_text_is_refused_that_a_stack_may_be_set_to_speak(
        self, models: dict[str, Draft4Validator], written: Json, name: str
    ) -> None:
        assert written["Parameters"]["MaxTextCharacters"]["MaxValue"] == LONGEST_TEXT
        assert models[name].is_valid({"champion_id": "yasuo", "text": "a" * LONGEST_TEXT})
        assert not models[name].is_valid({"champion_id": "yasuo", "text": "a" * (LONGEST_TEXT + 1)})

    def test_every_model_has_a_name_that_api_gateway_takes(self, models: dict[str, Draft4Validator]) -> None:
        assert all(name.isalnum() for name in models)

    def test_a_rule_that_api_gateway_would_not_keep_is_no_silent_loss(self) -> None:
        with pytest.raises(openapi_documents.UnknownKeywordError, match="exclusiveMinimum"):
            openapi_documents._schema({"type": "number", "exclusiveMinimum": 0})


class TestRefusals:
    @pytest.fixture
    def responses(self, document: Json) -> Json:
        return document["x-amazon-apigateway-gateway-responses"]

    def test_what_api_gateway_refuses_is_a_problem_document_too(self, responses: Json) -> None:
        assert {"BAD_REQUEST_BODY", "DEFAULT_4XX", "DEFAULT_5XX", "INVALID_API_KEY", "THROTTLED"} <= responses.keys()
        for response in responses.values():
            headers = response["responseParameters"]
            assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
            problem = json.loads(response["responseTemplates"]["application/json"])
            assert problem.keys() == {"type", "title", "status", "detail", "request_id"}
            assert problem["request_id"] == "$context.requestId"
            assert str(problem["status"]) == str(response["statusCode"])
            assert problem["title"] == HTTPStatus(problem["status"]).phrase

    def test_a_body_that_was_refused_is_told_every_rule_but_never_what_it_said(self, responses: Json) -> None:
        template = responses["BAD_REQUEST_BODY"]["responseTemplates"]["application/json"]
        assert template.count("$context") == 1, "the text would be in the answer"
        detail = json.loads(template)["detail"]
        for rule in (
            "champion_id",
            "text (1 to 5000 characters)",
            "duration (0.5 to 120)",
            "speed (0.5 to 2)",
            "seed (0 to 4294967295)",
            "quality (fast, standard, high)",
        ):
            assert rule in detail

    def test_who_is_throttled_is_told_when_to_come_back(self, responses: Json) -> None:
        assert responses["THROTTLED"]["responseParameters"]["gatewayresponse.header.Retry-After"] == "'1'"


class TestCors:
    def test_it_is_off_unless_an_origin_is_named(self, document: Json) -> None:
        assert "Access-Control" not in json.dumps(document)
        assert not [method for method, _ in operations(document) if method == "OPTIONS"]

    def test_with_an_origin_the_lambda_answers_preflights_without_a_key(self, deploy: Deploy) -> None:
        document = body(deploy(CorsOrigin=ORIGIN))
        OpenAPIV30SpecValidator(document).validate()
        preflights = {path: each for (method, path), each in operations(document).items() if method == "OPTIONS"}
        assert preflights.keys() == document["paths"].keys()
        for preflight in preflights.values():
            assert preflight["security"] == []
            # A mock integration answers 500 where there are binary media types.
            assert preflight["x-amazon-apigateway-integration"]["type"] == "aws_proxy"

    def test_with_an_origin_what_api_gateway_refuses_can_be_read_too(self, deploy: Deploy) -> None:
        document = body(deploy(CorsOrigin=ORIGIN))
        for response in document["x-amazon-apigateway-gateway-responses"].values():
            assert response["responseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"] == f"'{ORIGIN}'"

    def test_the_lambda_is_told_the_origin(self, deploy: Deploy) -> None:
        function = deploy(CorsOrigin=ORIGIN)["Resources"]["ApiFunction"]["Properties"]
        assert function["Environment"]["Variables"]["CORS_ORIGIN"] == ORIGIN


HANDLER = """
import base64, json

def handler(event, context):
    if "audio" in (event["body"] or ""):
        sound = base64.b64encode(b"RIFF").decode()
        return {"statusCode": 200, "headers": {"Content-Type": "audio/wav"}, "body": sound, "isBase64Encoded": True}
    return {"statusCode": 200, "body": json.dumps(event)}
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    code: Path = tmp_path_factory.mktemp("code")
    (code / "app.py").write_text(HANDLER)
    app = create_app(code, timeout_seconds=5, api=RestApi.read(API / "rest-api.json"))
    with served(app) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


class TestLocalGateway:
    """The gateway of `make run` does with the document what API Gateway does."""

    @pytest.mark.parametrize(
        "sent",
        [
            {"json": {"champion_id": "yasuo", "text": "Hello.", "speed": 9}},
            {"json": {"text": "Hello."}},
            {"content": b"{", "headers": {"Content-Type": "application/json"}},
            {"content": b"", "headers": {"Content-Type": "application/json"}},
            {"content": b"[]"},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("path", ["/voice", "/speak"])
    def test_it_refuses_what_api_gateway_refuses_in_the_same_words(
        self, gateway: httpx.Client, document: Json, path: str, sent: dict[str, Any]
    ) -> None:
        answer = gateway.post(path, **sent)

        told = document["x-amazon-apigateway-gateway-responses"]["BAD_REQUEST_BODY"]
        expected = json.loads(told["responseTemplates"]["application/json"])
        assert answer.status_code == 400
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json() | {"request_id": ""} == expected | {"request_id": ""}

    def test_it_hands_a_good_line_on_as_text_with_where_it_was_sent(self, gateway: httpx.Client) -> None:
        line = {"champion_id": "yasuo", "text": "Grüße", "duration": None}
        event = gateway.post("/voice", json=line).json()

        assert (event["resource"], event["isBase64Encoded"]) == ("/voice", False)
        assert json.loads(event["body"]) == line

    def test_a_media_type_without_a_model_is_not_validated(self, gateway: httpx.Client) -> None:
        event = gateway.post("/voice", content=b"Hello.", headers={"Content-Type": "text/plain"}).json()
        assert event["body"] == "Hello."

    def test_it_finds_the_parameters_of_a_path(self, gateway: httpx.Client) -> None:
        event = gateway.get("/voices/yasuo").json()
        assert (event["resource"], event["pathParameters"]) == ("/voices/{champion_id}", {"champion_id": "yasuo"})

    @pytest.mark.parametrize(
        ("accept", "sound"),
        [
            ("audio/wav", b"RIFF"),
            ("audio/*, application/json;q=0.5", b"RIFF"),
            ("application/json;q=0.5, audio/wav", b"UklGRg=="),
            ("*/*", b"UklGRg=="),
        ],
    )
    def test_it_decodes_audio_only_if_accept_begins_with_it(
        self, gateway: httpx.Client, accept: str, sound: bytes
    ) -> None:
        line = {"champion_id": "yasuo", "text": "audio"}
        assert gateway.post("/voice", json=line, headers={"Accept": accept}).content == sound
