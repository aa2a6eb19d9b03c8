"""A recording's label decides what is said in it, unless a person has written otherwise since."""

import pytest

from contract.recording.measures import Measures
from contract.voice_label import COPIED, METADATA, Label, Transcript, etag_of, put_copy, put_recording, transcript

MEASURES = Measures(duration=2.5, speech=2.1, peak=-3.2, clipped=0.0001, signal_to_noise=41.5)
OLD, NEW, BY_HAND = (Transcript(text, etag_of(text)) for text in (b"Old.", b"New.", b"By hand."))


def label(text: str = "New.", stale_etag: str | None = OLD.etag, consent_by: str = "Mina Harker") -> Label:
    return Label(transcript=text, measures=MEASURES, revision="0" * 32, stale_etag=stale_etag, consent_by=consent_by)


def test_a_label_comes_back_from_s3s_metadata_as_it_was() -> None:
    for text in ("New.", "Прикрой меня.", "跟在我后面。", '"Wait," she said.'):
        metadata = label(text).metadata()

        assert all(value.isascii() for value in metadata.values())
        assert Label.read(metadata) == label(text)


def test_a_voice_that_is_written_twice_has_two_labels() -> None:
    assert Label.new("New.", MEASURES) != Label.new("New.", MEASURES)


@pytest.mark.parametrize(
    "metadata", [{}, {METADATA: ""}, {METADATA: "copied from the label"}, {METADATA: "eJwDAAAAAAE="}]
)
def test_what_is_no_label_is_none(metadata: dict[str, str]) -> None:
    assert Label.read(metadata) is None


@pytest.mark.parametrize(
    "sentence", ["Stay behind me and wait for the wave, ", "मेरे पीछे रहो और लहर का इंतज़ार करो, ", "跟在我后面等待波浪，"]
)
def test_s3_has_room_for_whatever_can_be_said_in_twelve_seconds(sentence: str) -> None:
    text = (sentence * 20)[:400]
    written = label(text, consent_by="王" * 100)

    assert written.findings == []
    assert sum(len(name) + len(value) for name, value in written.metadata().items()) < 2048


@pytest.mark.parametrize(
    ("found", "copy", "metadata", "said"),
    [
        pytest.param(None, OLD, {}, OLD, id="both put by hand"),
        pytest.param(None, OLD, COPIED, OLD, id="recording put by hand over one that was written"),
        pytest.param(label(), NEW, COPIED, NEW, id="both written"),
        pytest.param(label(), OLD, {}, NEW, id="recording written over a pair by hand, transcript not yet"),
        pytest.param(label(), OLD, COPIED, NEW, id="recording written over a written pair, transcript not yet"),
        pytest.param(label(stale_etag=None), OLD, COPIED, NEW, id="transcript left by another writer"),
        pytest.param(label(), BY_HAND, {}, BY_HAND, id="transcript corrected by hand since"),
    ],
)
def test_what_is_said(found: Label | None, copy: Transcript, metadata: dict[str, str], said: Transcript) -> None:
    assert transcript(found, copy, metadata) == said


def test_a_recording_carries_its_label_and_the_copy_says_that_it_is_one() -> None:
    recording, copy = put_recording("lux", b"RIFF....", label()), put_copy("lux", label())

    assert (recording["Key"], copy["Key"]) == ("champion-voices/lux/reference.wav", "champion-voices/lux/reference.txt")
    assert (recording["Body"], copy["Body"]) == (b"RIFF....", b"New.")
    assert Label.read(recording["Metadata"]) == label()
    assert Label.read(copy["Metadata"]) is None
    assert recording["ContentType"] == "audio/wav"
