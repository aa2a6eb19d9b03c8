from collections.abc import Iterator

import pytest

from tests.integration.local_stack import READY, LocalStack, started


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The whole stack, up and ready."""
    with started(tmp_path_factory.mktemp("stack")) as stack:
        stack.wait_until_printed(READY)
        yield stack
