"""Utterances that share a batch come out as they would alone, as long as asked, and fail alone."""

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.checkpoint import Model
from engine.graphs import Graphs
from engine.network import Step
from engine.plan import END_SECONDS, Passage, UnspeakableError, Utterance
from engine.reference import Reference, prepare_reference
from engine.sampler import Condition, sample_mels
from engine.speech import Engine, Speech
from tests.support.recordings import TRANSCRIPT, recording, wav
from tests.support.spelling import spelling_engine
from tests.support.tones import sounds

RATE = 24000
WORDS = ("ward", "the river", "push", "wave", "dragon", "now", "wait for me", "back off", "missing", "baron", "engage")


def say(
    text: str,
    reference: Reference,
    nfe: int = 7,
    speed: float = 1.0,
    duration: float | None = None,
    seed: int = 0,
) -> Utterance:
    return Utterance([Passage(text)], reference, nfe, speed, duration, seed)


def spoken(result: Speech | Exception) -> Speech:
    assert isinstance(result, Speech), result
    return result


def silences(wave: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Where the wave is 0 for more than a millisecond: (start, length) in samples."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], wave == 0, [False]]).astype(int)))
    runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(start, end - start) for start, end in runs if end - start > RATE // 1000]


@pytest.mark.slow
def test_a_batch_of_mixed_lengths_is_what_each_utterance_is_alone(engine: Engine, model: Model) -> None:
    choose = random.Random(7)
    utterances = []
    for _ in range(9):
        sound = wav(recording(choose.uniform(1, 6)))
        utterances.append(
            say(
                " ".join(choose.choices(WORDS, k=choose.randint(1, 40))) + ".",
                prepare_reference(sound, TRANSCRIPT, model.description.mel_spec),
                nfe=choose.choice([7, 16]),
                speed=choose.uniform(0.7, 1.5),
                seed=choose.randrange(2**32),
            )
        )
    for utterance, result in zip(utterances, engine.speak_batch(utterances), strict=True):
        alone, together = engine.speak(utterance), spoken(result)
        assert together.wave.shape == alone.wave.shape
        assert np.abs(together.wave).max() > 1e-3
        assert np.abs(together.wave - alone.wave).max() < 1e-4


def test_the_same_seed_is_the_same_audio_and_another_seed_is_not(engine: Engine, reference: Reference) -> None:
    utterance = say("Take the brush on the left.", reference, seed=1)
    first, second, other = (engine.speak(replace(utterance, seed=seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.wave, second.wave)
    assert not np.allclose(first.wave, other.wave, atol=1e-3)


@pytest.mark.parametrize("seconds", [1.0, 2.345, 5.0])
def test_speech_lasts_exactly_as_long_as_asked(seconds: float, engine: Engine, reference: Reference) -> None:
    speech = engine.speak(say("Group up at the dragon.", reference, duration=seconds))
    assert len(speech.wave) == round(seconds * RATE)


@pytest.mark.slow
def test_a_long_text_lasts_as_long_as_asked_over_all_its_pieces(engine: Engine, reference: Reference) -> None:
    text = "They are missing. " + "Push the wave and then back off, please. " * 12 + "Go."
    assert len(engine.speak(say(text, reference, duration=37.5)).wave) == round(37.5 * RATE)


def test_speed_shortens_the_speech_in_proportion(engine: Engine, reference: Reference) -> None:
    slow, fast = (engine.speak(say("Wait for the wave to reach you.", reference, speed=speed)) for speed in (0.8, 1.6))
    assert slow.seconds == pytest.approx(2 * fast.seconds, rel=0.05)


def test_a_pause_is_silence_of_its_length(engine: Engine, reference: Reference) -> None:
    passages = [Passage("Wait for me.", 0.4321), Passage("Ward the river, then back off.", 1.0)]
    wave = engine.speak(Utterance(passages, reference, nfe=7, pause_before=0.25)).wave
    [(start, before), (_, between), (end, after)] = silences(wave)
    assert (start, end + after) == (0, len(wave))
    assert [before / RATE, between / RATE, after / RATE] == pytest.approx([0.25, 0.4321, 1.0], abs=0.02)


def test_speech_ends_in_silence(engine: Engine, reference: Reference) -> None:
    wave = engine.speak(say("Wait for me.", reference)).wave
    [(start, length)] = silences(wave)
    assert length == round(END_SECONDS * RATE)
    assert start + length == len(wave)


def test_a_duration_covers_the_pauses(engine: Engine, reference: Reference) -> None:
    passages = [Passage("Wait for me.", 0.5), Passage("Back off."), Passage("Ward the river.", 0.25)]
    wave = engine.speak(Utterance(passages, reference, nfe=7, duration=5.5)).wave
    assert len(wave) == 5.5 * RATE
    assert [length / RATE for _, length in silences(wave)] == pytest.approx([0.5, 0.25], abs=0.1)


@pytest.mark.parametrize("pause", [0.0, 0.4])
def test_each_passage_is_told_when_it_is_spoken(pause: float, model: Model, reference: Reference) -> None:
    texts = ["Wait for me at the tower, and ward.", "No.", "Ward the river before you walk in.", "Then go."]
    passages = [Passage(text, pause) for text in texts]
    speech = spelling_engine(model, reference).speak(Utterance(passages, reference, nfe=7))
    times = sounds(speech.wave, quiet_seconds=0.2)
    assert len(times) == len(texts)
    assert speech.spans == tuple(pytest.approx(each, abs=0.05) for each in times)


def test_a_passage_of_several_pieces_is_told_from_its_first_to_its_last(model: Model, reference: Reference) -> None:
    long = "Push the wave and then back off, please. " * 12
    speech = spelling_engine(model, reference).speak(Utterance([Passage(long), Passage("Then go.")], reference, nfe=7))
    [(start, end), last] = speech.spans
    times = sounds(speech.wave, quiet_seconds=0.2)
    assert speech.seconds > 22
    assert (start, end) == pytest.approx((times[0][0], times[-2][1]), abs=0.05)
    assert last == pytest.approx(times[-1], abs=0.05)


def test_an_utterance_that_cannot_be_spoken_as_asked_fails_alone(engine: Engine, reference: Reference) -> None:
    good, bad = say("Ward the river.", reference), say("ward " * 400, reference, duration=0.5)
    before, failed, after = engine.speak_batch([good, bad, good])
    assert isinstance(failed, UnspeakableError)
    assert np.array_equal(spoken(before).wave, spoken(after).wave)
    with pytest.raises(UnspeakableError, match="too short for this text"):
        engine.speak(bad)


def test_an_utterance_that_breaks_the_engine_fails_alone(engine: Engine, reference: Reference) -> None:
    good = say("Ward the river.", reference)
    failed, speech = engine.speak_batch([replace(good, seed=2**80), good])
    assert isinstance(failed, Exception)
    assert spoken(speech).seconds > 0


def test_a_text_that_explodes_in_length_is_refused_before_any_work(model: Model) -> None:
    def idle(*_: object) -> list[torch.Tensor]:
        raise AssertionError("there was work")

    drawling = prepare_reference(wav(recording(7)), "Now then, wait.", model.description.mel_spec)
    with pytest.raises(UnspeakableError, match="600 s"):
        Engine(model, sampler=idle).speak(say("ward the river. " * 60, drawling, speed=0.5))


@pytest.mark.slow
def test_a_text_without_a_single_mark_is_spoken_to_its_end(engine: Engine, reference: Reference) -> None:
    speech = engine.speak(say("ward the river " * 80, reference))
    per_byte = reference.seconds / len(reference.prompt)
    assert speech.seconds > 0.8 * per_byte * 15 * 80


def test_warming_up_takes_every_number_of_steps_that_callers_ask_for(model: Model) -> None:
    taken = set()

    def note_steps(
        model: Model, schedule: Sequence[Step], conditions: Sequence[Condition], graphs: Graphs | None
    ) -> list[torch.Tensor]:
        taken.add(len(schedule))
        return sample_mels(model, schedule, conditions, graphs)

    Engine(model, sampler=note_steps).warm_up([7, 16])
    assert taken == {7, 16}


def test_a_model_that_cannot_speak_does_not_come_up(model: Model) -> None:
    def broken(*_: object) -> list[torch.Tensor]:
        raise RuntimeError("no kernel image is available")

    with pytest.raises(RuntimeError, match="no kernel image"):
        Engine(model, sampler=broken).warm_up([7])


def test_a_batch_that_fails_does_not_take_the_others_with_it(model: Model, reference: Reference) -> None:
    def out_of_memory_at_7_steps(
        model: Model, schedule: Sequence[Step], conditions: Sequence[Condition], graphs: Graphs | None
    ) -> list[torch.Tensor]:
        if len(schedule) == 7:
            raise torch.OutOfMemoryError
        return sample_mels(model, schedule, conditions, graphs)

    engine = Engine(model, sampler=out_of_memory_at_7_steps)
    failed, speech = engine.speak_batch([say("Ward.", reference, nfe=7), say("Ward the river.", reference, nfe=16)])
    assert isinstance(failed, torch.OutOfMemoryError)
    assert spoken(speech).seconds > 0


@pytest.mark.slow
def test_a_batch_that_does_not_fit_into_memory_is_spoken_in_smaller_ones(
    engine: Engine, model: Model, reference: Reference
) -> None:
    sizes: list[int] = []

    def room_for_two(
        model: Model, schedule: Sequence[Step], conditions: Sequence[Condition], graphs: Graphs | None
    ) -> list[torch.Tensor]:
        sizes.append(len(conditions))
        if len(conditions) > 2:
            raise torch.OutOfMemoryError
        return sample_mels(model, schedule, conditions, graphs)

    utterances = [say("Ward the river.", reference, seed=seed) for seed in range(7)]
    cramped = Engine(model, max_batch_frames=16 * 1024, sampler=room_for_two)
    with_room, without = engine.speak_batch(utterances), cramped.speak_batch(utterances)
    assert max(sizes) == 7
    assert sum(size for size in sizes if size <= 2) == 7
    for roomy, tight in zip(with_room, without, strict=True):
        assert np.abs(spoken(roomy).wave - spoken(tight).wave).max() < 1e-4


def test_batches_stay_within_the_frames_that_bound_memory(model: Model, reference: Reference) -> None:
    taken: list[int] = []

    def count(
        model: Model, schedule: Sequence[Step], conditions: Sequence[Condition], graphs: Graphs | None
    ) -> list[torch.Tensor]:
        taken.append(sum(len(condition.noise) for condition in conditions))
        return sample_mels(model, schedule, conditions, graphs)

    Engine(model, max_batch_frames=1200, sampler=count).speak_batch([say("Ward the river.", reference)] * 6)
    assert 1 < len(taken) < 6
    assert max(taken) <= 1200
