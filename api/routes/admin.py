"""Who may write voices: the caller with the admin key, and nobody else.

API Gateway has checked the key already. What it cannot say is which methods a key is for: a usage plan throttles
methods, and a throttle of 0 would answer 429.
"""

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from problems import KeyNotAllowed
from routes import caller
from settings import get_settings


def admin_key(app: APIGatewayRestResolver, following: NextMiddleware) -> Response[str | bytes]:
    """Let the admin key through, before anything is read of what it sent.

    Raises:
        KeyNotAllowed: it is another key, or there is no admin key.
    """
    key_id = caller.key_id(app.current_event)
    if not key_id or key_id != get_settings().admin_key_id:
        raise KeyNotAllowed("This API key reads voices, and does not write them. Send the admin key.")
    return following(app)
