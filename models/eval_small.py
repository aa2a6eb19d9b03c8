"""Judge the small model by sentences that it never learnt: `make eval-small`.

Every held-out sentence is spoken by the engine that the product uses, in the voice of the champion whose turn it is,
and set beside espeak-ng's own rendering of the same sentence in the same voice.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import soundfile
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pocketsphinx import Decoder
from torchaudio.functional import resample
from tqdm import tqdm

from bench.measure import machine
from contract.line import NFE_STEPS
from engine.checkpoint import MelSpecDescription, load_model
from engine.plan import Passage, Utterance
from engine.reference import Reference, log_mel, prepare_reference
from engine.speech import Engine
from models.corpus import CHAMPIONS, HELD_OUT_VOICES, SAMPLE_RATE, Waveform, levelled, speak
from models.espeak import Voice
from models.make_voices import VOICES
from models.sentences import HELD_OUT, plain

MODEL_DIR = Path(__file__).parent / "small"
QUALITIES = {name: NFE_STEPS[name] for name in ("fast", "standard")}
SEED = 1
BEAMS = {"beam": 1e-80, "pbeam": 1e-80, "wbeam": 1e-60}
BEGIN, END = "<!-- made by `make eval-small` -->\n", "<!-- end -->\n"
MEANINGS = {
    "understood": ("sentences that the recogniser picks out of all, in the champions' voices", "0.9 of the next"),
    "espeak_understood": ("the same of espeak-ng's own rendering", "0.9"),
    "understood_in_unknown_voices": ("the same of the model in voices that it never heard in training", ""),
    "distance_ratio": ("mel distance to espeak-ng's rendering, warped, over that to another sentence", "at most 0.6"),
    "nearest_to_own_reference": ("lines nearer to their own champion's reference than to any other's", "0.9"),
    "nearest_to_own_reference_in_unknown_voices": (
        "the same in voices that it never heard in training",
        "above the next",
    ),
    "chance_in_unknown_voices": ("by chance, that would be", ""),
    "seconds_per_second": ("seconds of work for a second of speech", "below 1"),
}
# How words are said that the recogniser's dictionary lacks, in its own phones.
PRONUNCIATIONS = {
    "ahri": "AA R IY",
    "garen": "G EH R AH N",
    "jinx": "JH IH NG K S",
    "jungler": "JH AH NG G L ER",
    "lux": "L AH K S",
    "thresh": "TH R EH SH",
    "yasuo": "Y AE S UW OW",
    "mage": "M EY JH",
    "minion": "M IH N Y AH N",
    "minions": "M IH N Y AH N Z",
    "potion": "P OW SH AH N",
    "harbour": "HH AA R B ER",
}


class Recogniser:
    """A recogniser that chooses among given sentences."""

    def __init__(self, sentences: tuple[str, ...]) -> None:
        # With beams of their usual width, made for speech that is clear throughout, the search gives all sentences up
        # at the first muffled word: it is to choose one.
        self._decoder = Decoder(lm=None, loglevel="FATAL", **BEAMS)
        choices = [plain(sentence) for sentence in sentences]
        for word in sorted({word for choice in choices for word in choice.split()}):
            if not self._decoder.lookup_word(word):
                self._decoder.add_word(word, PRONUNCIATIONS[word], update=False)
        grammar = f"#JSGF V1.0; grammar held_out; public <sentence> = {' | '.join(choices)};"
        with tempfile.NamedTemporaryFile("w", suffix=".jsgf") as file:
            file.write(grammar)
            file.flush()
            self._decoder.add_jsgf_file("held_out", file.name)
        self._decoder.activate_search("held_out")

    def hears(self, wave: Waveform) -> str:
        """Which sentence a waveform is most like, as `plain` writes it; nothing if it is like none."""
        heard = resample(torch.from_numpy(levelled(wave)), SAMPLE_RATE, int(self._decoder.config["samprate"])).numpy()
        # The recogniser is lost in digital silence: it measures the background first.
        heard = np.pad(heard, 3200) + np.random.default_rng(0).normal(0, 0.0006, len(heard) + 6400)
        self._decoder.start_utt()
        self._decoder.process_raw((np.clip(heard, -1, 1) * 32767).astype(np.int16).tobytes(), full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return str(hypothesis.hypstr) if hypothesis else ""


@dataclass(frozen=True)
class Speaker:
    """A voice of espeak-ng and the reference that the model gets of it."""

    name: str
    voice: Voice
    reference: Reference


def champions(mel_spec: MelSpecDescription) -> list[Speaker]:
    """The sample champions, with the references that ship."""
    return [
        Speaker(
            name,
            voice,
            prepare_reference(
                (VOICES / name / "reference.wav").read_bytes(), (VOICES / name / "reference.txt").read_text(), mel_spec
            ),
        )
        for name, voice in CHAMPIONS.items()
    ]


def strangers(mel_spec: MelSpecDescription) -> list[Speaker]:
    """Voices that the model never heard in training."""
    transcript = "Look at the map after every wave, and never be surprised."
    speakers = []
    for voice in HELD_OUT_VOICES:
        file = BytesIO()
        soundfile.write(file, 0.7 * speak(transcript, voice), SAMPLE_RATE, format="WAV", subtype="PCM_16")
        speakers.append(Speaker(voice.name, voice, prepare_reference(file.getvalue(), transcript, mel_spec)))
    return speakers


def timbre(mel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Long-term statistics of a log mel [frames, channels] where it is loud: mean and deviation of each channel."""
    loudness = mel.mean(1)
    loud = mel[loudness > np.median(loudness)]
    return np.concatenate([loud.mean(0), loud.std(0)])


