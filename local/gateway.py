"""Stands in for API Gateway (a REST API with Lambda proxy integration) and answers as template.yaml sets it up."""

import argparse
import base64
import logging
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
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
        """The response as the caller gets it.

        Raises:
            ValueError: the body is said to be base64 and is not.
        """
        text = self.body or ""
        response = Response(
            base64.b64decode(text, validate=True) if self.isBase64Encoded else text, status_code=self.statusCode
        )
        values = {name: [value] for name, value in (self.headers or {}).items()} | (self.multiValueHeaders or {})
        for name, several in values.items():
            for value in several:
                response.headers.append(name, str(value))
        # What API Gateway says of an answer that does not say what it is.
        response.headers.setdefault("Content-Type", "application/json")
        return response


def create_app(code: Path, timeout_seconds: float = TIMEOUT_SECONDS) -> Starlette:
    """Makes the gateway.

    Args:
        code: the root of the Lambda's package.
        timeout_seconds: how long the Lambda may take to answer.
    """
    function = Function(code, timeout_seconds)

    async def answer(request: Request) -> Response:
        request_id = str(uuid.uuid4())
        body = await _read_body(request)
        # Lambda's own limit holds for the event, in which the body is base64.
        if body is None or len(body) * 4 / 3 > MAX_PAYLOAD_BYTES:
            return _problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large.", request_id)
        try:
            answered = await function.invoke(proxy_event(request, body, request_id), request_id)
            response = ProxyResponse.model_validate(answered, strict=True).to_http()
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


def proxy_event(request: Request, body: bytes, request_id: str) -> dict[str, Any]:
    """The event that API Gateway makes of a request.

    Its REST APIs leave the path percent-encoded and decode the query. As the template's binary media types are `*/*`,
    every body is base64.
    https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#apigateway-example-event
    """
    path = request.scope["raw_path"].decode("latin-1")
    headers = _several(request.headers.items())
    query = _several(parse_qsl(request.url.query, keep_blank_values=True))
    client = request.client.host if request.client else HOST
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": {"proxy": path.removeprefix("/")},
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
            "resourcePath": "/{proxy+}",
            "stage": "local",
        },
        "body": base64.b64encode(body).decode() or None,
        "isBase64Encoded": bool(body),
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
    uvicorn.run(create_app(API), host=HOST, port=parser.parse_args().port)
