"""Judge a model by sentences that it never learnt: `make eval-small`.

The engine that the product uses speaks each sentence in the voice of whoever's turn it is, first the champions, then
strangers that no corpus has. So do Kokoro, from which the model learnt, and espeak-ng, which has but one voice.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from bench.measure import machine
from contract.line import NFE_STEPS, Quality
from engine.checkpoint import MelSpecDescription, load_model
from engine.plan import Passage, Utterance
from engine.reference import Reference, prepare_reference
from engine.speech import Engine
from models import espeak, judge, kokoro
from models.judge import Critic, Recogniser, word_errors
from models.kokoro import SAMPLE_RATE, Teacher
from models.make_voices import CHAMPIONS, STRANGERS, VOICES, make_reference, write_reference
from models.report import Line, plot_rates, plot_spectrograms, summarise, with_table
from models.sentences import REPORTED, TUNING, Sentences

MODEL_DIR = Path(__file__).parent / "small"
KEPT = Path(__file__).parents[1] / "build/judge"
PACKAGES = ("f5-tts", "torch", "vocos", "faster-whisper", "distillmos", "resemblyzer")
QUALITIES: tuple[Quality, ...] = ("fast", "standard")
SEED = 1
# What a rival's figures depend on, beside the sentences and the voices.
SOURCES = (judge.__file__, kokoro.__file__, espeak.__file__)

Waveform = NDArray[np.float32]


@dataclass(frozen=True)
class Speaker:
    """Somebody whose voice is cloned: a champion or a stranger."""

    name: str
    reference: Reference  # what the model gets
    timbre: NDArray[np.float32]  # of the recording, by `Critic.timbre`


Say = Callable[[str, Speaker], tuple[Waveform, int]]
"""Speak a sentence in somebody's voice: samples, and how many there are in a second."""


def read_speakers(folder: Path, names: Iterable[str], mel_spec: MelSpecDescription, critic: Critic) -> list[Speaker]:
    """Speakers whose references lie in a folder as champions' do in voices/."""
    speakers = []
    for name in names:
        recording, transcript = folder / name / "reference.wav", folder / name / "reference.txt"
        reference = prepare_reference(recording.read_bytes(), transcript.read_text(encoding="utf-8"), mel_spec)
        speakers.append(Speaker(name, reference, critic.timbre(*soundfile.read(recording, dtype="float32"))))
    return speakers


class Judge:
    """What listens, and the voices that it tells apart.

    Args:
        recogniser: of words.
        critic: of quality and timbre.
        champions: whose timbres every line is compared with, beside its speaker's.
    """

    def __init__(self, recogniser: Recogniser, critic: Critic, champions: Sequence[Speaker]) -> None:
        self._recogniser = recogniser
        self._critic = critic
        self._champions = champions

    def listen(self, say: Say, sentences: Sentences, speakers: Sequence[Speaker]) -> Iterator[Line]:
        """Have each sentence spoken, in the speakers' voices in turn."""
        for kind, chosen in sentences._asdict().items():
            for sentence, speaker in zip(chosen, cycle(speakers), strict=False):
                started = time.perf_counter()
                wave, rate = say(sentence, speaker)
                seconds = time.perf_counter() - started
                yield self._judged(kind, sentence, speaker, wave, rate, seconds)

    def _judged(self, kind: str, sentence: str, speaker: Speaker, wave: Waveform, rate: int, seconds: float) -> Line:
        heard = self._recogniser.hears(wave, rate)
        errors = word_errors(sentence, heard)
        timbre = self._critic.timbre(wave, rate)
        alike = {each.name: float(each.timbre @ timbre) for each in (*self._champions, speaker)}
        return Line(
            kind=kind,
            speaker=speaker.name,
            sentence=sentence,
            heard=heard,
            wrong=errors.wrong,
            words=errors.words,
            quality=round(self._critic.quality(wave, rate), 4),
            similarity=round(alike[speaker.name], 4),
            nearest=max(alike, key=lambda name: alike[name]),
            seconds_per_second=round(seconds * rate / len(wave), 4),
        )


def speaks(engine: Engine, nfe: int) -> Say:
    """The model, at a number of steps."""

    def say(sentence: str, speaker: Speaker) -> tuple[Waveform, int]:
        utterance = Utterance([Passage(sentence)], speaker.reference, nfe, seed=SEED)
        return engine.speak(utterance).wave, engine.sample_rate

    return say


def reads(teacher: Teacher) -> Say:
    """Kokoro, in the voice that the reference was made of."""
    voices = CHAMPIONS | STRANGERS
    return lambda sentence, speaker: (teacher.say(sentence, voices[speaker.name]).wave, SAMPLE_RATE)


def kept(name: str, cast: Sequence[Speaker], lines: Iterable[Line]) -> list[Line]:
    """A rival's lines, judged anew unless the same rival was judged before: it does not change with the model.

    Args:
        name: of the rival and the voices.
        cast: all who speak or are compared with.
        lines: its lines, as they are judged.
    """
    depends_on = [
        REPORTED,
        [speaker.timbre.tolist() for speaker in cast],
        *(Path(file).read_text() for file in SOURCES),
    ]
    path = KEPT / f"{name}-{hashlib.sha256(repr(depends_on).encode()).hexdigest()[:12]}.json"
    if not path.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps([line._asdict() for line in lines]))
        partial.replace(path)
    return [Line(**line) for line in json.loads(path.read_text())]


