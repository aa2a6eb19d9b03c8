"""Writes the OpenAPI 3.0 document of the agent's operations: `python -m local.agent_openapi`."""

import sys
from pathlib import Path

API = Path(__file__).resolve().parent.parent / "api"
DOCUMENT = API / "agent-openapi.json"


def main() -> None:
    """Writes the document beside the code it is made of."""
    sys.path.insert(0, str(API))
    from routes.agent import openapi

    DOCUMENT.write_text(openapi())


if __name__ == "__main__":
    main()
