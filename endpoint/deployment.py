"""The endpoint in AWS's Ray Serve container: a replica speaks the lines of concurrent callers, some in one batch.

The container runs `serve run /opt/ml/model/config.yaml`; its adapter passes POST /invocations on to `/`, which is
`ingress.py`, and that to here. Which line's pieces are next, and who is refused, is `schedule.py`'s to say.
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

from answer import Answer, refusal, with_queue
from contract.invocation import Invocation
from contract.problem import Problem, TooSlow
from contract.representation import Representation
from schedule import Schedule, Turn
from speaker import Prepared, Speaker, Spoken, read_invocation, representation, respond

# Lines in a replica. Their callers' patience bounds how much work waits; this bounds what is prepared in vain.
MAX_LINES = 128
MAX_QUEUED = 128  # that wait for a replica, while there is none; more are refused at once
# A GPU speaks many lines in the time of one: the first waits for those that come with it. A CPU speaks one piece after
# the other.
GATHER_SECONDS = {"cuda": 0.01, "cpu": 0}
HEALTH_CHECK_SECONDS = 1  # until a replica that has died is missed, and another is started
GRACE_SECONDS = 20  # for the lines that a replica has taken, when it is told to end; it takes no more

logger = logging.getLogger("ray.serve")


class Replica:
    """One model on one device."""

    def __init__(self) -> None:
        # The model and the engine keep to one thread. OpenMP has helpers for every thread that ever computed, and once
        # they are more than the CPUs, they fall asleep between any two operations. A line took 1.6 times as long.
        self._torch = ThreadPoolExecutor(max_workers=1, initializer=_take_all_cpus)
        model_dir = Path(os.environ.get("MODEL_DIR", "/opt/ml/model"))
        self._speaker = self._torch.submit(Speaker.load, model_dir).result()
        self._gather_seconds = GATHER_SECONDS[self._speaker.engine.model.device.type]
        self._schedule = Schedule()
        self._work: asyncio.Task[None] | None = None
        self._batch_has_run = asyncio.Condition()

    async def invoke(self, body: bytes, content_type: str, accept: str, request_id: str, deadline: float) -> Answer:
        """Answer one invocation; log it with its request id and without its text.

        Args:
            body: the invocation.
            content_type: the header; empty for none.
            accept: the header; empty for none.
            request_id: names it in the log.
            deadline: when its caller stops to wait, in seconds of `time.monotonic`, which all processes of a machine
                share.
        """
        started = time.monotonic()
        try:
            invocation = read_invocation(body, content_type)
            chosen = representation(accept, invocation)
            prepared, spoken = await self._speak(invocation, chosen, deadline)
            answer = await asyncio.to_thread(respond, spoken, chosen)
        except Problem as problem:
            # Its detail may quote the text, so only its kind is logged.
            logger.info("request_id=%s status=%d %s", request_id, problem.status, type(problem).__name__)
            return refusal(problem)
        except Exception:
            logger.exception("request_id=%s status=500", request_id)
            return refusal(Problem("The endpoint failed to speak this line."))
        logger.info(
            "request_id=%s status=200 champion=%s characters=%d quality=%s audio_seconds=%.2f seconds=%.2f queue=%.2f",
            request_id,
            prepared.champion_id,
            len(invocation.text),
            invocation.quality,
            spoken.speech.seconds if spoken.speech else 0,
            time.monotonic() - started,
            self._schedule.seconds,
        )
        return with_queue(answer, self._schedule.seconds)

    async def _speak(self, invocation: Invocation, chosen: Representation, deadline: float) -> tuple[Prepared, Spoken]:
        """Prepare a line, and have it spoken unless its script alone was asked for.

        Raises:
            Problem: what `Speaker.prepare` and `Speaker.finish` raise; Busy or TooSlow if it cannot be in time.
        """
        turn: Turn | None = None
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                prepared = await asyncio.to_thread(self._speaker.prepare, invocation, chosen)
                if invocation.script_only:
                    return prepared, Spoken(prepared.script, None)
                tasks = await asyncio.to_thread(self._speaker.plan, prepared)
                turn = self._schedule.take(tasks, deadline)
                await self._run(turn)
        except TimeoutError:
            raise TooSlow() if turn and not turn.shared else self._schedule.busy() from None
        finally:
            if turn:
                self._schedule.leave(turn)
        engine, finish = self._speaker.engine, self._speaker.finish
        return prepared, await asyncio.to_thread(lambda: finish(prepared, engine.joined(tasks)))

    async def _run(self, turn: Turn) -> None:
        """Wait until a line's tasks have run, among all that wait for the device."""
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._run_all())
        async with self._batch_has_run:
            await self._batch_has_run.wait_for(lambda: turn.spoken)

    async def _run_all(self) -> None:
        """Run batches until nothing waits."""
        await asyncio.sleep(self._gather_seconds)
        engine = self._speaker.engine
        while waiting := self._schedule.waiting():
            batch = engine.next_batch(waiting)
            self._schedule.begin(batch)
            await asyncio.get_running_loop().run_in_executor(self._torch, engine.run, batch)
            self._schedule.end()
            async with self._batch_has_run:
                self._batch_has_run.notify_all()


def _take_all_cpus() -> None:
    # Ray allows an actor one thread for each CPU that it reserves; this one has the machine to itself.
    torch.set_num_threads(len(os.sched_getaffinity(0)))


def build(_: dict[str, str]) -> serve.Application:
    """The Ray Serve application that config.yaml names `model`: a replica holds a GPU where the machine has one."""
    deployment = serve.deployment(
        max_ongoing_requests=MAX_LINES,
        max_queued_requests=MAX_QUEUED,
        health_check_period_s=HEALTH_CHECK_SECONDS,
        graceful_shutdown_timeout_s=GRACE_SECONDS,
        ray_actor_options={"num_gpus": min(1, ray.cluster_resources().get("GPU", 0))},
    )
    return deployment(Replica).bind()
