"""GET /openapi.json and GET /docs: the description of the API, for programs and for people."""

from collections.abc import Iterable
from http import HTTPStatus
from importlib import resources

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from contract.formats import JSON
from contract.line import MAX_TEXT_CHARACTERS, Line
from contract.version import VERSION
from routes import address, captions, health, jobs, lines, mcp, openai, voices
from routes.description import pretty, without_powertools_schemas
from routes.form import FORM
from schemas import AgentLine
from settings import get_settings

DESCRIBED: Iterable[Router] = (
    lines.router,
    mcp.router,
    jobs.router,
    voices.router,
    health.router,
    captions.router,
    openai.router,
)
"""The routes of the API; those below describe them."""

router = APIGatewayRouter()  # type: ignore[no-untyped-call]


def openapi(stage: str = "/", max_text: int = MAX_TEXT_CHARACTERS) -> str:
    """Describe the API as OpenAPI 3.1 in JSON.

    Args:
        stage: what stands before every path.
        max_text: characters of text that are spoken in one request.
    """
    # Imported here because it takes its time, and few requests need it.
    from aws_lambda_powertools.event_handler.openapi.models import Server

    resolver = APIGatewayRestResolver()
    for described in DESCRIBED:
        resolver.include_router(described)
    document = without_powertools_schemas(
        resolver.get_openapi_json_schema(
            title="Champion Voice",
            version=VERSION,
            description="Text and a champion's name go in, that champion's voice comes out.",
            servers=[Server(url=stage)],
        )
    )
    # Powertools knows one media type for a body.
    body = document["paths"]["/voices/{champion_id}"]["put"]["requestBody"]["content"]
    body[FORM] = body[JSON]
    for request in (Line, AgentLine):
        document["components"]["schemas"][request.__name__]["properties"]["text"]["maxLength"] = max_text
    return pretty(document)


@router.get("/openapi.json", include_in_schema=False)
def get_openapi() -> Response[str | bytes]:
    """Describe this API."""
    return Response(HTTPStatus.OK, JSON, _as_deployed())


@router.get("/docs", include_in_schema=False)
def get_docs() -> Response[str | bytes]:
    """Describe this API to a person."""
    if router.current_event.get_query_string_value("format") == "json":
        return get_openapi()  # where the page's own link leads
    return Response(HTTPStatus.OK, "text/html; charset=utf-8", swagger_page(_as_deployed()))


def _as_deployed() -> str:
    return openapi(address.stage(router.current_event) or "/", get_settings().max_text_characters)


def swagger_page(document: str) -> str:
    """The HTML page in which the document can be read and tried; it loads nothing from elsewhere."""
    from aws_lambda_powertools.event_handler.openapi import swagger_ui

    files = resources.files(swagger_ui)
    return swagger_ui.generate_swagger_html(
        spec=document.replace("</", "<\\/"),  # no "</script>" may end the script that the document stands in
        swagger_js=(files / "swagger-ui-bundle.min.js").read_text("utf-8"),
        swagger_css=(files / "swagger-ui.min.css").read_text("utf-8"),
        swagger_base_url="",
        oauth2_config=None,
    )
