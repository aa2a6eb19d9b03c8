"""A plan cuts text at the best places, gives every piece its time at one pace, and refuses what cannot be spoken."""

import pickle
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from engine.checkpoint import Model, ModelDescription
from engine.phonemes import Pronunciation, Spoken
from engine.plan import (
    MAX_UTTERANCE_SECONDS,
    Passage,
    Piece,
    UnspeakableError,
    Utterance,
    plan,
)
from engine.reference import Reference

RATE, HOP = 24000, 256
TRAINED_SECONDS = 22
ENDPOINT = Path(__file__).parents[3] / "endpoint"

UNEVEN = "No. Yes. We hold the middle lane until the wave is ours and then we turn to the dragon pit together. Ok. Hi."
TEXTS = [
    "Ward the river.",
    "Push the wave, then back off; their jungler is missing! Where is he? Nobody knows: be careful.",
    "One. " * 60,
    "等一下。他们来了，快跑！Then we fight. 好的？" * 9,
    "No marks at all just words that go on and on until the line ends " * 9,
    "Comma,without space. And... dots!!! And?! more - and dashes — too. " * 7,
    "x" * 1000,
    "字" * 500,
    "Start. " + "word " * 200 + "end.",
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
    trained_seconds: float = TRAINED_SECONDS,
    pause_before: float = 0.0,
    max_seconds: float = MAX_UTTERANCE_SECONDS,
) -> list[Piece]:
    passages = [Passage(said)] if isinstance(said, str) else said
    utterance = Utterance(
        passages,
        reference or reference_of(3.2),
        7,
        speed=speed,
        duration=duration,
        pause_before=pause_before,
        max_seconds=max_seconds,
    )
    return plan(utterance, model.reader, described(model, trained_seconds))


def described(model: Model, trained_seconds: float) -> ModelDescription:
    return model.description.model_copy(update={"trained_seconds": trained_seconds})


def seconds(piece: Piece, reference: Reference) -> float:
    return (piece.frames - reference.samples // HOP) * HOP / RATE


def said(pieces: Sequence[Piece]) -> list[str]:
    return [piece.text for piece in pieces]


def test_planning_needs_no_torch() -> None:
    program = "import sys, engine.plan; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], cwd=ENDPOINT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("text", TEXTS)
def test_every_piece_fits_with_its_reference_and_nothing_is_lost(text: str, speed: float, model: Model) -> None:
    reference = reference_of(3.2)
    pieces = planned(model, text, reference, speed)
    assert max(piece.frames for piece in pieces) * HOP <= TRAINED_SECONDS * RATE
    assert "".join(said(pieces)).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("text", TEXTS)
def test_no_more_pieces_are_made_than_twice_what_would_do(text: str, model: Model) -> None:
    reference = reference_of(3.2)
    pieces = planned(model, text, reference)
    needed = sum(seconds(piece, reference) for piece in pieces) / (TRAINED_SECONDS - 3.2)
    assert len(pieces) <= 1 + 2 * needed


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (
            "They are gone from the lane. Push the wave now and take the tower. Then, and only then, go home.",
            [
                "They are gone from the lane.",
                "Push the wave now and take the tower.",
                "Then, and only then, go home.",
            ],
        ),
        (
            "They were seen near the river just now, so wait for me and then push the wave.",
            ["They were seen near the river just now,", "so wait for me and then push the wave."],
        ),
        (
            "They were seen near the river just now - nobody will push the wave today.",
            ["They were seen near the river just now -", "nobody will push the wave today."],
        ),
        (
            "They were seen near the river and nobody in the team will push the wave.",
            ["They were seen near the river", "and nobody in the team will push the wave."],
        ),
        (
            "They were seen near the river just now by people walking past the tower.",
            ["They were seen near the river just", "now by people walking past the tower."],
        ),
        ("他们在河边等我们，我们不要去那里打他们吧", ["他们在河边等我们，", "我们不要去那里打他们吧"]),
    ],
)
def test_a_text_is_cut_at_the_best_place_there_is(text: str, pieces: list[str], model: Model) -> None:
    assert said(planned(model, text, trained_seconds=7)) == pieces


def test_words_stay_whole_where_a_long_sentence_is_cut_and_no_stump_is_left(model: Model) -> None:
    pieces = planned(model, "river dragon baron " * 26)
    assert len(pieces) > 1
    assert {word for piece in pieces for word in piece.text.split()} == {"river", "dragon", "baron"}
    lengths = [len(piece.text) for piece in pieces]
    assert min(lengths) > 0.7 * max(lengths)


