"""A step that is recorded on a GPU and replayed does what the step itself does, for every batch that comes along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from engine import graphs as graphs_module
from engine.checkpoint import Model, load_model
from engine.graphs import MOST_RECORDINGS, Graphs
from engine.reference import Reference
from engine.sampler import Condition, euler_step, make_schedule, sample
from engine.speech import Engine, Line, Speech


class Tape(TorchDispatchMode):
    """What a CUDA graph is, on a CPU: kernels and the tensors they ran on, and nothing of Python between them."""

    def __init__(self) -> None:
        super().__init__()
        self._launches: list[tuple[Callable[[], object], list[object]]] = []

    def __torch_dispatch__(
        self,
        func: Callable[..., object],
        types: object,
        args: Sequence[object] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        if func in (torch.ops.aten._local_scalar_dense.default, torch.ops.aten.nonzero.default):
            raise RuntimeError("operation not permitted when stream is capturing")
        launch = partial(func, *args, **(kwargs or {}))
        result = launch()
        self._launches.append((launch, tree_leaves(result)))
        return result

    def capture_begin(self, **_: object) -> None:
        self.__enter__()  # type: ignore[no-untyped-call]

    def capture_end(self) -> None:
        self.__exit__(None, None, None)  # type: ignore[no-untyped-call]

    def replay(self) -> None:
        for launch, recorded in self._launches:
            for old, new in zip(recorded, tree_leaves(launch()), strict=True):
                if isinstance(old, Tensor) and old.data_ptr() != new.data_ptr():
                    old.copy_(new)


class Stream:
    """There is one on a CPU, and everything waits for it."""

    def wait_stream(self, stream: object) -> None:
        """Nothing."""


@pytest.fixture
def without_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU's part in recordings, played by the CPU."""
    if torch.cuda.is_available():
        return
    monkeypatch.setattr(torch.cuda, "CUDAGraph", Tape)
    monkeypatch.setattr(torch.cuda, "Stream", Stream)
    monkeypatch.setattr(torch.cuda, "current_stream", Stream)
    monkeypatch.setattr(torch.cuda, "stream", lambda _: nullcontext())
    monkeypatch.setattr(torch.cuda, "graph_pool_handle", lambda: (0, 0))


@pytest.fixture(scope="module")
def on_device(model_dir: Path) -> Model:
    return load_model(model_dir, torch.device("cuda" if torch.cuda.is_available() else "cpu"), torch.float32)


def conditions(model: Model, frames: Sequence[int], seed: int) -> list[Condition]:
    draw = torch.Generator().manual_seed(seed)
    return [
        Condition(
            torch.randn(count // 3, 100, generator=draw),
            torch.randint(len(model.vocab), (count // 5,), generator=draw),
            torch.randn(count, 100, generator=draw),
        )
        for count in frames
    ]


@pytest.mark.usefixtures("without_gpu")
def test_replayed_steps_draw_what_the_steps_themselves_draw(on_device: Model) -> None:
    graphs = Graphs(partial(euler_step, on_device.network, 2.0))
    # Lengths come back with other values, at other numbers of steps, and shared out otherwise among as many frames.
    for seed, (nfe, frames) in enumerate(
        [(7, [90]), (7, [90]), (16, [90]), (7, [60, 90]), (7, [90, 60]), (7, [75, 75]), (7, [150]), (7, [60, 90])]
    ):
        schedule, batch = make_schedule(on_device, nfe), conditions(on_device, frames, seed)
        for replayed, taken in zip(
            sample(on_device, schedule, batch, graphs), sample(on_device, schedule, batch), strict=True
        ):
            assert taken.std() > 0.1
            assert (replayed - taken).abs().max() < 1e-4


@pytest.mark.usefixtures("without_gpu")
def test_only_the_latest_lengths_are_kept_and_no_large_ones(on_device: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[int, ...]] = []

    class Counted(graphs_module.Recording):
        def __init__(
            self,
            function: graphs_module.Function,
            lengths: tuple[int, ...],
            tensors: tuple[Tensor, ...],
            stream: torch.cuda.Stream,
            pool: torch.cuda._POOL_HANDLE,
        ) -> None:
            made.append(lengths)
            super().__init__(function, lengths, tensors, stream, pool)

    monkeypatch.setattr(graphs_module, "Recording", Counted)

    def increment(_: tuple[int, ...], *tensors: Tensor) -> None:
        tensors[0].add_(1)

    graphs = Graphs(increment)

    def load(length: int) -> None:
        graphs.load((length,), torch.zeros(length))

    for length in range(1, 1 + MOST_RECORDINGS):
        load(length)
    load(1)  # there still, and now the latest
    assert len(made) == MOST_RECORDINGS
    load(100)  # takes the place of the oldest, which is 2
    load(1)
    assert made[MOST_RECORDINGS:] == [(100,)]
    load(2)
    assert made[MOST_RECORDINGS:] == [(100,), (2,)]
    graphs.forget()
    load(2)
    assert made[MOST_RECORDINGS:] == [(100,), (2,), (2,)]

    made.clear()
    graphs = Graphs(partial(euler_step, on_device.network, 2.0))
    monkeypatch.setattr("engine.sampler.MOST_RECORDED_ROWS", 2 * (60 + 90))
    schedule = make_schedule(on_device, 7)
    sample(on_device, schedule, conditions(on_device, [60, 90], 0), graphs)
    assert made == [(60, 90)]
    sample(on_device, schedule, conditions(on_device, [61, 90], 0), graphs)
    assert made == [(60, 90)]


@pytest.mark.usefixtures("without_gpu")
def test_memory_that_recordings_hold_is_given_back_before_a_smaller_batch_is_tried(
    model: Model, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(model, batch_frames=16 * 1024)
    graphs = Graphs(partial(euler_step, model.network, 2.0))
    monkeypatch.setattr(engine, "_graphs", graphs)
    told: list[str] = []
    recorded = graphs.load

    def room_for_one(lengths: tuple[int, ...], *tensors: Tensor) -> graphs_module.Recording:
        told.append(f"load {len(lengths)}")
        if len(lengths) > 1:
            raise torch.OutOfMemoryError
        return recorded(lengths, *tensors)

    monkeypatch.setattr(graphs, "load", room_for_one)
    monkeypatch.setattr(graphs, "forget", lambda: told.append("forget"))
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: told.append("empty"))
    lines = [Line("Ward the river.", reference, nfe=7, seed=seed) for seed in range(2)]
    for spoken, alone in zip(engine.speak(lines), Engine(model).speak(lines), strict=True):
        assert isinstance(spoken, Speech)
        assert isinstance(alone, Speech)
        assert abs(spoken.wave - alone.wave).max() < 1e-4
    assert told == ["load 2", "forget", "empty", "load 1", "load 1"]
