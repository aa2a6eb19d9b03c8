"""What the machine must offer before the stack is started."""

import re
import secrets
import shutil
import socket
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

HOST = "127.0.0.1"
MIN_FREE_DISK_GB = 1  # Ray's session, the model and the logs need a fifth of it
MIN_FREE_MEMORY_GB = 2


class CannotStartError(Exception):
    """The machine lacks something; the message is one sentence that says what to do."""


def parse_port(text: str, count: int) -> int:
    """Read the first of a row of ports.

    Raises:
        CannotStartError: it is no number, or the row is not within 1024 to 65535.
    """
    if not text.isascii() or not text.isdecimal() or not 1024 <= int(text) <= 65536 - count:
        raise CannotStartError(f"PORT={text} will not do: give a number from 1024 to {65536 - count}.")
    return int(text)


def check_key(name: str, key: str) -> None:
    """See that a key is one that API Gateway could have.

    Args:
        name: the environment variable that holds it.
        key: empty if none is asked for.

    Raises:
        CannotStartError: it is none.
    """
    # https://docs.aws.amazon.com/apigateway/latest/api/API_CreateApiKey.html
    if key and not re.fullmatch("[!-~]{20,128}", key):
        such_as = secrets.token_urlsafe(20)
        raise CannotStartError(f"{name} will not do: a key has 20 to 128 characters and no space, such as {such_as}.")


def check_ports(ports: Iterable[int]) -> None:
    """See that nobody listens on the ports.

    Raises:
        CannotStartError: someone does; says who, as far as this user may know.
    """
    for port in ports:
        with socket.socket() as probe:
            # As servers do it: connections of an earlier run that still linger are no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                raise CannotStartError(
                    f"Port {port} is in use{_by_whom(port)}: end that process, or choose another with `make run PORT=`."
                ) from None


def check_room(directory: Path) -> None:
    """See that there is disk and memory to run in.

    Raises:
        CannotStartError: there is not.
    """
    if (free := shutil.disk_usage(directory).free) < MIN_FREE_DISK_GB * 1e9:
        raise CannotStartError(
            f"Only {free / 1e9:.1f} GB of disk are free in {directory}: "
            f"the stack needs {MIN_FREE_DISK_GB} GB, free some."
        )
    if (free := psutil.virtual_memory().available) < MIN_FREE_MEMORY_GB * 1e9:
        raise CannotStartError(
            f"Only {free / 1e9:.1f} GB of memory are free: the stack needs {MIN_FREE_MEMORY_GB} GB, close something."
        )


def check_model_dir(model_dir: str | None) -> None:
    """See that a model directory, if one was chosen, is one.

    Raises:
        CannotStartError: it does not describe a model.
    """
    if model_dir and not Path(model_dir, "model.yaml").is_file():
        raise CannotStartError(f"MODEL_DIR={model_dir} holds no model.yaml: name the folder of a model.")


def _by_whom(port: int) -> str:
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
            if listens and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""
