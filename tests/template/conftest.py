"""template.yaml as CloudFormation gets it, after the SAM transform."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, TypeAlias

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SAM_ENVIRONMENT = REPOSITORY / ".venv-sam" / "bin"

# What json.loads gives.
Json: TypeAlias = Any

# Runs where the SAM CLI lives. The transform itself takes only code that `sam deploy` has put into S3.
TRANSFORM = """
import copy, json, sys
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

template = yaml_parse(sys.stdin.read())
template["Resources"]["ApiFunction"]["Properties"]["CodeUri"] = "s3://deployed/api.zip"
print(json.dumps({"written": template, "transformed": transform(copy.deepcopy(template), {}, None)}))
"""


@pytest.fixture(scope="session")
def sam_environment() -> dict[str, str]:
    """Nothing of this machine's AWS accounts; no telemetry."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_"))}
    return kept | {"AWS_DEFAULT_REGION": "us-east-1", "SAM_CLI_TELEMETRY": "0"}


@pytest.fixture(scope="session")
def templates(sam_environment: dict[str, str]) -> Json:
    process = subprocess.run(
        [SAM_ENVIRONMENT / "python", "-c", TRANSFORM],
        input=(REPOSITORY / "template.yaml").read_text(),
        capture_output=True,
        env=sam_environment,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


@pytest.fixture(scope="session")
def written(templates: Json) -> Json:
    """The template as it is written, with !Ref and its like spelled out."""
    return templates["written"]


@pytest.fixture(scope="session")
def resources(templates: Json) -> Json:
    """The resources that CloudFormation makes, by logical id."""
    return templates["transformed"]["Resources"]
