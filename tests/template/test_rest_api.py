"""The REST API is what the Lambda's own document says, in the form that API Gateway knows."""

import json
import re
from http import HTTPStatus

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from contract.line import MAX_TEXT_CHARACTERS, Line
from contract.problem import CRASHED, TOO_SLOW
from routes import documents, openai
from tests.template.conftest import Deploy, Json, of_type

ORIGIN = "https://recaps.example"
STAGE = "AWS::ApiGateway::Stage"
KEY = "0123456789abcdefghijKLMNOPQRSTuvwxyz"


def body(deployed: Json, api: str = "Api") -> Json:
    """The document that API Gateway imports."""
    return deployed["Resources"][api]["Properties"]["Body"]


def operations(document: Json) -> dict[tuple[str, str], Json]:
    """Its operations, by method and path."""
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def filled_in(response: Json) -> Json:
    """What API Gateway makes of a gateway response's template, whose messageString is a string with its quotes."""
    template = response["responseTemplates"]["application/json"]
    return json.loads(template.replace("$context.error.messageString", '"He said \\"no\\"."'))


@pytest.fixture
def document(deploy: Deploy) -> Json:
    return body(deploy())


@pytest.fixture
def models(document: Json) -> Json:
    return document["components"]["schemas"]


def test_it_is_openapi_3_0(document: Json) -> None:
    assert document["openapi"].startswith("3.0.")
    OpenAPIV30SpecValidator(document).validate()


def test_it_offers_what_the_lambda_describes_and_the_description(document: Json) -> None:
    described = {
        (method.upper(), path): operation["operationId"]
        for path, methods in json.loads(documents.openapi())["paths"].items()
        for method, operation in methods.items()
    }
    documentation = {("GET", "/openapi.json"): "getOpenapi", ("GET", "/docs"): "getDocs"}
    page = {("GET", "/"): "getPage", ("GET", "/page/{version}/{name}"): "getPageFile"}
    offered = {(method, path): each for (method, path), each in operations(document).items()}
    named = {
        operation: each["operationId"] for operation, each in offered.items() if operation[0] not in ("HEAD", "OPTIONS")
    }
    assert named == described | documentation | page


def test_head_is_let_through_wherever_get_is_and_options_everywhere(document: Json) -> None:
    for path, methods in document["paths"].items():
        assert ("head" in methods) == ("get" in methods), path
        assert methods["options"]["security"] == []
        if "get" in methods:
            assert methods["head"]["security"] == methods["get"]["security"]
            assert methods["head"]["parameters"] == methods["get"].get("parameters", [])
    names = [each["operationId"] for each in operations(document).values() if "operationId" in each]
    assert len(set(names)) == len(names)


def test_every_path_is_explicit_and_leads_to_the_live_lambda(document: Json) -> None:
    for (_, path), operation in operations(document).items():
        assert "+}" not in path
        assert operation["x-amazon-apigateway-integration"] == {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": ("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/<ApiFunctionAliaslive>/invocations"),
        }


def test_the_product_needs_an_api_key_and_its_description_none(document: Json) -> None:
    asked = {each: operation for each, operation in operations(document).items() if each[0] != "OPTIONS"}
    keyed = {path for (_, path), operation in asked.items() if operation["security"] == [{"api_key": []}]}
    unkeyed = {path for (_, path), operation in asked.items() if operation["security"] == []}
    openai = {"/v1/audio/speech", "/v1/audio/voices", "/v1/models", "/v1/models/{model}"}
    voices = {"/voices", "/voices/{champion_id}", "/voices/{champion_id}/upload"}
    assert keyed == {"/voice", "/speak", "/narration", "/jobs", "/jobs/{job_id}"} | voices | openai
    assert unkeyed == {"/", "/page/{version}/{name}", "/health", "/openapi.json", "/docs", "/captions/{name}"}
    assert document["x-amazon-apigateway-api-key-source"] == "HEADER"


def test_api_gateway_validates_nothing_and_hands_every_body_on_as_bytes(document: Json) -> None:
    assert document["x-amazon-apigateway-binary-media-types"] == ["*/*"]
    assert "request-validator" not in json.dumps(document)
    assert "BAD_REQUEST_BODY" not in document["x-amazon-apigateway-gateway-responses"]


def pattern(bearer: Json) -> str:
    """What API Gateway takes for a token."""
    scheme = bearer["components"]["securitySchemes"]["Bearer"]
    return str(scheme["x-amazon-apigateway-authorizer"]["identityValidationExpression"])


