"""A step that is captured on a GPU and replayed does what the step itself does, for every batch that comes along."""

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

from engine.checkpoint import Model, load_model
from engine.graphs import MAX_GRAPHS, Graphs
from engine.network import Fixed, Step
from engine.plan import Passage, Utterance
from engine.reference import Reference
from engine.sampler import MAX_CAPTURED_FRAMES, Condition, euler_step, make_schedule, sample_mels
from engine.speech import Engine, Speech


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
    """A GPU's part in graphs, played by the CPU."""
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
    generator = torch.Generator().manual_seed(seed)
    return [
        Condition(
            torch.randn(count // 3, 100, generator=generator),
            torch.randint(len(model.network.text_embedding) - 1, (count // 5,), generator=generator),
            torch.randn(count, 100, generator=generator),
        )
        for count in frames
    ]


@pytest.mark.usefixtures("without_gpu")
def test_replayed_steps_make_what_the_steps_themselves_make(on_device: Model) -> None:
    graphs = Graphs(partial(euler_step, on_device.network, 2.0))
    # Lengths come back with other values, at other numbers of steps, and shared out otherwise among as many frames.
    for seed, (nfe, frames) in enumerate(
        [(7, [90]), (7, [90]), (16, [90]), (7, [60, 90]), (7, [90, 60]), (7, [75, 75]), (7, [150]), (7, [60, 90])]
    ):
        schedule, batch = make_schedule(on_device, nfe), conditions(on_device, frames, seed)
        for replayed, taken in zip(
            sample_mels(on_device, schedule, batch, graphs), sample_mels(on_device, schedule, batch, None), strict=True
        ):
            assert taken.std() > 0.1
            assert (replayed - taken).abs().max() < 1e-4


@pytest.mark.usefixtures("without_gpu")
def test_only_the_graphs_of_the_latest_lengths_are_kept() -> None:
    called: list[tuple[int, ...]] = []

    def increment(lengths: tuple[int, ...], x: Tensor, step: Step, fixed: Fixed) -> None:
        called.append(lengths)
        x.add_(step.step_size + fixed.context)

    graphs = Graphs(increment)
    one = torch.ones(())

    def is_captured_for(length: int) -> bool:
        """Whether a batch of this length makes the function run, which a replay does not."""
        called.clear()
        graph = graphs.load((length,), torch.zeros(length), Step(one, one, one), Fixed(one, one))
        graph.replay(Step(2 * one, one, one))
        assert graph.x.tolist() == [3.0] * length
        return bool(called)

    for length in range(1, 1 + MAX_GRAPHS):
        assert is_captured_for(length)
    assert not is_captured_for(1)  # there still, and now the latest
    assert is_captured_for(100)  # takes the place of the oldest, which is 2
    assert not is_captured_for(1)
    assert is_captured_for(2)
    graphs.forget()
    assert is_captured_for(2)


@pytest.mark.usefixtures("without_gpu")
@pytest.mark.slow
def test_a_batch_whose_kernels_are_slower_than_their_launches_is_not_captured(on_device: Model) -> None:
    graphs = Graphs(partial(euler_step, on_device.network, 2.0))
    one_step = make_schedule(on_device, 7)[:1]
    half = MAX_CAPTURED_FRAMES // 2
    sample_mels(on_device, one_step, conditions(on_device, [half, half + 1], 0), graphs)
    assert len(graphs) == 0
    sample_mels(on_device, one_step, conditions(on_device, [half, half], 0), graphs)
    assert len(graphs) == 1


@pytest.mark.usefixtures("without_gpu")
def test_memory_that_graphs_hold_is_given_back_before_a_smaller_batch_is_tried(
    model: Model, reference: Reference
) -> None:
    held: list[int] = []

    def room_for_one(
        model: Model, schedule: Sequence[Step], batch: Sequence[Condition], graphs: Graphs | None
    ) -> list[Tensor]:
        assert graphs is not None
        held.append(len(graphs))
        mels = sample_mels(model, schedule, batch, graphs)
        if len(batch) > 1:
            raise torch.OutOfMemoryError
        return mels

    engine = Engine(model, max_batch_frames=16 * 1024, sampler=room_for_one)
    engine.graphs = Graphs(partial(euler_step, model.network, 2.0))
    utterances = [Utterance([Passage("Ward the river.")], reference, nfe=7, seed=seed) for seed in range(2)]
    for spoken, alone in zip(engine.speak_batch(utterances), map(Engine(model).speak, utterances), strict=True):
        assert isinstance(spoken, Speech)
        assert abs(spoken.wave - alone.wave).max() < 1e-4
    assert held == [0, 0, 1], "the graph that the batch of two left was held while one was tried"
