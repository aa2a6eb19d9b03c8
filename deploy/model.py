"""Fetch an official model into a model directory: `python -m deploy.model F5TTS_v1_Base FOLDER`.

What lies there already is kept if it is whole. Prints nothing on standard output.
"""

import argparse
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import yaml

from deploy.errors import DeployError, exit_with_message
from deploy.progress import megabytes

# huggingface.co/SWivid/F5-TTS: training steps of the checkpoint in each folder (f5_tts/infer/SHARED.md). Other
# architectures of f5_tts/configs have no weights there.
CHECKPOINTS = {"F5TTS_v1_Base": 1250000, "F5TTS_Base": 1200000}
NETWORK, VOCODER = "SWivid/F5-TTS", "charactr/vocos-mel-24khz"
NOTICE = "The official F5-TTS weights are CC-BY-NC-4.0: not for commercial use (https://creativecommons.org/licenses/by-nc/4.0/)."


class HubFile(NamedTuple):
    """A file on the hub, where it belongs in a model directory, and what raises ValueError if it is not whole."""

    repository: str
    name: str
    local: str
    check: Callable[[Path], None]


def fetch(model_name: str, folder: Path) -> None:
    """Make a model directory of the hub's files and upstream's own description.

    Args:
        model_name: a key of CHECKPOINTS.
        folder: where the directory is, or will be.

    Raises:
        DeployError: there is no such model, or a file cannot be had.
    """
    if model_name not in CHECKPOINTS:
        raise DeployError(
            f"There are no official weights of {model_name}: choose {' or '.join(CHECKPOINTS)}, or name your own model "
            "directory with --model-dir."
        )
    print(NOTICE, file=sys.stderr)
    folder.mkdir(parents=True, exist_ok=True)
    for file in _hub_files(model_name):
        target = folder / file.local
        if _is_whole(target, file):
            print(f"  there: {file.local}, {megabytes(target.stat().st_size)}", file=sys.stderr, flush=True)
            continue
        target.parent.mkdir(exist_ok=True)
        # In a folder of its own until it has been checked; hf goes on there where it was interrupted.
        downloads = folder / "downloads"
        _download(file, downloads)
        downloaded = downloads / file.name
        if not _is_whole(downloaded, file):
            downloaded.unlink(missing_ok=True)
            raise DeployError(f"hf download gave a damaged {file.name}: run again to fetch it anew.")
        downloaded.replace(target)
        print(f"  fetched: {file.local}, {megabytes(target.stat().st_size)}", file=sys.stderr, flush=True)
    shutil.rmtree(folder / "downloads", ignore_errors=True)
    description = files("f5_tts").joinpath(f"configs/{model_name}.yaml").read_text(encoding="utf-8")
    (folder / "model.yaml").write_text(description, encoding="utf-8")


def _hub_files(model_name: str) -> list[HubFile]:
    checkpoint = f"model_{CHECKPOINTS[model_name]}.safetensors"
    return [
        HubFile(NETWORK, f"{model_name}/{checkpoint}", checkpoint, _check_safetensors),
        HubFile(NETWORK, f"{model_name}/vocab.txt", "vocab.txt", _check_vocab),
        HubFile(VOCODER, "config.yaml", "vocoder/config.yaml", _check_vocoder_config),
        HubFile(VOCODER, "pytorch_model.bin", "vocoder/pytorch_model.bin", _check_vocoder),
    ]


def _download(file: HubFile, folder: Path) -> None:
    # It comes with the endpoint's packages, too.
    hf = shutil.which("hf") or shutil.which("hf", path=Path(sys.executable).parent)
    if hf is None:
        raise DeployError("hf is missing: install the Hugging Face CLI (pip install huggingface_hub).")
    command = [hf, "download", file.repository, file.name, "--local-dir", str(folder)]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
        raise DeployError(f"hf download could not fetch {file.name}: see above, and run again to go on.")


def _is_whole(path: Path, file: HubFile) -> bool:
    try:
        file.check(path)
    except FileNotFoundError:
        return False
    except Exception as error:  # noqa: BLE001 -- whatever a reader makes of a damaged file
        print(f"  damaged: {path}: {error}", file=sys.stderr, flush=True)
        return False
    return True


def _check_safetensors(path: Path) -> None:
    """Whether the file is as long as its header says, and holds a DiT; packing will load all of it."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > path.stat().st_size:
            raise ValueError("it ends before its header does")
        tensors = json.loads(file.read(length))
    tensors.pop("__metadata__", None)
    end = 8 + length + max(tensor["data_offsets"][1] for tensor in tensors.values())
    if path.stat().st_size != end:
        raise ValueError(f"it has {path.stat().st_size} bytes instead of {end}")
    if not any(name.endswith("transformer_blocks.0.attn.to_q.weight") for name in tensors):
        raise ValueError("it holds no F5-TTS network")


def _check_vocab(path: Path) -> None:
    # Upstream's vocabularies start with the space, which is also what unknown characters become.
    if not path.read_text(encoding="utf-8").startswith(" \n"):
        raise ValueError("its first token is not the space")


def _check_vocoder_config(path: Path) -> None:
    if not {"feature_extractor", "backbone", "head"} <= yaml.safe_load(path.read_text(encoding="utf-8")).keys():
        raise ValueError("it does not describe a Vocos")


def _check_vocoder(path: Path) -> None:
    with zipfile.ZipFile(path) as file:  # what torch.save writes
        if damaged := file.testzip():
            raise ValueError(f"{damaged} in it is damaged")


def main() -> None:
    """Fetch what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model_name")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    with exit_with_message():
        fetch(arguments.model_name, arguments.folder)


if __name__ == "__main__":
    main()