class TestBearerApi:
    """The second API, for clients that send the key as a bearer token."""

    @pytest.fixture
    def bearer(self, deploy: Deploy) -> Json:
        return body(deploy(), "BearerApi")

    def test_every_request_goes_to_the_same_lambda_and_needs_a_key_which_the_authorizer_tells(
        self, deploy: Deploy, bearer: Json
    ) -> None:
        properties = deploy()["Resources"]["BearerApi"]["Properties"]
        assert properties["ApiKeySourceType"] == "AUTHORIZER"
        assert bearer["x-amazon-apigateway-binary-media-types"] == ["*/*"]
        operation = bearer["paths"]["/{proxy+}"]["x-amazon-apigateway-any-method"]
        assert {name for each in operation["security"] for name in each} == {"Bearer", "api_key"}
        assert operation["x-amazon-apigateway-integration"]["uri"].endswith("<ApiFunctionAliaslive>/invocations")

    def test_the_authorizer_reads_the_header_that_openais_clients_send(self, bearer: Json, deploy: Deploy) -> None:
        scheme = bearer["components"]["securitySchemes"]["Bearer"]
        assert (scheme["in"], scheme["name"]) == ("header", "Authorization")
        assert scheme["x-amazon-apigateway-authorizer"]["authorizerUri"].endswith("<BearerAuthorizer.Arn>/invocations")
        assert deploy()["Resources"]["BearerAuthorizer"]["Properties"]["Handler"] == "authorizer.handler"

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER  "])
    def test_a_bearer_token_is_asked_about(self, bearer: Json, scheme: str) -> None:
        assert re.fullmatch(pattern(bearer), f"{scheme} {KEY}")

    @pytest.mark.parametrize("token", [KEY, "Bearer", "Bearer ", "Bearer short", f"Basic {KEY}", f"Bearer {KEY} {KEY}"])
    def test_what_is_no_bearer_token_is_refused_without_asking(self, bearer: Json, token: str) -> None:
        assert not re.fullmatch(pattern(bearer), token)

    def test_a_wrong_key_is_401_and_all_else_keeps_its_status_in_openais_shape(self, bearer: Json) -> None:
        responses = bearer["x-amazon-apigateway-gateway-responses"]
        statuses = {name: response.get("statusCode") for name, response in responses.items()}
        # UNAUTHORIZED, a missing token, is 401 by itself.
        assert {name: str(status) for name, status in statuses.items() if status} == {
            "INVALID_API_KEY": "401",
            "UNAUTHORIZED": "401",
            "THROTTLED": "429",
            "QUOTA_EXCEEDED": "429",
        }
        assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= statuses.keys()
        for response in responses.values():
            assert filled_in(response)["error"].keys() == {"message", "type", "param", "code"}

    def test_no_token_and_a_wrong_one_are_told_alike(self, bearer: Json) -> None:
        responses = bearer["x-amazon-apigateway-gateway-responses"]
        assert filled_in(responses["UNAUTHORIZED"]) == filled_in(responses["INVALID_API_KEY"])

    def test_captions_need_no_key_as_their_link_is_signed(self, bearer: Json) -> None:
        operation = bearer["paths"]["/captions/{name}"]["x-amazon-apigateway-any-method"]
        assert {name for each in operation.get("security", []) for name in each}.isdisjoint({"Bearer", "api_key"})

    def test_no_link_stands_in_an_access_log(self, deploy: Deploy) -> None:
        for stage in of_type(deploy()["Resources"], STAGE).values():
            logged = json.loads(stage["AccessLogSetting"]["Format"])
            assert logged["resource"] == "$context.resourcePath"
            assert "$context.path" not in logged.values()

    def test_it_is_where_the_output_says(self, deploy: Deploy) -> None:
        deployed = deploy()
        stages = {stage["RestApiId"]: stage["StageName"] for stage in of_type(deployed["Resources"], STAGE).values()}
        assert stages == {"<Api>": "v1", "<BearerApi>": "openai"}
        url = deployed["Outputs"]["OpenAiUrl"]["Value"]
        assert url == "https://<BearerApi>.execute-api.us-east-1.amazonaws.com/openai/v1"

    def test_a_page_may_ask_before_it_sends_its_token(self, bearer: Json) -> None:
        # The Lambda answers, as it does for the first API.
        preflight = bearer["paths"]["/{proxy+}"]["options"]
        assert {name for each in preflight.get("security", []) for name in each}.isdisjoint({"Bearer", "api_key"})
        assert preflight["x-amazon-apigateway-integration"]["type"] == "aws_proxy"


