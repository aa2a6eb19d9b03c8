"""Who is let in, as API Gateway tells: by `x-api-key` at one REST API, by `Authorization: Bearer KEY` at the other.

In AWS the two have an address each; here they share one, and a request without `x-api-key` that brings a bearer token,
or asks for a path of OpenAI's, is the second's.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from secrets import compare_digest
from typing import Any

import yaml
from starlette.responses import Response

TEMPLATE = Path(__file__).resolve().parent.parent / "template.yaml"
OPENAI_PATHS = "/v1/"

API_KEY = "API_KEY"
ADMIN_KEY = "ADMIN_KEY"
API_KEY_ID = "local-api-key"
ADMIN_KEY_ID = "local-admin-key"
"""What API Gateway would call the keys. The Lambda is told by it whose request it has."""


@dataclass(frozen=True)
class Keys:
    """The keys that there are; none at all lets everybody in.

    Args:
        values: by the name of the environment variable. Without an ADMIN_KEY, API_KEY is that of an administrator.
    """

    values: Mapping[str, str]

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Keys":
        """Take them from the environment; an empty one is none."""
        return cls({name: environment[name] for name in (API_KEY, ADMIN_KEY) if environment.get(name)})

    def id_of(self, key: str) -> str | None:
        """Which key a caller brought; None if it is none."""
        if not self.values:
            return ADMIN_KEY_ID
        names = [name for name, value in self.values.items() if compare_digest(key.encode(), value.encode())]
        if ADMIN_KEY in names or (API_KEY in names and ADMIN_KEY not in self.values):
            return ADMIN_KEY_ID
        return API_KEY_ID if API_KEY in names else None


def is_bearers(headers: Mapping[str, str], path: str) -> bool:
    """Whether a request is one for the API that takes bearer tokens."""
    return "x-api-key" not in headers and ("authorization" in headers or path.startswith(OPENAI_PATHS))


def bearer_token(headers: Mapping[str, str]) -> str:
    """The key that a request brings as a bearer token; empty if it brings none that the API would ask about."""
    authorizer = _bearer_api()["Auth"]["Authorizers"]["Bearer"]["Identity"]
    header = headers.get(authorizer["Header"].lower(), "")
    return header.split()[-1] if re.fullmatch(authorizer["ValidationExpression"], header) else ""


def bearer_refusal(kind: str) -> Response:
    """What the API that takes bearer tokens answers by itself.

    Args:
        kind: API Gateway's name of the answer, UNAUTHORIZED or INVALID_API_KEY.
    """
    answers = _bearer_api()["GatewayResponses"]
    answer = answers.get(kind, answers["DEFAULT_4XX"])
    words = json.dumps(HTTPStatus.UNAUTHORIZED.phrase)
    body = answer["ResponseTemplates"]["application/json"].replace("$context.error.messageString", words)
    # UNAUTHORIZED is 401 by itself.
    return Response(body, answer.get("StatusCode", HTTPStatus.UNAUTHORIZED), media_type="application/json")


class _Template(yaml.SafeLoader):
    """CloudFormation's functions mean nothing here."""


_Template.add_multi_constructor("!", lambda *_: None)


@cache
def _bearer_api() -> dict[str, Any]:
    template = yaml.load(TEMPLATE.read_text(encoding="utf-8"), Loader=_Template)  # noqa: S506 -- a safe one
    properties: dict[str, Any] = template["Resources"]["BearerApi"]["Properties"]
    return properties
