"""The engine beside upstream's `infer_process`: same weights, reference, text, steps; `python -m bench.engine`.

Without a GPU the rows are those of the small model on a CPU; with one, those of F5TTS_v1_Base in half precision, with
random weights, which take as long there as trained ones.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import soundfile
import torch
import yaml
from f5_tts.model import DiT

from audio import encode
from bench.measure import interleaved, save, summary
from bench.random_model import make_random_model
from bench.upstream import import_upstream
from contract.formats import FORMATS
from contract.line import NFE_STEPS
from engine.checkpoint import Model, fastest_dtype, load_model
from engine.network import Architecture
from engine.plan import Passage, Utterance
from engine.reference import log_mel, prepare_reference
from engine.speech import Engine, Speech
from text.front_end import FrontEnd

ROOT = Path(__file__).parents[1]
UPSTREAM_NFE = 32  # infer_process's own default
OUR_NFE = NFE_STEPS["standard"]
SMALL = ROOT / "models/small"
LONG_TEXT_CHARACTERS = 1200
LONG_TEXT_NFE = NFE_STEPS["fast"]
LONG_TEXT_RUNS = 3
UPSTREAM_TRAINED_SECONDS = 22  # upstream splits texts for this, whatever the model
CALLERS = 16
REQUESTS = 1000
MATMUL_SIZE = 8192
TRANSCRIPT = (ROOT / "voices/yasuo/reference.txt").read_text(encoding="utf-8").strip()
LINE = "Ward the river before you walk into it, then wait for me at the tower."
WRITTEN = (
    "At 25:30 you were 5/2/11 with 10k gold, 7.5 CS/min and a 2.5x lead, Dr. Kim: buy the item for $3,500, ward the "
    "river before minute 27, and don't chase them 1v1 past the 2nd tower, e.g. with 40% HP."
)
SENTENCES = (
    "Their mid laner is missing, so stay close to your tower.",
    "Ward the river before you walk into it, and ask your jungler to come with you!",
    "When the wave reaches you, let it come; there is no reason to push it now.",
    "Do you see the dragon? It spawns in thirty seconds.",
    "Tell your team, take the brush on the left, and wait for the engage.",
)


class Contest:
    """One model, loaded by the engine and by upstream.

    Args:
        directory: the model directory.
        device: where both compute.
        reference_seconds: how long the reference is to be.
    """

    def __init__(self, directory: Path, device: torch.device, reference_seconds: float) -> None:
        self.directory, self.device = directory, device
        self.model = load_model(directory, device)
        self.upstream = import_upstream()
        checkpoint, vocab = str(directory / "model.safetensors"), str(directory / "vocab.txt")
        with _quiet():
            self.upstream_model = self.upstream.load_model(
                DiT, architecture(directory), checkpoint, vocab_file=vocab, device=str(device)
            )
        self.sound = _loop(ROOT / "voices/yasuo/reference.wav", reference_seconds)
        self.reference = prepare_reference(_wav(self.sound), TRANSCRIPT, self.model.description.mel_spec)
        with tempfile.NamedTemporaryFile(suffix=".wav") as file, _quiet():
            file.write(_wav(self.sound))
            file.flush()
            self.prepared, self.transcript = self.upstream.preprocess_ref_audio_text(file.name, TRANSCRIPT)

    def utterance(self, text: str, nfe: int, duration: float | None = None, seed: int = 0) -> Utterance:
        """A text to be said with the reference, in one go."""
        return Utterance([Passage(text)], self.reference, nfe, duration=duration, seed=seed)

    def in_dtype(self, dtype: torch.dtype) -> Model:
        """The engine's model in another type."""
        return load_model(self.directory, self.device, dtype)

    def ours(self, utterances: list[Utterance], model: Model | None = None) -> Callable[[], list[Speech]]:
        """Something that speaks utterances with the engine, and fails if one is not spoken."""
        engine = Engine(model or self.model)

        def speak() -> list[Speech]:
            results = engine.speak_batch(utterances)
            for result in results:
                if isinstance(result, Exception):
                    raise result
            return [result for result in results if isinstance(result, Speech)]

        return speak

    def theirs(
        self, utterances: list[Utterance], nfe: int, dtype: torch.dtype | None = None
    ) -> Callable[[], list[float]]:
        """Something that speaks with infer_process, one after the other, as it must, and tells the seconds of each.

        Args:
            utterances: what to say, of one passage each.
            nfe: how many steps.
            dtype: of matrix products, by autocast, as upstream's time steps fall together where all is in bf16. By
                default everything is in the type that upstream loads the model in.
        """
        # infer_process hands its work to threads, and autocast is each thread's own.
        threads = partial(ThreadPoolExecutor, initializer=_autocast, initargs=(self.device.type, dtype))

        def speak() -> list[float]:
            spoken = []
            self.upstream.ThreadPoolExecutor = threads  # type: ignore[attr-defined]
            for utterance in utterances:
                duration, [passage] = utterance.duration, utterance.passages
                whole = None if duration is None else duration + utterance.reference.samples / 24000
                with _quiet():
                    wave, rate, _ = self.upstream.infer_process(
                        self.prepared,
                        self.transcript,
                        passage.text,
                        self.upstream_model,
                        self.model.vocoder,
                        nfe_step=nfe,
                        cfg_strength=self.model.description.cfg_strength,
                        fix_duration=whole,
                        device=str(self.device),
                        progress=None,
                    )
                spoken.append(len(wave) / rate)
            return spoken

        return speak


