"""Validation of what a route takes: a middleware of the routes that need it, not of a resolver."""

import base64
from typing import Any

from aws_lambda_powertools.event_handler.middlewares.openapi_validation import OpenAPIRequestValidationMiddleware
from aws_lambda_powertools.event_handler.types import EventHandlerInstance
from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent
from pydantic import BaseModel, ValidationError

from contract.body import read_json
from contract.formats import JSON
from contract.problem import FieldError, InvalidRequest, NotJson


class JsonBody(OpenAPIRequestValidationMiddleware):
    """Validation of a request whose body is JSON and nothing else.

    Powertools by itself reads forms too, takes NaN for a number and the first item of a list for the object.
    """

    def _get_body(self, app: EventHandlerInstance) -> dict[str, Any]:
        event = app.current_event
        return read_json(received(event), event.headers.get("content-type", JSON))


def received(event: BaseProxyEvent) -> bytes:
    """The body of a request as it came.

    Raises:
        NotJson: it is not in base64, though the event says so.
    """
    body = event.body or ""
    try:
        # API Gateway hands on every body in base64, as every media type is binary to it.
        return base64.b64decode(body) if event.is_base64_encoded else body.encode()
    except ValueError as error:
        raise NotJson("The body is not JSON in UTF-8.") from error


class Property(BaseModel):
    """A field as an action group sends it."""

    name: str
    value: Any = None


class Properties(BaseModel):
    """The fields of a body as an action group sends them."""

    properties: list[Property] = []


class ActionGroupBody(BaseModel):
    """The body in an action group's event.

    https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html#agents-lambda-input
    """

    content: dict[str, Properties] = {}


class PropertiesBody(OpenAPIRequestValidationMiddleware):
    """Validation of a request whose body is an action group's. Powertools by itself breaks on what is none."""

    def _get_body(self, app: EventHandlerInstance) -> dict[str, Any]:
        try:
            body = ActionGroupBody.model_validate(app.current_event.get("requestBody") or {})
        except ValidationError as error:
            reason = "must be a list of properties, each with name and value"
            raise InvalidRequest(f"The body {reason}.", errors=[FieldError(field="body", reason=reason)]) from error
        return {each.name: each.value for media in body.content.values() for each in media.properties}


# Requests alone: what a route returns is typed already, and Powertools would blame the caller for an answer it refuses.
JSON_BODY = JsonBody()  # type: ignore[no-untyped-call]
"""For a route that reads JSON."""

PROPERTIES_BODY = PropertiesBody()  # type: ignore[no-untyped-call]
"""For an operation of an action group."""

PARAMETERS = OpenAPIRequestValidationMiddleware()  # type: ignore[no-untyped-call]
"""For a route with parameters in its path, query or headers, and no body."""
