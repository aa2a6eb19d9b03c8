"""Events of agents and invocations that are nearly right: whatever is changed in them, the answer is one of ours."""

import asyncio
import copy
import json
import os
from collections.abc import Iterator
from random import Random

import httpx
import pytest

from contract.problem import PROBLEM_JSON
from local.lambda_runtime import Function
from local.stack import url
from tests.integration.local_stack import LocalStack, event
from tests.support.doors import Json

MUTATIONS = int(os.environ.get("CALLS", "300"))  # `make fuzz CALLS=5000`
EVENTS = ("agent-list-voices", "agent-speak-line", "agent-start-narration")
INVOCATION = {
    "champion_id": "yasuo",
    "text": "Go in.",
    "text_type": "plain",
    "quality": "fast",
    "format": "wav",
    "speed": 1.0,
    "seed": 7,
    "wait_seconds": 25,
    "script_only": True,
}
STRANGE: tuple[Json, ...] = (
    *(None, True, False, 0, -1, 7, 1.5, 1e308, 10**30),
    *("", " ", "None", "../..", "\u0000", "\ud800", "é" * 300, "a" * 200_000, "<speak>", "{}", "7", "NaN"),
    *([], {}, [[]], [None], {"": None}, [{"name": "text"}], {"name": "text", "value": {}}),
)


def mutated(whole: Json, draw: Random) -> Json:
    """A copy of which one to three parts are taken away, doubled, renamed or replaced by something strange."""
    whole = copy.deepcopy(whole)
    for _ in range(draw.randint(1, 3)):
        inside, at = draw.choice(list(places(whole)))
        match draw.choice(("take away", "double", "rename", "replace", "replace", "replace")):
            case "take away":
                del inside[at]
            case "double" if isinstance(inside, list):
                inside.append(copy.deepcopy(inside[at]))
            case "rename" if isinstance(inside, dict):
                inside[draw.choice(("", "text", "name", f"{at}s"))] = inside.pop(at)
            case _:
                inside[at] = copy.deepcopy(draw.choice(STRANGE))
        if not any(places(whole)):
            break
    return whole


def places(whole: Json) -> Iterator[tuple[Json, Json]]:
    """Every part of a JSON value: what holds it, and under which key or index."""
    keys = whole.keys() if isinstance(whole, dict) else range(len(whole)) if isinstance(whole, list) else ()
    for key in keys:
        yield whole, key
        yield from places(whole[key])


def assert_is_problem(document: Json, status: int) -> None:
    """See that a refusal has our shape."""
    assert {"type", "title", "status", "detail"} <= document.keys(), document
    assert (document["type"], document["status"]) == ("about:blank", status)


@pytest.mark.slow
@pytest.mark.usefixtures("lambda_environment")
def test_every_changed_event_of_an_agent_is_answered_as_an_action_group_is() -> None:
    draw = Random(15)

    async def ask() -> None:
        function = Function(timeout_seconds=29)
        try:
            for number in range(MUTATIONS):
                sent = mutated(event(draw.choice(EVENTS)), draw)
                sent.setdefault("actionGroup", "champion-voice")  # without it, it is no agent's event
                answer = await function.invoke(sent, f"agent-{number}")
                response = answer["response"]
                body = json.loads(response["responseBody"]["application/json"]["body"])
                assert answer["messageVersion"] == "1.0", sent
                assert response["httpStatusCode"] < 500, (sent, body)
                if response["httpStatusCode"] >= 400:
                    assert_is_problem(body, response["httpStatusCode"])
        finally:
            function.close()

    asyncio.run(ask())


def test_every_changed_invocation_is_answered_by_speech_or_a_problem(stack: LocalStack) -> None:
    draw = Random(15)
    with httpx.Client(base_url=url(stack.ports.ray_serve), timeout=60) as endpoint:
        for _ in range(MUTATIONS):
            sent = json.dumps(mutated(INVOCATION, draw)).encode()
            if draw.random() < 0.1:  # and no JSON at all
                cut = draw.randrange(len(sent))
                sent = sent[:cut] + draw.randbytes(3) + sent[cut + draw.randrange(3) :]
            answer = endpoint.post("/invocations", content=sent, headers={"Content-Type": "application/json"})
            assert answer.status_code < 500, (sent[:1000], answer.text)
            if answer.status_code >= 400:
                assert answer.headers["Content-Type"] == PROBLEM_JSON, sent[:1000]
                assert_is_problem(answer.json(), answer.status_code)
