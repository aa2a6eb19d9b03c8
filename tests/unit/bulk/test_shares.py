"""A cluster is shared out so that every stage can run beside the models, on every machine."""

import pytest
import ray

from bulk import cluster
from bulk.cluster import shares
from engine.speech import MAX_BATCH_FRAMES


@pytest.fixture
def machines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, float]]:
    """The resources of the cluster's machines, beside one that has died."""
    alive: list[dict[str, float]] = request.param
    nodes = [*({"Alive": True, "Resources": each} for each in alive), {"Alive": False, "Resources": {"CPU": 64.0}}]
    monkeypatch.setattr(ray, "nodes", lambda: nodes)
    monkeypatch.setattr(cluster, "sockets", lambda: 1)
    return alive


@pytest.mark.parametrize("machines", [[{"CPU": 2.0}], [{"CPU": 1.0}, {"CPU": 1.0}], [{"CPU": 64.0}]], indirect=True)
@pytest.mark.parametrize("actors", [None, 1, 2, 3])
def test_where_models_speak_on_cpus_a_task_of_each_stage_fits_beside_them(
    machines: list[dict[str, float]], actors: int | None
) -> None:
    share = shares(actors, gpus=False)
    of_a_machine = -(-(actors or len(machines)) // len(machines))
    beside = share.reading["num_cpus"] + 2 * share.text["num_cpus"]
    assert "num_gpus" not in share.speaking
    assert of_a_machine * (share.speaking["num_cpus"] + beside) <= machines[0]["CPU"] + 0.01
    assert 1 <= share.threads <= machines[0]["CPU"]
    assert (share.actors.min_size, share.actors.max_size) == (actors or 1, actors or float("inf"))


@pytest.mark.parametrize("machines", [[{"CPU": 4.0}, {"CPU": 4.0, "GPU": 1.0}]], indirect=True)
def test_where_there_are_gpus_a_model_has_one_and_full_batches(machines: list[dict[str, float]]) -> None:
    share = shares(None, gpus=False)
    assert len(machines) == 2
    assert (share.speaking["num_gpus"], share.max_frames) == (1, MAX_BATCH_FRAMES["cuda"])


@pytest.mark.parametrize("machines", [[{"CPU": 4.0}]], indirect=True)
def test_models_wait_for_gpus_that_will_come(machines: list[dict[str, float]]) -> None:
    assert "GPU" not in machines[0]
    assert shares(None, gpus=True).speaking["num_gpus"] == 1