class TestOpenAisVoices:
    """Which champions they are: a variable of both stages."""

    def test_are_those_that_the_code_knows_by_default(self, deploy: Deploy) -> None:
        for stage in of_type(deploy()["Resources"], STAGE).values():
            assert stage["Variables"] == {"openaiVoices": openai.OPENAI_VOICES}

    def test_are_those_of_the_parameter(self, deploy: Deploy) -> None:
        for stage in of_type(deploy(OpenAiVoices="alloy=ahri")["Resources"], STAGE).values():
            assert stage["Variables"] == {"openaiVoices": "alloy=ahri"}

    @pytest.mark.parametrize("voices", ["", "alloy", "alloy=", "Alloy=ahri", "alloy=ahri,", "alloy=ahri nova=lux"])
    def test_are_written_as_the_code_reads_them(self, written: Json, voices: str) -> None:
        parameter = written["Parameters"]["OpenAiVoices"]
        assert re.fullmatch(parameter["AllowedPattern"], parameter["Default"])
        assert not re.fullmatch(parameter["AllowedPattern"], voices)

    def test_fit_a_stages_variable(self, written: Json) -> None:
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
        assert written["Parameters"]["OpenAiVoices"]["MaxLength"] <= 512
        assert re.fullmatch(r"[A-Za-z0-9\-._~:/?#&=,]+", written["Parameters"]["OpenAiVoices"]["Default"])


class TestModels:
    """What tools that read the API are told of a line and its answer."""

    def test_a_line_has_the_fields_and_bounds_of_the_contract(self, models: Json) -> None:
        line = models["Line"]
        assert line["required"] == ["champion_id", "text"]
        assert line["additionalProperties"] is False
        assert line["properties"].keys() == Line.model_fields.keys()
        bounds = {
            name: (field["type"], field["minimum"], field["maximum"])
            for name, field in line["properties"].items()
            if "minimum" in field
        }
        assert bounds == {
            "duration": ("number", 0.5, 120),
            "speed": ("number", 0.5, 2),
            "seed": ("integer", 0, 2**32 - 1),
        }
        assert line["properties"]["quality"]["enum"] == ["fast", "standard", "high"]

    @pytest.mark.parametrize("name", ["Line", "AgentLine"])
    def test_a_text_may_be_as_long_as_a_stack_can_be_set_to_speak(self, models: Json, written: Json, name: str) -> None:
        assert written["Parameters"]["MaxTextCharacters"]["MaxValue"] == MAX_TEXT_CHARACTERS
        assert models[name]["properties"]["text"]["maxLength"] == MAX_TEXT_CHARACTERS

    def test_every_model_has_a_name_that_api_gateway_takes(self, models: Json) -> None:
        assert all(name.isalnum() for name in models)

    def test_no_model_has_a_keyword_that_api_gateway_does_not_support(self, models: Json) -> None:
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
        unsupported = (
            "anyOf",
            "oneOf",
            "const",
            "discriminator",
            "example",
            "exclusiveMinimum",
            "nullable",
            "readOnly",
        )
        assert [keyword for keyword in unsupported if f'"{keyword}":' in json.dumps(models)] == []


class TestRefusals:
    @pytest.fixture
    def responses(self, document: Json) -> Json:
        return document["x-amazon-apigateway-gateway-responses"]

    def test_what_api_gateway_refuses_is_a_problem_document_too(self, responses: Json) -> None:
        assert {"DEFAULT_4XX", "DEFAULT_5XX", "INVALID_API_KEY", "THROTTLED"} <= responses.keys()
        for name, response in responses.items():
            headers = response["responseParameters"]
            assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
            problem = filled_in(response)
            assert problem["type"] == "about:blank"
            assert problem["detail"]
            assert problem["request_id"] == "$context.requestId"
            if not name.startswith("DEFAULT"):
                assert str(problem["status"]) == str(response["statusCode"])
                assert problem["title"] == HTTPStatus(problem["status"]).phrase

    @pytest.mark.parametrize("name", ["DEFAULT_4XX", "DEFAULT_5XX"])
    def test_what_has_no_answer_of_its_own_keeps_its_status(self, responses: Json, name: str) -> None:
        # A status here would make 401, 403 and 504 into it.
        assert "statusCode" not in responses[name]
        assert filled_in(responses[name]).keys() == {"type", "detail", "request_id"}

    def test_a_crash_and_a_timeout_are_told_in_the_lambdas_own_words(self, responses: Json) -> None:
        details = {name: filled_in(response)["detail"] for name, response in responses.items()}
        assert (details["DEFAULT_5XX"], details["INTEGRATION_TIMEOUT"]) == (CRASHED, TOO_SLOW)

    def test_who_asks_for_what_is_not_there_is_told_what_there_is(self, responses: Json) -> None:
        detail = filled_in(responses["MISSING_AUTHENTICATION_TOKEN"])["detail"]
        assert "POST /voice, " in detail
        assert "GET /voices/{champion_id}" in detail

    def test_who_is_throttled_is_told_when_to_come_back(self, responses: Json) -> None:
        assert responses["THROTTLED"]["responseParameters"]["gatewayresponse.header.Retry-After"] == "'1'"


class TestCors:
    def test_it_is_off_unless_an_origin_is_named(self, document: Json) -> None:
        assert "Access-Control" not in json.dumps(document)

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
