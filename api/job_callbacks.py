"""Telling a caller's own server that a job is over, signed as Standard Webhooks do.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import time
from urllib.parse import SplitResult, urlsplit

from pydantic_core import PydanticCustomError

TIMEOUT_SECONDS = 10


class CallbackFailed(Exception):  # noqa: N818 -- as problems are named
    """The server was not told; the message names no address."""


def check_address(url: str) -> str:
    """See that an address can be told of a job, as far as it shows by itself.

    Raises:
        PydanticCustomError: it is not https, names a user, or a host that is not public.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 -- raises where it is none
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise PydanticCustomError("callback_url", "must be an https address without a user's name in it")
    try:
        public = _is_public(parts.hostname)
    except ValueError:  # a name, which is looked up when the job is over
        public = "." in parts.hostname.rstrip(".")
    if not public:
        raise PydanticCustomError("callback_url", "must be a public address")
    return url


def tell(url: str, key: str, message_id: str, body: bytes, context: ssl.SSLContext | None = None) -> None:
    """POST a signed message; a redirect is not followed.

    Args:
        url: as `check_address` let it through.
        key: of the signature.
        message_id: the same for every try, so that the receiver can tell a repeat.
        body: JSON.
        context: whom to trust; the system's authorities unless told.

    Raises:
        CallbackFailed: the address is private after all, or the server did not answer with a success.
    """
    parts = urlsplit(url)
    port = parts.port or 443
    address = _public_address(parts.hostname or "", port)
    timestamp = str(int(time.time()))
    connection = _PinnedConnection(parts.hostname or "", port, address, context or ssl.create_default_context())
    try:
        connection.request(
            "POST",
            parts._replace(scheme="", netloc="", fragment="").geturl() or "/",
            body,
            {
                "Content-Type": "application/json",
                "webhook-id": message_id,
                "webhook-timestamp": timestamp,
                "webhook-signature": sign(key, message_id, timestamp, body),
            },
        )
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise CallbackFailed(f"no answer: {type(error).__name__}") from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise CallbackFailed(f"answered {status}")


def sign(key: str, message_id: str, timestamp: str, body: bytes) -> str:
    """The value of webhook-signature."""
    signed = hmac.digest(key.encode(), f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"


class _PinnedConnection(http.client.HTTPSConnection):
    """HTTPS to an address that was looked at: a name may lead elsewhere the next time it is asked for."""

    def __init__(self, host: str, port: int, address: str, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=TIMEOUT_SECONDS, context=context)
        self._address, self._tls = address, context

    def connect(self) -> None:
        """Connect, and see that the certificate is the name's."""
        plain = socket.create_connection((self._address, self.port), TIMEOUT_SECONDS)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


def _public_address(host: str, port: int) -> str:
    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise CallbackFailed("its name leads nowhere") from error
    if not found or not all(_is_public(address) for address in found):
        raise CallbackFailed("its name leads to a private address")
    return min(found)


def _is_public(address: str) -> bool:
    """Whether an IP address is one of the internet's.

    Raises:
        ValueError: it is none at all.
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_global and not parsed.is_multicast
