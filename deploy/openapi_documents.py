"""Write the OpenAPI documents that are deployed, from the Lambda's own: `make openapi`.

In deploy/openapi/: `rest-api.json` defines the REST API in API Gateway, `agent-openapi.json` the operations of the
Bedrock agent's action group, and `agent-action-group.json` holds the same in the form that template.yaml includes.
"""

import json
import re
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeAlias

from contract.problem import CRASHED, PROBLEM_JSON, TOO_SLOW
from routes import agent, documents
from routes.description import pretty
from routes.door import nothing_here

FOLDER = Path(__file__).resolve().parent / "openapi"

# What json.loads gives.
Json: TypeAlias = Any

# The names in template.yaml: the function, of which the alias is called, and CORS's parameter and condition.
INTEGRATION = {
    "type": "aws_proxy",
    "httpMethod": "POST",
    "uri": {
        "Fn::Sub": (
            "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
            "${ApiFunction.Alias}/invocations"
        )
    },
}
CORS_ORIGIN = {"Fn::If": ["CorsIsOn", {"Fn::Sub": "'${CorsOrigin}'"}, {"Ref": "AWS::NoValue"}]}

# Every body reaches the Lambda as bytes, and every answer in base64 reaches the caller as bytes, whatever Accept begins
# with. API Gateway validates no body of a binary media type: the Lambda does, and names the field.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html
BINARY_MEDIA_TYPES = ["*/*"]
# What a browser, a player or a load balancer asks for without a key.
KEYLESS = {"/health", "/openapi.json", "/docs", "/captions/{name}"}
# They describe or call the others, so they are not in the Lambda's document.
KEYLESS_DOCUMENTS = {
    "/": ("getPage", "The page where people try voices"),
    "/page/{version}/{name}": ("getPageFile", "One of the files of the page"),
    "/openapi.json": ("getOpenapi", "Describe this API to programs"),
    "/docs": ("getDocs", "Describe this API to people"),
}
# What a schema of OpenAPI 3.1 says that API Gateway's models do not know, or know under another name.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
LEFT_OUT = {"title", "format", "const", "anyOf", "exclusiveMinimum"}
# What stands in a template for API Gateway's own words, quotes and all.
OWN_WORDS = "$context.error.messageString"
# What API Gateway answers by itself, under its own names. The defaults hold for the kinds that are not named. Each of
# those has a status of its own: one that is set here would replace them all.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
GATEWAY_ANSWERS: dict[str, tuple[HTTPStatus | None, str]] = {
    "INVALID_API_KEY": (HTTPStatus.FORBIDDEN, "Send an API key of this service in the header x-api-key."),
    "REQUEST_TOO_LARGE": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large."),
    "THROTTLED": (HTTPStatus.TOO_MANY_REQUESTS, "Too many requests at once. Try again in a second."),
    "QUOTA_EXCEEDED": (HTTPStatus.TOO_MANY_REQUESTS, "This API key has used up its requests for today."),
    "WAF_FILTERED": (HTTPStatus.FORBIDDEN, "The firewall of this service let the request not through."),
    "INTEGRATION_TIMEOUT": (HTTPStatus.GATEWAY_TIMEOUT, TOO_SLOW),
    "DEFAULT_4XX": (None, OWN_WORDS),
    # Also a Lambda that crashed, ran out of time or was throttled.
    "DEFAULT_5XX": (None, CRASHED),
}


