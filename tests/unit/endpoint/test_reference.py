"""References come out as upstream's preprocessing leaves them."""

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile

from contract.recording.finding import ReferenceUnusableError
from contract.recording.trimming import trim
from engine.checkpoint import Model
from engine.reference import TARGET_RMS, prepare_reference
from tests.support.recordings import TRANSCRIPT, recording, wav

RECORDINGS = {
    "short mono": (recording(3.2), 24000),
    "44.1 kHz stereo": (recording(5.03, 44100, channels=2), 44100),
    "16 kHz": (recording(2.7183, 16000), 16000),
    "quiet edges": (recording(6, pauses=((0, 0.73), (5.1, 6))), 24000),
    "long pause inside": (recording(8, 22050, pauses=((3, 5.5),)), 22050),
    "several pauses": (recording(11.9, pauses=((2, 3.2), (4.5, 7.5), (9.7, 10.9))), 24000),
    "long pauses at the edges": (recording(11, pauses=((0, 2.5), (5, 5.4), (8.9, 11))), 24000),
    "not a whole millisecond": (recording(3.00031), 24000),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_is_trimmed_to_the_sample_as_upstream_trims_it(
    name: str, upstream: ModuleType, tmp_path: Path
) -> None:
    wave, rate = RECORDINGS[name]
    path = tmp_path / "recording.wav"
    path.write_bytes(wav(wave, rate))
    theirs_path, _ = upstream.preprocess_ref_audio_text(str(path), TRANSCRIPT)
    theirs, _ = soundfile.read(theirs_path, always_2d=True)
    Path(theirs_path).unlink()

    ours = trim(soundfile.read(path, always_2d=True)[0], rate)

    assert ours.shape == theirs.shape
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000, 192000, 44101])
def test_any_rate_becomes_the_models_own(rate: int, model: Model) -> None:
    wave = recording(2, rate)
    reference = prepare_reference(wav(wave, rate), TRANSCRIPT, model.description.mel_spec)
    assert reference.samples / 24000 == pytest.approx(reference.seconds, abs=1e-3)
    assert reference.mel.shape == (reference.samples // 256 + 1, 100)


def test_two_channels_count_as_their_mean(model: Model) -> None:
    stereo = recording(2, channels=2)
    both = prepare_reference(wav(stereo), TRANSCRIPT, model.description.mel_spec)
    mean = prepare_reference(wav(stereo.mean(axis=1, keepdims=True)), TRANSCRIPT, model.description.mel_spec)
    assert both.mel.shape == mean.mel.shape
    assert (both.mel - mean.mel).abs().mean() < 0.01


def test_a_quiet_recording_is_raised_and_the_speech_is_to_be_lowered_by_as_much(model: Model) -> None:
    loud = prepare_reference(wav(recording(2, level=0.3)), TRANSCRIPT, model.description.mel_spec)
    quiet = prepare_reference(wav(recording(2, level=0.02)), TRANSCRIPT, model.description.mel_spec)
    assert loud.gain == 1
    assert quiet.gain < 1
    assert quiet.mel.mean() == pytest.approx(
        prepare_reference(wav(recording(2, level=0.02) / quiet.gain), TRANSCRIPT, model.description.mel_spec)
        .mel.mean()
        .item(),
        abs=0.05,
    )
    assert TARGET_RMS == 0.1


@pytest.mark.parametrize("subtype", ["PCM_24", "PCM_32", "FLOAT", "PCM_U8"])
def test_every_kind_of_wav_is_read(subtype: str, model: Model) -> None:
    reference = prepare_reference(wav(recording(2), subtype=subtype), TRANSCRIPT, model.description.mel_spec)
    assert reference.seconds == pytest.approx(2.05, abs=0.1)


@pytest.mark.parametrize(
    ("sound", "transcript", "reason"),
    [
        (b"", TRANSCRIPT, "this is an empty file"),
        (b"RIFF\x00\x00\x00\x00WAVEjunk", TRANSCRIPT, "this is WAV, but damaged"),
        (wav(np.zeros((24000, 1))), TRANSCRIPT, "less than half a second"),
        (wav(recording(0.2)), TRANSCRIPT, "less than half a second"),
        (wav(np.full((24000, 1), np.nan), subtype="FLOAT"), TRANSCRIPT, "no numbers"),
        (wav(recording(2)), " \n", "transcript is empty"),
        (wav(recording(13)), TRANSCRIPT * 4, "lasts 13.0 s: cut recording and transcript to at most 12 s"),
        (wav(recording(8)), "Wait.", "cannot be what is said"),
        (wav(recording(1)), TRANSCRIPT * 5, "cannot be what is said"),
    ],
)
def test_what_no_voice_can_be_cloned_from_is_refused_with_the_reason(
    sound: bytes, transcript: str, reason: str, model: Model
) -> None:
    with pytest.raises(ReferenceUnusableError, match=reason):
        prepare_reference(sound, transcript, model.description.mel_spec)
