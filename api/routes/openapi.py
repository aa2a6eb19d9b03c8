"""The documents that describe what the doors take and give."""

import json
from http import HTTPStatus
from importlib import resources

from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from contract import ProblemDetails

# Powertools adds the schemas of its own errors to every document; nothing here answers with them.
POWERTOOLS_SCHEMAS = ("HTTPValidationError", "ResponseValidationError", "ValidationError")


def problem_responses(media_type: str, **descriptions: str) -> dict[int, OpenAPIResponse]:
    """Documents the problems an operation can answer with, a bug of our own always among them.

    Args:
        media_type: what they come as.
        descriptions: what each means, under the name of its HTTPStatus.
    """
    return {
        HTTPStatus[name].value: {"description": meaning, "content": {media_type: {"model": ProblemDetails}}}
        for name, meaning in (descriptions | {"INTERNAL_SERVER_ERROR": "A bug on our side."}).items()
    }


def without_powertools_schemas(document: str) -> str:
    """Takes the unused schemas out of an OpenAPI document in JSON."""
    content = json.loads(document)
    for name in POWERTOOLS_SCHEMAS:
        del content["components"]["schemas"][name]
    return json.dumps(content, indent=2) + "\n"


def swagger_page(document: str) -> str:
    """Builds the HTML page in which an OpenAPI document can be read and tried; it loads nothing from elsewhere."""
    from aws_lambda_powertools.event_handler.openapi import swagger_ui

    files = resources.files(swagger_ui)
    return swagger_ui.generate_swagger_html(
        spec=document.replace("</", "<\\/"),  # no "</script>" may end the script that the document stands in
        swagger_js=(files / "swagger-ui-bundle.min.js").read_text("utf-8"),
        swagger_css=(files / "swagger-ui.min.css").read_text("utf-8"),
        swagger_base_url="",
        oauth2_config=None,
    )
