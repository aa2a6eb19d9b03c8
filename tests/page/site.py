"""The page in a browser, served by the Lambda behind the local gateway; S3 is moto's, the endpoint hums."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

import boto3
from playwright.sync_api import Browser, Page, ViewportSize, expect

from local.keys import ADMIN_KEY_ID
from tests.support.browser import DESKTOP, VOICES, complaints, listen
from tests.support.environment import AUDIO_BUCKET, VOICES_BUCKET, api_environment
from tests.support.gateway import gateway
from tests.support.recordings import recording, wav
from tests.support.serving import served
from tests.support.speaking_endpoint import SpeakingEndpoint

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT = Path(__file__).resolve().parents[2]
WAIT_MILLISECONDS = 40_000  # a machine that does much else besides is slow, not wrong
MAX_TEXT_CHARACTERS = 500


API_KEY = "a-callers-key-0123456789"
ADMIN_KEY = "the-keepers-key-0123456789"


class Look(TypedDict, total=False):
    """What a browser is and wants."""

    viewport: ViewportSize
    color_scheme: Literal["light", "dark"]
    reduced_motion: Literal["reduce"]
    device_scale_factor: float


@dataclass(frozen=True)
class Site:
    """A deployed API whose page is tried."""

    url: str
    endpoint: SpeakingEndpoint
    s3: "S3Client"
    voices_bucket: str = VOICES_BUCKET

    def put_voices(self) -> None:
        """Have the champions that ship, and no others."""
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.voices_bucket):
            for stored in page.get("Contents", []):
                self.s3.delete_object(Bucket=self.voices_bucket, Key=stored["Key"])
        for file in VOICES.glob("*/reference.*"):
            self.s3.upload_file(str(file), self.voices_bucket, f"champion-voices/{file.parent.name}/{file.name}")


@contextmanager
def deployed(s3_url: str, **variables: str) -> Iterator[Site]:
    """Deploy the API with the champions that ship."""
    endpoint = SpeakingEndpoint()
    endpoint.reset()
    with served(endpoint.app()) as endpoint_url:
        environment = api_environment(s3_url, endpoint_url) | {
            "MODEL_ID": "small-0",
            "ADMIN_KEY_ID": ADMIN_KEY_ID,
            "MAX_TEXT_CHARACTERS": str(MAX_TEXT_CHARACTERS),
        }
        with gateway(os.environ | environment | variables) as url:
            site = Site(url, endpoint, make_buckets(s3_url))
            site.put_voices()
            yield site


def make_buckets(s3_url: str) -> "S3Client":
    """S3 with the two buckets."""
    s3 = boto3.client(
        "s3", endpoint_url=s3_url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    for bucket in (VOICES_BUCKET, AUDIO_BUCKET):
        s3.create_bucket(Bucket=bucket)
    return s3


@contextmanager
def browsing(chromium: Browser, site: Site, **look: Unpack[Look]) -> Iterator[Page]:
    """Open the page in a browser that was never there, and wait until it is ready."""
    with arriving(chromium, site, **look) as page:
        page.get_by_role("radio", name="Ahri").wait_for(state="attached")
        yield page


@contextmanager
def arriving(chromium: Browser, site: Site, keys: dict[str, str] | None = None, **look: Unpack[Look]) -> Iterator[Page]:
    """Open the page, with keys that its tab was given before; it must give no reason to complain."""
    look.setdefault("viewport", DESKTOP)
    context = chromium.new_context(base_url=site.url, **look)
    context.set_default_timeout(WAIT_MILLISECONDS)
    expect.set_options(timeout=WAIT_MILLISECONDS)
    page = context.new_page()
    for kind, key in (keys or {}).items():
        page.add_init_script(f"sessionStorage.setItem('key.{kind}', '{key}')")
    listen(page)
    heard = complaints(page)
    page.goto("/")
    yield page
    assert heard == []
    context.close()


def have_long_recordings(page: Page) -> None:
    """Have champions' recordings last for a minute, and with them what the page shows of one that is heard."""
    sound = wav(recording(60))
    page.route("**/reference.*", lambda route: route.fulfill(content_type="audio/wav", body=sound))
