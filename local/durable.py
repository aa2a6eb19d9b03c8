"""A stand-in for Lambda's durable functions: AWS's own local runner, and before it Lambda's API as the API calls it.

The runner keeps executions and calls the function anew when a wait is over; it starts none by Lambda's API, and calls
functions by it. So this answers Invoke and hands everything else on to the runner. The function's code is found on this
process's PYTHONPATH: `PYTHONPATH=api python -m local.durable 3004 3005`.
"""

import argparse
import asyncio
import json
import logging
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.checks import HOST
from local.lambda_runtime import Function, FunctionError

MODULE = "job_handler"
# As template.yaml has it.
TIMEOUT_SECONDS = 900
MAX_CONCURRENCY = 100  # jobs at work at once; each has an environment of its own
EXECUTION_TIMEOUT_SECONDS = 24 * 3600
RETENTION_DAYS = 7
# The runner answers a checkpoint in milliseconds; a machine at its limit may take longer.
RUNNER_TIMEOUT_SECONDS = 60
METHODS = ["GET", "POST", "PUT"]

logger = logging.getLogger(__name__)


def create_app(runner_url: str) -> Starlette:
    """Make Lambda's API with the one function behind it.

    Args:
        runner_url: where the local runner is.
    """
    function = Function(TIMEOUT_SECONDS, MODULE, MAX_CONCURRENCY)
    runner = httpx.AsyncClient(base_url=runner_url, timeout=RUNNER_TIMEOUT_SECONDS)
    started: dict[str, str] = {}
    starting = asyncio.Lock()

    async def invoke(request: Request) -> Response:
        payload = await request.body()
        if request.headers.get("X-Amz-Invocation-Type") != "Event":
            return await run(json.loads(payload))
        name = request.headers.get("X-Amz-Durable-Execution-Name") or str(uuid.uuid4())
        async with starting:  # at most one execution has a name
            if name not in started:
                started[name] = await start(request.path_params["function"], name, payload.decode())
        return Response(status_code=HTTPStatus.ACCEPTED, headers={"X-Amz-Durable-Execution-Arn": started[name]})

    async def run(event: dict[str, object]) -> Response:
        request_id = str(uuid.uuid4())
        try:
            answer = await function.invoke(event, request_id)
        except FunctionError as error:
            logger.error("invocation %s: %s", request_id, error)
            return JSONResponse({"errorMessage": str(error)}, headers={"X-Amz-Function-Error": "Unhandled"})
        return JSONResponse(answer, headers={"x-amzn-RequestId": request_id})

    async def start(function_name: str, name: str, payload: str) -> str:
        answer = await runner.post(
            "/start-durable-execution",
            json={
                "AccountId": "000000000000",
                "FunctionName": function_name.partition(":")[0],
                "FunctionQualifier": "$LATEST",
                "ExecutionName": name,
                "ExecutionTimeoutSeconds": EXECUTION_TIMEOUT_SECONDS,
                "ExecutionRetentionPeriodDays": RETENTION_DAYS,
                "Input": payload,
            },
        )
        arn: str = answer.raise_for_status().json()["ExecutionArn"]
        return arn

    async def pass_on(request: Request) -> Response:
        path = request.scope["raw_path"].decode("latin-1")
        kept = {name: value for name, value in request.headers.items() if name in ("content-type", "accept")}
        url = f"{path}?{request.url.query}" if request.url.query else path
        answer = await runner.request(request.method, url, content=await request.body(), headers=kept)
        headers = {
            name: value for name, value in answer.headers.items() if name in ("content-type", "x-amzn-errortype")
        }
        return Response(answer.content, answer.status_code, headers)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await runner.aclose()
        function.close()

    invocations = Route("/2015-03-31/functions/{function}/invocations", invoke, methods=["POST"])
    return Starlette(routes=[invocations, Route("/{path:path}", pass_on, methods=METHODS)], lifespan=lifespan)


def runner_command(port: int, lambda_url: str) -> list[str]:
    """The command line of AWS's local runner.

    Args:
        port: where it listens.
        lambda_url: where it calls functions.
    """
    return [
        str(Path(sys.executable).parent / "dex-local-runner"),
        "start-server",
        *("--host", HOST, "--port", str(port), "--log-level", "WARNING"),
        *("--lambda-endpoint", lambda_url, "--local-runner-endpoint", f"http://{HOST}:{port}"),
        *("--local-runner-region", "us-east-1", "--invocation-timeout", str(TIMEOUT_SECONDS)),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("runner_port", type=int)
    arguments = parser.parse_args()
    uvicorn.run(create_app(f"http://{HOST}:{arguments.runner_port}"), host=HOST, port=arguments.port)
