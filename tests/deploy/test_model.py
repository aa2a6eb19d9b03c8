"""A model of the hub becomes a model directory: fetched once, checked, and told of in plain words."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from deploy.checksums import read_sums
from deploy.errors import DeployError
from deploy.hub import Hub as Client
from deploy.model import OFFICIAL, model_directory
from engine.checkpoint import describe, load_model
from tests.support.hub import Hub
from tests.support.serving import free_ports
from tests.support.waiting import wait_until

CHECKPOINT = "SWivid/F5-TTS/F5TTS_v1_Base/model_1250000.safetensors"
VOCODER = "charactr/vocos-mel-24khz/pytorch_model.bin"
PARTS = {"model.safetensors", "vocab.txt", "vocoder/config.yaml", "vocoder/model.safetensors"}
MEGABYTE = 1 << 20
OURS = "somebody/their-voice"


@pytest.fixture
def hub(hub_files: Path, tmp_path: Path) -> Iterator[Hub]:
    """A hub whose files are this test's alone."""
    root = tmp_path / "hub"
    shutil.copytree(hub_files, root, copy_function=os.link)
    hub = Hub(root, {"SWivid/F5-TTS": "cc-by-nc-4.0", OURS: "apache-2.0"})
    yield hub
    hub.close()


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def fetch(model: str, hub: Hub, models: Path) -> Path:
    return model_directory(model, Client(hub.endpoint, known={}), models)


def refusal(model: str, hub: Hub, models: Path) -> str:
    with pytest.raises(DeployError) as caught:
        fetch(model, hub, models)
    message = str(caught.value)
    assert "\n" not in message
    return message


def add_model(hub: Hub, folder: str, *names: str, description: bool = False) -> None:
    """Put a model of somebody's own on the hub: the same files in another place."""
    official = hub.root / "SWivid/F5-TTS/F5TTS_v1_Base"
    target = hub.root / folder
    target.mkdir(parents=True)
    for name in names:
        shutil.copy(official / "model_1250000.safetensors", target / name)
    shutil.copy(official / "vocab.txt", target)
    if description:
        shutil.copy(hub.root / "F5TTS_v1_Base.yaml", target / "model.yaml")


