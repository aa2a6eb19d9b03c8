"""The Lambda's code under AWS's runtime interface emulator and runtime client, as a process of its own."""

import os
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / ".aws-sam" / "build" / "ApiFunction"
SOURCE = REPOSITORY / "api"
CONTRACT = REPOSITORY / "contract"
# awslambdaric for the function's Python, which need not be the one that runs the tests.
RUNTIME_CLIENT = REPOSITORY / ".venv-lambda"

# aws-sam-cli carries the emulator.
EMULATOR = "lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-" + (
    "x86_64" if platform.machine() == "x86_64" else "arm64"
)
START_SECONDS = 60
INVOKE_SECONDS = 60


class CannotRunError(Exception):
    """What is missing to run the code."""


@dataclass(frozen=True)
class Code:
    """A folder to run as the Lambda's, and what to run it with."""

    folder: Path
    python: Path
    environment: dict[str, str]


def built() -> Code:
    """What `sam build` built, under nothing but the function's Python and AWS's runtime client.

    Raises:
        CannotRunError: it was not built, or this machine has no such Python or no runtime client for it.
    """
    # "_pydantic_core.cpython-313-x86_64-linux-gnu.so": the build itself says which Python and machine it is for.
    compiled = next(BUILD.glob("pydantic_core/_pydantic_core.*.so"), None)
    if compiled is None:
        raise CannotRunError("no build in .aws-sam: run sam build")
    suffix = compiled.name.removeprefix("_pydantic_core")
    python = next((found for found in _pythons() if _extension_suffix(found) == suffix), None)
    if python is None:
        raise CannotRunError(f"this machine has no Python that loads *{suffix}")
    if not (RUNTIME_CLIENT / f"runtime_client{suffix}").exists():
        raise CannotRunError(f"no awslambdaric for *{suffix} in {RUNTIME_CLIENT.name}")
    return Code(BUILD, python, {"PYTHONPATH": str(RUNTIME_CLIENT), "PYTHONNOUSERSITE": "1"})


def source() -> Code:
    """api/ as it stands, under the Python that runs the tests."""
    return Code(SOURCE, Path(sys.executable), {})


def _pythons() -> Iterator[Path]:
    """Look where a Python other than the tests' own may be."""
    folders = [Path(sys.base_prefix, "bin"), *map(Path, os.get_exec_path())]
    folders += Path.home().glob(".pyenv/versions/*/bin")
    folders += Path.home().glob(".local/share/uv/python/*/bin")
    for folder in folders:
        yield from folder.glob("python3.[0-9][0-9]")


def _extension_suffix(python: Path) -> str:
    """What the Python's compiled modules are named, which tells its version and machine; empty if it cannot be used."""
    # Not a virtual environment's: what that holds would hide what the build lacks.
    program = "import sys, sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX') * (sys.prefix == sys.base_prefix))"
    try:
        return subprocess.run([python, "-c", program], capture_output=True, check=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


class EmulatedLambda:
    """A running Lambda."""

    def __init__(self, url: str, output: Path) -> None:
        self._url = url
        self._output = output

    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        """Call it as the Lambda service does."""
        answer: dict[str, Any] = httpx.post(self._url, json=event, timeout=INVOKE_SECONDS).raise_for_status().json()
        return answer

    def output(self) -> str:
        """Everything that it and the emulator have written so far."""
        return self._output.read_text()


@contextmanager
def emulated_lambda(code: Code, environment: dict[str, str], folder: Path) -> Iterator[EmulatedLambda]:
    """Run the code until the block ends.

    Args:
        code: what to run.
        environment: the function's variables. It sees no other.
        folder: an empty one, for the output.
    """
    emulator = next((REPOSITORY / ".venv-sam").glob(EMULATOR))
    bootstrap = folder / "bootstrap"
    bootstrap.write_text(f'#!/bin/sh\nexec "{code.python}" -m awslambdaric "$_HANDLER"\n')
    bootstrap.chmod(0o755)
    address, runtime_api = _free_address(), _free_address()
    output = folder / "output.txt"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            [
                emulator,
                f"--runtime-interface-emulator-address={address}",
                f"--runtime-api-address={runtime_api}",
                bootstrap,
            ],
            cwd=code.folder,
            env={
                "PATH": os.environ["PATH"],
                "_HANDLER": "app.handler",
                "LAMBDA_TASK_ROOT": str(code.folder),
                "PYTHONDONTWRITEBYTECODE": "1",
                **code.environment,
                **environment,
            },
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_open(address, process, output)
        yield EmulatedLambda(f"http://{address}/2015-03-31/functions/function/invocations", output)
    finally:
        # The emulator and the Python that it started.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
    return f"{host}:{port}"


def _wait_until_open(address: str, process: subprocess.Popen[bytes], output: Path) -> None:
    host, port = address.split(":")
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the runtime interface emulator does not listen:\n{output.read_text()}")
