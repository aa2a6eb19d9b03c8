"""Stands in for API Gateway (a REST API with Lambda proxy integration) and answers as template.yaml sets it up."""

import argparse
import base64
import json
import logging
import re
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from jsonschema import Draft4Validator
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.checks import HOST
from local.lambda_runtime import MAX_PAYLOAD_BYTES, Function, FunctionError, FunctionTimeoutError

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
MAX_REQUEST_BYTES = 10 * 1024 * 1024
TIMEOUT_SECONDS = 29
METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
API = Path(__file__).resolve().parent.parent / "api"
JSON = "application/json"
# Every media type is binary to an API without a document.
ANY_MEDIA_TYPE = "*/*"

logger = logging.getLogger(__name__)


class ProxyResponse(BaseModel):
    """What API Gateway takes from a Lambda; anything else is a malformed proxy response."""

    model_config = ConfigDict(extra="forbid")

    statusCode: int  # noqa: N815 - API Gateway's names
    headers: dict[str, str | int | bool] | None = None
    multiValueHeaders: dict[str, list[str | int | bool]] | None = None  # noqa: N815
    body: str | None = None
    isBase64Encoded: bool = False  # noqa: N815

    def to_http(self, *, as_binary: bool) -> Response:
        """The response as the caller gets it.

        Args:
            as_binary: whether a body in base64 is decoded; it is handed on as it is to a caller whose Accept header
                does not begin with a binary media type.

        Raises:
            ValueError: the body is said to be base64 and is not.
        """
        text = self.body or ""
        decoded = self.isBase64Encoded and as_binary
        response = Response(base64.b64decode(text, validate=True) if decoded else text, status_code=self.statusCode)
        values = {name: [value] for name, value in (self.headers or {}).items()} | (self.multiValueHeaders or {})
        for name, several in values.items():
            for value in several:
                response.headers.append(name, str(value))
        # What API Gateway says of an answer that does not say what it is.
        response.headers.setdefault("Content-Type", "application/json")
        return response


@dataclass(frozen=True)
class Refusal:
    """A request that API Gateway answers by itself."""

    status: HTTPStatus
    detail: str


@dataclass(frozen=True)
class RestApi:
    """What API Gateway makes of the document that defines a REST API; without one it passes everything on.

    Args:
        document: the parsed `api/rest-api.json`.
    """

    document: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> "RestApi":
        """Reads the document of a REST API."""
        return cls(json.loads(path.read_text()))

    def route(self, path: str) -> tuple[str, dict[str, str]]:
        """The resource that a path leads to, and its parameters."""
        for resource in self.document.get("paths", {}):
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(resource))
            if found := re.fullmatch(pattern, path):
                return resource, found.groupdict()
        return "/{proxy+}", {"proxy": path.removeprefix("/")}

    def refuse(self, resource: str, method: str, content_type: str, body: bytes) -> Refusal | None:
        """Validates a body against its operation's model, if it has one for that media type.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
        """
        operation = self.document.get("paths", {}).get(resource, {}).get(method.lower(), {})
        content = operation.get("requestBody", {}).get("content", {})
        model = content.get(content_type.partition(";")[0].strip() or JSON)
        if model is None:
            return None
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return self._bad_request_body
        # The references in a model lead to the document's components.
        schema = model["schema"] | {"components": self.document["components"]}
        return None if Draft4Validator(schema).is_valid(value) else self._bad_request_body

    def is_binary(self, header: str) -> bool:
        """Whether the first media type of a Content-Type or Accept header is a binary one."""
        binary = self.document.get("x-amazon-apigateway-binary-media-types", [ANY_MEDIA_TYPE])
        media_type = header.partition(",")[0].partition(";")[0].strip()
        return any(
            media_type == each or each in (f"{media_type.partition('/')[0]}/*", ANY_MEDIA_TYPE) for each in binary
        )

    @cached_property
    def _bad_request_body(self) -> Refusal:
        response = self.document["x-amazon-apigateway-gateway-responses"]["BAD_REQUEST_BODY"]
        detail = json.loads(response["responseTemplates"][JSON])["detail"]
        return Refusal(HTTPStatus(int(response["statusCode"])), detail)


