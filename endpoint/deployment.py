"""The endpoint in AWS's Ray Serve container: a replica speaks the lines of concurrent requests in one batch.

The container runs `serve run /opt/ml/model/config.yaml`; its adapter passes POST /invocations on to `/`, which is
`ingress.py`, and that to here.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ray
import torch
from ray import serve

from answer import Answer, refusal
from contract.problem import Problem
from engine.plan import Utterance
from engine.speech import Speech
from speaker import Speaker, read_invocation, representation, respond

MAX_BATCH = 16  # lines in one call of the engine
MAX_QUEUED = 4 * MAX_BATCH  # beyond it the answer is 503 at once, before callers' time-outs pass

logger = logging.getLogger("ray.serve")


class Replica:
    """One model on one device."""

    def __init__(self) -> None:
        # The model and the engine keep to one thread. OpenMP has helpers for every thread that ever computed, and once
        # they are more than the CPUs, they fall asleep between any two operations. A line took 1.6 times as long.
        self._torch = ThreadPoolExecutor(max_workers=1, initializer=_take_all_cpus)
        model_dir = Path(os.environ.get("MODEL_DIR", "/opt/ml/model"))
        self._speaker = self._torch.submit(Speaker.load, model_dir).result()
        if self._speaker.engine.model.device.type == "cpu":
            # A CPU speaks one line after the other: the first need not wait for all. (Ray's types do not know it.)
            self._speak.set_max_batch_size(1)  # type: ignore[attr-defined]

    @serve.batch(max_batch_size=MAX_BATCH, batch_wait_timeout_s=0.01)
    async def _speak(self, utterances: list[Utterance]) -> list[Speech | Exception]:
        speak_batch = self._speaker.engine.speak_batch
        return await asyncio.get_running_loop().run_in_executor(self._torch, speak_batch, utterances)

    async def invoke(self, body: bytes, content_type: str, accept: str, request_id: str) -> Answer:
        """Answer one invocation; log it with its request id and without its text."""
        started = time.perf_counter()
        try:
            invocation = read_invocation(body, content_type)
            chosen = representation(accept, invocation)
            prepared = await asyncio.to_thread(self._speaker.prepare, invocation, chosen)
            result = None if invocation.script_only else await self._speak(prepared.utterance)
            spoken = await asyncio.to_thread(self._speaker.finish, prepared, result)
            answer = await asyncio.to_thread(respond, spoken, chosen)
        except Problem as problem:
            logger.info("request_id=%s status=%d %s", request_id, problem.status, problem.detail)
            return refusal(problem)
        except Exception:
            logger.exception("request_id=%s status=500", request_id)
            return refusal(Problem("The endpoint failed to speak this line."))
        logger.info(
            "request_id=%s status=200 champion=%s characters=%d quality=%s audio_seconds=%.2f seconds=%.2f",
            request_id,
            prepared.champion_id,
            len(invocation.text),
            invocation.quality,
            spoken.speech.seconds if spoken.speech else 0,
            time.perf_counter() - started,
        )
        return answer


def _take_all_cpus() -> None:
    # Ray allows an actor one thread for each CPU that it reserves; this one has the machine to itself.
    torch.set_num_threads(len(os.sched_getaffinity(0)))


def build(_: dict[str, str]) -> serve.Application:
    """The Ray Serve application that config.yaml names `model`: a replica holds a GPU where the machine has one."""
    deployment = serve.deployment(
        max_ongoing_requests=2 * MAX_BATCH,
        max_queued_requests=MAX_QUEUED,
        ray_actor_options={"num_gpus": min(1, ray.cluster_resources().get("GPU", 0))},
    )
    return deployment(Replica).bind()
