"""CUDA graphs: what a step launches on a GPU, captured once and from then on launched as one.

A large GPU runs the kernels of one short line faster than Python launches them. A graph is for one batch's lengths
(docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor

from engine.network import Fixed, Step

if TYPE_CHECKING:
    from torch.cuda import _POOL_HANDLE

MAX_GRAPHS = 16  # each keeps a copy of its arguments; memory for what it computes in between is shared

Function: TypeAlias = Callable[[tuple[int, ...], Tensor, Step, Fixed], None]
"""Changes its first tensor in place. Its control flow may depend on the lengths only, never on tensor values."""


class CapturedGraph:
    """A function's launches on tensors of its own.

    Attributes:
        x: what the function changes.
    """

    def __init__(
        self,
        function: Function,
        lengths: tuple[int, ...],
        x: Tensor,
        step: Step,
        fixed: Fixed,
        stream: torch.cuda.Stream,
        pool: _POOL_HANDLE,
    ) -> None:
        self.x = x.clone()
        self._step = Step(*(tensor.clone() for tensor in step))
        self._fixed = Fixed(*(tensor.clone() for tensor in fixed))
        self._graph = torch.cuda.CUDAGraph()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            # Libraries set themselves up at their first call, and that cannot be captured.
            function(lengths, self.x, self._step, self._fixed)
            # Not `torch.cuda.graph`, which gives all unused memory back first: lines keep coming with new lengths.
            self._graph.capture_begin(pool=pool, capture_error_mode="thread_local")
            try:
                function(lengths, self.x, self._step, self._fixed)
            except BaseException:
                with suppress(RuntimeError):  # the first error is the one to report
                    self._graph.capture_end()
                raise
            self._graph.capture_end()
        torch.cuda.current_stream().wait_stream(stream)

    def start(self, x: Tensor, fixed: Fixed) -> None:
        """Take over the values of a batch."""
        _copy([self.x, *self._fixed], [x, *fixed])

    def replay(self, step: Step) -> None:
        """Do to `x` what the function does in a step."""
        _copy(self._step, step)
        self._graph.replay()


class Graphs:
    """Captured graphs of a function for the lengths of its latest batches; to be used by one thread at a time."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self._pool = torch.cuda.graph_pool_handle()
        self._graphs: dict[tuple[int, ...], CapturedGraph] = {}  # the latest used is the last

    def __len__(self) -> int:
        return len(self._graphs)

    def load(self, lengths: tuple[int, ...], x: Tensor, step: Step, fixed: Fixed) -> CapturedGraph:
        """The graph for these lengths, captured if there is none, ready to replay a batch's steps.

        Args:
            lengths: mel frames of each piece.
            x: the batch, before its first step.
            step: any of its steps.
            fixed: what its steps share.

        Raises:
            torch.OutOfMemoryError: there is no room for it.
        """
        graph = self._graphs.pop(lengths, None)
        if graph is None:
            while len(self) >= MAX_GRAPHS:
                self._graphs.pop(next(iter(self._graphs)))
            graph = CapturedGraph(self._function, lengths, x, step, fixed, self._stream, self._pool)
        self._graphs[lengths] = graph
        graph.start(x, fixed)
        return graph

    def forget(self) -> None:
        """Give the memory of all graphs back."""
        self._graphs.clear()


def _copy(targets: Iterable[Tensor], sources: Iterable[Tensor]) -> None:
    for target, source in zip(targets, sources, strict=True):
        target.copy_(source)
