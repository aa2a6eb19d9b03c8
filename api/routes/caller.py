"""Who calls: the API key that a request came with, by its id, which API Gateway tells at both APIs alike."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from job_name import owner_of


def key_id(event: APIGatewayProxyEvent) -> str | None:
    """The id of the request's API key; None for a request without one."""
    key: str | None = event["requestContext"].get("identity", {}).get("apiKeyId")
    return key


def owner(event: APIGatewayProxyEvent) -> str:
    """Whose jobs a request may see: its API key's."""
    return owner_of(key_id(event))
