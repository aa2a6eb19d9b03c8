"""An answer of the endpoint. Made of built-in types alone, so that it can cross Ray without the model's packages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from http import HTTPStatus

from contract.invocation import EndpointProblem, tell_queue
from contract.problem import PROBLEM_JSON, Problem

CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one invocation is answered with."""

    body: bytes
    media_type: str
    status: int = HTTPStatus.OK.value
    headers: dict[str, str] = field(default_factory=dict)


def refusal(problem: Problem) -> Answer:
    """The answer to what is not spoken."""
    document = EndpointProblem.of(problem).model_dump_json(exclude_none=True)
    return Answer(document.encode(), PROBLEM_JSON, int(problem.status))


def with_queue(answer: Answer, seconds: float) -> Answer:
    """An answer that also tells how long the work takes that waits."""
    attributes = tell_queue(answer.headers.get(CUSTOM_ATTRIBUTES, ""), seconds)
    return replace(answer, headers=answer.headers | {CUSTOM_ATTRIBUTES: attributes})