@pytest.mark.parametrize("trained_seconds", [8, 22])
@pytest.mark.parametrize("speed", [0.7, 1.0, 1.5])
def test_pieces_of_one_text_keep_one_pace(trained_seconds: float, speed: float, model: Model) -> None:
    reference = reference_of(3.2)
    for said in (UNEVEN, [Passage(f"{sentence}.") for sentence in UNEVEN.removesuffix(".").split(". ")]):
        pieces = planned(model, said, reference, speed, trained_seconds=trained_seconds)
        for count in (len(piece.text.split()) for piece in pieces):
            assert count > 1, "a single word is a piece by itself"
        paces = [len(piece.text.split()) / seconds(piece, reference) for piece in pieces]
        assert max(paces) < 1.25 * min(paces)


def test_a_tiny_sentence_joins_a_neighbour_that_has_no_room_for_it(model: Model) -> None:
    filling = "They were seen near the river just now by a few people."
    assert said(planned(model, filling, trained_seconds=8)) == [filling]
    joined, rest = said(planned(model, [Passage("Go."), Passage(filling)], trained_seconds=8))
    assert joined.startswith("Go. They were seen")
    assert len(rest.split()) > 2


def test_a_piece_reads_the_prompt_before_its_text(model: Model) -> None:
    reference = reference_of(3.2)
    [piece] = planned(model, "Ward the river.", reference)
    said = Spoken("Stay behind me and wait for the wave.  ", 0), Spoken("Ward the river.", 0)
    assert piece.tokens == model.reader.tokens(*said)


def test_a_text_takes_as_long_as_its_length_says_at_the_references_pace(model: Model) -> None:
    reference = reference_of(4, "Ward the river.  ")
    [same], [fast] = (planned(model, "Wait for my call.", reference, speed) for speed in (1, 2))
    assert seconds(same, reference) == pytest.approx(4, abs=0.05)
    assert seconds(fast, reference) == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_a_short_text_gets_a_little_more_time_that_ends_nowhere_suddenly(speed: float, model: Model) -> None:
    reference = reference_of(3.2)
    natural = 3.2 / len(reference.prompt) / speed
    lengths = [
        seconds(piece, reference) for n in range(1, 30) for piece in planned(model, "w" * n + ".", reference, speed)
    ]
    assert lengths[0] > 0.35 / speed
    steps = [after - before for before, after in pairwise(lengths)]
    assert all(-HOP / RATE <= step <= natural + HOP / RATE for step in steps)
    assert lengths[-1] == pytest.approx(30 * natural, abs=HOP / RATE)


@pytest.mark.parametrize("text", ["Go.", "Hi!", "Dragon.", "Everybody."])
def test_a_word_takes_under_a_second_and_a_half_and_speed_acts_on_it(text: str, model: Model) -> None:
    reference = reference_of(3.2)
    slow, usual, fast = (
        seconds(piece, reference) for speed in (0.8, 1, 1.6) for piece in planned(model, text, reference, speed)
    )
    assert usual < 1.5
    assert slow == pytest.approx(usual / 0.8, abs=0.03)
    assert fast == pytest.approx(usual / 1.6, abs=0.03)


def test_a_passage_has_a_rate_of_its_own(model: Model) -> None:
    reference = reference_of(3.2)
    first, second = planned(
        model, [Passage("Wait for me at the tower."), Passage("Wait for me at the tower.", rate=0.5)], reference
    )
    assert seconds(second, reference) == pytest.approx(2 * seconds(first, reference), abs=0.02)


def test_passages_that_run_on_share_a_piece_and_it_is_told_where_each_ends(model: Model) -> None:
    [piece] = planned(model, [Passage("Wait for me."), Passage("Go."), Passage("Ward the river.")])
    assert piece.text == "Wait for me. Go. Ward the river."
    assert piece.passages == range(3)
    assert piece.borders == pytest.approx((12 / 32, 16 / 32))


def test_a_pause_follows_the_last_piece_of_its_passage(model: Model) -> None:
    long = "Push the wave and then back off, please. " * 12
    pieces = planned(model, [Passage(long, 0.7), Passage("Wait for me."), Passage("Ward the river.", 0.2)])
    *inside, last, end = pieces
    assert inside
    assert not any(piece.silence.exact for piece in inside)
    assert (last.silence.seconds, last.silence.exact, last.passages) == (0.7, True, range(1))
    assert (end.silence.seconds, end.silence.exact, end.passages) == (0.2, True, range(1, 3))


