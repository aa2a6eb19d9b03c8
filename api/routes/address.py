"""Where this API is reached, as the caller reached it: under AWS's name and a stage, or under a domain of its own."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent


def stage(event: APIGatewayProxyEvent) -> str:
    """What stands before every path: /v1 for the stage v1, nothing under a domain of its own."""
    path: str = event["requestContext"].get("path", "")
    return path.removesuffix(event.path)


def url(event: APIGatewayProxyEvent, path: str) -> str:
    """The URL of another path of this API.

    Args:
        event: the request that is being answered.
        path: begins with a slash.
    """
    # API Gateway sets the header itself, whatever the caller sent.
    scheme = event.headers.get("x-forwarded-proto", "http")
    host = event["requestContext"].get("domainName", "localhost")
    return f"{scheme}://{host}{stage(event)}{path}"
