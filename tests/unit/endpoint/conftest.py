"""A small model with random weights and a reference for it."""

from pathlib import Path
from types import ModuleType

import pytest
import torch

from bench.random_model import make_random_model
from bench.upstream import import_upstream
from engine.checkpoint import Model, load_model
from engine.reference import Reference, prepare_reference
from engine.speech import Engine
from tests.support.recordings import TRANSCRIPT, recording, wav

CPU = torch.device("cpu")


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("model")
    make_random_model(directory)
    return directory


@pytest.fixture(scope="session")
def model(model_dir: Path) -> Model:
    return load_model(model_dir, CPU, torch.float32)


@pytest.fixture(scope="session")
def engine(model: Model) -> Engine:
    return Engine(model, max_batch_frames=16 * 1024)  # a CPU's own would put every piece into a batch of its own


@pytest.fixture(scope="session")
def reference(model: Model) -> Reference:
    return prepare_reference(wav(recording(3.2)), TRANSCRIPT, model.description.mel_spec)


@pytest.fixture(scope="session")
def upstream() -> ModuleType:
    """Upstream's utils_infer."""
    return import_upstream()
