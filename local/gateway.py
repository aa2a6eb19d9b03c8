"""A stand-in for API Gateway (REST APIs with Lambda proxy integration) that answers as template.yaml sets them up.

Its Lambda's code is found on this process's PYTHONPATH: `PYTHONPATH=api python -m local.gateway 3000`. API_KEY and
ADMIN_KEY are the keys that it lets in; without them everybody is.
"""

import argparse
import base64
import json
import logging
import os
import re
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from local.callers import CallerGoneError, while_it_waits
from local.checks import HOST
from local.keys import Keys, bearer_refusal, bearer_token, is_bearers
from local.lambda_runtime import (
    MAX_CONCURRENCY,
    EventTooLargeError,
    Function,
    FunctionError,
    FunctionTimeoutError,
    ThrottledError,
)

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
MAX_REQUEST_BYTES = 10 * 1024 * 1024
TIMEOUT_SECONDS = 29
METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
DOCUMENT = Path(__file__).resolve().parent.parent / "deploy/openapi/rest-api.json"

EVERYBODY = Keys({})

logger = logging.getLogger(__name__)


class ProxyResponse(BaseModel):
    """What API Gateway takes from a Lambda; anything else is a malformed proxy response."""

    model_config = ConfigDict(extra="forbid")

    statusCode: int  # noqa: N815 - API Gateway's names
    headers: dict[str, str | int | bool] | None = None
    multiValueHeaders: dict[str, list[str | int | bool]] | None = None  # noqa: N815
    body: str | None = None
    isBase64Encoded: bool = False  # noqa: N815

    def to_http(self) -> Response:
        """The response as the caller gets it: every media type is binary, so what is base64 is decoded.

        Raises:
            ValueError: the body is said to be base64 and is not.
        """
        text = self.body or ""
        content = base64.b64decode(text, validate=True) if self.isBase64Encoded else text
        response = Response(content, status_code=self.statusCode)
        values = {name: [value] for name, value in (self.headers or {}).items()} | (self.multiValueHeaders or {})
        for name, several in values.items():
            for value in several:
                response.headers.append(name, str(value))
        # What API Gateway says of an answer that does not say what it is.
        response.headers.setdefault("Content-Type", "application/json")
        return response


@dataclass(frozen=True)
class RestApi:
    """A REST API as its document defines it.

    Args:
        document: as API Gateway imports it.
    """

    document: dict[str, Any]

    @classmethod
    def read(cls) -> "RestApi":
        """Read what is deployed."""
        return cls(json.loads(DOCUMENT.read_text()))

    def route(self, path: str) -> tuple[str, dict[str, str]]:
        """The resource that a path leads to, and its parameters."""
        for resource in self.document["paths"]:
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(resource))
            if found := re.fullmatch(pattern, path):
                return resource, found.groupdict()
        return "/{proxy+}", {"proxy": path.removeprefix("/")}

    def security(self, method: str, resource: str) -> list[dict[str, list[str]]] | None:
        """What an operation demands of its callers: nothing if empty; None if there is no such operation."""
        methods: dict[str, Any] = self.document["paths"].get(resource, {})
        security: list[dict[str, list[str]]] | None = methods.get(method.lower(), {}).get("security")
        return security

    def own_answer(self, kind: str, request_id: str) -> Response:
        """What API Gateway answers by itself.

        Args:
            kind: its name among the document's gateway responses.
            request_id: the request's.
        """
        response = self.document["x-amazon-apigateway-gateway-responses"][kind]
        body = response["responseTemplates"]["application/json"].replace("$context.requestId", request_id)
        # 'quoted' is a value; anything else is an expression of CloudFormation's, which is for deployments alone.
        headers = {
            name.removeprefix("gatewayresponse.header."): value.strip("'")
            for name, value in response["responseParameters"].items()
            if isinstance(value, str)
        }
        # DEFAULT_5XX keeps the status of what failed, and here that is the Lambda.
        return Response(body, int(response.get("statusCode", HTTPStatus.BAD_GATEWAY)), headers)


