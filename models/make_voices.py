"""Makes the sample champions in voices/ with espeak-ng: `python -m models.make_voices`."""

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
    "garen": "Walk forward when they miss, step back when they hit.",
    "jinx": "Hit the tower at once, and do not run after them into the jungle.",
    "lux": "Keep one spell ready for yourself, and be brave with the others.",
    "thresh": "Put the ward down before you need it, and then wait.",
    "yasuo": "Count to three before you go in, and then follow me over the bridge.",
}


def main() -> None:
    """Writes reference.wav and reference.txt for each champion."""
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
