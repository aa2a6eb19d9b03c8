"""Every request is answered before the Lambda's time is up: a middleware of all resolvers."""

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

import deadline
from contract.problem import TOO_SLOW
from problems import OutOfTime


def answer_in_time(app: ApiGatewayResolver, next_middleware: NextMiddleware) -> Response[str | bytes]:
    """Run a route for as long as there is time left to answer.

    Raises:
        OutOfTime: it took longer.
    """
    try:
        with deadline.kept(app.lambda_context.get_remaining_time_in_millis() / 1000):
            return next_middleware(app)
    except deadline.TimeIsUp:
        raise OutOfTime(TOO_SLOW) from None
