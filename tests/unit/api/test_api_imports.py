"""A cold start imports little: every module that the Lambda loads is time that a caller waits."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

API = Path(__file__).resolve().parents[3] / "api"

# Most of them are boto3's, pydantic's and Powertools' own. One more package is worth a thought before this is raised.
MAX_MODULES = 680

PROGRAM = """
import json, sys
before = set(sys.modules)
import app
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a Lambda loads, which finds nothing but api/ and its packages."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"PYTHONPATH": str(API), "AWS_DEFAULT_REGION": "us-east-1"},
        cwd=tmp_path_factory.mktemp("empty"),
        check=True,
        capture_output=True,
        text=True,
    )
    modules: list[str] = json.loads(ran.stdout)
    return modules


def test_the_number_of_modules_has_a_ceiling(loaded: list[str]) -> None:
    assert "app" in loaded
    assert "contract.line" in loaded
    assert len(loaded) <= MAX_MODULES


@pytest.mark.parametrize(
    "package",
    [
        "aws_lambda_powertools.event_handler.openapi.models",
        "aws_lambda_powertools.event_handler.openapi.schema_generator",
        "aws_lambda_powertools.event_handler.openapi.swagger_ui",
        "httpx",
        "jsonschema",
        "numpy",
        "soundfile",
        "starlette",
        "torch",
        "yaml",
    ],
)
def test_a_package_that_few_requests_need_is_not_loaded(loaded: list[str], package: str) -> None:
    assert package not in loaded
