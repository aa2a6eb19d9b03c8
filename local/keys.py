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
KEY_OF = {
    ("PUT", "/voices/{champion_id}"): ADMIN_KEY,
    ("DELETE", "/voices/{champion_id}"): ADMIN_KEY,
}
"""Which key an operation asks for, if not API_KEY."""


@dataclass(frozen=True)
class Keys:
    """The keys there are, each under the name of its environment variable; none lets everybody in.

    Args:
        values: API_KEY opens what KEY_OF does not name. ADMIN_KEY opens everything; without one, API_KEY does.
    """

    values: Mapping[str, str]

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Keys":
        """Take them from the environment; an empty one is none."""
        return cls({name: environment[name] for name in (API_KEY, ADMIN_KEY) if environment.get(name)})

    def needed(self, method: str, resource: str) -> list[str]:
        """The keys of which a caller must bring one; none where everybody is let in.

        Args:
            method: the operation's.
            resource: its path, a parameter in braces.
        """
        name = KEY_OF.get((method, resource), API_KEY)
        if name not in self.values and API_KEY not in self.values:
            return []
        wanted = self.values.get(name, self.values.get(API_KEY))
        return [key for key in (wanted, self.values.get(ADMIN_KEY)) if key]


def opens(key: str, needed: list[str]) -> bool:
    """Whether a key is one of those that are needed."""
    return any(compare_digest(key.encode(), each.encode()) for each in needed)


def is_bearers(headers: Mapping[str, str], path: str) -> bool:
    """Whether a request is one for the API that takes bearer tokens."""
    return "x-api-key" not in headers and ("authorization" in headers or path.startswith(OPENAI_PATHS))


def bearer_token(headers: Mapping[str, str]) -> str | None:
    """The key that a request brings as a bearer token; None if it brings none that the API would ask about."""
    authorizer = _bearer_api()["Auth"]["Authorizers"]["Bearer"]["Identity"]
    header = headers.get(authorizer["Header"].lower(), "")
    return header.split()[-1] if re.fullmatch(authorizer["ValidationExpression"], header) else None


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
