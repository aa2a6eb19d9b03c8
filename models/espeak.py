"""espeak-ng, a synthesiser by rule: what a model's speech must beat."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys

import numpy as np
import soundfile
from numpy.typing import NDArray

VOICE = "en-us"


def say(text: str) -> tuple[NDArray[np.float32], int]:
    """Speak a text; exits when espeak-ng is missing.

    Returns:
        [samples] and their rate in Hz.
    """
    program = shutil.which("espeak-ng")
    if program is None:
        sys.exit("espeak-ng is missing: install it, on Debian and Ubuntu with `apt install espeak-ng`.")
    spoken = subprocess.run([program, "-v", VOICE, "--stdout", text], check=True, capture_output=True).stdout
    # The header of what goes to a pipe claims the greatest length there is.
    wave, rate = soundfile.read(io.BytesIO(spoken), dtype="float32")
    return wave, rate
