"""`serve run CONFIG`, as AWS's Ray Serve container runs it, in a Ray instance that belongs to the local stack alone.

By itself `serve run` would open a dashboard of ten processes, and go on when the application cannot be deployed.
"""

import argparse
import signal
import sys
import time
from pathlib import Path
from types import FrameType

import ray
from ray import serve
from ray.serve.schema import ApplicationStatus
from ray.serve.scripts import cli

WAY_IN = "voice"  # the application's name in config.yaml
OBJECT_STORE_BYTES = 256 * 2**20  # Ray's default is a third of the memory; a spoken line is a few megabytes


def stop(_number: int, _frame: FrameType | None) -> None:
    """Take no more requests, answer those that were taken, and end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    serve.delete(WAY_IN)
    sys.exit()


def main() -> None:
    """Serve until ended by a signal, or exit with the reason once there is nothing left to serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--temp-dir", required=True, help="where Ray keeps its sockets, so a short path")
    arguments = parser.parse_args()
    ray.init(
        address="local",  # never a cluster that happens to run on this machine
        namespace="serve",
        include_dashboard=False,
        object_store_memory=OBJECT_STORE_BYTES,
        _temp_dir=arguments.temp_dir,
    )
    cli(["run", "--non-blocking", str(arguments.config)], standalone_mode=False)
    signal.signal(signal.SIGTERM, stop)
    while True:
        if not all(node["Alive"] for node in ray.nodes()):  # type: ignore[no-untyped-call]
            sys.exit("Ray's own process, the raylet, has died.")
        for name, application in serve.status().applications.items():
            if application.status is ApplicationStatus.DEPLOY_FAILED:
                sys.exit(f"{name} could not be deployed: {application.message}")
        time.sleep(1)


if __name__ == "__main__":
    main()
