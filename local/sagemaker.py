"""A stand-in for SageMaker: an endpoint that hosts one inference component, in AWS's protocols, before one container.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeInferenceComponent.html
"""

import argparse
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import httpx
import uvicorn
from pydantic import BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.checks import HOST

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
        container: a client whose base URL is the container's server.
    """

    def __init__(self, name: str, component: str, container: httpx.AsyncClient) -> None:
        self.name = name
        self.component = component
        self._container = container
        self._created = time.time()
        self._in_service = False

    async def is_in_service(self) -> bool:
        """Whether the container has answered a ping, which AWS's adapter takes from Ray Serve's health check."""
        if not self._in_service:
            try:
                self._in_service = (await self._container.get("/-/healthz")).is_success
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
        forwarded = {
            name: value
            for name, value in request.headers.items()
            if name in {"content-type", "accept"} or name.startswith("x-amzn-sagemaker-")
        }
        try:
            answer = await self._container.post("/invocations", content=await request.body(), headers=forwarded)
        except httpx.TimeoutException:
            return self._model_error(0, "Your invocation timed out while waiting for a response from the container.")
        except httpx.TransportError:
            return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "InternalFailure", {"Message": "The container is gone."})
        if not answer.is_success:
            return self._model_error(answer.status_code, answer.text)
        headers = {"x-Amzn-Invoked-Production-Variant": VARIANT, "Content-Type": answer.headers["Content-Type"]}
        if attributes := answer.headers.get(CUSTOM_ATTRIBUTES):
            headers[CUSTOM_ATTRIBUTES] = attributes
        return Response(answer.content, headers=headers)

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
    container = httpx.AsyncClient(base_url=container_url, timeout=timeout_seconds, trust_env=False)
    endpoint = Endpoint(endpoint_name, component_name, container)

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
