"""Makes the sample champions in voices/ with espeak-ng: `python -m local.make_voices`."""

import subprocess
import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
import torch
from torchaudio.functional import resample

VOICES = Path(__file__).resolve().parent.parent / "voices"
SAMPLE_RATE = 24_000
PEAK = 0.7  # of full scale, -3 dBFS
EDGE_SECONDS = 0.15  # of silence before and after the speech
SILENCE = 0.01  # of full scale


@dataclass(frozen=True)
class Champion:
    """How espeak-ng is to sound (its options -v, -p and -s) and what it says.

    Attributes:
        voice: language and variant.
        pitch: 0 to 99.
        words_per_minute: speed.
        transcript: the words of the reference.
    """

    voice: str
    pitch: int
    words_per_minute: int
    transcript: str


CHAMPIONS = {
    "ahri": Champion("en+f5", 50, 150, "Stay behind the wall until they walk up, and only then look for the pick."),
    "default": Champion("en-us", 50, 160, "Look at the map after every wave, and you will hardly ever be surprised."),
    "garen": Champion("en-us+m7", 5, 150, "Walk forward when they miss, step back when they hit. It is that simple."),
    "jinx": Champion(
        "en-us+f2", 90, 185, "Hit the tower as soon as the lane is empty, and do not chase anybody into the jungle."
    ),
    "lux": Champion(
        "en-us+f3", 20, 165, "Keep one spell ready for your own safety, and you can be brave with all others."
    ),
    "thresh": Champion(
        "en-gb-scotland+m1", 35, 130, "Put the ward down before you need it. Afterwards is always too late."
    ),
    "yasuo": Champion("en+m3", 70, 165, "Count to three before you go in. Most fights are lost by being early."),
}


def main() -> None:
    """Writes reference.wav and reference.txt for each champion."""
    for champion_id, champion in CHAMPIONS.items():
        folder = VOICES / champion_id
        folder.mkdir(parents=True, exist_ok=True)
        waveform = speak(champion)
        soundfile.write(folder / "reference.wav", waveform, SAMPLE_RATE, subtype="PCM_16")
        (folder / "reference.txt").write_text(f"{champion.transcript}\n", encoding="utf-8")
        print(f"{champion_id}: {len(waveform) / SAMPLE_RATE:.1f} s")


def speak(champion: Champion) -> np.ndarray:
    """A champion's reference, [samples] at SAMPLE_RATE; exits with a sentence when espeak-ng is missing."""
    options = ["-v", champion.voice, "-p", str(champion.pitch), "-s", str(champion.words_per_minute)]
    try:
        spoken = subprocess.run(
            ["espeak-ng", *options, "--stdout", champion.transcript], capture_output=True, check=True
        )
    except FileNotFoundError:
        sys.exit("espeak-ng is missing: install it, on Debian and Ubuntu with `apt install espeak-ng`.")
    samples, rate = soundfile.read(BytesIO(spoken.stdout), dtype="float32")
    waveform = resample(torch.from_numpy(samples), rate, SAMPLE_RATE).numpy()
    waveform *= PEAK / np.abs(waveform).max()
    loud = np.flatnonzero(np.abs(waveform) > SILENCE)
    return np.pad(waveform[loud[0] : loud[-1] + 1], round(EDGE_SECONDS * SAMPLE_RATE))


if __name__ == "__main__":
    main()