def compare(ours: Callable[[], list[Speech]], theirs: Callable[[], list[float]], runs: int) -> dict[str, Any]:
    """Time both in turn, and relate them to the seconds of audio that come out."""
    seconds = interleaved({"ours": ours, "upstream": theirs}, runs)
    audio = sum(speech.seconds for speech in ours())
    row: dict[str, Any] = {name: summary(times) for name, times in seconds.items()}
    row["audio_seconds"] = round(audio, 2)
    row["times_as_fast"] = round(row["upstream"]["median"] / row["ours"]["median"], 2)
    return row


def cpu_rows(contest: Contest, runs: int) -> dict[str, Any]:
    """A small model on this machine's cores."""
    full = contest.in_dtype(torch.float32)
    line = contest.utterance(LINE, OUR_NFE, duration=4.0)
    long = contest.utterance(text_of(LONG_TEXT_CHARACTERS), LONG_TEXT_NFE)
    ours, theirs = contest.ours, contest.theirs
    dtype, default = contest.model.dtype, _name(contest.model.dtype)
    split = contest.model.description.trained_seconds
    text = f"A text of {LONG_TEXT_CHARACTERS:,} characters, {LONG_TEXT_NFE} steps"
    both_full = {
        f"One 4 s line, {OUR_NFE} steps, both in fp32": (
            lambda: compare(ours([line], full), theirs([line], OUR_NFE), runs)
        ),
        f"{text}, both in fp32": lambda: compare(
            ours([long], split_as_upstream(full)), theirs([long], LONG_TEXT_NFE), LONG_TEXT_RUNS
        ),
    }
    both_half = {
        f"The same line, both in {default}": lambda: compare(ours([line]), theirs([line], OUR_NFE, dtype), runs),
        f"The same text, both in {default}": lambda: compare(
            ours([long], split_as_upstream(contest.model)), theirs([long], LONG_TEXT_NFE, dtype), LONG_TEXT_RUNS
        ),
    }
    return measured(
        both_full
        | (both_half if dtype != torch.float32 else {})
        | {
            f"The same line, our default ({OUR_NFE} steps, {default}) against upstream's ({UPSTREAM_NFE} steps, "
            "fp32)": lambda: compare(ours([line]), theirs([line], UPSTREAM_NFE), runs),
            f"The same text, ours as served ({default}, split at {split:g} s) against upstream's (fp32, split at "
            f"{UPSTREAM_TRAINED_SECONDS} s)": lambda: compare(
                ours([long]), theirs([long], LONG_TEXT_NFE), LONG_TEXT_RUNS
            ),
            "From import to a model that is ready": lambda: import_row(contest.directory, runs),
            "Qualities": lambda: quality_rows(contest, full, runs),
            "Formats": lambda: format_rows(contest, runs),
            "Front end": lambda: front_end_row(contest, runs),
            "Memory": lambda: memory_row(contest),
        }
    )


def measured(rows: dict[str, Callable[[], dict[str, Any]]]) -> dict[str, Any]:
    """Measure rows one by one, and say so: it takes minutes."""
    results = {}
    for number, (name, row) in enumerate(rows.items(), start=1):
        print(f"[{number}/{len(rows)}] {name}", flush=True)
        results[name] = row()
    return results


