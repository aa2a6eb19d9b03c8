"""model.tar.gz holds what it should, in the same bytes every time."""

import os
import runpy
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from bench.random_model import make_random_model
from contract.version import VERSION
from deploy.checksums import sha256
from deploy.errors import DeployError
from deploy.pack import pack
from deploy.packages import lay_down
from engine.checkpoint import load_model
from engine.phonemes import Spoken

CPU = torch.device("cpu")
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("model")
    make_random_model(directory)
    return directory


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packed")


@pytest.fixture(scope="module")
def archive(model_dir: Path, folder: Path) -> Path:
    return pack(model_dir, folder, "ray")


@pytest.fixture(scope="module")
def unpacked(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(archive) as tar:
        tar.extractall(directory, filter="data")
    return directory


@pytest.fixture
def copy(model_dir: Path, tmp_path: Path) -> Path:
    """A model directory to change."""
    return Path(shutil.copytree(model_dir, tmp_path / "copy"))


def test_the_same_model_gives_the_same_bytes(archive: Path, copy: Path, tmp_path: Path) -> None:
    for path in copy.rglob("*"):
        os.utime(path, (0, 0))
    again = pack(copy, tmp_path / "elsewhere", "ray")
    assert sha256(again) == sha256(archive)
    assert again.parent.name == archive.parent.name


def test_another_model_has_another_name(archive: Path, copy: Path, folder: Path) -> None:
    with (copy / "model.yaml").open("a") as description:
        description.write("# changed\n")
    changed = pack(copy, folder, "ray")
    assert changed.parent.name != archive.parent.name
    assert sha256(changed) != sha256(archive)


def test_what_is_packed_is_not_packed_again(archive: Path, model_dir: Path, folder: Path) -> None:
    written = archive.stat().st_mtime_ns
    assert pack(model_dir, folder, "ray") == archive
    assert archive.stat().st_mtime_ns == written


def test_it_tells_the_version_of_its_code(unpacked: Path) -> None:
    assert runpy.run_path(str(unpacked / "code/contract/version.py"))["VERSION"] == VERSION


def test_nothing_in_it_tells_where_or_when_or_by_whom_it_was_packed(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
    assert [member.name for member in members] == sorted(member.name for member in members)
    assert {(member.mtime, member.uid, member.gid, member.uname, member.gname) for member in members} == {
        (315532800, 0, 0, "", "")
    }
    assert {member.mode for member in members} == {0o755, 0o644}
    assert archive.read_bytes()[4:8] == bytes(4)  # gzip's own time


def test_the_containers_have_nothing_to_install(unpacked: Path) -> None:
    assert not (unpacked / "code/requirements.txt").exists()
    assert {"vocos", "f5_tts", "rjieba", "pypinyin", "encodec", "einops"} <= {
        path.name for path in (unpacked / "code").iterdir()
    }


@pytest.mark.parametrize("module", ["inference", "deployment", "ingress"])
def test_what_the_containers_import_imports_without_the_repository(unpacked: Path, tmp_path: Path, module: str) -> None:
    # -S: no .pth file leads back to the repository. Compiled packages are this Python's, not the container's.
    paths = [sysconfig.get_path("purelib"), str(unpacked / "code")]
    program = f"import sys; sys.path += {paths}; import {module}; print({module}.__file__)"
    ran = subprocess.run(
        [sys.executable, "-B", "-I", "-S", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert Path(ran.stdout.strip()) == unpacked / "code" / f"{module}.py"


def test_it_holds_no_waste(unpacked: Path) -> None:
    assert not [path for path in unpacked.rglob("*") if path.suffix == ".pyc" or path.name in ("bin", "RECORD")]
    assert {path.name for path in unpacked.iterdir()} == {
        "code",
        "config.yaml",
        "model.safetensors",
        "model.yaml",
        "vocab.txt",
        "vocoder",
    }


def test_it_holds_the_rules_that_the_api_goes_by(unpacked: Path) -> None:
    contract = REPOSITORY / "contract"
    assert (unpacked / "code/contract/line.py").read_bytes() == (contract / "line.py").read_bytes()
    assert {path.name for path in (unpacked / "code/contract").iterdir()} == {
        path.name for path in contract.iterdir() if path.name not in ("__pycache__", "py.typed")
    }


def test_ray_serve_is_told_what_the_repository_says(unpacked: Path) -> None:
    assert (unpacked / "config.yaml").read_bytes() == (REPOSITORY / "endpoint/config.yaml").read_bytes()


def test_the_weights_are_the_models_in_half_precision(model_dir: Path, unpacked: Path) -> None:
    before, after = load_file(model_dir / "model.safetensors"), load_file(unpacked / "model.safetensors")
    assert before.keys() - after.keys() == {"ema_model.transformer.rotary_embed.inv_freq"}
    assert {value.dtype for value in after.values()} == {torch.float16}
    assert all(torch.equal(value, before[name].half()) for name, value in after.items())


def test_the_packed_model_loads_with_its_vocoder_unchanged(model_dir: Path, unpacked: Path) -> None:
    before, after = load_model(model_dir, CPU, torch.float32), load_model(unpacked, CPU, torch.float32)
    assert after.description == before.description
    said = Spoken("Wait.", 9), Spoken("你好!", 9)
    assert after.reader.tokens(*said) == before.reader.tokens(*said)
    torch.testing.assert_close(after.network.text_embedding, before.network.text_embedding, atol=1e-3, rtol=1e-3)
    vocoder = before.vocoder.state_dict()
    assert all(torch.equal(value, vocoder[name]) for name, value in after.vocoder.state_dict().items())


def test_what_training_left_in_a_checkpoint_is_not_packed(copy: Path, folder: Path) -> None:
    weights = load_file(copy / "model.safetensors")
    save_file(weights | {"initted": torch.ones(1), "step": torch.ones(1)}, copy / "model.safetensors")
    with tarfile.open(pack(copy, folder, "ray")) as tar:
        tar.extract("model.safetensors", copy / "out", filter="data")
    assert {"initted", "step"}.isdisjoint(load_file(copy / "out/model.safetensors"))


def test_a_weight_beyond_half_precision_is_refused(copy: Path, folder: Path) -> None:
    weights = load_file(copy / "model.safetensors")
    name = "ema_model.transformer.proj_out.bias"
    weights[name] = weights[name] + 1e6
    save_file(weights, copy / "model.safetensors")
    with pytest.raises(DeployError, match=r"proj_out\.bias cannot be held in half precision"):
        pack(copy, folder, "ray")


@pytest.mark.parametrize("name", ["model.yaml", "vocab.txt", "vocoder/config.yaml", "vocoder/model.safetensors"])
def test_a_directory_that_lacks_a_file_is_refused(copy: Path, folder: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(DeployError, match=f"{Path(name).name}"):
        pack(copy, folder, "ray")


def test_a_model_that_does_not_load_is_refused_and_leaves_nothing(copy: Path, folder: Path) -> None:
    (copy / "vocab.txt").write_text(" \na\nb\n")
    before = set(folder.iterdir())
    with pytest.raises(DeployError, match=r"cannot be loaded: .*text_embed"):
        pack(copy, folder, "ray")
    assert set(folder.iterdir()) == before


def test_packages_are_laid_down_once(folder: Path) -> None:
    packages = lay_down("ray", folder / "packages")
    kept = packages / "vocos"
    inode = kept.stat().st_ino
    assert lay_down("ray", folder / "packages") == packages
    assert kept.stat().st_ino == inode