# What API Gateway answers where the Lambda does not. A throttled Lambda looks like a throttled caller.
OWN_ANSWERS: dict[type[Exception], str] = {
    EventTooLargeError: "REQUEST_TOO_LARGE",
    FunctionTimeoutError: "INTEGRATION_TIMEOUT",
    ThrottledError: "THROTTLED",
}


def create_app(
    api: RestApi,
    timeout_seconds: float = TIMEOUT_SECONDS,
    keys: Keys = EVERYBODY,
    max_concurrency: int = MAX_CONCURRENCY,
) -> Starlette:
    """Make the gateway.

    Args:
        api: its paths, and what it answers by itself.
        timeout_seconds: how long the Lambda may take to answer.
        keys: who is let in.
        max_concurrency: requests that the Lambda answers at once; beyond them the answer is 429.
    """
    function = Function(timeout_seconds, max_concurrency=max_concurrency)

    async def answer(request: Request) -> Response:
        request_id = str(uuid.uuid4())
        if refused := refuse(request, keys, api, request_id):
            return refused
        try:
            body = await _read_body(request)
            if body is None:
                return api.own_answer("REQUEST_TOO_LARGE", request_id)
            event = proxy_event(request, body, request_id, api, keys.id_of(key_of(request)))
            answered = await while_it_waits(request, function.invoke(event, request_id))
            response = ProxyResponse.model_validate(answered, strict=True).to_http()
        except (CallerGoneError, ClientDisconnect):
            logger.info("request %s: the caller hung up", request_id)
            return Response()  # for nobody
        except (FunctionError, ValidationError, ValueError) as error:
            logger.error("request %s: %s", request_id, error)
            return api.own_answer(OWN_ANSWERS.get(type(error), "DEFAULT_5XX"), request_id)
        response.headers["x-amzn-RequestId"] = request_id
        return response

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        function.close()

    return Starlette(routes=[Route("/{path:path}", answer, methods=METHODS)], lifespan=lifespan)


def refuse(request: Request, keys: Keys, api: RestApi, request_id: str) -> Response | None:
    """Refuse a caller without a key, as the API that the request is for does; None lets it in."""
    if request.method == "OPTIONS" or not keys.values:
        return None
    path = _raw_path(request)
    is_let_in = keys.id_of(key_of(request)) is not None
    if is_bearers(request.headers, path):
        kind = "INVALID_API_KEY" if bearer_token(request.headers) else "UNAUTHORIZED"
        return None if is_let_in else bearer_refusal(kind)
    resource, _ = api.route(path)
    security = api.security(request.method, resource)
    if security is None:
        return api.own_answer("MISSING_AUTHENTICATION_TOKEN", request_id)
    return api.own_answer("INVALID_API_KEY", request_id) if security and not is_let_in else None


def key_of(request: Request) -> str:
    """The key that a request brings; empty for none."""
    if is_bearers(request.headers, _raw_path(request)):
        return bearer_token(request.headers)
    return request.headers.get("x-api-key", "")


def proxy_event(request: Request, body: bytes, request_id: str, api: RestApi, key_id: str | None) -> dict[str, Any]:
    """The event that API Gateway makes of a request whose key it calls so.

    Its REST APIs leave the path percent-encoded and decode the query. A body is base64, as every media type is binary.
    https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#apigateway-example-event
    """
    path = _raw_path(request)
    headers = _several(request.headers.items())
    query = _several(parse_qsl(request.url.query, keep_blank_values=True))
    client = request.client.host if request.client else HOST
    resource, parameters = api.route(path)
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
            "identity": {"apiKeyId": key_id, "sourceIp": client, "userAgent": request.headers.get("user-agent")},
            "path": path,
            "protocol": f"HTTP/{request.scope['http_version']}",
            "requestId": request_id,
            "requestTime": datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S %z"),
            "requestTimeEpoch": round(time.time() * 1000),
            "resourceId": "local",
            "resourcePath": resource,
            "stage": "local",
        },
        "body": base64.b64encode(body).decode() or None,
        "isBase64Encoded": bool(body),
    }


def _raw_path(request: Request) -> str:
    path: bytes = request.scope["raw_path"]
    return path.decode("latin-1")


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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    app = create_app(RestApi.read(), keys=Keys.read(os.environ))
    uvicorn.run(app, host=HOST, port=parser.parse_args().port)
