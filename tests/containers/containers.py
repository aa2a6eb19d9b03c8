"""AWS's two containers as processes of the test, each in an environment that holds what the image holds."""

import os
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.packages import Container
from tests.containers.supervisor import RAY, REPOSITORY, TORCHSERVE
from tests.support.serving import free_ports, served
from tests.support.waiting import wait_until

START_SECONDS = 300
STOP_SECONDS = 20
# Whatever asks for something beyond this machine fails at once: nobody listens on port 9.
NO_NETWORK = dict.fromkeys(
    ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9"
) | dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost")


@dataclass(frozen=True)
class RunningContainer:
    """A container's processes, and where it answers as SageMaker expects."""

    url: str
    base: Path
    process: subprocess.Popen[bytes]

    def ping(self) -> int:
        """The status of GET /ping; 0 if nobody answers."""
        try:
            return httpx.get(f"{self.url}/ping", timeout=10).status_code
        except httpx.TransportError:
            return 0

    def invoke(self, body: bytes, accept: str = "application/json") -> httpx.Response:
        headers = {"Content-Type": "application/json", "Accept": accept, "X-Amzn-SageMaker-Inference-Id": "test-1"}
        return httpx.post(f"{self.url}/invocations", content=body, headers=headers, timeout=START_SECONDS)

    def replicas(self) -> list[psutil.Process]:
        """The processes that speak, of Ray Serve's."""
        descendants = psutil.Process(self.process.pid).children(recursive=True)
        return [each for each in descendants if "ServeReplica:model:" in " ".join(each.cmdline())]

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.base.glob("logs/*.log")))

    def wait_until_in_service(self) -> None:
        wait_until(lambda: self.ping() == 200 or self.process.poll() is not None, START_SECONDS)
        assert self.ping() == 200, self.logs()[-8000:]


def missing(container: Container) -> str | None:
    """What this machine lacks to run a container, if anything."""
    environment, version = (RAY, "3.13") if container == "ray" else (TORCHSERVE, "3.12")
    if not (environment / "python").exists():
        name = environment.parent.name
        return f"there is no {name}: install Python {version} and run make {name}/installed"
    if container == "pytorch" and not shutil.which("java"):
        return "there is no Java, which TorchServe runs on"
    return None


def unpack(archive: Path, base: Path) -> None:
    """Unpack model.tar.gz where SageMaker does."""
    with tarfile.open(archive) as tar:
        tar.extractall(base / "model", filter="data")


@contextmanager
def running(container: Container, base: Path, environment: dict[str, str]) -> Iterator[RunningContainer]:
    """Start a container from BASE/model, which stands for /opt/ml/model; answers nothing yet."""
    ports = free_ports(4)
    # By its path: a package that is installed brings a folder named tests.
    command = [sys.executable, str(Path(__file__).with_name("supervisor.py")), container, str(base)]
    command += map(str, ports[:3] if container == "ray" else ports)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "RAY_", "PYTHON"))}
    with (base / "supervisor.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=kept | NO_NETWORK | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{ports[0]}"
    try:
        if container == "pytorch":
            yield RunningContainer(url, base, process)
        else:
            with served(adapter(url)) as adapted:
                yield RunningContainer(adapted, base, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)
        left = [each for each in psutil.process_iter(["cwd"]) if (each.info["cwd"] or "").startswith(str(base))]
        assert left == [], "a container that has ended leaves nothing behind"


def adapter(ray_serve: str) -> Starlette:
    """What stands between SageMaker and Ray Serve, as the adapter in AWS's container does.

    It passes on media types and X-Amzn-SageMaker-* headers in both directions, the rest in neither, and answers a ping
    by Ray Serve's own health check: github.com/aws/deep-learning-containers, scripts/docker/ray/sagemaker_serve.py.
    """
    client = httpx.AsyncClient(base_url=ray_serve, timeout=300, trust_env=False)

    def sagemakers(headers: httpx.Headers | dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in headers.items() if name.lower().startswith("x-amzn-sagemaker-")}

    async def invocations(request: Request) -> Response:
        media_types = {name: request.headers.get(name, "application/json") for name in ("Content-Type", "Accept")}
        headers = sagemakers(dict(request.headers)) | media_types
        try:
            answer = await client.post("/", content=await request.body(), headers=headers)
        except httpx.TransportError:
            return Response(status_code=503)
        media_type = answer.headers.get("Content-Type", media_types["Accept"])
        return Response(answer.content, answer.status_code, sagemakers(answer.headers), media_type)

    async def ping(_: Request) -> Response:
        try:
            healthy = (await client.get("/-/healthz", timeout=5)).status_code == 200
        except httpx.TransportError:
            healthy = False
        return Response(status_code=200 if healthy else 503)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    routes = [Route("/invocations", invocations, methods=["POST"]), Route("/ping", ping)]
    return Starlette(routes=routes, lifespan=lifespan)
