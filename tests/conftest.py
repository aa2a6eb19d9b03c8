"""What stands where AWS is: S3 is moto's server, SageMaker a small HTTP server; boto3 is the real one."""

import logging
from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer
from playwright.sync_api import Browser

from tests.support.browser import find_chromium, opened
from tests.support.fake_endpoint import FakeEndpoint


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def endpoint_server() -> Iterator[FakeEndpoint]:
    server = FakeEndpoint()
    yield server
    server.close()


@pytest.fixture
def endpoint(endpoint_server: FakeEndpoint) -> FakeEndpoint:
    """The endpoint; it speaks for a second unless told otherwise."""
    endpoint_server.reset()
    return endpoint_server


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser, where there is one."""
    program = find_chromium()
    if program is None:
        pytest.skip("LEFT OUT: no Chromium on this machine (Debian: apt install chromium)")
    with opened(program) as browser:
        yield browser
