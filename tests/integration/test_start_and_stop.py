"""What a user sees of the stack's processes: all of them end, and a sentence says why."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.layout import ROOT
from local.processes import Processes
from tests.integration.local_stack import READY, STOP_SECONDS, LocalStack, free_ports, started
from tests.support.waiting import wait_until


def assert_all_ended(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=0.5)
    assert alive == []


@pytest.mark.slow
def test_ctrl_c_ends_every_process_removes_every_temporary_file_and_harms_no_other_stack(
    stack: LocalStack, tmp_path: Path
) -> None:
    with started(tmp_path) as second:
        second.wait_until_printed(READY)
        answer = second.speak("audio/wav", champion_id="lux", text="Two at once.", quality="fast")
        assert answer.status_code == 200
        processes, folder = second.processes(), second.temporary_folder()
        assert len(processes) > 10
        assert folder.exists()

        pressed = time.monotonic()
        second.interrupt()
        assert second.process.wait(2 * STOP_SECONDS) == 0

    assert time.monotonic() - pressed < STOP_SECONDS
    assert_all_ended(processes)
    assert not folder.exists()
    assert second.output().endswith("Every process has ended.\n")
    assert httpx.get(f"{stack.url}/health").json()["ready"]
    assert stack.speak(champion_id="lux", text="Still here.", quality="fast").status_code == 200


def test_a_supervisor_that_ends_harms_no_stack_that_the_same_process_started(stack: LocalStack, tmp_path: Path) -> None:
    with Processes(tmp_path, ROOT) as processes:
        processes.start("other", [sys.executable, "-c", "import time; time.sleep(600)"])

    with pytest.raises(psutil.TimeoutExpired):
        stack.process.wait(0.5)
    assert httpx.get(f"{stack.url}/health").json()["ready"]


def test_the_model_does_not_stand_back_behind_what_else_the_machine_does(stack: LocalStack) -> None:
    [model] = [each for each in stack.processes() if "ray::ServeReplica:model" in " ".join(each.cmdline())]

    assert model.nice() == stack.process.nice()


def test_ctrl_c_while_starting_ends_every_process(tmp_path: Path) -> None:
    with started(tmp_path) as stack:
        stack.wait_until_process_starts("raylet")
        processes, folder = stack.processes(), stack.temporary_folder()

        stack.interrupt()
        assert stack.process.wait(STOP_SECONDS) == 0

    assert_all_ended(processes)
    assert not folder.exists()


def test_when_a_part_dies_the_stack_says_so_and_ends(tmp_path: Path) -> None:
    with started(tmp_path) as stack:
        stack.wait_until_printed("Ray Serve")
        processes = stack.processes()
        [s3] = [process for process in processes if "moto.server" in process.cmdline()]

        s3.kill()
        assert stack.process.wait(STOP_SECONDS) == 1

    assert "The s3 process ended (SIGKILL)." in stack.output()
    assert "PUT /champion-voices-local" in stack.output(), "the end of its log is missing"
    assert_all_ended(processes)


def test_nothing_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    with started(tmp_path) as stack:
        stack.wait_until_process_starts("raylet")
        processes, folder = stack.processes(), stack.temporary_folder()

        stack.process.kill()
        _, alive = psutil.wait_procs(processes, timeout=STOP_SECONDS)

    assert alive == []
    assert wait_until(lambda: not folder.exists(), STOP_SECONDS)


def run(**variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local.stack"],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("offset", [0, 1, 2, 3])
def test_a_port_in_use_is_one_sentence_that_names_the_port_and_its_user(offset: int) -> None:
    ports = free_ports()
    with socket.create_server(("127.0.0.1", ports[offset])):
        ended = run(PORT=str(ports.gateway))

    assert ended.returncode == 1
    assert ended.stdout == ""
    [sentence] = ended.stderr.splitlines()
    assert sentence.startswith(f"Port {ports[offset]} is in use by ")
    assert str(os.getpid()) in sentence


@pytest.mark.parametrize("port", ["", "abc", "80", "65531"])
def test_a_port_that_cannot_be_is_one_sentence(port: str) -> None:
    ended = run(PORT=port)

    assert ended.returncode == 1
    [sentence] = ended.stderr.splitlines()
    assert sentence == f"PORT={port} will not do: give a number from 1024 to 65530."


def test_a_model_folder_without_a_model_is_one_sentence(tmp_path: Path) -> None:
    ended = run(PORT=str(free_ports().gateway), MODEL_DIR=str(tmp_path))

    assert ended.returncode == 1
    assert ended.stderr == f"MODEL_DIR={tmp_path} holds no model.yaml: name the folder of a model.\n"
