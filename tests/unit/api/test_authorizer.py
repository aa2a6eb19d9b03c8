"""A bearer token is an API key: it is handed on to API Gateway, which knows keys."""

import json

import pytest

import authorizer

KEY = "0123456789abcdefghijKLMNOPQRSTuvwxyz-_.~"
API = "arn:aws:execute-api:eu-west-1:123456789012:abc123/openai"


def answer(token: str, path: str = "POST/v1/audio/speech") -> dict[str, object]:
    """What API Gateway is told of a request."""
    event = {"type": "TOKEN", "authorizationToken": token, "methodArn": f"{API}/{path}"}
    return authorizer.handler(event, None)


@pytest.mark.parametrize("token", [f"Bearer {KEY}", f"bearer {KEY}", f"BEARER   {KEY}"])
def test_the_token_is_the_api_key(token: str) -> None:
    assert answer(token)["usageIdentifierKey"] == KEY


def test_an_answer_that_is_kept_holds_for_every_path_of_this_api_and_for_no_other() -> None:
    told = answer(f"Bearer {KEY}", "GET/v1/models")
    assert told == answer(f"Bearer {KEY}", "POST/v1/audio/speech")
    assert told["policyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{API}/*"}],
    }


def test_what_is_logged_of_a_caller_holds_nothing_of_the_key() -> None:
    told = answer(f"Bearer {KEY}")
    del told["usageIdentifierKey"]
    assert KEY[:5] not in json.dumps(told)