def first(sentences: Sentences, lines: int) -> Sentences:
    """So many sentences of each kind, at most."""
    return Sentences(*(tuple(islice(kind, lines)) for kind in sentences))


def tune(engine: Engine, critic: Critic, lines: int, nfe: int) -> None:
    """Print what settings are chosen by: a few figures over TUNING, in the champions' voices.

    Args:
        engine: the model, with the settings to be tried in its model.yaml.
        critic: of quality and timbre.
        lines: of each kind at most.
        nfe: steps.
    """
    champions = read_speakers(VOICES, CHAMPIONS, engine.model.description.mel_spec, critic)
    sentences = first(TUNING, lines)
    judged = Judge(Recogniser(), critic, champions).listen(speaks(engine, nfe), sentences, champions)
    lines_heard = []
    for line in tqdm(judged, unit="line", total=sum(map(len, sentences))):
        lines_heard.append(line)
        if line.wrong:
            tqdm.write(f"{line.wrong}/{line.words} {line.speaker}: {line.sentence} | {line.heard}")
    for name, value in summarise(lines_heard).items():
        print(f"{name}: {value if isinstance(value, dict) else round(value, 3)}")


def read_cast(teacher: Teacher, mel_spec: MelSpecDescription, critic: Critic) -> dict[str, list[Speaker]]:
    """The champions, and the strangers, whose references are made on the spot."""
    with TemporaryDirectory() as folder:
        for name, voice in STRANGERS.items():
            write_reference(Path(folder, name), name, make_reference(teacher, name, voice))
        strangers = read_speakers(Path(folder), STRANGERS, mel_spec, critic)
    return {"champions": read_speakers(VOICES, CHAMPIONS, mel_spec, critic), "strangers": strangers}


def report(engine: Engine, critic: Critic, model_dir: Path, most: int) -> None:
    """Judge the model and its rivals over REPORTED; write evaluation.json, the plots, and the table into the card.

    Args:
        engine: the model.
        critic: of quality and timbre.
        model_dir: where it lies.
        most: sentences of each kind at most.
    """
    sentences = first(REPORTED, most)
    mel_spec = engine.model.description.mel_spec
    teacher = Teacher()
    cast = read_cast(teacher, mel_spec, critic)
    listener = Judge(Recogniser(), critic, cast["champions"])
    model = {name: speaks(engine, NFE_STEPS[name]) for name in QUALITIES}
    taught = reads(teacher)
    # espeak-ng has a voice of its own, the same for all.
    rivals: dict[str, tuple[Say, Sequence[str]]] = {
        "Kokoro": (taught, list(cast)),
        "espeak-ng": (lambda sentence, _: espeak.say(sentence), ["champions"]),
    }

    def judged(name: str, group: str, say: Say) -> Iterable[Line]:
        lines = listener.listen(say, sentences, cast[group])
        return tqdm(lines, desc=f"{name}, {group}", unit="line", total=sum(map(len, sentences)))

    everybody = list(chain(*cast.values()))
    lines = {name: {group: list(judged(name, group, say)) for group in cast} for name, say in model.items()} | {
        name: {group: kept(f"{name}-{group}-{most}", everybody, judged(name, group, say)) for group in groups}
        for name, (say, groups) in rivals.items()
    }
    results: dict[str, Any] = {
        "machine": machine(PACKAGES),
        "sentences": sum(map(len, sentences)),
        "figures": {name: {group: summarise(of[group]) for group in of} for name, of in lines.items()},
        "lines": {name: {group: [line._asdict() for line in of[group]] for group in of} for name, of in lines.items()},
    }
    (model_dir / "evaluation.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    card = model_dir / "README.md"
    card.write_text(with_table(card.read_text(encoding="utf-8"), results), encoding="utf-8")
    plot_rates(results["figures"], model_dir / "evaluation.png")
    rows = {
        f"{speaker.name}: {sentence}": [say(sentence, speaker)[0] for say in (model["standard"], taught)]
        for sentence, speaker in zip(REPORTED.general, cast["champions"][::2], strict=False)
    }
    plot_spectrograms(rows, ["the model", "Kokoro"], mel_spec, model_dir / "spectrograms.png")
    print(with_table("", results))


def main() -> None:
    """Judge a model directory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model_dir", type=Path, nargs="?", default=MODEL_DIR)
    parser.add_argument("--quick", action="store_true", help="print a few figures over the half for choosing settings")
    parser.add_argument("--lines", type=int, default=len(TUNING.coaching), help="of each kind, at most")
    parser.add_argument("--quality", choices=NFE_STEPS, default="standard", help="with --quick: which steps")
    arguments = parser.parse_args()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    engine = Engine(load_model(arguments.model_dir, torch.device("cpu")))
    if arguments.quick:
        tune(engine, Critic(), arguments.lines, NFE_STEPS[arguments.quality])
    else:
        report(engine, Critic(), arguments.model_dir, arguments.lines)


if __name__ == "__main__":
    main()
