"""The SageMaker endpoint that speaks."""

import json
import math
import time
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, TypeVar

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError
from pydantic import BaseModel, Field, ValidationError

from contract.formats import JSON
from contract.invocation import (
    DESCRIBED_AUDIO,
    MAX_WAIT_SECONDS,
    RETRY_SECONDS,
    DescribedAudio,
    EndpointProblem,
    Invocation,
    ScriptDescription,
    queue_seconds,
)
from contract.line import Line
from contract.problem import TOO_MUCH, TOO_SLOW, Problem
from observability import logger, metrics
from problems import EndpointBusy, EndpointFailed, EndpointRefused, EndpointTimedOut, EndpointUnavailable
from settings import get_settings

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

Parsed = TypeVar("Parsed")

# Of the time that is left: for the way to the endpoint and back, and there for what makes a sound file of speech.
ROOM_SECONDS = 1
# With less, the endpoint could not even look at a line.
MIN_WAIT_SECONDS = 0.5
# An instance takes minutes to come up; asking once a minute is often enough.
WARM_UP_SECONDS = 60

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html#API_runtime_InvokeEndpoint_Errors
UNAVAILABLE = {
    "InternalDependencyException",
    "ModelNotReadyException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
}
THROTTLED = {"ThrottlingException"}
# SageMaker's answer when the endpoint is being created, has no copy of the model, or is not there.
# https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html
NOT_IN_SERVICE = "ValidationError"

# An endpoint goes on speaking while it is updated.
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
SPEAKING_STATUSES = {"InService", "Updating", "SystemUpdating", "RollingBack"}
# And so does an inference component, whose copies are replaced one after the other.
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeInferenceComponent.html
HOSTED_STATUSES = {"InService", "Updating"}


class ModelErrorEnvelope(BaseModel):
    """SageMaker's envelope around every answer of the container that is not a success."""

    status: int = Field(default=500, alias="OriginalStatusCode")
    body: str = Field(default="", alias="OriginalMessage")
    log_stream: str = Field(default="", alias="LogStreamArn")


class EndpointDescription(BaseModel):
    """What DescribeEndpoint says of the endpoint."""

    status: str = Field(alias="EndpointStatus")


class Copies(BaseModel):
    """How many copies of the model there are, and are meant to be."""

    current: int = Field(default=0, alias="CurrentCopyCount")
    desired: int = Field(default=0, alias="DesiredCopyCount")


class ComponentDescription(BaseModel):
    """What DescribeInferenceComponent says of the model on the endpoint."""

    status: str = Field(alias="InferenceComponentStatus")
    copies: Copies = Field(default=Copies(), alias="RuntimeConfig")


def speak(line: Line, request_id: str, deadline: float) -> DescribedAudio:
    """Have a line spoken.

    Args:
        line: the line, with a champion that exists.
        request_id: goes to the endpoint as the inference id, so that its logs can be found.
        deadline: when waiting ends, in seconds of `time.monotonic`. The endpoint is told.

    Raises:
        EndpointRefused: it takes no such request (its own 4xx).
        EndpointUnavailable: it has no capacity now.
        EndpointBusy: it speaks for others, and could not answer by the deadline.
        EndpointTimedOut: it had not answered by the deadline.
        EndpointFailed: it crashed, or did not answer with audio.
    """
    return _invoke(line, False, DESCRIBED_AUDIO, request_id, deadline, DescribedAudio.parse)


def read(line: Line, request_id: str, deadline: float) -> ScriptDescription:
    """Ask what would be said for a line.

    Args:
        line: as for `speak`.
        request_id: as for `speak`.
        deadline: as for `speak`.

    Raises:
        EndpointRefused, EndpointUnavailable, EndpointBusy, EndpointTimedOut, EndpointFailed: as `speak`.
    """
    return _invoke(line, True, JSON, request_id, deadline, ScriptDescription.model_validate_json)


def _invoke(
    line: Line,
    script_only: bool,
    accept: str,
    request_id: str,
    deadline: float,
    parse: Callable[[bytes], Parsed],
) -> Parsed:
    wait = min(deadline - time.monotonic() - ROOM_SECONDS, MAX_WAIT_SECONDS)
    if wait < MIN_WAIT_SECONDS:
        raise EndpointTimedOut(TOO_SLOW)
    seconds = math.ceil(wait + ROOM_SECONDS)
    asked = Invocation(**line.model_dump(), script_only=script_only, wait_seconds=wait)
    try:
        response = runtime(seconds).invoke_endpoint(
            EndpointName=get_settings().endpoint_name,
            InferenceComponentName=get_settings().inference_component_name,
            ContentType=JSON,
            Accept=accept,
            InferenceId=request_id,
            Body=asked.model_dump_json(exclude_none=True),
        )
        _measure_queue(queue_seconds(response.get("CustomAttributes", "")))
        return parse(response["Body"].read())
    except ClientError as error:
        raise _from_client_error(error) from error
    except ReadTimeoutError as error:
        logger.error("endpoint timed out", seconds=seconds)
        raise EndpointTimedOut(TOO_SLOW) from error
    except (EndpointConnectionError, ConnectTimeoutError) as error:
        logger.error("endpoint out of reach", code=type(error).__name__)
        raise _unavailable("The endpoint cannot be reached.", RETRY_SECONDS) from error
    except (BotoCoreError, ResponseParserError, ValueError) as error:
        logger.error("endpoint answered what cannot be read", code=type(error).__name__)
        raise _crashed() from error


