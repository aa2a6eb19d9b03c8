"""A link to finished audio leads to the bucket where it is, and for as long as the settings say."""

from urllib.parse import parse_qs, urlsplit

import pytest

import audio_store
from tests.support.environment import AUDIO_BUCKET, SetEnvironment

NAME = audio_store.Key(digest="0123", extension="wav", champion_id="ahri")


# Regions opened after 2019 are not known to s3.amazonaws.com at all.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#VirtualHostingBackwardsCompatibility
@pytest.mark.parametrize("region", ["eu-west-1", "il-central-1", "mx-central-1"])
def test_a_link_is_signed_for_the_regions_own_host(set_environment: SetEnvironment, region: str) -> None:
    # The template sets the variable to nothing.
    set_environment(AWS_DEFAULT_REGION=region, AWS_ENDPOINT_URL_S3="")

    link = urlsplit(audio_store.url(NAME))

    assert (link.scheme, link.netloc) == ("https", f"{AUDIO_BUCKET}.s3.{region}.amazonaws.com")
    assert link.path == f"/{NAME.sound}"
    signed = parse_qs(link.query)
    assert signed["X-Amz-SignedHeaders"] == ["host"]
    assert signed["X-Amz-Credential"][0].split("/")[2:] == [region, "s3", "aws4_request"]


def test_a_server_under_an_address_finds_the_bucket_in_the_path(s3_url: str) -> None:
    link = audio_store.url(NAME)
    assert link.startswith(f"{s3_url}/{AUDIO_BUCKET}/{NAME.sound}?")
