"""The way in from Ray Serve's proxy: passes invocations on to the model, and is not there before the model is.

In AWS's Ray Serve container, SageMaker's /ping is answered from Ray Serve's `/-/healthz`. It says success as soon as a
route is known, long before a replica has loaded anything. So the model is an application without a route, and the
route belongs to this one, which is built once the model is up. A model that cannot be loaded is never in service.
"""

from __future__ import annotations

import time
from http import HTTPStatus

from ray import serve
from ray.serve.exceptions import BackPressureError
from ray.serve.schema import ApplicationStatus
from starlette.requests import Request
from starlette.responses import Response

from answer import Answer, refusal
from contract.invocation import RETRY_SECONDS
from contract.problem import Problem

MODEL = "model"  # the application's name in config.yaml


class Busy(Problem):
    """Too many lines wait already."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class Ingress:
    """Turns HTTP requests into calls of the model. It imports none of the model's packages, so it starts at once."""

    def __init__(self) -> None:
        self._model = serve.get_app_handle(MODEL)

    async def __call__(self, request: Request) -> Response:
        """Pass one invocation on; 503 at once if too many wait already."""
        headers = request.headers
        try:
            answer: Answer = await self._model.invoke.remote(
                await request.body(),
                headers.get("Content-Type", ""),
                headers.get("Accept", ""),
                headers.get("X-Amzn-SageMaker-Inference-Id", "-"),
            )
        except BackPressureError:
            answer = refusal(Busy("Too many lines are waiting to be spoken.", retry_after=RETRY_SECONDS))
        return Response(answer.body, answer.status, answer.headers, media_type=answer.media_type)


def build(_: dict[str, str]) -> serve.Application:
    """The Ray Serve application at `/`, once the model is up.

    Raises:
        RuntimeError: the model could not be loaded.
    """
    while (model := serve.status().applications.get(MODEL)) is None or model.status != ApplicationStatus.RUNNING:
        if model is not None and model.status == ApplicationStatus.DEPLOY_FAILED:
            raise RuntimeError(f"the model could not be loaded: {model.message}")
        time.sleep(0.2)
    # The limits are the model's.
    deployment = serve.deployment(max_ongoing_requests=1000, ray_actor_options={"num_cpus": 0})
    return deployment(Ingress).bind()