def create_app(code: Path, timeout_seconds: float = TIMEOUT_SECONDS, api: RestApi = RestApi({})) -> Starlette:
    """Makes the gateway.

    Args:
        code: the root of the Lambda's package.
        timeout_seconds: how long the Lambda may take to answer.
        api: what is validated, and what is binary.
    """
    function = Function(code, timeout_seconds)

    async def answer(request: Request) -> Response:
        request_id = str(uuid.uuid4())
        body = await _read_body(request)
        # Lambda's own limit holds for the event, in which the body is base64.
        if body is None or len(body) * 4 / 3 > MAX_PAYLOAD_BYTES:
            return _problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large.", request_id)
        resource, _ = api.route(request.url.path)
        if refused := api.refuse(resource, request.method, request.headers.get("Content-Type", ""), body):
            return _problem(refused.status, refused.detail, request_id)
        try:
            answered = await function.invoke(proxy_event(request, body, request_id, api), request_id)
            as_binary = api.is_binary(request.headers.get("Accept", ""))
            response = ProxyResponse.model_validate(answered, strict=True).to_http(as_binary=as_binary)
        except FunctionTimeoutError as error:
            logger.error("request %s: %s", request_id, error)
            detail = "The answer took too long. Try a shorter text, or quality fast."
            return _problem(HTTPStatus.GATEWAY_TIMEOUT, detail, request_id)
        except (FunctionError, ValidationError, ValueError) as error:
            logger.error("request %s: %s", request_id, error)
            detail = "Something went wrong on our side. If it stays, report the request id."
            return _problem(HTTPStatus.BAD_GATEWAY, detail, request_id)
        response.headers["x-amzn-RequestId"] = request_id
        return response

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        function.close()

    return Starlette(routes=[Route("/{path:path}", answer, methods=METHODS)], lifespan=lifespan)


def proxy_event(request: Request, body: bytes, request_id: str, api: RestApi) -> dict[str, Any]:
    """The event that API Gateway makes of a request.

    Its REST APIs leave the path percent-encoded and decode the query. A body is base64 if its media type is binary.
    https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#apigateway-example-event
    """
    path = request.scope["raw_path"].decode("latin-1")
    headers = _several(request.headers.items())
    query = _several(parse_qsl(request.url.query, keep_blank_values=True))
    client = request.client.host if request.client else HOST
    resource, parameters = api.route(path)
    binary = bool(body) and api.is_binary(request.headers.get("Content-Type", ""))
    text = base64.b64encode(body).decode() if binary else body.decode(errors="replace")
    return {
        "resource": resource,
        "path": path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": request.headers.get("host"),
            "httpMethod": request.method,
            "identity": {"sourceIp": client, "userAgent": request.headers.get("user-agent")},
            "path": path,
            "protocol": f"HTTP/{request.scope['http_version']}",
            "requestId": request_id,
            "requestTime": datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S %z"),
            "requestTimeEpoch": round(time.time() * 1000),
            "resourceId": "local",
            "resourcePath": resource,
            "stage": "local",
        },
        "body": text or None,
        "isBase64Encoded": binary,
    }


async def _read_body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_REQUEST_BYTES:
            return None
    return bytes(body)


def _several(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    values = defaultdict(list)
    for name, value in pairs:
        values[name].append(value)
    return dict(values)


def _problem(status: HTTPStatus, detail: str, request_id: str) -> Response:
    problem = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status,
        "detail": detail,
        "request_id": request_id,
    }
    return JSONResponse(problem, status, media_type="application/problem+json")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    app = create_app(API, api=RestApi.read(API / "rest-api.json"))
    uvicorn.run(app, host=HOST, port=parser.parse_args().port)
