"""The same weights, seed and steps give the same waveform through upstream's infer_process and through the engine.

What is spoken in one go, that is; the engine's end alone is its own: a fade and END_SECONDS of silence.
"""

import concurrent.futures
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from f5_tts.model import DiT
from numpy.typing import NDArray

from bench.random_model import MODEL, make_random_model
from engine.checkpoint import load_model
from engine.plan import END_SECONDS, Passage, Utterance
from engine.reference import prepare_reference
from engine.speech import Engine, Speech
from tests.support.recordings import TRANSCRIPT, recording, wav

pytestmark = pytest.mark.slow

ONE_THOUSANDTH_OF_FULL_SCALE = 1e-3
# What tells the model families apart, from upstream's configs of these names.
FAMILIES: dict[str, dict[str, Any]] = {
    "F5TTS_v1_Base": {"text_mask_padding": True, "pe_attn_head": None},
    "F5TTS_Base": {"text_mask_padding": False, "pe_attn_head": 1},
    "average upsampling": {"text_mask_padding": True, "text_embedding_average_upsampling": True},
    "query and key norm, long skip": {"qk_norm": "rms_norm", "long_skip_connection": True},
}
FILLING = (
    "Their mid laner is missing, so stay close to your tower. Ward the river before you walk into it! "
    "When the wave reaches you, let it come; there is no reason to push it now. Do you see the dragon? "
)
FADE_SECONDS = 0.005


class Both:
    """One model directory, loaded by upstream and by the engine."""

    def __init__(self, upstream: ModuleType, directory: Path, arch: dict[str, Any]) -> None:
        make_random_model(directory, arch)
        self.upstream = upstream
        self.model = load_model(directory, torch.device("cpu"), torch.float32)
        self.theirs = upstream.load_model(
            DiT,
            MODEL["arch"] | arch,
            str(directory / "model.safetensors"),
            vocab_file=str(directory / "vocab.txt"),
            device="cpu",
        )

    def speak(
        self,
        tmp_path: Path,
        text: str,
        nfe: int,
        sound: bytes,
        seed: int = 0,
        speed: float = 1.0,
        cfg_strength: float = 2.0,
    ) -> tuple[NDArray[np.float32], Speech]:
        path = tmp_path / "reference.wav"
        path.write_bytes(sound)
        prepared, transcript = self.upstream.preprocess_ref_audio_text(str(path), TRANSCRIPT)
        torch.manual_seed(seed)
        theirs, rate, _ = self.upstream.infer_process(
            prepared,
            transcript,
            text,
            self.theirs,
            self.model.vocoder,
            nfe_step=nfe,
            speed=speed,
            cfg_strength=cfg_strength,
            device="cpu",
            progress=None,
        )
        Path(prepared).unlink()
        self.upstream._ref_audio_cache.clear()  # it would hand out the file that is gone now
        assert rate == 24000
        reference = prepare_reference(sound, TRANSCRIPT, self.model.description.mel_spec)
        description = self.model.description.model_copy(update={"cfg_strength": cfg_strength})
        engine = Engine(replace(self.model, description=description))
        return theirs, engine.speak(Utterance([Passage(text)], reference, nfe, speed=speed, seed=seed))


@pytest.fixture(scope="module", params=FAMILIES)
def both(request: pytest.FixtureRequest, upstream: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Both:
    # Upstream makes the noise of a long text's chunks in several threads at once: one thread makes it repeatable.
    upstream.ThreadPoolExecutor = partial(concurrent.futures.ThreadPoolExecutor, max_workers=1)  # type: ignore[attr-defined]
    return Both(upstream, tmp_path_factory.mktemp("model"), FAMILIES[request.param])


def assert_same(theirs: NDArray[np.float32], ours: Speech) -> None:
    unfaded = len(theirs) - round(FADE_SECONDS * ours.sample_rate)
    assert len(ours.wave) == len(theirs) + round(END_SECONDS * ours.sample_rate)
    assert np.abs(theirs).max() > 10 * ONE_THOUSANDTH_OF_FULL_SCALE, "silence would agree with anything"
    assert np.abs(ours.wave[:unfaded] - theirs[:unfaded]).max() < ONE_THOUSANDTH_OF_FULL_SCALE
    assert not ours.wave[len(theirs) :].any()


@pytest.mark.parametrize("nfe", [7, 16, 32])
def test_one_line_is_the_same_to_a_thousandth_of_full_scale(both: Both, nfe: int, tmp_path: Path) -> None:
    assert_same(*both.speak(tmp_path, "Ward the river before you walk into it.", nfe, wav(recording(3.2)), seed=11))


def test_sentences_that_fill_a_piece_are_the_same(both: Both, tmp_path: Path) -> None:
    theirs, ours = both.speak(tmp_path, FILLING, 7, wav(recording(3.2)), seed=5)
    assert ours.seconds > 15
    assert_same(theirs, ours)


@pytest.mark.parametrize("speed", [0.7, 1.5])
def test_speed_is_the_same(both: Both, speed: float, tmp_path: Path) -> None:
    assert_same(*both.speak(tmp_path, "Group up at the dragon, now.", 7, wav(recording(3.2)), speed=speed))


@pytest.mark.parametrize("cfg_strength", [0.0, 0.7])
def test_another_strength_of_guidance_is_the_same(both: Both, cfg_strength: float, tmp_path: Path) -> None:
    text = "Look at the map after every wave."
    assert both.model.description.cfg_strength == 2
    assert_same(*both.speak(tmp_path, text, 7, wav(recording(3.2)), cfg_strength=cfg_strength))


def test_chinese_text_is_the_same(both: Both, tmp_path: Path) -> None:
    assert_same(*both.speak(tmp_path, "上路有人, be careful", 7, wav(recording(3.2))))


@pytest.mark.parametrize(("rate", "channels", "level"), [(44100, 2, 0.02), (16000, 1, 0.4)])
def test_a_reference_of_another_rate_or_level_is_the_same(
    both: Both, rate: int, channels: int, level: float, tmp_path: Path
) -> None:
    sound = wav(recording(2.9, rate, channels, level), rate)
    assert_same(*both.speak(tmp_path, "Hold your cooldowns for the engage.", 7, sound))
