from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.page.site import Site, browsing, deployed


@pytest.fixture(scope="module")
def deployed_site(s3_url: str) -> Iterator[Site]:
    with deployed(s3_url) as site:
        yield site


@pytest.fixture
def site(deployed_site: Site) -> Site:
    """An API that is awake."""
    deployed_site.endpoint.reset()
    return deployed_site


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """The page in a browser that was never there, open and ready; it must give no reason to complain."""
    with browsing(chromium, site) as page:
        yield page
