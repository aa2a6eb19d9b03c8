"""Make the sample champions in voices/ with espeak-ng: `python -m models.make_voices`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from models.corpus import CHAMPIONS, SAMPLE_RATE, speak

VOICES = Path(__file__).resolve().parent.parent / "voices"
PEAK = 0.7  # of full scale, -3 dBFS

# None of them is a sentence of the corpus.
TRANSCRIPTS = {
    "ahri": "Stay behind the wall until they come, then look for him.",
    "default": "Look at the map after every wave, and never be surprised.",
    "garen": "Hold on, be patient, and step back when I say so.",
    "jinx": "Be quick, be careful, and hit the tower when I say so.",
    "lux": "Be brave, keep one spell for yourself, and come when I call.",
    "thresh": "Put the ward down before you need it, and then wait.",
    "yasuo": "Be calm, be patient, and run to the hill when I say so.",
}


def main() -> None:
    """Write reference.wav and reference.txt for each champion."""
    for champion_id, voice in CHAMPIONS.items():
        folder = VOICES / champion_id
        folder.mkdir(parents=True, exist_ok=True)
        wave = speak(TRANSCRIPTS[champion_id], voice)
        wave *= PEAK / np.abs(wave).max()
        soundfile.write(folder / "reference.wav", wave, SAMPLE_RATE, subtype="PCM_16")
        (folder / "reference.txt").write_text(f"{TRANSCRIPTS[champion_id]}\n", encoding="utf-8")
        print(f"{champion_id}: {len(wave) / SAMPLE_RATE:.1f} s")


if __name__ == "__main__":
    main()
