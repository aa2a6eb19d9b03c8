"""What AWS's containers do at their start, on this machine: `python supervisor.py KIND BASE PORT...`.

BASE stands for /opt/ml. Ends what it started when it is ended itself.
Ray: github.com/aws/deep-learning-containers, scripts/docker/ray/sagemaker_entrypoint.sh.
PyTorch: the same, pytorch/inference/docker/build_artifacts/torchserve-entrypoint.py.
"""

import os
import shlex
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from local.processes import STOP_SIGNALS, Processes

REPOSITORY = Path(__file__).resolve().parents[2]
RAY = REPOSITORY / ".venv-ray" / "bin"
TORCHSERVE = REPOSITORY / ".venv-torchserve" / "bin"

# The toolkit writes TorchServe's configuration to /etc.
SERVE = """
import sys
from sagemaker_pytorch_serving_container import serving, torchserve
torchserve.TS_CONFIG_FILE = sys.argv[1]
serving.main()
"""


def start_ray(processes: Processes, base: Path, http: str, gcs: str, client: str) -> None:
    """`ray start`, `serve start`, `serve run config.yaml`."""
    model = base / "model"
    variables = {
        "PYTHONPATH": f"{model}:{model}/code",
        "MODEL_DIR": str(model),
        "RAY_ADDRESS": f"127.0.0.1:{gcs}",
        "RAY_USAGE_STATS_ENABLED": "0",
        "PATH": f"{RAY}:{os.environ['PATH']}",
    }
    head = ["start", "--head", "--node-ip-address=127.0.0.1", f"--port={gcs}", f"--ray-client-server-port={client}"]
    head += ["--include-dashboard=False", "--num-gpus=0", f"--temp-dir={processes.temp}/ray"]
    # Ray forbids itself its own address; what makes a cluster is not told of one.
    make = ["env", "-u", "RAY_ADDRESS", str(RAY / "ray"), *head, f"--object-store-memory={256 << 20}"]
    serve = [str(RAY / "serve"), "start", "--http-host=127.0.0.1", f"--http-port={http}"]
    run = ["exec", str(RAY / "serve"), "run", str(model / "config.yaml")]
    # One child, by whose session all that `ray start` leaves behind is found.
    steps = " && ".join(map(shlex.join, (make, serve, run)))
    processes.start("ray", ["bash", "-c", steps], variables, cwd=base)


def start_torchserve(processes: Processes, base: Path, http: str, metrics: str, grpc: str, management: str) -> None:
    """PyTorch's inference toolkit, which starts TorchServe."""
    variables = {
        "SAGEMAKER_BASE_DIR": str(base),
        "SAGEMAKER_PROGRAM": "inference.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": f"{base}/model/code",
        "SAGEMAKER_BIND_TO_PORT": http,
        "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
        "TS_METRICS_ADDRESS": f"http://127.0.0.1:{metrics}",
        "TS_GRPC_INFERENCE_PORT": grpc,
        "TS_GRPC_MANAGEMENT_PORT": management,
        "TS_DISABLE_SYSTEM_METRICS": "true",
        "TEMP": str(processes.temp),
        "TMPDIR": str(processes.temp),
        "PATH": f"{TORCHSERVE}:{os.environ['PATH']}",
    }
    command = [str(TORCHSERVE / "python"), "-c", SERVE, str(base / "ts.properties")]
    processes.start("torchserve", command, variables, cwd=base)


def stop(_number: int, _frame: FrameType | None) -> None:
    """Unwind the main thread."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> None:
    """Start a container's processes and keep them up."""
    for number in STOP_SIGNALS:
        signal.signal(number, stop)
    kind, base, *ports = sys.argv[1:]
    try:
        with Processes(Path(base, "logs"), REPOSITORY) as processes:
            if kind == "ray":
                start_ray(processes, Path(base), *ports)
            else:
                start_torchserve(processes, Path(base), *ports)
            while True:
                processes.check()
                time.sleep(0.5)
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
