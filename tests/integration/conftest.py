from collections.abc import Iterator

import pytest

from local.stack import lambda_variables, local_environment
from tests.integration.local_stack import READY, LocalStack, started


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The whole stack, up and ready."""
    with started(tmp_path_factory.mktemp("stack")) as stack:
        stack.wait_until_printed(READY)
        yield stack


@pytest.fixture
def lambda_environment(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the Lambda of the stack sees."""
    for name, value in (local_environment(stack.ports) | lambda_variables("small")).items():
        monkeypatch.setenv(name, value)
