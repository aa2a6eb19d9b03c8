"""The whole stack on this machine, kept up until Ctrl-C: `python -m local.stack`, which is what `make run` calls.

PORT (default 3000) is the gateway's; the SageMaker façade, S3, Ray Serve, Lambda's API and the runner of durable
functions take the five ports after it.
MODEL_DIR names a model directory; without it, it is the small one of models/. With API_KEY or ADMIN_KEY the gateway
lets in only who brings the key.
"""

import hashlib
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import boto3
import httpx
import yaml

from contract import references
from deploy.checksums import sha256
from deploy.layout import ROOT, SERVE_CONFIG, lay_out_code
from local.checks import HOST, CannotStartError, check_key, check_model_dir, check_ports, check_room, parse_port
from local.durable import runner_command
from local.keys import ADMIN_KEY, ADMIN_KEY_ID, API_KEY
from local.processes import STOP_SIGNALS, TEMP, Processes, ProcessFailedError

BUILD = ROOT / "build"
DEMO = ROOT / "demo.wav"

ENDPOINT_NAME = "f5tts-voice-generator"
INFERENCE_COMPONENT_NAME = "f5tts-voice-generator-model"
VOICES_BUCKET = "champion-voices-local"
AUDIO_BUCKET = "champion-audio-local"
JOB_FUNCTION = "champion-voice-jobs-local"
DEMO_LINE = {"champion_id": "yasuo", "text": "Wait for the wave to come to you, then take the fight."}

START_SECONDS = 300  # a machine that reads torch from its disk for the first time needs a minute or two
DOT_SECONDS = 2


class NotReadyError(Exception):
    """A part of the stack is up and does not do its work; the message says which."""


class Ports(NamedTuple):
    """Where the parts of the stack listen."""

    gateway: int
    sagemaker: int
    s3: int
    ray_serve: int
    lambda_api: int
    durable: int


def url(port: int) -> str:
    """The address of a part of the stack."""
    return f"http://{HOST}:{port}"


