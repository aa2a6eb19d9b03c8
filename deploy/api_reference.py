"""Write the page of GET /docs into a file, for the site of `make docs`: `python -m deploy.api_reference FILE`."""

import sys
from pathlib import Path

from routes import documents


def main() -> None:
    """Write it."""
    Path(sys.argv[1]).write_text(documents.swagger_page(documents.openapi()), encoding="utf-8")


if __name__ == "__main__":
    main()
