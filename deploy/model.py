"""Fetch a model from the hub into a model directory: `python -m deploy.model F5TTS_v1_Base`, or `user/repository`.

The directory is build/models/NAME; its path is all that is printed on standard output. What lies there whole is not
fetched again: SHA256SUMS in it tells. Weights are taken as safetensors alone, but for upstream's vocoder, which is
published as a pickle: it is read as weights and nothing else, and kept as safetensors.
"""

from __future__ import annotations

import argparse
import pickle
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import yaml

from deploy.checksums import read_sums, sha256, write_sums
from deploy.errors import DeployError, exit_with_message
from deploy.hub import Hub, HubFile, Repository
from deploy.progress import megabytes

MODELS = Path("build/models")
SUMS = "SHA256SUMS"
DESCRIPTION = "model.yaml"
# As f5_tts/infer/SHARED.md lists them. Upstream's other configs have no weights of upstream's.
OFFICIAL = {
    "F5TTS_v1_Base": "SWivid/F5-TTS/F5TTS_v1_Base/model_1250000.safetensors",
    "F5TTS_Base": "SWivid/F5-TTS/F5TTS_Base/model_1200000.safetensors",
}
LICENCES = {"SWivid/F5-TTS": "cc-by-nc-4.0"}  # of the others the hub is asked
OFFICIAL_VOCODER = "charactr/vocos-mel-24khz"
MAY_BE_THERE = ("durations.json", DESCRIPTION)  # what a model brings along that describes itself


class Wanted(NamedTuple):
    """What MODEL names.

    Attributes:
        repository: `user/repository` on the hub.
        path: a folder or a file in it; empty for all of it.
        config: which of upstream's configs describes the model; empty if its folder or repository has that name, or a
            description of its own.
    """

    repository: str
    path: str
    config: str

    @classmethod
    def parse(cls, model: str) -> Wanted:
        """Read a key of OFFICIAL, or user/repository[/path][:config].

        Raises:
            DeployError: it is neither.
        """
        named, _, config = OFFICIAL.get(model, model).partition(":")
        user, repository, *path = f"{named}/".split("/")
        if not user or not repository:
            raise DeployError(
                f"There are no official weights of {model}: choose {' or '.join(OFFICIAL)}, name a repository of the "
                "hub as user/repository, or give a model directory of your own."
            )
        return cls(f"{user}/{repository}", "/".join(path).rstrip("/"), config)


def model_directory(model: str, hub: Hub, models: Path = MODELS) -> Path:
    """The directory of a model, fetched if it is not there whole.

    Args:
        model: what `Wanted.parse` reads.
        hub: where from.
        models: the folder of all that were fetched.

    Raises:
        DeployError: there is no such model, or a file cannot be had.
    """
    folder = models / model.removesuffix(".safetensors").translate(str.maketrans("/:", "--"))
    there = _whole(folder)
    if there and there.keys() == read_sums(folder / SUMS).keys() and (folder / DESCRIPTION).is_file():
        print(f"  there: {folder}", file=sys.stderr, flush=True)
    else:
        _fetch(Wanted.parse(model), folder, there, hub)
    return folder


def _whole(folder: Path) -> dict[str, str]:
    """SHA-256 of the files that lie there as they were fetched."""
    whole = {}
    for name, digest in read_sums(folder / SUMS).items():
        if (folder / name).is_file() and sha256(folder / name) == digest:
            whole[name] = digest
        else:
            print(f"  damaged: {folder / name}", file=sys.stderr, flush=True)
    return whole


def _fetch(wanted: Wanted, folder: Path, there: dict[str, str], hub: Hub) -> None:
    """Make a model directory whole, but for what is there."""
    repository = hub.look_up(wanted.repository)
    checkpoint = _checkpoint(repository, wanted.path)
    plan = _plan(repository, checkpoint, hub)
    if wanted.config:
        plan.pop(DESCRIPTION, None)
    config = None if DESCRIPTION in plan else _config(wanted, checkpoint)
    notice = _notice(repository)
    print(notice, file=sys.stderr, flush=True)
    for local, file in plan.items():
        if local not in there:
            _lay_down(file, folder / local, hub)
            there[local] = sha256(folder / local)
            write_sums(folder / SUMS, there)
    if config:
        _describe(folder, config, notice)


