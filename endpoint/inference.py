"""SageMaker's contract in AWS's PyTorch container: `model_fn`, `input_fn`, `predict_fn`, `output_fn`.

The container's toolkit calls them by these names (github.com/aws/sagemaker-inference-toolkit, transformer.py).
AWS's Ray Serve container has no toolkit: there `deployment` runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from sagemaker_inference.errors import BaseInferenceToolkitError

from answer import refusal
from contract.invocation import Invocation
from contract.problem import Problem
from speaker import Speaker, Spoken, read_invocation, representation, respond


class Prediction(NamedTuple):
    """A line as it was spoken, and the invocation that asked for it."""

    spoken: Spoken
    invocation: Invocation


class InvocationError(BaseInferenceToolkitError):  # type: ignore[misc]
    """A problem as the toolkit passes it on: only an error of its own keeps its status and body."""

    def __init__(self, problem: Problem) -> None:
        answer = refusal(problem)
        super().__init__(answer.status, answer.body.decode(), problem.title)


class Context(Protocol):
    """The part of the model server's context that an answer's headers are set on."""

    def set_response_header(self, idx: int, key: str, value: str) -> None:
        """Add a header to the answer of request number idx."""


@contextmanager
def _problems_for_the_toolkit() -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        raise InvocationError(problem) from problem


def model_fn(model_dir: str) -> Speaker:
    """Load the model: see `Speaker.load`."""
    return Speaker.load(Path(model_dir))


def input_fn(body: str | bytes, content_type: str) -> Invocation:
    """Read an invocation.

    Raises:
        InvocationError: what is wrong with it.
    """
    with _problems_for_the_toolkit():
        return read_invocation(body.encode() if isinstance(body, str) else body, content_type)


def predict_fn(invocation: Invocation, speaker: Speaker) -> Prediction:
    """Speak one invocation.

    Raises:
        InvocationError: it cannot be spoken.
    """
    with _problems_for_the_toolkit():
        return Prediction(speaker.speak(invocation), invocation)


def output_fn(prediction: Prediction, accept: str, context: Context | None = None) -> tuple[bytes, str]:
    """The answer in the form that the caller accepts: its body and content type.

    Args:
        prediction: what `predict_fn` returned.
        accept: the Accept header.
        context: the model server's, if it has one: custom attributes are set on it.

    Raises:
        InvocationError: nothing that there is suits the caller.
    """
    with _problems_for_the_toolkit():
        answer = respond(prediction.spoken, representation(accept, prediction.invocation))
    if context is not None:
        for name, value in answer.headers.items():
            context.set_response_header(0, name, value)
    return answer.body, answer.media_type