def make_large(path: Path) -> None:
    """Make a checkpoint of more megabytes than are read at once, of what a trainer leaves in it."""
    weights = load_file(path)
    path.unlink()  # a link to what all tests share
    save_file(weights | {"ema_model.mel_spec.filler": torch.randn(25 * MEGABYTE // 4)}, path)


def test_an_official_model_is_laid_out_as_the_engine_wants_it(
    hub: Hub, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = fetch("F5TTS_v1_Base", hub, models)
    assert folder == models / "F5TTS_v1_Base"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == PARTS | {
        "model.yaml",
        "SHA256SUMS",
    }
    description = describe(folder)
    assert (description.name, description.arch.dim, description.arch.depth) == ("F5TTS_v1_Base", 1024, 22)
    assert (description.reader, description.scripts) == ("characters", ["Latin", "Han"])
    assert description.notice == "The weights of SWivid/F5-TTS are licensed under CC-BY-NC-4.0: not for commercial use."
    said = capsys.readouterr().err
    assert said.index("CC-BY-NC-4.0") < said.index("fetched")


def test_the_older_official_model_is_described_by_its_own_config(hub: Hub, models: Path) -> None:
    (hub.root / "SWivid/F5-TTS/F5TTS_v1_Base").rename(hub.root / "SWivid/F5-TTS/F5TTS_Base")
    folder = hub.root / "SWivid/F5-TTS/F5TTS_Base"
    (folder / "model_1250000.safetensors").rename(folder / "model_1200000.safetensors")
    arch = describe(fetch("F5TTS_Base", hub, models)).arch
    assert (arch.pe_attn_head, arch.text_mask_padding) == (1, False)


def test_the_vocoders_pickle_becomes_safetensors(hub: Hub, models: Path) -> None:
    folder = fetch("F5TTS_v1_Base", hub, models)
    pickled = torch.load(hub.root / VOCODER, weights_only=True)
    kept = load_file(folder / "vocoder/model.safetensors")
    assert kept.keys() == pickled.keys()
    assert all(torch.equal(kept[name], pickled[name]) for name in kept)


def test_a_pickle_that_holds_more_than_weights_is_not_loaded(hub: Hub, models: Path, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (tmp_path / "sprung",)

    (hub.root / VOCODER).unlink()
    torch.save({"weight": Trap()}, hub.root / VOCODER)
    assert "holds more than weights" in refusal("F5TTS_v1_Base", hub, models)
    assert not (tmp_path / "sprung").exists()
    assert not (models / "F5TTS_v1_Base/model.yaml").exists()


def test_a_second_run_asks_nothing_of_the_hub(hub: Hub, models: Path) -> None:
    folder = fetch("F5TTS_v1_Base", hub, models)
    hub.close()
    assert fetch("F5TTS_v1_Base", hub, models) == folder


def test_sha256sum_can_check_what_was_fetched(hub: Hub, models: Path) -> None:
    folder = fetch("F5TTS_v1_Base", hub, models)
    assert read_sums(folder / "SHA256SUMS").keys() == PARTS
    subprocess.run(["sha256sum", "--quiet", "--check", "SHA256SUMS"], cwd=folder, check=True)


def test_what_was_damaged_on_the_disk_is_fetched_anew_and_nothing_else(
    hub: Hub, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = fetch("F5TTS_v1_Base", hub, models)
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:-1])
    hub.downloads.clear()

    fetch("F5TTS_v1_Base", hub, models)

    assert "damaged" in capsys.readouterr().err
    assert hub.downloaded == [CHECKPOINT]
    assert (folder / "model.safetensors").read_bytes() == whole


def test_a_description_is_the_users_to_edit(hub: Hub, models: Path) -> None:
    path = fetch("F5TTS_v1_Base", hub, models) / "model.yaml"
    path.write_text(path.read_text() + "  scripts: [Devanagari]\n")
    assert describe(fetch("F5TTS_v1_Base", hub, models)).scripts == ["Devanagari"]


@pytest.mark.slow
def test_a_dropped_connection_is_taken_up_where_it_broke_off(hub: Hub, models: Path) -> None:
    make_large(hub.root / CHECKPOINT)
    hub.stop_after = 15 * MEGABYTE
    folder = fetch("F5TTS_v1_Base", hub, models)
    assert (folder / "model.safetensors").read_bytes() == (hub.root / CHECKPOINT).read_bytes()
    assert [each.start > 0 for each in hub.downloads if each.name == CHECKPOINT] == [False, True]


@pytest.mark.slow
def test_a_run_that_was_ended_is_taken_up_by_the_next_one(hub: Hub, tmp_path: Path) -> None:
    make_large(hub.root / CHECKPOINT)
    hub.stop_after, hub.then = 15 * MEGABYTE, "hold"
    add_model(hub, OURS, "model.safetensors", description=True)
    shutil.copytree(hub.root / "charactr/vocos-mel-24khz", hub.root / OURS / "vocoder")
    command = [sys.executable, "-m", "deploy.model", OURS]
    environment = os.environ | {"HF_ENDPOINT": hub.endpoint, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL, preexec_fn=_listen_to_ctrl_c
    )
    folder = tmp_path / "build/models/somebody-their-voice"
    assert wait_until(lambda: any(part.stat().st_size for part in folder.glob("*.part")), 60)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    hub.stop_after = None

    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)

    assert ran.stdout == "build/models/somebody-their-voice\n"
    taken_up = [each.start for each in hub.downloads if each.name == f"{OURS}/model.safetensors"]
    assert len(taken_up) == 2
    assert taken_up[1] >= 10 * MEGABYTE
    load_model(folder, torch.device("cpu"), torch.float32)


def _listen_to_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_wrong_checksum_is_told_and_the_next_run_fetches_anew(hub: Hub, models: Path) -> None:
    hub.spoilt = CHECKPOINT
    assert "model_1250000.safetensors came damaged: run this again" in refusal("F5TTS_v1_Base", hub, models)
    assert not (models / "F5TTS_v1_Base/model.safetensors").exists()
    hub.spoilt = ""
    folder = fetch("F5TTS_v1_Base", hub, models)
    assert (folder / "model.safetensors").read_bytes() == (hub.root / CHECKPOINT).read_bytes()


def test_a_small_file_is_checked_too(hub: Hub, models: Path) -> None:
    hub.spoilt = "SWivid/F5-TTS/F5TTS_v1_Base/vocab.txt"
    assert "vocab.txt came damaged" in refusal("F5TTS_v1_Base", hub, models)


def test_official_weights_are_those_that_are_known(hub: Hub, models: Path) -> None:
    with pytest.raises(DeployError, match=r"holds another F5TTS_v1_Base/model_1250000.safetensors than it did"):
        model_directory("F5TTS_v1_Base", Client(hub.endpoint), models)
    assert hub.downloads == []
    assert set(OFFICIAL.values()) | {VOCODER} == Client().known.keys()


def test_without_a_network_one_sentence_says_so(hub: Hub, models: Path) -> None:
    hub.close()
    [port] = free_ports(1)
    with pytest.raises(DeployError, match=rf"^The hub at http://127.0.0.1:{port} cannot be reached \(.*\): .*\.$"):
        model_directory("F5TTS_v1_Base", Client(f"http://127.0.0.1:{port}"), models)


def test_a_repository_that_is_not_there_is_told(hub: Hub, models: Path) -> None:
    assert "The hub has no repository nobody/nothing" in refusal("nobody/nothing", hub, models)


def test_what_is_no_name_of_a_model_is_told(hub: Hub, models: Path) -> None:
    message = refusal("F5TTS_v1_Small", hub, models)
    assert "no official weights of F5TTS_v1_Small: choose F5TTS_v1_Base or F5TTS_Base" in message


def test_a_model_directory_on_the_hub_is_taken_as_it_describes_itself(
    hub: Hub, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_model(hub, OURS, "model_last.safetensors", description=True)
    folder = fetch(OURS, hub, models)
    assert (folder / "model.yaml").read_bytes() == (hub.root / OURS / "model.yaml").read_bytes()
    assert load_model(folder, torch.device("cpu"), torch.float32).description.name == "random-tiny"
    assert "licensed under APACHE-2.0.\n" in capsys.readouterr().err


def test_a_vocoder_of_its_own_goes_before_upstreams(hub: Hub, models: Path) -> None:
    add_model(hub, OURS, "model_last.safetensors", description=True)
    shutil.copytree(hub.root / "charactr/vocos-mel-24khz", hub.root / OURS / "vocoder")
    fetch(OURS, hub, models)
    assert f"{OURS}/vocoder/pytorch_model.bin" in hub.downloaded
    assert VOCODER not in hub.downloaded


def test_a_model_that_does_not_describe_itself_is_described_as_it_is_named(hub: Hub, models: Path) -> None:
    add_model(hub, OURS, "model_2500000.safetensors")
    assert "put one of :F5TTS_Base, :F5TTS_Small, :F5TTS_v1_Base, :F5TTS_v1_Small behind" in refusal(OURS, hub, models)
    assert hub.downloads == []
    description = describe(fetch(f"{OURS}:F5TTS_Small", hub, models))
    assert (description.name, description.arch.dim) == ("somebody-their-voice-F5TTS_Small", 768)
    assert description.notice == f"The weights of {OURS} are licensed under APACHE-2.0."


def test_of_several_models_one_is_to_be_named(hub: Hub, models: Path) -> None:
    add_model(hub, f"{OURS}/F5TTS_v1_Base", "model_1.safetensors", "model_2.safetensors")
    message = refusal(OURS, hub, models)
    assert f"choose one of {OURS}/F5TTS_v1_Base/model_1.safetensors, {OURS}/F5TTS_v1_Base/model_2.safe" in message
    fetch(f"{OURS}/F5TTS_v1_Base/model_2.safetensors", hub, models)
    assert f"{OURS}/F5TTS_v1_Base/model_2.safetensors" in hub.downloaded


def test_a_repository_of_pickles_is_refused(hub: Hub, models: Path) -> None:
    add_model(hub, OURS, "model.pt")
    assert "pickles (.pt) are not loaded" in refusal(OURS, hub, models)


def test_a_page_without_a_licence_is_told_of(hub: Hub, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add_model(hub, "nobody/voice", "model.safetensors", description=True)
    fetch("nobody/voice", hub, models)
    assert "The page of nobody/voice tells no licence" in capsys.readouterr().err
