"""Rows become jobs of an engine, unless they cannot be spoken or were; what shapes a sound shapes its key."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bulk.keeping import keep
from bulk.planning import Desk, Entry, Job, Order, batches
from bulk.rows import kind_of, read
from contract.invocation import AudioDescription, DescribedAudio
from tests.support.bulk_lines import make_champion, make_order, write_jsonl

LINE: dict[str, Any] = {"champion_id": "garen", "text": "Hold the line at 25:30."}


@pytest.fixture
def order(tmp_path: Path, model_dir: Path, voices: Path) -> Order:
    return make_order([tmp_path / "lines.jsonl"], tmp_path / "out", model_dir, voices)


def planned(order: Order, *lines: dict[str, Any]) -> list[Entry | Job]:
    source = write_jsonl(Path(order.sources[0]), lines)
    return list(Desk(order).plan(read(source, kind_of(str(source)), 0)))


def key(order: Order, **fields: object) -> str:
    [job] = planned(order, LINE | fields)
    assert isinstance(job, Job)
    return job.line.key


def test_a_row_is_made_what_the_engine_speaks(order: Order) -> None:
    [job] = planned(order, LINE | {"seed": 7, "speed": 1.2, "quality": "fast", "name": "hold"})
    assert isinstance(job, Job)
    assert [passage.text for passage in job.utterance.passages] == [
        "Hold the line at twenty-five minutes and thirty seconds."
    ]
    assert (job.utterance.seed, job.utterance.speed, job.utterance.nfe) == (7, 1.2, 7)
    assert (job.line.file, job.line.where) == ("garen/hold.wav", (0, 1))
    assert job.frames > job.utterance.reference.frames


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"champion_id": "garren"}, "champion_id: is no champion's name. Did you mean garen"),
        ({"champion_id": "broken"}, "champion_id: "),
        ({"text": "Привет."}, "text: "),
        ({"text": "<speak>", "text_type": "ssml"}, "text: "),
        ({"duration": 100}, "duration: 100 s is too long for this text"),
        ({"format": "midi"}, "format: "),
    ],
)
def test_what_cannot_be_spoken_is_found_without_a_model(
    fields: dict[str, Any], told: str, order: Order, voices: Path, model_dir: Path
) -> None:
    make_champion(voices, "broken")
    (voices / "broken" / "reference.wav").write_bytes(b"no sound")
    order = make_order(order.sources, order.out, model_dir, voices)
    [entry, job] = planned(order, LINE | fields, LINE)
    assert isinstance(entry, Entry)
    assert (entry.error or "").startswith(told)
    assert isinstance(job, Job)


def test_a_row_that_was_spoken_is_not_spoken_again_until_it_is_another(order: Order) -> None:
    [job] = planned(order, LINE)
    assert isinstance(job, Job)
    description = AudioDescription(
        digest=job.line.script.digest, format="wav", sample_rate=24000, duration=1, spoken_text="Hold.", segments=[]
    )
    record = keep(Desk(order).place, job.line.file, job.line.key, DescribedAudio(description, b"sound"))
    [entry] = planned(order, LINE)
    assert entry == replace(job.line.spoken(record), was_there=True)
    assert isinstance(planned(replace(order, model_digest="another"), LINE)[0], Job)
    # As when a plan is made again because a machine was lost: as many batches come of it.
    source = Path(order.sources[0])
    [again] = Desk(order).plan(read(source, kind_of(str(source)), 0), {job.line.where})
    assert isinstance(again, Job)


def test_a_changed_reference_lexicon_model_or_loudness_is_another_sound(
    order: Order, voices: Path, model_dir: Path
) -> None:
    def now() -> Order:
        return make_order(order.sources, order.out, model_dir, voices)

    line, other = key(order), key(order, champion_id="lux", text="Kai'Sa.")
    assert key(now()) == line
    assert key(order, text="Hold  the line at twenty-five minutes and thirty seconds.") == line, "the same is said"
    assert key(replace(order, model_digest="another")) != line
    assert key(replace(order, lufs=-23)) != line
    (voices / "lexicon.txt").write_text("kai'sa = Kai sah")
    assert key(now()) == line
    assert key(now(), champion_id="lux", text="Kai'Sa.") != other
    make_champion(voices, "garen", 1.3)
    assert key(now()) != line
    (voices / "lexicon.txt").unlink()
    assert key(now(), champion_id="lux", text="Kai'Sa.") == other


def test_a_fallback_speaks_for_an_unknown_champion_into_that_ones_folder(order: Order) -> None:
    [job] = planned(replace(order, fallback_champion="lux"), LINE | {"champion_id": "nobody", "name": "hold"})
    assert isinstance(job, Job)
    assert job.line.file == "nobody/hold.wav"
    assert job.line.key == key(order, champion_id="lux")


def test_batches_are_full_and_of_lines_of_like_length_and_one_quality(order: Order) -> None:
    lines = [
        LINE | {"text": "Hold the line. " * count, "seed": count, "quality": quality}
        for count in range(1, 12)
        for quality in ("fast", "high")
    ]
    jobs = [job for job in planned(order, *lines) if isinstance(job, Job)]
    most = 1500
    shared = list(batches(jobs, most))
    assert sorted(job.line.where for batch in shared for job in batch) == [job.line.where for job in jobs]
    for batch in shared:
        assert len({job.utterance.nfe for job in batch}) == 1
        assert len(batch) == 1 or sum(job.frames for job in batch) <= most
    for before, after in pairwise(shared):
        if before[0].utterance.nfe == after[0].utterance.nfe:
            assert before[-1].frames >= after[0].frames
            assert sum(job.frames for job in before) + after[0].frames > most
