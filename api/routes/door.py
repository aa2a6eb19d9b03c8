"""The HTTP door: API Gateway proxy events of a REST API.

PUT HERE: what holds for every route.
DO NOT PUT HERE: a route. A door with another shape of errors is another resolver, made by `make_resolver` in a file of
its own and chosen in app.py: within one resolver, Powertools lets a router's exception handlers hold for all routes.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.utilities.typing import LambdaContext

from contract.problem import Problem
from observability import logger, request_id
from problems import MethodNotAllowed, UnknownPath, as_problem
from routes import cors, documents, page
from routes.answers import problem_answer
from routes.in_time import answer_in_time

# A link to captions is its own key, which is not to be found in a log.
_SIGNED = re.compile(r"(?<=^/captions/).+")


def make_resolver(
    routers: Iterable[Router], answer_problem: Callable[[Problem], Response[str | bytes]]
) -> APIGatewayRestResolver:
    """A resolver of HTTP requests that answers whatever happens.

    Args:
        routers: its routes.
        answer_problem: shapes the answer to a request that fails.
    """
    resolver = APIGatewayRestResolver()
    resolver.use(middlewares=[answer_in_time])

    @resolver.exception_handler(Exception)  # type: ignore[untyped-decorator]
    def explain(error: Exception) -> Response[str | bytes]:
        return answer_problem(as_problem(error))

    @resolver.not_found
    def answer_for_the_path(_: Exception) -> Response[str | bytes]:
        """Tell a path that is not there from a method that is not, and answer OPTIONS."""
        event = resolver.current_event
        # Powertools keeps its routes to itself, and has no 405 of its own.
        routes = resolver._static_routes + resolver._dynamic_routes
        found = {route.method for route in routes if route.rule.match(event.path)}
        if not found:
            raise UnknownPath(nothing_here(f"{route.method} {route.path}" for route in routes))
        methods = sorted(found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set()))
        if event.http_method == "OPTIONS":
            return cors.options(methods)
        raise MethodNotAllowed(f"This path answers {', '.join(methods)}.", methods)

    for router in routers:
        resolver.include_router(router)
    return resolver


def nothing_here(offered: Iterable[str]) -> str:
    """What to tell who asks for a path that is not there.

    Args:
        offered: what there is, each a method and a path, in which a parameter stands in angle brackets or braces.
    """
    there_is = ", ".join(offered).replace("<", "{").replace(">", "}")
    return f"There is nothing under this path. There is {there_is}."


resolver = make_resolver([*documents.DESCRIBED, documents.router, page.router], problem_answer)


def handle(
    event: dict[str, Any], context: LambdaContext, resolver: APIGatewayRestResolver = resolver
) -> dict[str, Any]:
    """Answer one API Gateway proxy event; whatever happens on the way is an answer too.

    HEAD is answered as GET is: API Gateway sends the headers, the length of the body among them, and not the body.
    """
    method = "GET" if event["httpMethod"] == "HEAD" else event["httpMethod"]
    # API Gateway leaves a path percent-encoded.
    answer = resolver.resolve(event | {"httpMethod": method, "path": unquote(event["path"])}, context)
    answer["multiValueHeaders"] |= {"X-Request-Id": [request_id()]} | cors.headers()
    path = _SIGNED.sub("…", event["path"])
    logger.info("answered", method=event["httpMethod"], path=path, status=answer["statusCode"])
    return answer