def gpu_rows(contest: Contest, runs: int) -> dict[str, Any]:
    """F5TTS_v1_Base in half precision on this machine's GPU."""
    line = contest.utterance(LINE, OUR_NFE, duration=5.0)
    callers = [replace(line, duration=3 + 0.4 * index, seed=index) for index in range(CALLERS)]
    rate = matmul_rate(contest.model)

    def row(lines: list[Utterance]) -> dict[str, Any]:
        flops = sum(matmul_flops(contest.model.description.arch, _frames(line)) * line.nfe for line in lines)
        return compare(contest.ours(lines), contest.theirs(lines, OUR_NFE), runs) | {
            "matmul_seconds": round(flops / rate, 4)
        }

    return {"Matrix products, TFLOP/s": round(rate / 1e12, 1)} | measured(
        {
            f"One 5 s line, 8 s reference, {OUR_NFE} steps": lambda: row([line]),
            f"{CALLERS} callers at once, {callers[0].duration:g} to {callers[-1].duration:g} s, {OUR_NFE} steps": (
                lambda: row(callers)
            ),
            "Memory": lambda: memory_row(contest),
        }
    )


def import_row(directory: Path, runs: int) -> dict[str, Any]:
    """A process from its start to a loaded model."""
    ours = (
        "from pathlib import Path; import torch; import inference; from engine.checkpoint import load_model;"
        f"load_model(Path({str(directory)!r}), torch.device('cpu'))"
    )
    theirs = (
        "from f5_tts.infer.utils_infer import load_model; from f5_tts.model import DiT; from vocos import Vocos;"
        f"load_model(DiT, {architecture(directory)!r}, {str(directory / 'model.safetensors')!r}, device='cpu',"
        f" vocab_file={str(directory / 'vocab.txt')!r});"
        f"Vocos.from_hparams({str(directory / 'vocoder/config.yaml')!r})"
    )
    seconds = interleaved({"ours": _process(ours), "upstream": _process(theirs)}, min(runs, 3))
    row: dict[str, Any] = {name: summary(times) for name, times in seconds.items()}
    row["times_as_fast"] = round(row["upstream"]["median"] / row["ours"]["median"], 2)
    return row


def quality_rows(contest: Contest, full: Model, runs: int) -> dict[str, Any]:
    """What each quality costs, and how far its mel lies from that of 32 steps in fp32."""
    line = contest.utterance(LINE, UPSTREAM_NFE, duration=4.0)
    [best] = contest.ours([line], full)()
    rows: dict[str, Any] = {}
    for quality, nfe in NFE_STEPS.items():
        speak = contest.ours([replace(line, nfe=nfe)])
        seconds = interleaved({"ours": speak}, runs)["ours"]
        [speech] = speak()
        rows[quality] = {
            "steps": nfe,
            **summary(seconds),
            "seconds_per_audio_second": round(float(np.median(seconds)) / speech.seconds, 3),
            "log_mel_distance": round(_mel_distance(contest, speech, best), 3),
        }
    return rows


def format_rows(contest: Contest, runs: int) -> dict[str, Any]:
    """What it costs to encode 5 s in each format, beside what it costs to speak them."""
    speak = contest.ours([contest.utterance(LINE, OUR_NFE, duration=5.0)])
    [speech] = speak()
    encoders: dict[str, Callable[[], bytes]] = {
        name: partial(encode, speech, sound_format) for name, sound_format in FORMATS.items()
    }
    contestants: dict[str, Callable[[], object]] = {**encoders, "speech": speak}
    seconds = interleaved(contestants, runs)
    synthesis = float(np.median(seconds.pop("speech")))
    return {
        name: {
            **summary(seconds[name]),
            "kbit_per_second": round(len(encoder()) * 8 / 1000 / speech.seconds),
            "share_of_synthesis": round(float(np.median(seconds[name])) / synthesis, 4),
        }
        for name, encoder in encoders.items()
    }


def front_end_row(contest: Contest, runs: int) -> dict[str, Any]:
    """What it costs to read a line before it is spoken, and a process's first."""
    reader = contest.model.reader
    front_end = FrontEnd(reader.can_say, reader.reads_phonemes)
    reads = 20

    def read() -> None:
        for _ in range(reads):
            front_end.read(WRITTEN)

    first = _process(f"from text.front_end import FrontEnd; FrontEnd(str.isascii).read({WRITTEN!r})")
    nothing = _process("pass")
    seconds = interleaved({"read": read, "first": first, "nothing": nothing}, runs)
    line = summary([each / reads for each in seconds["read"]])
    start_up = float(np.median(seconds["first"])) - float(np.median(seconds["nothing"]))
    return {"characters": len(WRITTEN), **line, "start_up": round(start_up, 3)}


