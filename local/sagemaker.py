"""A stand-in for SageMaker: an endpoint that hosts one inference component, in AWS's protocols, before one container.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeInferenceComponent.html
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import httpx
import uvicorn
from pydantic import BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from local.callers import CallerGoneError, while_it_waits
from local.checks import HOST

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
MAX_BODY_BYTES = 6_291_456
ARN = "arn:aws:sagemaker:us-east-1:000000000000"
TIMEOUT_SECONDS = 60
VARIANT = "AllTraffic"
CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
INFERENCE_COMPONENT = "X-Amzn-SageMaker-Inference-Component"

Description = dict[str, Any]


class DescribeEndpointInput(BaseModel):
    """DescribeEndpoint's input."""

    name: str = Field(alias="EndpointName")


class DescribeInferenceComponentInput(BaseModel):
    """DescribeInferenceComponent's input."""

    name: str = Field(alias="InferenceComponentName")


class Endpoint:
    """A SageMaker endpoint with one variant of one instance, which hosts one copy of one inference component.

    Args:
        name: the endpoint's name.
        component: the inference component's name.
        container: a client whose base URL is the container's server, and that waits for as long as it takes.
        timeout_seconds: how long the container may take to answer.
    """

    def __init__(self, name: str, component: str, container: httpx.AsyncClient, timeout_seconds: float) -> None:
        self.name = name
        self.component = component
        self._container = container
        self._timeout_seconds = timeout_seconds
        self._created = time.time()
        self._in_service = False

    async def is_in_service(self) -> bool:
        """Whether the container has answered a ping, which AWS's adapter takes from Ray Serve's health check."""
        if not self._in_service:
            try:
                self._in_service = (await self._container.get("/-/healthz", timeout=self._timeout_seconds)).is_success
            except httpx.TransportError:
                return False
        return self._in_service

    async def invoke(self, request: Request) -> Response:
        """InvokeEndpoint."""
        if request.path_params["endpoint_name"] != self.name:
            message = f"Endpoint {request.path_params['endpoint_name']} of account 000000000000 not found."
            return _error(HTTPStatus.BAD_REQUEST, "ValidationError", {"Message": message})
        if (component := request.headers.get(INFERENCE_COMPONENT)) != self.component:
            message = (
                f"Inference Component {component} not found."
                if component
                else "Inference Component Name header is required for endpoints to which you plan to deploy inference "
                "components."
            )
            return _error(HTTPStatus.BAD_REQUEST, "ValidationError", {"Message": message})
        if not await self.is_in_service():
            message = "Inference Component has no capacity to process this request."
            return _error(HTTPStatus.BAD_REQUEST, "ValidationError", {"Message": message})
        body = await request.body()
        if len(body) > MAX_BODY_BYTES:
            words = f"HTTP content length exceeded {MAX_BODY_BYTES} bytes."
            return PlainTextResponse(words, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            answer = await while_it_waits(request, self._ask(body, request.headers))
        except CallerGoneError:
            return Response()  # for nobody
        except TimeoutError:
            return self._model_error(0, "Your invocation timed out while waiting for a response from the container.")
        except httpx.TransportError:
            return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "InternalFailure", {"Message": "The container is gone."})
        if len(answer.content) > MAX_BODY_BYTES:
            # Callers of AWS report that the connection is closed; either way they learn nothing but that it failed.
            message = f"The container answered more than {MAX_BODY_BYTES} bytes."
            return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "InternalFailure", {"Message": message})
        if not answer.is_success:
            return self._model_error(answer.status_code, answer.text)
        headers = {"x-Amzn-Invoked-Production-Variant": VARIANT, "Content-Type": answer.headers["Content-Type"]}
        if attributes := answer.headers.get(CUSTOM_ATTRIBUTES):
            headers[CUSTOM_ATTRIBUTES] = attributes
        return Response(answer.content, headers=headers)

    async def _ask(self, body: bytes, headers: Headers) -> httpx.Response:
        forwarded = {
            name: value
            for name, value in headers.items()
            if name in {"content-type", "accept"} or name.startswith("x-amzn-sagemaker-")
        }
        async with asyncio.timeout(self._timeout_seconds):
            return await self._container.post("/invocations", content=body, headers=forwarded)

    async def control(self, request: Request) -> Response:
        """SageMaker's control plane, of which two operations are here."""
        target = request.headers.get("X-Amz-Target", "")
        body = await request.body()
        try:
            match target:
                case "SageMaker.DescribeEndpoint":
                    requested, existing = DescribeEndpointInput.model_validate_json(body).name, self.name
                    description, kind = await self._describe(), "endpoint"
                case "SageMaker.DescribeInferenceComponent":
                    requested, existing = DescribeInferenceComponentInput.model_validate_json(body).name, self.component
                    description, kind = await self._describe_component(), "inference-component"
                case _:
                    message = f"No operation {target}."
                    return _error(HTTPStatus.BAD_REQUEST, "UnknownOperationException", {"message": message})
        except ValidationError:
            return _error(HTTPStatus.BAD_REQUEST, "ValidationException", {"message": "The name is missing."})
        if requested != existing:
            message = f'Could not find {kind.replace("-", " ")} "{ARN}:{kind}/{requested}".'
            return _error(HTTPStatus.BAD_REQUEST, "ValidationException", {"message": message})
        return JSONResponse(description, media_type="application/x-amz-json-1.1")

    async def _describe(self) -> Description:
        in_service = await self.is_in_service()
        instances = {"VariantName": VARIANT, "CurrentInstanceCount": 1, "DesiredInstanceCount": 1}
        return {
            "EndpointName": self.name,
            "EndpointArn": f"{ARN}:endpoint/{self.name}",
            "EndpointConfigName": self.name,
            "EndpointStatus": "InService" if in_service else "Creating",
            "CreationTime": self._created,
            "LastModifiedTime": self._created,
            "ProductionVariants": [instances] if in_service else [],
        }

    async def _describe_component(self) -> Description:
        in_service = await self.is_in_service()
        return {
            "InferenceComponentName": self.component,
            "InferenceComponentArn": f"{ARN}:inference-component/{self.component}",
            "EndpointName": self.name,
            "EndpointArn": f"{ARN}:endpoint/{self.name}",
            "VariantName": VARIANT,
            "InferenceComponentStatus": "InService" if in_service else "Creating",
            "RuntimeConfig": {"CurrentCopyCount": int(in_service), "DesiredCopyCount": 1},
            "CreationTime": self._created,
            "LastModifiedTime": self._created,
        }

    def _model_error(self, status: int, message: str) -> Response:
        kind = "client" if 400 <= status < 500 else "server"
        envelope: dict[str, str | int] = {
            "Message": f'Received {kind} error ({status}) from primary with message "{message}".',
            "OriginalStatusCode": status,
            "OriginalMessage": message,
            "LogStreamArn": f"arn:aws:logs:us-east-1:000000000000:log-group:/aws/sagemaker/Endpoints/{self.name}",
        }
        return _error(HTTPStatus.FAILED_DEPENDENCY, "ModelError", envelope)