def local_environment(ports: Ports) -> dict[str, str]:
    """This process's environment, with all that would lead boto3, Ray or HTTP clients elsewhere led here."""
    elsewhere = ("AWS_", "RAY_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(elsewhere)}
    return kept | {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_LAMBDA": url(ports.lambda_api),
        "AWS_ENDPOINT_URL_S3": url(ports.s3),
        "AWS_ENDPOINT_URL_SAGEMAKER": url(ports.sagemaker),
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": url(ports.sagemaker),
    }


def lambda_variables(model_id: str) -> dict[str, str]:
    """What template.yaml tells the Lambda."""
    return {
        "ENDPOINT_NAME": ENDPOINT_NAME,
        "INFERENCE_COMPONENT_NAME": INFERENCE_COMPONENT_NAME,
        "VOICES_BUCKET": VOICES_BUCKET,
        "AUDIO_BUCKET": AUDIO_BUCKET,
        "MODEL_ID": model_id,
        "ADMIN_KEY_ID": ADMIN_KEY_ID,
        "LINK_KEY": "local",
        "JOB_FUNCTION": JOB_FUNCTION,
    }


def start_s3(processes: Processes, ports: Ports) -> None:
    """Start moto's S3 server and upload voices/ to it."""
    processes.start("s3", [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(ports.s3)])
    wait(processes, lambda: request("GET", f"{url(ports.s3)}/moto-api/") is not None, "S3")
    s3 = boto3.client("s3")
    for bucket in (VOICES_BUCKET, AUDIO_BUCKET):
        s3.create_bucket(Bucket=bucket)
    voices = ROOT / "voices"
    for file in sorted(path for path in voices.rglob("*") if path.is_file()):
        s3.upload_file(str(file), VOICES_BUCKET, f"{references.PREFIX}{file.relative_to(voices).as_posix()}")


def find_model() -> Path:
    """The model directory: MODEL_DIR, or the small model that ships."""
    return Path(os.environ.get("MODEL_DIR") or ROOT / "models/small").resolve()


def start_endpoint(processes: Processes, ports: Ports, model_dir: Path) -> None:
    """Start the endpoint from a directory laid out as /opt/ml/model is in AWS's Ray Serve container."""
    root = processes.temp / "model"
    code = root / "code"
    lay_out_code(code)
    for file in model_dir.iterdir():
        (root / file.name).symlink_to(file)
    config = yaml.safe_load(SERVE_CONFIG.read_text())
    config["http_options"] |= {"host": HOST, "port": ports.ray_serve}
    (root / "config.yaml").write_text(yaml.safe_dump(config))
    processes.start(
        "endpoint",
        [
            sys.executable,
            str(ROOT / "local/ray_serve.py"),
            str(root / "config.yaml"),
            "--temp-dir",
            str(processes.temp / "ray"),
        ],
        {
            "PYTHONPATH": f"{root}{os.pathsep}{code}",
            "MODEL_DIR": str(root),
            "VOICE_BUCKET": VOICES_BUCKET,
            "RAY_USAGE_STATS_ENABLED": "0",
            # By itself 15: beside one other busy program the model's threads then share a core, and wait for each other
            # ten times as long as they compute.
            "RAY_worker_niceness": "0",
            # Ray's own ports are open to the network: who does not know the token runs nothing through them.
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
        },
        cwd=root,
    )

    def refuses() -> bool:
        # Ray Serve is healthy once there is a way in; only the model behind it can refuse an empty invocation so.
        answer = request("POST", f"{url(ports.ray_serve)}/invocations")
        return answer is not None and answer.status_code == HTTPStatus.BAD_REQUEST

    wait(processes, refuses, "the endpoint")


def start_api(processes: Processes, ports: Ports, model_id: str) -> None:
    """Start the SageMaker façade, the gateway with the Lambda behind it, and the durable function that does jobs."""
    names = [ENDPOINT_NAME, INFERENCE_COMPONENT_NAME]
    facade = [sys.executable, "-m", "local.sagemaker", str(ports.sagemaker), *names, url(ports.ray_serve)]
    processes.start("sagemaker", facade)
    variables = lambda_variables(model_id) | {"PYTHONPATH": str(ROOT / "api")}
    processes.start("durable", runner_command(ports.durable, url(ports.lambda_api)))
    jobs = [sys.executable, "-m", "local.durable", str(ports.lambda_api), str(ports.durable)]
    processes.start("jobs", jobs, variables)
    gateway = [sys.executable, "-m", "local.gateway", str(ports.gateway)]
    processes.start("gateway", gateway, variables)

    def is_ready() -> bool:
        answer = request("GET", f"{url(ports.gateway)}/health")
        return answer is not None and answer.is_success and bool(answer.json()["ready"])

    wait(processes, is_ready, "the API")


def speak_demo(ports: Ports) -> str:
    """Have DEMO_LINE spoken into demo.wav.

    Returns:
        A sentence about it.

    Raises:
        NotReadyError: the answer is no audio, though it came in time.
    """
    DEMO.unlink(missing_ok=True)
    started = time.monotonic()
    try:
        headers = {"Accept": "audio/wav", "x-api-key": os.environ.get(API_KEY, "")}
        answer = httpx.post(f"{url(ports.gateway)}/voice", json=DEMO_LINE, headers=headers, timeout=30)
    except httpx.TransportError as error:
        raise NotReadyError(f"POST /voice did not answer: {error}") from error
    seconds = time.monotonic() - started
    if answer.status_code == HTTPStatus.GATEWAY_TIMEOUT:
        # A large model on a CPU: the stack is as it should be.
        return f"{DEMO.name} was not written, this machine is too slow for the model: {answer.json()['detail']}"
    if not answer.is_success:
        raise NotReadyError(f"POST /voice answered {answer.status_code}: {answer.text}")
    DEMO.write_bytes(answer.content)
    return f"{DEMO.name}: {DEMO_LINE['champion_id']} spoke a line through POST /voice in {seconds:.1f} s."


def request(method: str, address: str) -> httpx.Response | None:
    """The answer, or None if there is none yet."""
    try:
        return httpx.request(method, address, timeout=DOT_SECONDS)
    except httpx.TransportError:
        return None


def wait(processes: Processes, is_done: Callable[[], bool], what: str) -> None:
    """Wait with a dot now and then.

    Raises:
        ProcessFailedError: a child ended.
        NotReadyError: it took more than START_SECONDS.
    """
    started = dotted = time.monotonic()
    while not is_done():
        processes.check()
        now = time.monotonic()
        if now - started > START_SECONDS:
            raise NotReadyError(f"After {START_SECONDS} seconds {what} was not ready; its log says more.")
        if now - dotted > DOT_SECONDS:
            print(".", end="", flush=True)
            dotted = now
        time.sleep(0.1)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Tell a step's name when it starts and its seconds when it is done."""
    print(f"  {name} ", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except Exception:
        print(flush=True)
        raise
    print(f" {time.monotonic() - started:.1f} s", flush=True)


def digest(directory: Path) -> str:
    """A short name for the contents of the files in it, at any depth."""
    files = [path for path in sorted(directory.rglob("*")) if path.is_file()]
    told = "".join(f"{path.relative_to(directory)} {sha256(path)}\n" for path in files)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def run(ports: Ports) -> None:
    """Start the stack and keep it up until a signal ends it.

    Raises:
        CannotStartError: the machine lacks something.
        ProcessFailedError: a part ended.
        NotReadyError: a part is up and does not do its work.
    """
    BUILD.mkdir(exist_ok=True)
    check_ports(ports)
    for folder in (BUILD, TEMP):  # they may be on two disks
        check_room(folder)
    check_model_dir(os.environ.get("MODEL_DIR"))
    for name in (API_KEY, ADMIN_KEY):
        check_key(name, os.environ.get(name, ""))
    os.environ.update(environment := local_environment(ports))
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    logs = BUILD / "logs" / str(ports.gateway)
    print(f"Champion Voice starts at {url(ports.gateway)}, logs are in {logs.relative_to(ROOT)}/")
    with Processes(logs, ROOT) as processes:
        with step("S3 with the sample voices"):
            start_s3(processes, ports)
        model_dir = find_model()
        # Two lines to quote: what model.yaml must say is the engine's to check, and importing that would import torch.
        model = yaml.safe_load((model_dir / "model.yaml").read_text(encoding="utf-8"))["model"]
        with step(f"F5-TTS endpoint on Ray Serve, model {model['name']}"):
            start_endpoint(processes, ports, model_dir)
        with step("SageMaker façade, gateway and Lambda"):
            start_api(processes, ports, f"{model['name']}-{digest(model_dir)}")
        print(f"\n{speak_demo(ports)}")
        if notice := model.get("notice"):
            print(notice)
        key = ' -H "x-api-key: $API_KEY"' if os.environ.get(API_KEY) else ""
        print(
            f"\nReady. Try voices at {url(ports.gateway)}/ or read about the API at {url(ports.gateway)}/docs. "
            "Another line:\n\n"
            f"curl -sS {url(ports.gateway)}/voice -H 'Content-Type: application/json' -H 'Accept: audio/wav'{key} "
            f"-d '{json.dumps(DEMO_LINE | {'champion_id': 'ahri'})}' -o ahri.wav\n\n"
            "Ctrl-C ends all of it.",
            flush=True,
        )
        while True:
            processes.check()
            time.sleep(0.5)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Unwind the main thread; from then on only `Processes` listens to signals."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    os.write(1, b"\nStopping.\n")  # print() is not reentrant
    raise KeyboardInterrupt


def main() -> None:
    """Read PORT and run the stack."""
    for number in STOP_SIGNALS:
        signal.signal(number, interrupt)
    try:
        first = parse_port(os.environ.get("PORT", "3000"), len(Ports._fields))
        run(Ports(*range(first, first + len(Ports._fields))))
    except KeyboardInterrupt:
        print("Every process has ended.")
    except (CannotStartError, ProcessFailedError, NotReadyError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
