"""Speak a line with the engine alone, without servers, and tell how long each stage takes: what `make say` calls.

TEXT is what to say. CHAMPION (ahri), QUALITY (standard), OUT (say.wav) and FORMAT (what OUT ends in, or wav) say how,
and MODEL_DIR with which model (the small one of models/). Champions and lexicons are those of voices/.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from audio import encode
from contract.formats import FORMATS, JSON
from contract.invocation import DEFAULT_LUFS, Invocation
from contract.problem import Problem
from contract.recording.finding import ReferenceUnusableError
from contract.references import LEXICON, RECORDING, TRANSCRIPT, unknown_champion
from deploy.layout import ROOT
from engine.checkpoint import MelSpecDescription, ModelError
from engine.plan import UnspeakableError
from engine.reference import Reference, prepare_reference
from loudness import level
from speaker import load_engine, read_invocation, utterance_of
from text.lexicon import NO_LEXICON, Lexicon
from text.script import UnsayableError

VOICES = ROOT / "voices"
SMALL_MODEL = ROOT / "models/small"
LINE_FIELDS = {"TEXT": "text", "CHAMPION": "champion_id", "QUALITY": "quality", "FORMAT": "format"}


def say(line: Invocation, model_dir: Path, out: Path) -> None:
    """Speak a line into a file.

    Args:
        line: what to say, and how.
        model_dir: with which model.
        out: where to.

    Raises:
        ModelError: the model directory cannot be loaded.
        ReferenceUnusableError, UnknownChampion: there is no voice to speak with.
        UnsayableError, UnspeakableError: the line cannot be spoken.
    """
    with stage("load the model"):
        engine, front_end = load_engine(model_dir)
    with stage("prepare the reference"):
        reference = read_reference(line.champion_id, engine.model.description.mel_spec)
        lexicon = read_lexicon(VOICES / line.champion_id / LEXICON).over(read_lexicon(VOICES / LEXICON))
    with stage("read the text"):
        script = front_end.read(line.text, line.text_type, lexicon)
    with stage("speak"):
        speech = engine.speak(utterance_of(line, script, reference))
    with stage("make it as loud as every line"):
        speech = level(speech, DEFAULT_LUFS)
    with stage(f"encode as {line.format}"):
        out.write_bytes(encode(speech, FORMATS[line.format]))
    print(f"{line.champion_id} says in {out}, {speech.seconds:.1f} s: {script.spoken_text}")
    if notice := engine.model.description.notice:
        print(notice)


def read_reference(champion_id: str, mel_spec: MelSpecDescription) -> Reference:
    """A champion's reference of voices/.

    Raises:
        UnknownChampion: there is none.
        ReferenceUnusableError: it cannot be used.
    """
    folder = VOICES / champion_id
    if not folder.is_dir():
        raise unknown_champion(champion_id, sorted(path.name for path in VOICES.iterdir() if path.is_dir()))
    transcript = (folder / TRANSCRIPT).read_text(encoding="utf-8")
    return prepare_reference((folder / RECORDING).read_bytes(), transcript, mel_spec)


def read_lexicon(path: Path) -> Lexicon:
    """What a lexicon says; nothing if it is not there."""
    return Lexicon.parse(path.read_text(encoding="utf-8"))[0] if path.is_file() else NO_LEXICON


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Tell how long a stage takes."""
    started = time.perf_counter()
    yield
    told(name, time.perf_counter() - started)


def told(name: str, seconds: float) -> None:
    """Tell a stage's seconds."""
    print(f"  {name:<32}{seconds:6.2f} s", flush=True)


def asked(environment: Mapping[str, str]) -> tuple[Invocation, Path, Path]:
    """The line, the model directory and the file to write, as the environment names them.

    Raises:
        Problem: a field of the line is wrong.
    """
    out = Path(environment.get("OUT") or "say.wav")
    ending = out.suffix.removeprefix(".")
    fields = {"text": "", "champion_id": "ahri"} | ({"format": ending} if ending in FORMATS else {})
    fields |= {field: value for name, field in LINE_FIELDS.items() if (value := environment.get(name))}
    model_dir = Path(environment.get("MODEL_DIR") or SMALL_MODEL)
    return read_invocation(json.dumps(fields).encode(), JSON), model_dir, out


def main() -> None:
    """Speak what the environment names."""
    told("start Python, import the engine", time.time() - psutil.Process().create_time())
    try:
        say(*asked(os.environ))
    except Problem as problem:
        sys.exit(problem.detail)
    except (ModelError, OSError, ReferenceUnusableError, UnsayableError, UnspeakableError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
