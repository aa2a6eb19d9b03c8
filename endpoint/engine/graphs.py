"""CUDA graphs: what a function launches on a GPU, recorded once and from then on launched as one.

A large GPU runs the kernels of one short line faster than Python launches them. A recording is of one batch's lengths
(docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor

if TYPE_CHECKING:
    from torch.cuda import _POOL_HANDLE

MOST_RECORDINGS = 16  # each keeps a copy of what it was called with; what it computes in between, they share


Function: TypeAlias = Callable[[tuple[int, ...], *tuple[Tensor, ...]], None]
"""Changes tensors in place; what it launches hangs on the lengths that it gets, and not on what is in the tensors."""


class Recording:
    """A function's launches on tensors of its own.

    Attributes:
        tensors: what the function gets at every replay: fill them, replay, and read them.
    """

    def __init__(
        self,
        function: Function,
        lengths: tuple[int, ...],
        tensors: tuple[Tensor, ...],
        stream: torch.cuda.Stream,
        pool: _POOL_HANDLE,
    ) -> None:
        self.tensors = tuple(tensor.clone() for tensor in tensors)
        self._graph = torch.cuda.CUDAGraph()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            # Libraries set themselves up at their first call, and that cannot be recorded.
            function(lengths, *self.tensors)
            # Not `torch.cuda.graph`, which gives all unused memory back first: lines keep coming with new lengths.
            self._graph.capture_begin(pool=pool, capture_error_mode="thread_local")
            try:
                function(lengths, *self.tensors)
            except BaseException:
                with suppress(RuntimeError):  # what went wrong first is what is told
                    self._graph.capture_end()
                raise
            self._graph.capture_end()
        torch.cuda.current_stream().wait_stream(stream)

    def replay(self) -> None:
        """Do what the function does to the tensors."""
        self._graph.replay()


class Graphs:
    """Recordings of a function for the lengths that it was lately called with; to be used by one thread at a time."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self._pool = torch.cuda.graph_pool_handle()
        self._recordings: dict[tuple[int, ...], Recording] = {}  # the latest used is the last

    def load(self, lengths: tuple[int, ...], *tensors: Tensor) -> Recording:
        """The recording for these lengths, made if there is none, with the values of these tensors in it.

        Raises:
            torch.OutOfMemoryError: there is no room for it.
        """
        recording = self._recordings.pop(lengths, None)
        if recording is None:
            while len(self._recordings) >= MOST_RECORDINGS:
                self._recordings.pop(next(iter(self._recordings)))
            recording = Recording(self._function, lengths, tensors, self._stream, self._pool)
        self._recordings[lengths] = recording
        for own, given in zip(recording.tensors, tensors, strict=True):
            own.copy_(given)
        return recording

    def forget(self) -> None:
        """Give the memory of all recordings back."""
        self._recordings.clear()