def memory_row(contest: Contest) -> dict[str, Any]:
    """What 16 lines at once take, and what 1,000 requests leave behind, in MiB."""
    process = psutil.Process()
    sound = _wav(contest.sound[:24000])
    reference = prepare_reference(sound, "Now go.", contest.model.description.mel_spec)
    short = Utterance([Passage("Go now, quick.")], reference, 7, duration=0.5)
    contest.ours([short])()
    row = {"with_model": process.memory_info().rss >> 20}
    contest.ours([contest.utterance(LINE, 7, duration=2.5 + 0.4 * index, seed=index) for index in range(CALLERS)])()
    row["after_16_at_once"] = process.memory_info().rss >> 20
    speak = contest.ours([short])
    for _ in range(REQUESTS):
        speak()
    row["after_1000_requests"] = process.memory_info().rss >> 20
    if contest.device.type == "cuda":
        row["gpu_peak"] = torch.cuda.max_memory_allocated() >> 20
    return row


def matmul_rate(model: Model) -> float:
    """FLOP/s of a large matrix product in the model's type."""
    a, b = (torch.randn(MATMUL_SIZE, MATMUL_SIZE, device=model.device, dtype=model.dtype) for _ in range(2))
    seconds = interleaved({"product": lambda: [a @ b for _ in range(20)]}, runs=5)["product"]
    return 20 * 2 * MATMUL_SIZE**3 / float(np.median(seconds))


def matmul_flops(arch: Architecture, frames: int) -> float:
    """FLOPs of the matrix products of one step for one piece, with and without condition."""
    inner = arch.heads * arch.dim_head
    linear = arch.dim * (4 * inner + 2 * arch.dim * arch.ff_mult)
    attention = 2 * frames * inner
    return 2 * 2 * frames * arch.depth * (linear + attention)


def split_as_upstream(model: Model) -> Model:
    """The model, with texts split as upstream splits them, so that both do the same work."""
    description = model.description.model_copy(update={"trained_seconds": UPSTREAM_TRAINED_SECONDS})
    return replace(model, description=description)


def architecture(directory: Path) -> dict[str, Any]:
    """What upstream's class is made with."""
    arch: dict[str, Any] = yaml.safe_load((directory / "model.yaml").read_text(encoding="utf-8"))["model"]["arch"]
    return arch


def _frames(line: Utterance) -> int:
    return (line.reference.samples + int((line.duration or 0) * 24000)) // 256


def _mel_distance(contest: Contest, speech: Speech, best: Speech) -> float:
    spec = contest.model.description.mel_spec
    mels = [log_mel(torch.from_numpy(each.wave), spec) for each in (speech, best)]
    return float((mels[0] - mels[1]).abs().mean())


def text_of(characters: int) -> str:
    """A text of nearly so many characters, which ends with a word."""
    text = " ".join(SENTENCES * (characters // 100))
    return text[: text.rindex(" ", 0, characters)]


def _loop(path: Path, seconds: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    sound, rate = soundfile.read(path)
    return np.resize(sound, int(seconds * rate))


def _wav(sound: np.ndarray[Any, np.dtype[np.float64]]) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, sound, 24000, format="WAV", subtype="PCM_16")
    return file.getvalue()


def _process(program: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def _name(dtype: torch.dtype) -> str:
    return {torch.float32: "fp32", torch.float16: "fp16", torch.bfloat16: "bf16"}[dtype]


def _autocast(device: str, dtype: torch.dtype | None) -> None:
    torch.set_autocast_enabled(device, dtype is not None)
    if dtype is not None:
        torch.set_autocast_dtype(device, dtype)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()):
        yield


def main() -> None:
    """Measure what this machine has, and save it."""
    gpu = torch.cuda.is_available()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    with tempfile.TemporaryDirectory() as directory:
        tempfile.tempdir = directory  # upstream leaves its prepared reference in it
        if gpu:
            config = yaml.safe_load(files("f5_tts").joinpath("configs/F5TTS_v1_Base.yaml").read_text(encoding="utf-8"))
            make_random_model(Path(directory) / "model", config["model"]["arch"])
            rows = gpu_rows(Contest(Path(directory) / "model", torch.device("cuda"), reference_seconds=8), runs=7)
        else:
            rows = cpu_rows(Contest(SMALL, torch.device("cpu"), reference_seconds=3.4), runs=5)
    dtype = fastest_dtype(torch.device("cuda" if gpu else "cpu"))
    path = save("engine", {"our_dtype": _name(dtype), "seed": 0, "rows": rows})
    print(path.read_text())


if __name__ == "__main__":
    main()
