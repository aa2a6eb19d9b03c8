"""template.yaml as CloudFormation gets it, after its macros, and as it deploys it, with parameters and conditions."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SAM_ENVIRONMENT = REPOSITORY / ".venv-sam" / "bin"

# What json.loads gives.
Json: TypeAlias = Any

PSEUDO_PARAMETERS = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackName": "champion-voice",
    "AWS::URLSuffix": "amazonaws.com",
}
# The parameters without a default, as deploy.sh gives them.
GIVEN = {
    "ModelDataUrl": "s3://champion-voice-models-123456789012/champion-voice/0123abcd/model.tar.gz",
    "ContainerImage": "763104351884.dkr.ecr.us-east-1.amazonaws.com/ray:serve-ml-sagemaker-cuda-v1.4",
}

# Runs where the SAM CLI lives. CloudFormation expands AWS::Include before AWS::Serverless; the latter takes only code
# that `sam deploy` has put into S3.
TRANSFORM = """
import copy, json, sys
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

def include(node):
    if isinstance(node, dict):
        if node.get("Fn::Transform", {}).get("Name") == "AWS::Include":
            with open(node["Fn::Transform"]["Parameters"]["Location"]) as file:
                return json.load(file)
        return {name: include(child) for name, child in node.items()}
    return [include(child) for child in node] if isinstance(node, list) else node

written = yaml_parse(sys.stdin.read())
included = include(copy.deepcopy(written))
for name in ("ApiFunction", "BearerAuthorizer", "JobFunction"):
    included["Resources"][name]["Properties"]["CodeUri"] = "s3://deployed/api.zip"
print(json.dumps({"written": written, "transformed": transform(included, {}, None)}))
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
        cwd=REPOSITORY,
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
def transformed(templates: Json) -> Json:
    """The template after its macros."""
    return templates["transformed"]


@dataclass(frozen=True)
class Resolver:
    """CloudFormation's functions; what only a deployment can tell, as an ARN, is `<Name>` or `<Name.Attribute>`."""

    values: dict[str, Json]
    conditions: dict[str, Json]

    def holds(self, name: str) -> bool:
        """Whether a condition does."""
        holds: bool = self.resolve(self.conditions[name])
        return holds

    def resolve(self, node: Json) -> Json:
        """The node with its functions called; None stands for what AWS::NoValue takes away."""
        if isinstance(node, list):
            return [each for child in node if (each := self.resolve(child)) is not None]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            [(function, argument)] = node.items()
            match function:
                case "Ref" if argument == "AWS::NoValue":
                    return None
                case "Ref":
                    return self.values.get(argument, f"<{argument}>")
                case "Condition" if isinstance(argument, str):
                    return self.holds(argument)
                case "Fn::GetAtt":
                    return f"<{'.'.join(argument) if isinstance(argument, list) else argument}>"
                case "Fn::Sub":
                    return self._substitute(argument)
                case "Fn::If":
                    return self.resolve(argument[1] if self.holds(argument[0]) else argument[2])
                case "Fn::Equals":
                    first, second = (str(self.resolve(each)) for each in argument)
                    return first == second
                case "Fn::Not":
                    return not self.resolve(argument[0])
                case "Fn::And":
                    return all(self.resolve(each) for each in argument)
                case "Fn::Split":
                    separator, text = self.resolve(argument)
                    return text.split(separator)
                case "Fn::Select":
                    index, items = self.resolve(argument)
                    return items[int(index)]
        assert not any(name.startswith("Fn::") for name in node), node
        return {name: each for name, child in node.items() if (each := self.resolve(child)) is not None}

    def _substitute(self, argument: Json) -> str:
        text, own = argument if isinstance(argument, list) else (argument, {})
        values = self.values | {name: self.resolve(value) for name, value in own.items()}
        return re.sub(r"\$\{([^}!]+)\}", lambda found: str(values.get(found[1], f"<{found[1]}>")), text)


Deploy: TypeAlias = Callable[..., Json]


@pytest.fixture(scope="session")
def deploy(transformed: Json) -> Deploy:
    """Make what CloudFormation makes of the template with some parameters: its resources and outputs."""

    def deployed(**parameters: str) -> Json:
        defaults = {name: each["Default"] for name, each in transformed["Parameters"].items() if "Default" in each}
        resolver = Resolver(PSEUDO_PARAMETERS | defaults | GIVEN | parameters, transformed["Conditions"])
        return {
            section: {
                name: resolver.resolve({key: part for key, part in each.items() if key != "Condition"})
                for name, each in transformed[section].items()
                if "Condition" not in each or resolver.holds(each["Condition"])
            }
            for section in ("Resources", "Outputs")
        }

    return deployed


@pytest.fixture(scope="session")
def resources(deploy: Deploy) -> Json:
    """The resources that a stack with default parameters has, by logical id."""
    return deploy()["Resources"]


def of_type(resources: Json, kind: str) -> Json:
    """The properties of every resource of a type, by logical id."""
    return {name: each["Properties"] for name, each in resources.items() if each.get("Type") == kind}