def warped_distance(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Mean distance of two log mels [frames, channels] along the best alignment (dynamic time warping)."""
    cost, path = librosa.sequence.dtw(a.T, b.T, metric="euclidean")
    return float(cost[-1, -1] / len(path))


@cache
def rendition(sentence: str, voice: Voice) -> Waveform:
    """espeak-ng's, which is the same for every quality."""
    return speak(sentence, voice)


def judge(engine: Engine, nfe: int, recogniser: Recogniser) -> dict[str, Any]:
    """Everything that is judged at one number of steps; see the README of models/small for what each figure means."""
    mel_spec = engine.model.description.mel_spec
    speakers = champions(mel_spec)
    new = strangers(mel_spec)
    timbres = {speaker.name: timbre(speaker.reference.mel.numpy()) for speaker in (*speakers, *new)}
    champion_names = {speaker.name for speaker in speakers}
    turns = list(zip(HELD_OUT, cycle(speakers), strict=False)) + list(zip(HELD_OUT, cycle(new), strict=False))
    lines = []
    for index, (sentence, speaker) in enumerate(tqdm(turns, desc=f"{nfe} steps", unit="line")):
        started = time.perf_counter()
        spoken = engine.speak(Utterance([Passage(sentence)], speaker.reference, nfe, seed=SEED))
        seconds = time.perf_counter() - started
        said, own = spoken.wave, rendition(sentence, speaker.voice)
        other = rendition(HELD_OUT[(index + len(speakers)) % len(HELD_OUT)], speaker.voice)
        mel, own_mel, other_mel = (
            log_mel(torch.from_numpy(levelled(wave)), mel_spec).numpy() for wave in (said, own, other)
        )
        # A stranger is compared with every champion's reference and with its own.
        rivals = champion_names | {speaker.name}
        here = timbre(mel)
        heard = recogniser.hears(said)
        nearest = min(rivals, key=lambda name: float(np.linalg.norm(here - timbres[name])))
        lines.append(
            {
                "sentence": sentence,
                "speaker": speaker.name,
                "trained_voice": speaker.name in champion_names,
                "heard": heard,
                "understood": heard == plain(sentence),
                "espeak_understood": recogniser.hears(own) == plain(sentence),
                "distance": warped_distance(mel, own_mel),
                "distance_to_another_sentence": warped_distance(mel, other_mel),
                "nearest_reference": nearest,
                "seconds_per_second": seconds / spoken.seconds,
            }
        )
    return summarise(lines) | {"lines": lines}


def summarise(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures that the model is held to, from the lines' own."""
    known = [line for line in lines if line["trained_voice"]]
    unknown = [line for line in lines if not line["trained_voice"]]
    understood = sum(line["understood"] for line in known)
    return {
        "sentences": len(known),
        "understood": understood / len(known),
        "espeak_understood": sum(line["espeak_understood"] for line in known) / len(known),
        "understood_in_unknown_voices": sum(line["understood"] for line in unknown) / len(unknown),
        "distance": float(np.mean([line["distance"] for line in known])),
        "distance_ratio": float(
            np.mean([line["distance"] for line in known])
            / np.mean([line["distance_to_another_sentence"] for line in known])
        ),
        "nearest_to_own_reference": sum(line["nearest_reference"] == line["speaker"] for line in known) / len(known),
        "nearest_to_own_reference_in_unknown_voices": sum(
            line["nearest_reference"] == line["speaker"] for line in unknown
        )
        / len(unknown),
        "chance_in_unknown_voices": 1 / (1 + len(CHAMPIONS)),
        "seconds_per_second": float(np.median([line["seconds_per_second"] for line in known])),
    }


def plot(engine: Engine, path: Path, nfe: int) -> None:
    """Log mels of four held-out sentences beside espeak-ng's."""
    mel_spec = engine.model.description.mel_spec
    speakers = champions(mel_spec)[::2]
    figure = Figure(figsize=(12, 2.4 * len(speakers)), layout="constrained")
    axes = figure.subplots(len(speakers), 2)
    for (left, right), speaker, sentence in zip(axes, speakers, HELD_OUT, strict=False):
        spoken = engine.speak(Utterance([Passage(sentence)], speaker.reference, nfe, seed=SEED))
        for axis, wave, who in ((left, spoken.wave, "the model"), (right, speak(sentence, speaker.voice), "espeak-ng")):
            mel = log_mel(torch.from_numpy(levelled(wave)), mel_spec).numpy()
            axis.imshow(mel.T, origin="lower", aspect="auto", vmin=-9, vmax=3, interpolation="none")
            axis.set_title(f"{speaker.name}, {who}: {sentence}", fontsize=8)
            axis.tick_params(labelsize=7)
    figure.supxlabel("mel frames of 10.7 ms", fontsize=8)
    figure.supylabel("mel channels", fontsize=8)
    figure.savefig(path, dpi=90)


def with_table(card: str, results: dict[str, Any]) -> str:
    """The model card with the figures as they are now."""
    rows = ["| | `fast` | `standard` | asked |", "|---|---|---|---|"]
    for name, (meaning, asked) in MEANINGS.items():
        fast, standard = (f"{results[quality][name]:.2f}" for quality in QUALITIES)
        rows.append(f"| {meaning} | {fast} | {standard} | {asked} |")
    about = results["machine"]
    rows += ["", f"Measured on {about['processor']}, {about['cores']} cores."]
    before, _, rest = card.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{chr(10).join(rows)}\n{END}{after}"


def main() -> None:
    """Write evaluation.json and evaluation.png into the model directory, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model_dir", type=Path, nargs="?", default=MODEL_DIR)
    model_dir: Path = parser.parse_args().model_dir
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    engine = Engine(load_model(model_dir, torch.device("cpu")))
    recogniser = Recogniser(HELD_OUT)
    results: dict[str, Any] = {"machine": machine()}
    for quality, nfe in QUALITIES.items():
        results[quality] = judge(engine, nfe, recogniser)
        for name, value in results[quality].items():
            if name != "lines":
                print(f"{quality}: {name} {value:.3f}" if isinstance(value, float) else f"{quality}: {name} {value}")
    (model_dir / "evaluation.json").write_text(json.dumps(results, indent=1) + "\n")
    card = model_dir / "README.md"
    card.write_text(with_table(card.read_text(encoding="utf-8"), results), encoding="utf-8")
    plot(engine, model_dir / "evaluation.png", QUALITIES["standard"])


if __name__ == "__main__":
    main()
