"""Make the sample champions in voices/: `make voices`. The voices are Kokoro's, blended; nobody's in particular."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from models.corpus import NOISE, levelled
from models.kokoro import SAMPLE_RATE, Teacher, Voice, Waveform

VOICES = Path(__file__).resolve().parent.parent / "voices"
PEAK = 0.7  # of full scale, -3 dBFS

CHAMPIONS = {
    "ahri": Voice({"af_heart": 0.6, "bf_emma": 0.4}, pitch=1.0, speed=1.0),
    "default": Voice({"af_river": 0.5, "am_liam": 0.5}, pitch=0.97, speed=1.0),
    "garen": Voice({"bm_george": 0.6, "am_eric": 0.4}, pitch=0.92, speed=0.97),
    "jinx": Voice({"af_jessica": 0.6, "af_sarah": 0.4}, pitch=1.14, speed=1.08),
    "lux": Voice({"bf_isabella": 0.5, "af_bella": 0.5}, pitch=1.05, speed=1.0),
    "thresh": Voice({"bm_daniel": 0.5, "am_santa": 0.5}, pitch=0.84, speed=0.92),
    "yasuo": Voice({"am_michael": 0.6, "bm_lewis": 0.4}, pitch=1.0, speed=0.97),
}
# Each half of a pack that no corpus has: what a model never heard, it is judged in as well.
STRANGERS = {
    "stranger 1": Voice({"hf_beta": 0.5, "bf_lily": 0.5}, pitch=1.06, speed=1.0),
    "stranger 2": Voice({"hm_psi": 0.5, "bm_george": 0.5}, pitch=0.96, speed=1.0),
    "stranger 3": Voice({"ff_siwis": 0.5, "af_heart": 0.5}, pitch=0.94, speed=1.0),
    "stranger 4": Voice({"pm_santa": 0.5, "am_liam": 0.5}, pitch=1.05, speed=1.0),
}

# What they say in their references; no corpus holds it.
TRANSCRIPTS = {
    "ahri": "Come a little closer, and I will tell you how this story ends.",
    "default": "Welcome back! Tell me what you noticed, and we will talk it through.",
    "garen": "Stand tall, my friends. As long as we are united, no wall is too high.",
    "jinx": "Oh, this is going to be so much fun! Ready or not, here I come!",
    "lux": "Look, the sun is rising! I knew that a brighter day would find us.",
    "thresh": "Do you hear the chains? They are singing, and they know your name.",
    "yasuo": "I have wandered a long way. The wind remembers every step of it.",
    "stranger 1": "Thank you for calling. If you tell me your name, I will look for your order.",
    "stranger 2": "Half of the village came to the harbour to see whether the boat was real.",
    "stranger 3": "I packed a sandwich, two apples, and a map that nobody had ever used.",
    "stranger 4": "You may laugh, but my uncle once won a dancing contest with a broken toe.",
}


def make_reference(teacher: Teacher, name: str, voice: Voice) -> Waveform:
    """The recording that a voice is cloned from.

    Args:
        teacher: who speaks.
        name: a champion or a stranger.
        voice: the same one's.
    """
    said = levelled(teacher.say(TRANSCRIPTS[name], voice).wave)
    noisy = said + np.random.default_rng(0).normal(0, NOISE, said.shape)
    return np.asarray(noisy * (PEAK / np.abs(noisy).max()), np.float32)


def write_reference(folder: Path, name: str, wave: Waveform) -> None:
    """Write reference.wav and reference.txt into a folder, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    soundfile.write(folder / "reference.wav", wave, SAMPLE_RATE, subtype="PCM_16")
    (folder / "reference.txt").write_text(f"{TRANSCRIPTS[name]}\n", encoding="utf-8")


def main() -> None:
    """Write each champion's."""
    teacher = Teacher()
    for champion_id, voice in CHAMPIONS.items():
        wave = make_reference(teacher, champion_id, voice)
        write_reference(VOICES / champion_id, champion_id, wave)
        print(f"{champion_id}: {len(wave) / SAMPLE_RATE:.1f} s")


if __name__ == "__main__":
    main()
