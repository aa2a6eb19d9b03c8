"""References come out as upstream's preprocessing leaves them."""

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile

from contract.recording import ReferenceUnusableError, prompt, trim
from engine.checkpoint import Model
from engine.reference import TARGET_RMS, prepare_reference
from tests.support.recordings import TRANSCRIPT, recording, wav

RECORDINGS = {
    "short mono": (recording(3.2), 24000),
    "44.1 kHz stereo": (recording(5.03, 44100, channels=2), 44100),
    "16 kHz": (recording(2.7183, 16000), 16000),
    "quiet edges": (recording(6, pauses=((0, 0.73), (5.1, 6))), 24000),
    "long pause inside": (recording(8, 22050, pauses=((3, 5.5),)), 22050),
    "over 12 s, cut at a long pause": (recording(17, pauses=((7.1, 9.0),)), 24000),
    "over 12 s, cut at a short pause": (recording(15, 48000, pauses=((8.2, 8.5),)), 48000),
    "over 12 s, nowhere to cut": (recording(13.7), 24000),
    "several pauses": (recording(20, pauses=((2, 3.2), (6.5, 8), (11, 12.5), (15, 16.1))), 24000),
    "not a whole millisecond": (recording(3.00031), 24000),
}


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


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
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
    ("transcript", "finished"),
    [
        ("Wait", "Wait.  "),
        ("Wait.", "Wait.  "),
        ("Wait. ", "Wait.  "),
        ("Wait!\n", "Wait!.  "),
        ("\ufeffWait.", "Wait.  "),
        ("等一下。", "等一下。"),
    ],
)
def test_a_transcript_ends_as_the_network_expects(transcript: str, finished: str) -> None:
    assert prompt(transcript) == finished


@pytest.mark.parametrize(
    ("sound", "transcript", "reason"),
    [
        (b"", TRANSCRIPT, "no sound file"),
        (b"RIFF\x00\x00\x00\x00WAVEjunk", TRANSCRIPT, "no sound file"),
        (wav(np.zeros((24000, 1))), TRANSCRIPT, "less than half a second"),
        (wav(recording(0.2)), TRANSCRIPT, "less than half a second"),
        (wav(np.full((24000, 1), np.nan), subtype="FLOAT"), TRANSCRIPT, "no numbers"),
        (wav(recording(2)), " \n", "transcript is empty"),
        (wav(recording(8)), "Wait.", "cannot be what is said"),
        (wav(recording(1)), TRANSCRIPT * 5, "cannot be what is said"),
    ],
)
def test_what_no_voice_can_be_cloned_from_is_refused_with_the_reason(
    sound: bytes, transcript: str, reason: str, model: Model
) -> None:
    with pytest.raises(ReferenceUnusableError, match=reason):
        prepare_reference(sound, transcript, model.description.mel_spec)