def create_app(
    endpoint_name: str, component_name: str, container_url: str, timeout_seconds: float = TIMEOUT_SECONDS
) -> Starlette:
    """Make the façade.

    Args:
        endpoint_name: the one endpoint that there is.
        component_name: the one inference component on it.
        container_url: the container's server.
        timeout_seconds: how long the container may take to answer.
    """
    container = httpx.AsyncClient(base_url=container_url, timeout=None, trust_env=False)  # noqa: S113 -- Endpoint has one
    endpoint = Endpoint(endpoint_name, component_name, container, timeout_seconds)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with container:
            yield

    routes = [
        Route("/endpoints/{endpoint_name}/invocations", endpoint.invoke, methods=["POST"]),
        Route("/", endpoint.control, methods=["POST"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _error(status: HTTPStatus, code: str, body: dict[str, str | int]) -> Response:
    # The runtime's protocol, REST-JSON, has the code in the header; the control plane's, JSON 1.1, in the body.
    return JSONResponse({"__type": code} | body, status, headers={"x-amzn-ErrorType": code})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("endpoint_name")
    parser.add_argument("component_name")
    parser.add_argument("container_url")
    arguments = parser.parse_args()
    app = create_app(arguments.endpoint_name, arguments.component_name, arguments.container_url)
    uvicorn.run(app, host=HOST, port=arguments.port)
