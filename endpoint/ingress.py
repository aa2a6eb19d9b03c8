"""The way in from Ray Serve's proxy: passes invocations on to the model, and is not there before the model is.

In AWS's Ray Serve container, SageMaker's /ping is answered from Ray Serve's `/-/healthz`. It says success as soon as a
route is known, long before a replica has loaded anything. So the model is an application without a route, and the
route belongs to this one, which is built once the model is up. A model that cannot be loaded is never in service.

A replica that dies costs nobody an answer: what it was speaking is spoken again, one line at a time and nothing beside
it. So a second death is that line's own, and it alone is refused.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

from ray import serve
from ray.exceptions import RayActorError
from ray.serve.exceptions import BackPressureError
from ray.serve.schema import ApplicationStatus
from starlette.requests import Request
from starlette.responses import Response

from answer import Answer, refusal
from contract.invocation import RETRY_SECONDS, patience
from contract.problem import Busy, Problem

MODEL = "model"  # the application's name in config.yaml
DRAINED_SECONDS = 0.2  # between two looks whether all is answered, when it is told to end
LATE_SECONDS = 1  # for the replica to say itself that it is too late

logger = logging.getLogger("ray.serve")


class NoReplica(Problem):
    """There is no process that speaks, or the one that there is does not answer."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class Deadly(Problem):
    """The line has ended the process that spoke it, twice."""

    def __init__(self) -> None:
        super().__init__("This line ended the process that spoke it, and did so again. It is not tried a third time.")


class Quarantine:
    """Lines go in together; one whose replica has died goes in alone, and the others wait for it."""

    def __init__(self) -> None:
        self._inside = 0
        self._suspects = 0
        self._one = asyncio.Lock()
        self._no_suspects, self._empty = asyncio.Event(), asyncio.Event()
        self._no_suspects.set()
        self._empty.set()

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Go in beside others."""
        while self._suspects:
            await self._no_suspects.wait()
        self._inside += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Go in once nobody is inside, and keep everybody out."""
        self._suspects += 1
        self._no_suspects.clear()
        try:
            async with self._one:
                await self._empty.wait()
                yield
        finally:
            self._suspects -= 1
            if not self._suspects:
                self._no_suspects.set()


class Ingress:
    """Turns HTTP requests into calls of the model. It imports none of the model's packages, so it starts at once."""

    def __init__(self) -> None:
        self._model = serve.get_app_handle(MODEL)
        self._quarantine = Quarantine()

    async def __call__(self, request: Request) -> Response:
        """Pass one invocation on; 429 at once if too many wait already."""
        arrived = time.monotonic()
        body, headers = await request.body(), request.headers
        deadline = arrived + patience(body)
        request_id = headers.get("X-Amzn-SageMaker-Inference-Id", "-")

        async def ask() -> Answer:
            called = self._model.invoke.remote(
                body, headers.get("Content-Type", ""), headers.get("Accept", ""), request_id, deadline
            )
            try:
                answer: Answer = await called
            except asyncio.CancelledError:
                called.cancel()  # type: ignore[no-untyped-call]
                raise
            return answer

        try:
            async with asyncio.timeout(deadline + LATE_SECONDS - time.monotonic()):
                answer = await self._twice(ask, request_id)
        except BackPressureError:
            answer = refusal(Busy(RETRY_SECONDS))
        except TimeoutError:
            logger.error("request_id=%s status=503: no replica answered in time", request_id)
            answer = refusal(
                NoReplica("Nothing is there to speak this now. Try again in a moment.", retry_after=RETRY_SECONDS)
            )
        return Response(answer.body, answer.status, answer.headers, media_type=answer.media_type)

    async def _twice(self, ask: Callable[[], Awaitable[Answer]], request_id: str) -> Answer:
        """Ask for a line, and once more if the replica dies."""
        for go_in in (self._quarantine.together, self._quarantine.alone):
            async with go_in():
                try:
                    return await ask()
                except RayActorError as error:
                    logger.error("request_id=%s: the replica died: %s", request_id, type(error).__name__)
        return refusal(Deadly())


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
    deployment = serve.deployment(
        max_ongoing_requests=1000, graceful_shutdown_wait_loop_s=DRAINED_SECONDS, ray_actor_options={"num_cpus": 0}
    )
    return deployment(Ingress).bind()