def health() -> Literal["in_service", "starting", "at_zero", "unavailable"]:
    """Ask SageMaker how the endpoint and the model's copies on it are; without an answer they count as unavailable."""
    settings = get_settings()
    try:
        described = sagemaker().describe_endpoint(EndpointName=settings.endpoint_name)
        endpoint = EndpointDescription.model_validate(described)
        if endpoint.status == "Creating":
            return "starting"  # with no component yet to ask about
        hosted = sagemaker().describe_inference_component(InferenceComponentName=settings.inference_component_name)
        component = ComponentDescription.model_validate(hosted)
    except (BotoCoreError, ClientError, ResponseParserError, ValidationError) as error:
        logger.warning("endpoint cannot be described", code=type(error).__name__)
        return "unavailable"
    if component.status == "Creating" and endpoint.status in SPEAKING_STATUSES:
        return "starting"
    if component.status not in HOSTED_STATUSES or endpoint.status not in SPEAKING_STATUSES:
        return "unavailable"
    if component.copies.current:
        return "in_service"
    return "starting" if component.copies.desired else "at_zero"


@cache
def runtime(read_timeout: int) -> "SageMakerRuntimeClient":
    """The client that waits so many seconds for an answer, made once for each Lambda environment."""
    # No retries: a second try could not end inside API Gateway's limit, and would load an endpoint that is behind.
    return boto3.client(
        "sagemaker-runtime",
        config=Config(connect_timeout=2, read_timeout=read_timeout, retries={"total_max_attempts": 1}),
    )


@cache
def sagemaker() -> "SageMakerClient":
    """The client that tells how the endpoint is, made once for each Lambda environment."""
    return boto3.client(
        "sagemaker",
        config=Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}),
    )


def _from_client_error(error: ClientError) -> Problem:
    code = error.response["Error"]["Code"]
    if code == "ModelError":
        return _from_model_error(ModelErrorEnvelope.model_validate(error.response))
    logger.error("endpoint not invoked", code=code)
    if code == NOT_IN_SERVICE:
        return _unavailable("The endpoint is warming up.", WARM_UP_SECONDS)
    if code in THROTTLED:
        return _busy(RETRY_SECONDS)
    if code in UNAVAILABLE:
        return _unavailable("The endpoint is not available.", RETRY_SECONDS)
    return _crashed()


def _from_model_error(error: ModelErrorEnvelope) -> Problem:
    # Neither the body nor the envelope's message is logged: either may quote the text.
    logger.error("endpoint refused", status=error.status, log_stream=error.log_stream)
    problem = _read_problem(error.body)
    retry_after = (problem and problem.retry_after) or RETRY_SECONDS
    match error.status:
        case HTTPStatus.TOO_MANY_REQUESTS:
            _measure_queue(problem.queue_seconds if problem else None)
            return _busy(retry_after)
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return _unavailable("The endpoint is not available.", retry_after)
        case HTTPStatus.REQUEST_TIMEOUT:
            return EndpointTimedOut(TOO_SLOW)
    if not 400 <= error.status < 500:
        return _crashed()
    if problem is None:
        return EndpointRefused(error.status, "The endpoint refused this request without saying why.")
    return EndpointRefused(error.status, problem.detail, errors=problem.errors or [])


def _read_problem(body: str) -> EndpointProblem | None:
    try:
        # Not model_validate_json: the PyTorch container's toolkit lets a traceback follow the document.
        document, _ = json.JSONDecoder().raw_decode(body)
        return EndpointProblem.model_validate(document)
    except ValueError:
        return None


def _unavailable(what: str, retry_after: int) -> EndpointUnavailable:
    return EndpointUnavailable(f"{what} Try again in {retry_after} seconds.", retry_after=retry_after)


def _busy(retry_after: int) -> EndpointBusy:
    metrics.add_metric("Overloads", MetricUnit.Count, 1)
    return EndpointBusy(TOO_MUCH.format(retry_after=retry_after), retry_after=retry_after)


def _measure_queue(seconds: float | None) -> None:
    if seconds is not None:
        metrics.add_metric("QueueSeconds", MetricUnit.Seconds, seconds)


def _crashed() -> EndpointFailed:
    return EndpointFailed("The endpoint failed to speak this. Try again; if it stays, report the request id.")
