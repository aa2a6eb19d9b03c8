"""The accounts that deploy.sh deploys to, and a hub with small weights in the official files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from bench.random_model import make_random_model
from tests.deploy.account import Account


@pytest.fixture(scope="session")
def hub_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of both repositories on the hub, by their official names, and the description of a network so small."""
    hub = tmp_path_factory.mktemp("hub")
    made = hub / "made"
    make_random_model(made)
    network, vocoder = hub / "SWivid/F5-TTS/F5TTS_v1_Base", hub / "charactr/vocos-mel-24khz"
    network.mkdir(parents=True)
    vocoder.mkdir(parents=True)
    (made / "model.safetensors").rename(network / "model_1250000.safetensors")
    (made / "vocab.txt").rename(network / "vocab.txt")
    (made / "vocoder/config.yaml").rename(vocoder / "config.yaml")
    torch.save(load_file(made / "vocoder/model.safetensors"), vocoder / "pytorch_model.bin")
    (made / "model.yaml").rename(hub / "F5TTS_v1_Base.yaml")
    return hub


@pytest.fixture
def account(hub_files: Path, tmp_path: Path) -> Iterator[Account]:
    """An account with nothing in it."""
    account = Account(tmp_path, hub_files)
    yield account
    account.close()


@pytest.fixture(scope="session")
def deployed(hub_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account that deploy.sh has been run for once."""
    account = Account(tmp_path_factory.mktemp("deployed"), hub_files)
    try:
        run = account.deploy()
        assert run.returncode == 0, run.stdout + run.stderr
        account.first_run = run
        yield account
    finally:
        account.close()
