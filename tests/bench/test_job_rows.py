"""What the bench of jobs makes of what it sees."""

import numpy as np

from bench.jobs import cue_starts, onsets, unevenness

RATE = 24000


def test_speech_begins_after_each_silence_that_may_part_sentences_and_not_within_a_word() -> None:
    sound = np.zeros(5 * RATE)
    for start, end in ((0.5, 1.2), (1.25, 2.0), (2.4, 4.0)):
        sound[round(start * RATE) : round(end * RATE)] = 0.1
    assert onsets(sound, RATE).round(2).tolist() == [0.5, 2.4]


def test_captions_say_when_they_begin_with_hours_and_without() -> None:
    captions = "WEBVTT\n\n00:01.500 --> 00:02.000\nOne.\n\n01:00:02.250 --> 01:00:03.000\nTwo.\n"
    assert cue_starts(captions) == [1.5, 3602.25]


def test_progress_is_even_on_a_straight_line_and_uneven_by_how_far_it_is_off() -> None:
    assert unevenness([(1, 0.1), (2, 0.2), (3, 0.3)]) < 1e-9
    assert round(unevenness([(0, 0.0), (5, 0.9), (10, 1.0)]), 3) == 0.4
    assert unevenness([(1, 1.0)]) == 0.0
