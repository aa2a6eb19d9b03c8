"""Lines that share a batch come out as they would alone, as long as asked, and fail alone."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.checkpoint import Model
from engine.reference import Reference, prepare_reference
from engine.sampler import Condition, Schedule, sample
from engine.speech import Engine, Line, Speech, UnspeakableError
from tests.unit.endpoint.recordings import TRANSCRIPT, recording, wav

WORDS = ("ward", "the river", "push", "wave", "dragon", "now", "wait for me", "back off", "missing", "baron", "engage")


def spoken(result: Speech | Exception) -> Speech:
    assert isinstance(result, Speech), result
    return result


@pytest.mark.slow
def test_a_batch_of_mixed_lengths_is_what_each_line_is_alone(engine: Engine, model: Model) -> None:
    choose = random.Random(7)
    lines = []
    for _ in range(9):
        sound = wav(recording(choose.uniform(1, 6)))
        lines.append(
            Line(
                text=" ".join(choose.choices(WORDS, k=choose.randint(1, 40))) + ".",
                reference=prepare_reference(sound, TRANSCRIPT, model.description.mel_spec),
                nfe=choose.choice([7, 16]),
                speed=choose.uniform(0.7, 1.5),
                seed=choose.randrange(2**32),
            )
        )
    together = [spoken(result) for result in engine.speak(lines)]
    for line, speech in zip(lines, together, strict=True):
        [alone] = engine.speak([line])
        assert speech.wave.shape == spoken(alone).wave.shape
        assert np.abs(speech.wave).max() > 1e-3
        assert np.abs(speech.wave - spoken(alone).wave).max() < 1e-4


def test_the_same_seed_is_the_same_audio_and_another_seed_is_not(engine: Engine, reference: Reference) -> None:
    line = Line("Take the brush on the left.", reference, nfe=7, seed=1)
    [first], [second], [other] = engine.speak([line]), engine.speak([line]), engine.speak([replace(line, seed=2)])
    assert np.array_equal(spoken(first).wave, spoken(second).wave)
    assert not np.allclose(spoken(first).wave, spoken(other).wave, atol=1e-3)


@pytest.mark.parametrize("seconds", [1.0, 2.345, 10.0])
def test_speech_lasts_exactly_as_long_as_asked(seconds: float, engine: Engine, reference: Reference) -> None:
    [speech] = engine.speak([Line("Group up at the dragon.", reference, nfe=7, duration=seconds)])
    assert len(spoken(speech).wave) == round(seconds * 24000)


def test_a_long_text_lasts_as_long_as_asked_over_all_its_chunks(engine: Engine, reference: Reference) -> None:
    text = "They are missing. " + "Push the wave and then back off, please. " * 12 + "Go."
    [speech] = engine.speak([Line(text, reference, nfe=7, duration=37.5)])
    assert len(spoken(speech).wave) == round(37.5 * 24000)


def test_speed_shortens_the_speech_in_proportion(engine: Engine, reference: Reference) -> None:
    [slow], [fast] = (
        engine.speak([Line("Wait for the wave to reach you.", reference, nfe=7, speed=speed)]) for speed in (0.8, 1.6)
    )
    assert spoken(slow).seconds == pytest.approx(2 * spoken(fast).seconds, rel=0.05)


@pytest.mark.parametrize(
    ("text", "duration", "told"),
    [
        ("Go. " * 5, 120.0, "at most"),
        ("ward " * 400, 0.5, "too short for this text"),
    ],
)
def test_a_line_that_cannot_be_spoken_as_asked_says_why_and_fails_alone(
    text: str, duration: float, told: str, engine: Engine, reference: Reference
) -> None:
    good = Line("Ward the river.", reference, nfe=7)
    before, bad, after = engine.speak([good, Line(text, reference, nfe=7, duration=duration), good])
    assert isinstance(bad, UnspeakableError)
    assert told in str(bad)
    assert np.array_equal(spoken(before).wave, spoken(after).wave)


def test_a_text_that_explodes_in_length_is_refused_before_any_work(engine: Engine, model: Model) -> None:
    drawling = prepare_reference(wav(recording(7)), "Now then, wait.", model.description.mel_spec)
    [result] = engine.speak([Line("ward the river. " * 60, drawling, nfe=7, speed=0.5)])
    assert isinstance(result, UnspeakableError)
    assert "600 s" in str(result)


def test_a_text_without_a_single_mark_is_spoken_to_its_end(engine: Engine, reference: Reference) -> None:
    [speech] = engine.speak([Line("ward the river " * 80, reference, nfe=7)])
    per_byte = reference.seconds / len(reference.transcript)
    assert spoken(speech).seconds > 0.8 * per_byte * 15 * 80


def test_warming_up_computes_every_schedule_that_callers_ask_for(model: Model) -> None:
    engine = Engine(model)
    engine.warm_up([7, 16])
    assert engine._schedules.keys() == {7, 16}


def test_a_model_that_cannot_speak_does_not_come_up(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no kernel image is available")

    monkeypatch.setattr("engine.speech.sample", broken)
    with pytest.raises(RuntimeError, match="no kernel image"):
        Engine(model).warm_up([7])


def test_a_batch_that_fails_does_not_take_the_others_with_it(
    engine: Engine, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_memory_at_7_steps(
        model: Model, schedule: Schedule, conditions: list[Condition], graphs: None
    ) -> list[torch.Tensor]:
        if len(schedule.steps) == 7:
            raise torch.OutOfMemoryError
        return sample(model, schedule, conditions, graphs)

    monkeypatch.setattr("engine.speech.sample", out_of_memory_at_7_steps)
    failed, speech = engine.speak([Line("Ward.", reference, nfe=7), Line("Ward the river.", reference, nfe=16)])
    assert isinstance(failed, torch.OutOfMemoryError)
    assert spoken(speech).seconds > 0


def test_a_batch_that_does_not_fit_into_memory_is_spoken_in_smaller_ones(
    engine: Engine, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [Line("Ward the river.", reference, nfe=7, seed=seed) for seed in range(7)]
    with_room = [spoken(result) for result in engine.speak(lines)]
    sizes: list[int] = []

    def room_for_two(model: Model, schedule: Schedule, conditions: list[Condition], graphs: None) -> list[torch.Tensor]:
        sizes.append(len(conditions))
        if len(conditions) > 2:
            raise torch.OutOfMemoryError
        return sample(model, schedule, conditions, graphs)

    monkeypatch.setattr("engine.speech.sample", room_for_two)
    without = [spoken(result) for result in engine.speak(lines)]
    assert sizes[0] == 7
    assert sum(size for size in sizes if size <= 2) == 7
    for roomy, tight in zip(with_room, without, strict=True):
        assert np.abs(roomy.wave - tight.wave).max() < 1e-4


def test_batches_stay_within_the_frames_that_bound_memory(
    model: Model, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []

    def count(model: Model, schedule: Schedule, conditions: list[Condition], graphs: None) -> list[torch.Tensor]:
        taken.append(sum(len(condition.noise) for condition in conditions))
        return sample(model, schedule, conditions, graphs)

    monkeypatch.setattr("engine.speech.sample", count)
    Engine(model, batch_frames=1200).speak([Line("Ward the river.", reference, nfe=7)] * 6)
    assert 1 < len(taken) < 6
    assert max(taken) <= 1200
