"""What a bulk run needs in tests: lines, champions, an order; and what it has made."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bulk.model import digest
from bulk.places import absolute
from bulk.planning import Order
from bulk.voices import read_voices
from tests.support.recordings import TRANSCRIPT, recording, wav


def write_jsonl(path: Path, lines: Iterable[Mapping[str, object]]) -> Path:
    """A file of lines."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def make_champion(folder: Path, champion_id: str, seconds: float = 1.2) -> None:
    """Give a champion a reference in a folder of voices."""
    (folder / champion_id).mkdir(parents=True, exist_ok=True)
    (folder / champion_id / "reference.wav").write_bytes(wav(recording(seconds)))
    (folder / champion_id / "reference.txt").write_text(TRANSCRIPT)


def make_voices(folder: Path) -> Path:
    """A folder with the champions garen and lux."""
    make_champion(folder, "garen")
    make_champion(folder, "lux", 1.5)
    return folder


def make_order(sources: Iterable[str | Path], out: str | Path, model_dir: Path, voices: str | Path) -> Order:
    """An order without a fallback champion, at the usual loudness."""
    return Order(
        sources=tuple(absolute(str(source)) for source in sources),
        out=absolute(str(out)),
        model=str(model_dir),
        model_digest=digest(model_dir),
        voices=read_voices(str(voices)),
        fallback_champion=None,
        lufs=-19.0,
    )


def manifest_of(out: Path) -> list[dict[str, Any]]:
    """The rows of a run's manifest."""
    return [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
