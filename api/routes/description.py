"""OpenAPI documents as they are handed out: what Powertools makes of routes, put right and written."""

import json
from typing import Any

# Powertools adds the schemas of its own errors to every document; nothing here answers with them.
POWERTOOLS_SCHEMAS = ("HTTPValidationError", "ResponseValidationError", "ValidationError")


def without_powertools_schemas(document: str) -> dict[str, Any]:
    """Read an OpenAPI document in JSON and take the unused schemas out."""
    content: dict[str, Any] = json.loads(document)
    for name in POWERTOOLS_SCHEMAS:
        del content["components"]["schemas"][name]
    return content


def pretty(document: dict[str, Any]) -> str:
    """Write a document for people to read, too."""
    return json.dumps(document, indent=2) + "\n"
