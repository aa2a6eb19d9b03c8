"""What the engine takes from upstream's packages, f5-tts and vocos."""

from __future__ import annotations

import importlib.util
import sys
import types
from pathlib import Path

__all__ = ["Vocos", "convert_char_to_pinyin", "get_epss_timesteps"]


def _skip_the_trainer() -> None:
    """Keep f5_tts.model's __init__ from running: it imports the trainer, with wandb, accelerate and datasets behind it.

    A bare package in its place makes the modules below it importable by themselves, in a fraction of the time, and
    where those packages are not installed at all.
    """
    if "f5_tts.model" in sys.modules:
        return
    spec = importlib.util.find_spec("f5_tts")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("f5-tts is not installed: pip install f5-tts", name="f5_tts")
    package = types.ModuleType("f5_tts.model")
    package.__path__ = [str(Path(spec.submodule_search_locations[0]) / "model")]
    sys.modules["f5_tts.model"] = package


_skip_the_trainer()

from f5_tts.model.utils import convert_char_to_pinyin, get_epss_timesteps  # noqa: E402
from vocos import Vocos  # noqa: E402
