"""Make a corpus to train on, `make corpus`: Kokoro reads WordNet's example sentences and lines of a coach.

A bit more than half of the lines are spoken by the champions, each other one by a voice that says nothing else. What
line number so-and-so says, and who says it, depends on the seed alone: a run that was interrupted goes on, one that
asks for more hours adds to what is there, and any number of processors makes the same corpus.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import random
import re
import sys
import tarfile
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from multiprocessing import Pool
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile
from tqdm import tqdm

from models.kokoro import SAMPLE_RATE, Spoken, Teacher, Voice
from models.make_voices import CHAMPIONS, TRANSCRIPTS
from models.sentences import REPORTED, TUNING
from models.texts import coach, examples

WORDNET = Path("/usr/share/wordnet")  # Debian's wordnet-base
PART_LINES = 250
CHAMPIONS_SHARE = 0.55
COACHING_SHARE = 0.3
TWO_SENTENCES_SHARE = 0.12
CHAMPIONS_PACE = (0.95, 1.06)  # times the champion's own
OTHERS_PITCH, OTHERS_PACE = (0.84, 1.17), (0.88, 1.15)
RMS, MAX_PEAK = 0.07, 0.95
SILENT = 0.01
RUN = 5  # words in a row that are in nothing that a model is judged by

# Voice packs that voices of their own are blended from, English ones twice as often. make_voices.STRANGERS has others.
ENGLISH = [
    *("af_heart", "af_bella", "af_jessica", "af_nicole", "af_river", "af_sarah"),
    *("am_eric", "am_liam", "am_michael", "am_santa"),
    *("bf_alice", "bf_emma", "bf_isabella", "bf_lily"),
    *("bm_daniel", "bm_george", "bm_lewis"),
]
OTHERS = ["ef_dora", "em_alex", "if_sara", "im_nicola", "pf_dora", "pm_alex", "hf_alpha", "hm_omega"]


class Order(NamedTuple):
    """A line to be spoken."""

    number: int
    text: str
    champion: str | None
    voice: Voice


class Made(NamedTuple):
    """A line that was spoken: its entry in lines.jsonl, and its Opus file."""

    entry: dict[str, Any]
    sound: bytes


def runs(text: str) -> set[tuple[str, ...]]:
    """All RUN words in a row of a text; the whole, if it has fewer."""
    words = re.findall(r"[a-z']+", text.lower())
    return {tuple(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1))}


JUDGED = {run for text in (*chain(*TUNING), *chain(*REPORTED), *TRANSCRIPTS.values()) for run in runs(text)}


class Script:
    """Who says what.

    Args:
        sentences: of general English.
        seed: of all choices.
    """

    def __init__(self, sentences: list[str], seed: int) -> None:
        self._seed = seed
        self._sentences = sentences.copy()
        random.Random(seed).shuffle(self._sentences)  # noqa: S311 (nothing secret)

    def order(self, number: int) -> Order:
        """The line of a number, never one that shares a run of words with what models are judged by."""
        draw = random.Random(f"{self._seed} {number}")  # noqa: S311
        text = self._text(draw, number)
        while runs(text) & JUDGED:
            text = ended(coach(draw))
        if draw.random() < CHAMPIONS_SHARE:
            champion = draw.choice(list(CHAMPIONS))
            voice = CHAMPIONS[champion]
            return Order(number, text, champion, voice._replace(speed=voice.speed * draw.uniform(*CHAMPIONS_PACE)))
        return Order(number, text, None, own_voice(draw))

    def _text(self, draw: random.Random, number: int) -> str:
        text = coach(draw) if draw.random() < COACHING_SHARE else self._sentences[number % len(self._sentences)]
        if draw.random() < TWO_SENTENCES_SHARE and len(text.split()) < 9:
            return f"{ended(text)} {ended(draw.choice(self._sentences))}"
        return ended(text)


def ended(text: str) -> str:
    """A text with a capital at its beginning and a mark at its end."""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")


def own_voice(draw: random.Random) -> Voice:
    """A voice that was not there before."""
    packs = dict.fromkeys(draw.sample(ENGLISH * 2 + OTHERS, draw.choice((2, 3))), 0.0)
    weights = [draw.uniform(0.25, 1) for _ in packs]
    blend = {pack: weight / sum(weights) for pack, weight in zip(packs, weights, strict=True)}
    pitch = math.exp(draw.uniform(*map(math.log, OTHERS_PITCH)))
    return Voice(blend, pitch, draw.uniform(*OTHERS_PACE))


def make(order: Order, say: Callable[[str, Voice], Spoken]) -> Made | None:
    """Have a line spoken; None if it cannot be."""
    try:
        spoken = say(order.text, order.voice)
    except ValueError:
        return None
    peak = np.abs(spoken.wave).max(initial=0)
    if peak < SILENT:
        return None
    wave = spoken.wave * min(RMS / np.sqrt(np.mean(spoken.wave**2)), MAX_PEAK / peak)
    sound = io.BytesIO()
    soundfile.write(sound, wave, SAMPLE_RATE, format="OGG", subtype="OPUS")
    entry = {
        "file": f"{order.number:06d}.ogg",
        "text": order.text,
        "tokens": [[word.text, word.phonemes] for word in spoken.words],
        "starts": [round(start, 3) for start in spoken.starts],
        "seconds": round(len(wave) / SAMPLE_RATE, 3),
        "voice": order.champion,
        "blend": {pack: round(weight, 3) for pack, weight in order.voice.blend.items()},
        "pitch": round(order.voice.pitch, 3),
        "speed": round(order.voice.speed, 3),
    }
    return Made(entry, sound.getvalue())


def write_corpus(folder: Path, hours: float, make_lines: Callable[[range], Iterable[Made | None]]) -> None:
    """Add parts to a corpus, PART_LINES lines each, until it has so many hours.

    Args:
        folder: of the corpus; made if it is not there.
        hours: of speech that it is to have at least.
        make_lines: how lines of given numbers are made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index = folder / "lines.jsonl"
    entries = [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines()] if index.exists() else []
    part = 1 + int(Path(entries[-1]["file"]).stem) // PART_LINES if entries else 0
    asked = hours * 3600
    with tqdm(total=round(asked), unit="s", desc="corpus", smoothing=0) as bar:
        bar.update(round(sum(entry["seconds"] for entry in entries)))
        while sum(entry["seconds"] for entry in entries) < asked:
            numbers = range(part * PART_LINES, (part + 1) * PART_LINES)
            entries += _write_part(folder / f"part-{part:03d}.tar", make_lines(numbers), bar)
            # The index is the truth: a part that is not in it yet is made again.
            partial = index.with_suffix(".partial")
            partial.write_text(
                "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries), encoding="utf-8"
            )
            partial.replace(index)
            part += 1