def rest_api() -> Json:
    """The REST API as API Gateway imports it: OpenAPI 3.0 with its extensions and CloudFormation's functions.

    Its models, in JSON Schema draft 4, are for tools that read the API: nothing is validated against them. A field that
    may be null has its other type alone, as API Gateway's models know no null.
    """
    source = json.loads(documents.openapi())
    described = {path: _methods(path, methods) for path, methods in source["paths"].items()}
    documentation = {path: _keyless_document(path, *told) for path, told in KEYLESS_DOCUMENTS.items()}
    return {
        "openapi": "3.0.1",
        "info": source["info"],
        "paths": described | documentation,
        "components": {
            "schemas": {name: _schema(schema) for name, schema in source["components"]["schemas"].items()},
            "securitySchemes": {"api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}},
        },
        "x-amazon-apigateway-api-key-source": "HEADER",
        "x-amazon-apigateway-binary-media-types": BINARY_MEDIA_TYPES,
        "x-amazon-apigateway-gateway-responses": _gateway_responses(described | documentation),
    }


def agent_operations() -> Json:
    """The agent's operations as a Bedrock action group takes them: it knows no other version of OpenAPI.

    https://docs.aws.amazon.com/bedrock/latest/userguide/agents-api-schema.html
    """
    return json.loads(agent.openapi()) | {"openapi": "3.0.0"}


def action_group() -> Json:
    """The same as AWS::Bedrock::Agent takes it: a property that holds the document as text."""
    return {"Payload": json.dumps(agent_operations(), separators=(",", ":"))}


def _methods(path: str, methods: Json) -> Json:
    operations = {method: _operation(path, operation) for method, operation in methods.items()}
    return operations | _head_and_options(operations)


def _head_and_options(operations: Json) -> Json:
    """What a path answers beside its operations: the Lambda answers HEAD wherever it answers GET, and OPTIONS."""
    described = next(iter(operations.values())).get("parameters", [])
    options = {
        "summary": "Ask what this path answers, and what a page may send",
        "parameters": [each for each in described if each["in"] == "path"],
        "responses": {"204": {"description": "The methods."}},
        "security": [],  # a browser sends no key
        # A mock integration fails where media types are binary.
        "x-amazon-apigateway-integration": INTEGRATION,
    }
    if "get" not in operations:
        return {"options": options}
    head = {
        "operationId": operations["get"]["operationId"].replace("get", "head", 1).replace("list", "headOf", 1),
        "summary": "The headers that GET is answered with",
        "parameters": operations["get"].get("parameters", []),
        "responses": {"200": {"description": "The headers."}},
        "security": operations["get"]["security"],
        "x-amazon-apigateway-integration": INTEGRATION,
    }
    return {"head": head, "options": options}


def _operation(path: str, source: Json) -> Json:
    operation = {name: source[name] for name in ("operationId", "summary", "description")}
    if "parameters" in source:
        # Of a parameter's schema API Gateway keeps only the type.
        operation["parameters"] = [
            {name: parameter[name] for name in ("name", "in", "required")}
            | {"description": parameter["schema"]["description"], "schema": {"type": parameter["schema"]["type"]}}
            for parameter in source["parameters"]
        ]
    if "requestBody" in source:
        operation["requestBody"] = {"required": True, "content": _json_content(source["requestBody"]["content"])}
    operation["responses"] = {
        status: {"description": response["description"], "content": _json_content(response.get("content", {}))}
        for status, response in source["responses"].items()
    }
    operation["security"] = [] if path in KEYLESS else [{"api_key": []}]
    operation["x-amazon-apigateway-integration"] = INTEGRATION
    return operation


def _json_content(content: Json) -> Json:
    # A model is of an object: audio has none.
    return {name: {"schema": _schema(media["schema"])} for name, media in content.items() if name.endswith("json")}


def _keyless_document(path: str, operation_id: str, summary: str) -> Json:
    names = re.findall(r"{(\w+)}", path)
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    get = {
        "operationId": operation_id,
        "summary": summary,
        "parameters": parameters,
        "responses": {"200": {"description": "What was asked for."}},
        "security": [],
        "x-amazon-apigateway-integration": INTEGRATION,
    }
    return {"get": get} | _head_and_options({"get": get})


def _schema(source: Json) -> Json:
    """A schema of OpenAPI 3.1 in the words of 3.0 and of API Gateway's models."""
    if "anyOf" in source:
        [only] = [option for option in source["anyOf"] if option != {"type": "null"}]
        source = source | only
    schema = {name: _whole(value) for name, value in source.items() if name not in LEFT_OUT}
    if "const" in source:
        schema["enum"] = [source["const"]]
    if "exclusiveMinimum" in source:
        schema["minimum"] = _whole(source["exclusiveMinimum"])
    if schema.get("default", 0) is None:
        del schema["default"]
    if "properties" in schema:
        schema["properties"] = {name: _schema(each) for name, each in schema["properties"].items()}
    if "items" in schema:
        schema["items"] = _schema(schema["items"])
    return schema


def _whole(value: Json) -> Json:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _gateway_responses(paths: Json) -> Json:
    operations = [
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        for method in methods
        if method not in ("head", "options")
    ]
    responses = {name: _gateway_response(*answer) for name, answer in GATEWAY_ANSWERS.items()}
    # A path or method that is not there.
    responses["MISSING_AUTHENTICATION_TOKEN"] = _gateway_response(HTTPStatus.NOT_FOUND, nothing_here(operations))
    responses["THROTTLED"]["responseParameters"]["gatewayresponse.header.Retry-After"] = "'1'"
    return responses


def _gateway_response(status: HTTPStatus | None, detail: str) -> Json:
    """An answer in the shape of the Lambda's own problem documents (RFC 9457), as far as its status is known."""
    told = {"title": status.phrase, "status": status.value} if status else {}
    problem = {"type": "about:blank"} | told | {"detail": detail, "request_id": "$context.requestId"}
    return ({"statusCode": str(status.value)} if status else {}) | {
        "responseParameters": {
            "gatewayresponse.header.Content-Type": f"'{PROBLEM_JSON}'",
            "gatewayresponse.header.Access-Control-Allow-Origin": CORS_ORIGIN,
        },
        "responseTemplates": {"application/json": json.dumps(problem).replace(f'"{OWN_WORDS}"', OWN_WORDS)},
    }


DOCUMENTS: dict[str, Callable[[], str]] = {
    "rest-api.json": lambda: pretty(rest_api()),
    "agent-openapi.json": lambda: pretty(agent_operations()),
    "agent-action-group.json": lambda: pretty(action_group()),
}
"""What each document in FOLDER is made by."""


def main() -> None:
    """Write the documents."""
    for name, make in DOCUMENTS.items():
        (FOLDER / name).write_text(make())


if __name__ == "__main__":
    main()