def test_a_pronunciation_stays_with_its_word(model: Model) -> None:
    long = "Push the wave and then back off, please. " * 12 + "Wait for Kai'Sa."
    at = long.index("Kai'Sa")
    pieces = planned(
        model,
        [
            Passage("Go."),
            Passage("Ask Ahri.", 0, 1.0, (Pronunciation(4, 8, "ɑːri"),)),
            Passage(long, 0.2, 1.0, (Pronunciation(at, at + 6, "kaɪsə"),)),
        ],
    )
    found = [(piece.text[each.start : each.end], each.ipa) for piece in pieces for each in piece.pronunciations]
    assert len(pieces) > 1
    assert found == [("Ahri", "ɑːri"), ("Kai'Sa", "kaɪsə")]


def test_pieces_share_the_duration_that_is_asked_for(model: Model) -> None:
    pieces = planned(model, "They are missing. " + "Push the wave and then back off, please. " * 12, duration=37.5)
    assert len(pieces) > 1
    kept = sum(piece.keep_samples or 0 for piece in pieces) / RATE
    assert kept + sum(piece.silence.seconds for piece in pieces) == pytest.approx(37.5, abs=0.001)


def test_pauses_are_part_of_the_duration(model: Model) -> None:
    passages = [Passage("Wait for me.", 0.5), Passage("Back off."), Passage("Ward the river.", 0.25)]
    kept = [piece.keep_samples or 0 for piece in planned(model, passages, duration=5, pause_before=1)]
    assert sum(kept) / RATE == pytest.approx(3.25, abs=0.001)


def test_pieces_fit_whatever_the_duration(model: Model) -> None:
    pieces = planned(model, "Push the wave and then back off, please. " * 12, duration=110)
    assert max(piece.frames for piece in pieces) * HOP <= (TRAINED_SECONDS + 0.1) * RATE


@pytest.mark.parametrize(
    ("text", "shortest", "longest"), [("Ward the river.", 0.5, 3.7), (UNEVEN, 3.6, 26.6), ("Go.", 0.1, 1.3)]
)
def test_a_duration_is_possible_within_the_range_that_is_told_and_not_beyond(
    text: str, shortest: float, longest: float, model: Model
) -> None:
    for duration, fault in ((shortest - 0.05, "short"), (longest + 0.05, "long")):
        with pytest.raises(UnspeakableError) as refused:
            planned(model, text, duration=duration)
        assert refused.value.field == "duration"
        assert refused.value.reason == (
            f"{duration:g} s is too {fault} for this text. It can last {shortest:g} to {longest:g} s; ask for that, or "
            "leave it out."
        )
    assert planned(model, text, duration=shortest)
    assert planned(model, text, duration=longest)


@pytest.mark.parametrize(
    ("said", "speed", "duration", "field", "reason"),
    [
        ("Go. " * 5, 1.0, 120.0, "duration", "120 s is too long for this text. It can last 0.7 to"),
        ("ward " * 400, 1.0, 0.5, "duration", "0.5 s is too short for this text. It can last 66.7 to"),
        ([Passage("Wait.", 2.0), Passage("Go.")], 1.0, 1.5, "duration", "2 s of pauses included"),
        ("ward the river. " * 1000, 0.5, None, "text", "it would last more than 600 s. Send it in parts"),
        ([Passage("Wait for me.", 601.0)], 1.0, None, "text", "it would last more than 600 s."),
        (" ", 1.0, None, "text", "there is nothing to say"),
        ([], 1.0, 3.0, "text", "there is nothing to say"),
        ([Passage("Wait."), Passage("")], 1.0, None, "text", "there is nothing to say"),
        ("Go.", 0.005, None, "speed", "a single word would last 67 s"),
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
    whole = sum(seconds(piece, reference_of(3.2)) for piece in planned(model, text))
    assert planned(model, text, max_seconds=whole + 1)
    with pytest.raises(UnspeakableError, match=r"more than 5 s\..*a higher speed or a denser format") as refused:
        planned(model, text, max_seconds=5)
    assert refused.value.field == "text"
    assert planned(model, text, duration=20, max_seconds=20)
    with pytest.raises(UnspeakableError, match=r"more than 20 s\..*a shorter duration or a denser format") as refused:
        planned(model, text, duration=20.1, max_seconds=20)
    assert refused.value.field == "duration"


def test_a_refusal_reaches_another_process_whole() -> None:
    error = pickle.loads(pickle.dumps(UnspeakableError("speed", "it is too slow.")))  # noqa: S301
    assert (error.field, error.reason) == ("speed", "it is too slow.")
