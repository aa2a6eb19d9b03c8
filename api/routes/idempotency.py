"""Idempotency-Key: the name that a caller gives a request, so that a repeat is told from another one."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from pydantic import Field

from contract.problem import refused_field

MAX_CHARACTERS = 255

IdempotencyKey = Annotated[
    str,
    Header(alias="Idempotency-Key"),
    Field(description="Names the request: the same one again changes nothing more.", max_length=MAX_CHARACTERS),
]
"""The header as a parameter of a route; empty for none."""


def idempotency_key(event: APIGatewayProxyEvent) -> str | None:
    """The request's Idempotency-Key, if it has one.

    Raises:
        InvalidRequest: it is empty or too long.
    """
    key = event.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= MAX_CHARACTERS:
        raise refused_field("Idempotency-Key", f"must have 1 to {MAX_CHARACTERS} characters")
    return key
