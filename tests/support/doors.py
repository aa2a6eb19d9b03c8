"""Call the Lambda through each of its doors, as API Gateway and Bedrock do."""

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from aws_lambda_powertools.utilities.typing import LambdaContext

import app
from tests.support.environment import AUDIO_BUCKET, ENDPOINT_NAME, VOICES_BUCKET

REQUEST_ID = "8f3c2f0e-0000-4000-8000-000000000001"
LAMBDA_REQUEST_ID = "8f3c2f0e-0000-4000-8000-000000000002"

# What json.loads gives.
Json: TypeAlias = Any

INTERNALS = re.compile(
    rf"Traceback|arn:|\.py\b|/opt/|/var/|botocore|pydantic|secret|{VOICES_BUCKET}|{AUDIO_BUCKET}|{ENDPOINT_NAME}"
)


class Context:
    """The part of Lambda's context object that is read."""

    function_name = "champion-voice-api"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:champion-voice-api"
    aws_request_id = LAMBDA_REQUEST_ID

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return round(self.seconds * 1000)


CONTEXT = cast("LambdaContext", Context(28))


@dataclass
class Answer:
    """What an HTTP client gets."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Json:
        return json.loads(self.body)

    def problem(self, status: int) -> Json:
        """The problem document, checked for what all of them must have."""
        assert self.status == status, self.body[:500]
        assert self.headers["content-type"] == "application/problem+json"
        document = self.json()
        assert document["type"] == "about:blank"
        assert document["status"] == status
        assert document["title"]
        assert document["detail"]
        assert document["request_id"] == REQUEST_ID
        return document

    def reasons(self) -> dict[str, str]:
        """The refused fields of a 422 and why."""
        return {error["field"]: error["reason"] for error in self.problem(422)["errors"]}


def http_event(
    method: str,
    path: str,
    body: str | bytes | None = None,
    headers: dict[str, str] | None = None,
    stage: str = "",
) -> dict[str, Any]:
    """A REST API's proxy event; a body in bytes comes in base64."""
    headers = headers or {}
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "requestId": REQUEST_ID,
            "stage": stage or "test",
            "path": f"/{stage}{path}" if stage else path,
            "domainName": "voice.example",
            "httpMethod": method,
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": isinstance(body, bytes),
    }


def send(event: dict[str, Any], seconds: float = 28) -> Answer:
    """Have the Lambda answer a proxy event in so many seconds, and turn the answer into HTTP as API Gateway does."""
    context = cast("LambdaContext", Context(seconds))
    # The same way through JSON that events and answers take in Lambda.
    answer = json.loads(json.dumps(app.handler(json.loads(json.dumps(event)), context)))
    body = base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
    headers = {name.lower(): ", ".join(values) for name, values in answer["multiValueHeaders"].items()}
    assert headers["x-request-id"] == REQUEST_ID
    if answer["statusCode"] >= 400:
        assert not INTERNALS.search(body.decode()), body
    return Answer(answer["statusCode"], headers, body)


def get(path: str, **headers: str) -> Answer:
    return send(http_event("GET", path, headers=headers))


def speak(accept: str | None = None, within: float = 28, **fields: object) -> Answer:
    """POST /voice; the champion is yasuo and the text "Hello." unless told otherwise."""
    headers = {"Content-Type": "application/json"} | ({"Accept": accept} if accept is not None else {})
    line = {"champion_id": "yasuo", "text": "Hello."} | fields
    return send(http_event("POST", "/voice", json.dumps(line).encode(), headers), within)


def agent_event(method: str, path: str, changes: Json = None, **properties: object) -> dict[str, Any]:
    """An action group's event.

    Args:
        method: the operation's.
        path: the operation's.
        changes: what else the event holds, or holds in place of what it would.
        properties: the fields of the body; whatever their type, agents send them as strings.
    """
    event = {
        "messageVersion": "1.0",
        "agent": {"name": "herald", "id": "AGENT12345", "alias": "TSTALIASID", "version": "DRAFT"},
        "inputText": "Let Yasuo greet me.",
        "sessionId": "123456789012345",
        "actionGroup": "champion-voice",
        "apiPath": path,
        "httpMethod": method,
        "parameters": [],
        "sessionAttributes": {},
        "promptSessionAttributes": {},
    }
    if properties:
        values = [{"name": name, "type": "string", "value": value} for name, value in properties.items()]
        event["requestBody"] = {"content": {"application/json": {"properties": values}}}
    return event | (changes or {})


def ask_agent(
    method: str, path: str, changes: Json = None, within: float = 28, **properties: object
) -> tuple[int, Json]:
    """Have the Lambda answer an agent in so many seconds.

    Returns:
        The status and the JSON in the body.
    """
    event = agent_event(method, path, changes, **properties)
    answer = app.handler(event, cast("LambdaContext", Context(within)))
    payload = json.dumps(answer)
    assert len(payload) < 20_000
    response = json.loads(payload)["response"]
    assert (response["actionGroup"], response["apiPath"], response["httpMethod"]) == ("champion-voice", path, method)
    body = response["responseBody"]["application/json"]["body"]
    if response["httpStatusCode"] >= 400:
        assert not INTERNALS.search(body), body
    return response["httpStatusCode"], json.loads(body)