def _checkpoint(repository: Repository, path: str) -> str:
    """The one file of weights that a repository holds at a path."""
    found = [
        name
        for name in repository.files
        if name.endswith(".safetensors")
        and PurePosixPath(name).parent.name != "vocoder"
        and PurePosixPath(name).is_relative_to(path)
    ]
    where = f"{repository.name}{path and '/'}{path}"
    if not found:
        raise DeployError(f"{where} holds no .safetensors: ask its author for one, as pickles (.pt) are not loaded.")
    if len(found) > 1:
        names = ", ".join(f"{repository.name}/{name}" for name in found)
        raise DeployError(f"{where} holds several models: choose one of {names}.")
    return found[0]


def _plan(repository: Repository, checkpoint: str, hub: Hub) -> dict[str, HubFile]:
    """The files of a model directory by their places in it; its description, if it has one, comes last."""
    beside = _below(repository.files, PurePosixPath(checkpoint).parent)
    vocoder = _below(beside, PurePosixPath("vocoder")) or hub.look_up(OFFICIAL_VOCODER).files
    return {
        "model.safetensors": repository.files[checkpoint],
        "vocab.txt": _first(beside, "vocab.txt"),
        "vocoder/config.yaml": _first(vocoder, "config.yaml"),
        "vocoder/model.safetensors": _first(vocoder, "model.safetensors", "pytorch_model.bin"),
    } | {name: beside[name] for name in MAY_BE_THERE if name in beside}


def _below(held: Mapping[str, HubFile], folder: PurePosixPath) -> dict[str, HubFile]:
    """The files in a folder, by their paths from there."""
    return {
        PurePosixPath(name).relative_to(folder).as_posix(): file
        for name, file in held.items()
        if PurePosixPath(name).is_relative_to(folder)
    }


def _first(held: Mapping[str, HubFile], *names: str) -> HubFile:
    for name in names:
        if name in held:
            return held[name]
    [repository, *_] = {file.repository for file in held.values()}
    raise DeployError(f"{repository} holds no {' or '.join(names)} where it belongs: it is no whole model.")


def _config(wanted: Wanted, checkpoint: str) -> str:
    """Which of upstream's configs describes a model."""
    names = (path.name.removesuffix(".yaml") for path in files("f5_tts").joinpath("configs").iterdir())
    known = sorted(name for name in names if name.startswith("F5TTS"))  # the others are of another architecture
    told = PurePosixPath(checkpoint).parent.name, PurePosixPath(wanted.repository).name
    for name in [wanted.config] if wanted.config else told:
        if name in known:
            return name
    raise DeployError(
        f"{wanted.repository} does not say how its network is built: put one of "
        f"{', '.join(f':{name}' for name in known)} behind the model's name, as its author tells."
    )


def _notice(repository: Repository) -> str:
    licence = LICENCES.get(repository.name) or repository.licence
    if licence is None:
        return f"The page of {repository.name} tells no licence: ask its author what you may do with its weights."
    limit = ": not for commercial use" if "-nc" in licence else ""
    return f"The weights of {repository.name} are licensed under {licence.upper()}{limit}."


def _lay_down(file: HubFile, target: Path, hub: Hub) -> None:
    """Fetch a file to its place; a pickle of weights becomes safetensors."""
    if file.name.endswith(".bin"):
        pickled = target.with_name("pytorch_model.bin")
        hub.fetch(file, pickled)
        _convert(pickled, target)
    else:
        hub.fetch(file, target)
    print(f"  fetched: {target}, {megabytes(target.stat().st_size)}", file=sys.stderr, flush=True)


def _convert(pickled: Path, target: Path) -> None:
    # What is there already is found without torch, which takes seconds to import.
    from safetensors.torch import save_file

    from engine.checkpoint import read_weights

    try:
        weights = read_weights(pickled)
    except pickle.UnpicklingError:
        raise DeployError(f"{pickled} holds more than weights, so it was not loaded.") from None
    save_file({name: value.contiguous() for name, value in weights.items()}, target)
    pickled.unlink()


def _describe(folder: Path, config: str, notice: str) -> None:
    """Write model.yaml: upstream's own description, and what people should know. From then on it is theirs to edit."""
    upstream = yaml.safe_load(files("f5_tts").joinpath(f"configs/{config}.yaml").read_text(encoding="utf-8"))["model"]
    described = upstream | {"name": folder.name, "notice": notice, "reader": "characters"}
    text = yaml.safe_dump({"model": described}, sort_keys=False)
    (folder / DESCRIPTION).write_text(text, encoding="utf-8")


def main() -> None:
    """Fetch what the command line names, and print where it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help=f"{', '.join(OFFICIAL)}, or user/repository[/path][:config] of the hub")
    arguments = parser.parse_args()
    with exit_with_message():
        print(model_directory(arguments.model, Hub()))


if __name__ == "__main__":
    main()
