"""What the engine takes from upstream's packages, f5-tts and vocos."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from vocos import Vocos

__all__ = ["Vocos", "convert_char_to_pinyin", "get_epss_timesteps"]


def _load_utils() -> ModuleType:
    """f5_tts/model/utils.py by itself.

    Importing it as `f5_tts.model.utils` would run f5_tts.model's __init__, which imports the trainer, with wandb,
    accelerate and datasets behind it: seconds more, and the endpoint does not have these packages.
    """
    package = importlib.util.find_spec("f5_tts")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("f5-tts is not installed: pip install f5-tts", name="f5_tts")
    path = Path(package.submodule_search_locations[0], "model", "utils.py")
    spec = importlib.util.spec_from_file_location("f5_tts_model_utils", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported", path=str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_utils = _load_utils()
convert_char_to_pinyin = _utils.convert_char_to_pinyin
get_epss_timesteps = _utils.get_epss_timesteps
