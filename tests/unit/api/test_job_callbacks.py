"""Who is told that a job is over can trust the message, and is nobody inside the stack's own network."""

import base64
import hashlib
import hmac

import pytest

from job_callbacks import CallbackFailed, check_address, sign, tell


def test_the_signature_is_that_of_standard_webhooks() -> None:
    expected = hmac.new(b"0123456789abcdef", b'job-1.1700000000.{"a":1}', hashlib.sha256).digest()
    assert sign("0123456789abcdef", "job-1", "1700000000", b'{"a":1}') == f"v1,{base64.b64encode(expected).decode()}"


def test_a_public_address_is_let_through() -> None:
    for url in ("https://example.com/hook?a=1", "https://example.com:8443", "https://93.184.215.14/"):
        assert check_address(url) == url


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f.0.0.1", "0251.0376.0251.0376"])
def test_a_name_that_leads_to_a_private_address_is_not_called(host: str) -> None:
    with pytest.raises(CallbackFailed, match="private"):
        tell(f"https://{host}/", "0123456789abcdef", "job-1", b"{}")


def test_a_name_that_leads_nowhere_is_told_so() -> None:
    with pytest.raises(CallbackFailed, match="leads nowhere"):
        tell("https://nowhere.invalid/", "0123456789abcdef", "job-1", b"{}")