def _write_part(path: Path, lines: Iterable[Made | None], bar: tqdm[Any]) -> Iterator[dict[str, Any]]:
    with tarfile.open(path, "w") as tar:
        for made in lines:
            if made is not None:
                member = tarfile.TarInfo(made.entry["file"])
                member.size = len(made.sound)
                tar.addfile(member, io.BytesIO(made.sound))
                bar.update(round(made.entry["seconds"]))
                yield made.entry


# Of a process that speaks.
_script: Script
_teacher: Teacher


def _begin(sentences: list[str], seed: int) -> None:
    global _script, _teacher
    _script, _teacher = Script(sentences, seed), Teacher()


def _make(number: int) -> Made | None:
    return make(_script.order(number), _teacher.say)


def main() -> None:
    """Make the corpus, on all processors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hours", type=float, required=True, help="of speech that the corpus is to have in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--wordnet", type=Path, default=WORDNET, help="the folder that holds WordNet's data.noun")
    arguments = parser.parse_args()
    if not (arguments.wordnet / "data.noun").exists():
        sys.exit(
            f"WordNet is not in {arguments.wordnet}: install it, on Debian and Ubuntu with `apt install wordnet-base`."
        )
    sentences = examples(arguments.wordnet)
    print(f"{len(sentences)} sentences")
    with Pool(initializer=_begin, initargs=(sentences, arguments.seed)) as pool:
        write_corpus(arguments.folder, arguments.hours, lambda numbers: pool.imap(_make, numbers))


if __name__ == "__main__":
    main()
