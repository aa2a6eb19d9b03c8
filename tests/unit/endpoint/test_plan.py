"""A plan splits text as upstream does, gives every piece its time, and refuses what cannot be spoken."""

import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest
import torch

from engine.checkpoint import Model
from engine.plan import MAX_UTTERANCE_SECONDS, Passage, Piece, UnspeakableError, Utterance, plan
from engine.reference import Reference

RATE, HOP = 24000, 256
CROSS_FADE_SAMPLES = 3600
UPSTREAM_SECONDS = 22  # in infer_process: reference and chunk together
ENDPOINT = Path(__file__).parents[3] / "endpoint"

TEXTS = [
    "Ward the river.",
    "Push the wave, then back off; their jungler is missing! Where is he? Nobody knows: be careful.",
    "One. " * 60,
    "等一下。他们来了，快跑！Then we fight. 好的？",
    "No marks at all just words that go on and on until the line ends",
    "Trailing space here. ",
    "Comma,without space. And... dots!!! And?! more",
]


def reference_of(seconds: float, prompt: str = "Stay behind me and wait for the wave.  ") -> Reference:
    samples = int(seconds * RATE)
    return Reference(torch.zeros(samples // HOP + 1, 100), samples, seconds, 1.0, prompt)


def planned(
    model: Model,
    said: str | Sequence[Passage],
    reference: Reference | None = None,
    speed: float = 1.0,
    duration: float | None = None,
    max_seconds: float = MAX_UTTERANCE_SECONDS,
) -> list[Piece]:
    passages = [Passage(said)] if isinstance(said, str) else said
    utterance = Utterance(
        passages, reference or reference_of(3.2), nfe=7, speed=speed, duration=duration, max_seconds=max_seconds
    )
    return plan(utterance, model.reader, model.description)


def new_samples(pieces: Sequence[Piece], reference: Reference) -> int:
    return sum(piece.frames * HOP - reference.samples for piece in pieces)


def test_planning_needs_no_torch() -> None:
    program = "import sys, engine.plan; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], cwd=ENDPOINT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("text", TEXTS)
def test_text_is_split_where_upstream_splits_it(text: str, speed: float, model: Model, upstream: ModuleType) -> None:
    reference = reference_of(3.2)
    per_second = len(reference.prompt.encode()) - 1
    limit = int(per_second / reference.seconds * (UPSTREAM_SECONDS - reference.seconds) * speed)
    pieces = planned(model, text, reference, speed)
    assert [piece.text for piece in pieces] == upstream.chunk_text(text, max_chars=limit)


@pytest.mark.parametrize("text", ["word " * 300, "x" * 1000, "字" * 500, "Start. " + "word " * 200 + "end."])
def test_a_sentence_too_long_for_one_piece_is_split_and_nothing_is_lost(text: str, model: Model) -> None:
    pieces = planned(model, text)
    assert len(pieces) > 1
    assert "".join(piece.text for piece in pieces).replace(" ", "") == text.replace(" ", "")
    assert max(piece.frames for piece in pieces) * HOP <= 2 * UPSTREAM_SECONDS * RATE


def test_words_stay_whole_where_a_long_sentence_is_split(model: Model) -> None:
    pieces = planned(model, "river dragon baron " * 40)
    assert len(pieces) > 1
    assert {word for piece in pieces for word in piece.text.split()} == {"river", "dragon", "baron"}


def test_a_piece_reads_the_prompt_before_its_text(model: Model) -> None:
    reference = reference_of(3.2)
    [piece] = planned(model, "Ward the river.", reference)
    assert piece.tokens == model.reader.tokens("Stay behind me and wait for the wave.  Ward the river.")


def test_a_text_takes_as_long_as_its_length_says_at_the_references_pace(model: Model) -> None:
    reference = reference_of(4, "Ward the river.  ")
    [same], [fast] = (planned(model, "Wait for my call.", reference, speed) for speed in (1, 2))
    assert new_samples([same], reference) / RATE == pytest.approx(4, abs=0.05)
    assert new_samples([fast], reference) / RATE == pytest.approx(2, abs=0.05)


def test_a_very_short_text_is_spoken_slowly(model: Model) -> None:
    reference = reference_of(4, "Ward the river.  ")
    [slow] = planned(model, "Go now.", reference)
    assert new_samples([slow], reference) / RATE == pytest.approx(4 * 7 / 17 / 0.3, abs=0.05)


def test_pieces_share_the_duration_that_is_asked_for(model: Model) -> None:
    pieces = planned(model, "They are missing. " + "Push the wave and then back off, please. " * 12, duration=37.5)
    kept = [piece.keep_samples or 0 for piece in pieces]
    assert len(pieces) > 1
    assert sum(kept) - CROSS_FADE_SAMPLES * (len(pieces) - 1) == 37.5 * RATE


def test_a_pause_follows_the_last_piece_of_its_passage(model: Model) -> None:
    long = "Push the wave and then back off, please. " * 12
    pieces = planned(model, [Passage(long, 0.7), Passage("Wait for me."), Passage("Ward the river.", 0.2)])
    *inside, last, without, end = pieces
    assert inside
    assert [piece.pause_after for piece in inside] == [0] * len(inside)
    assert (last.pause_after, without.pause_after, end.pause_after) == (0.7, 0, 0.2)


def test_pauses_are_part_of_the_duration(model: Model) -> None:
    passages = [Passage("Wait for me.", 0.5), Passage("Back off."), Passage("Ward the river.", 0.25)]
    kept = [piece.keep_samples or 0 for piece in planned(model, passages, duration=5)]
    assert sum(kept) - CROSS_FADE_SAMPLES == 4.25 * RATE


@pytest.mark.parametrize(
    ("said", "speed", "duration", "field", "reason"),
    [
        ("Go. " * 5, 1.0, 120.0, "duration", "at most 40 s are spoken in one go. Ask for a shorter duration."),
        ("ward " * 400, 1.0, 0.5, "duration", "0.5 s is too short for this text. Ask for more, or leave it out."),
        ([Passage("Wait.", 2.0), Passage("Go.")], 1.0, 1.5, "duration", "the pauses alone last 2 s."),
        ("ward the river. " * 1000, 0.5, None, "text", "it would last more than 600 s. Send it in parts"),
        ([Passage("Wait for me.", 601.0)], 1.0, None, "text", "it would last more than 600 s."),
        (" ", 1.0, None, "text", "there is nothing to say"),
        ([], 1.0, 3.0, "text", "there is nothing to say"),
        ([Passage("Wait."), Passage("")], 1.0, None, "text", "there is nothing to say"),
    ],
)
def test_what_cannot_be_spoken_names_the_field_and_what_to_do(
    said: str | Sequence[Passage], speed: float, duration: float | None, field: str, reason: str, model: Model
) -> None:
    with pytest.raises(UnspeakableError) as refused:
        planned(model, said, speed=speed, duration=duration)
    assert refused.value.field == field
    assert reason in refused.value.reason
    assert not refused.value.reason.startswith(field)
    assert str(refused.value) == f"{field}: {refused.value.reason}"


def test_what_would_last_longer_than_can_be_answered_is_refused_with_the_seconds(model: Model) -> None:
    text = "Push the wave, then walk back. " * 10
    seconds = new_samples(planned(model, text), reference_of(3.2)) / RATE
    assert planned(model, text, max_seconds=seconds + 1)
    with pytest.raises(UnspeakableError, match=r"more than 5 s\..*a higher speed or a denser format") as refused:
        planned(model, text, max_seconds=5)
    assert refused.value.field == "text"
    assert planned(model, text, duration=20, max_seconds=20)
    with pytest.raises(UnspeakableError, match=r"more than 20 s\..*a shorter duration or a denser format") as refused:
        planned(model, text, duration=20.1, max_seconds=20)
    assert refused.value.field == "duration"


def test_a_voice_too_slow_for_a_short_text_is_to_be_sped_up(model: Model) -> None:
    with pytest.raises(UnspeakableError, match="Ask for a higher speed") as refused:
        planned(model, "Go there.", reference_of(11, "Now.  "), speed=0.5)
    assert refused.value.field == "speed"


def test_a_refusal_reaches_another_process_whole() -> None:
    error = pickle.loads(pickle.dumps(UnspeakableError("speed", "it is too slow.")))  # noqa: S301
    assert (error.field, error.reason) == ("speed", "it is too slow.")
