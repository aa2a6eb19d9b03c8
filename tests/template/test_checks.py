"""What AWS's and others' checkers say of the template, and what moto's CloudFormation makes of it."""

import ast
import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from jsonschema import Draft7Validator
from moto.cloudformation import parsing as moto_cloudformation

from tests.template.conftest import GIVEN, REPOSITORY, SAM_ENVIRONMENT, Deploy, Json

REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-2"]
POLICY_ENVIRONMENT = REPOSITORY / ".venv-policy" / "bin"

# moto makes a REST API without its body's methods, so there is nothing to deploy; no alias of a Lambda, so nothing to
# permit; and no endpoint but one whose configuration names a model.
LACKING = {
    "AWS::ApiGateway::Deployment",
    "AWS::Lambda::Permission",
    "AWS::SageMaker::Endpoint",
    "AWS::SageMaker::EndpointConfig",
}

# Runs where cfn-lint lives: CloudFormation's own schema of each type, as cfn-lint carries it for a region.
SCHEMAS = """
import json, sys
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
region, *types = sys.argv[1:]
print(json.dumps({each: PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, each).schema for each in types}))
"""
# Runs where the SAM CLI lives: what `sam local start-api` would serve.
ROUTES = """
import json, sys
from pathlib import Path
from samcli.lib.providers.api_provider import ApiProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
stacks, _ = SamLocalStackProvider.get_stacks(sys.argv[1])
provider = ApiProvider(stacks, cwd=str(Path(sys.argv[1]).parent))
routes = sorted([method, route.path, route.function_name] for route in provider.routes for method in route.methods)
print(json.dumps({"routes": routes, "binary": sorted(provider.api.binary_media_types)}))
"""


def run(*command: str | Path, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")


def test_sam_validates_it(sam_environment: dict[str, str]) -> None:
    # The region is an example; without an account there is no other.
    sam = SAM_ENVIRONMENT / "sam"
    process = run(sam, "validate", "--lint", "--region", "us-east-1", environment=sam_environment)
    assert process.returncode == 0, process.stdout + process.stderr


@pytest.mark.parametrize("template", ["template.yaml", ".aws-sam/build/template.yaml"])
def test_sam_local_serves_every_operation_of_the_included_document(
    sam_environment: dict[str, str], template: str
) -> None:
    if not (REPOSITORY / template).exists():
        pytest.skip("no build in .aws-sam: run sam build")
    process = run(SAM_ENVIRONMENT / "python", "-c", ROUTES, template, environment=sam_environment)
    assert process.returncode == 0, process.stderr
    served = json.loads(process.stdout)
    document = json.loads((REPOSITORY / "deploy/openapi/rest-api.json").read_text())
    offered = {
        (method.upper(), path, "ApiFunction") for path, methods in document["paths"].items() for method in methods
    }
    routes = {tuple(route) for route in served["routes"]}
    assert offered <= routes
    # What is more, the second API serves: all methods of its own paths.
    assert {path for _, path, _ in routes - offered} <= {"/{proxy+}", "/captions/{name}"}
    assert served["binary"] == sorted(document["x-amazon-apigateway-binary-media-types"])


def test_sam_deploy_would_upload_the_included_documents(
    sam_environment: dict[str, str], s3_url: str, session: boto3.Session, tmp_path: Path
) -> None:
    s3 = session.client("s3", endpoint_url=s3_url)
    s3.create_bucket(Bucket="packages")
    account = {"AWS_ENDPOINT_URL": s3_url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    packaged = tmp_path / "packaged.json"

    process = run(
        *(SAM_ENVIRONMENT / "sam", "package", "--template-file", "template.yaml", "--s3-bucket", "packages"),
        *("--use-json", "--output-template-file", packaged),
        environment=sam_environment | account,
    )

    assert process.returncode == 0, process.stderr
    resources = json.loads(packaged.read_text())["Resources"]
    for name, include in {
        "rest-api.json": resources["Api"]["Properties"]["DefinitionBody"],
        "agent-action-group.json": resources["BedrockAgent"]["Properties"]["ActionGroups"][0]["ApiSchema"],
    }.items():
        location = include["Fn::Transform"]["Parameters"]["Location"]
        uploaded = s3.get_object(Bucket="packages", Key=location.removeprefix("s3://packages/"))["Body"].read()
        assert json.loads(uploaded) == json.loads((REPOSITORY / "deploy/openapi" / name).read_text())


def test_cfn_lint_finds_nothing_in_three_regions() -> None:
    process = run(SAM_ENVIRONMENT / "cfn-lint", "--regions", *REGIONS, "--", "template.yaml")
    assert (process.returncode, process.stdout) == (0, "")


@pytest.fixture(scope="session")
def expanded(transformed: Json, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template after its macros, as a file."""
    file = tmp_path_factory.mktemp("template") / "transformed.json"
    file.write_text(json.dumps(transformed))
    return file


def test_cfn_lint_finds_nothing_in_what_the_macros_make_of_it(expanded: Path) -> None:
    process = run(SAM_ENVIRONMENT / "cfn-lint", "--regions", *REGIONS, "--", expanded)
    assert (process.returncode, process.stdout) == (0, "")


def shape(schema: Json) -> Json:
    """What a schema says of names and nesting; a value that only a deployment can tell has no pattern yet."""
    if isinstance(schema, dict):
        return {
            name: shape(child)
            for name, child in schema.items()
            if isinstance(child, dict) or name not in {"pattern", "format", "minLength", "maxLength"}
        }
    return [shape(child) for child in schema] if isinstance(schema, list) else schema


@pytest.fixture(scope="session")
def validators(transformed: Json) -> dict[str, Draft7Validator]:
    """By type, what checks a resource's properties; fails if cfn-lint has no schema for one."""
    kinds = sorted({each["Type"] for each in transformed["Resources"].values()})
    process = run(SAM_ENVIRONMENT / "python", "-c", SCHEMAS, REGIONS[0], *kinds)
    assert process.returncode == 0, process.stderr
    return {kind: Draft7Validator(shape(schema)) for kind, schema in json.loads(process.stdout).items()}


def unknown(validators: dict[str, Draft7Validator], resource: Json) -> list[str]:
    """What a type's schema has against a resource."""
    errors = validators[resource["Type"]].iter_errors(resource.get("Properties", {}))
    return [f"{error.json_path}: {error.message}" for error in errors]


@pytest.mark.parametrize("container", ["ray", "pytorch"])
@pytest.mark.parametrize("least", [0, 1])
def test_every_property_is_as_cloudformations_own_schemas_have_it(
    deploy: Deploy, validators: dict[str, Draft7Validator], container: str, least: int
) -> None:
    every_door: dict[str, Any] = {
        "Container": container,
        "MinInstances": least,
        "EnableMcpGateway": "true",
        "McpTokenIssuer": "https://login.example/.well-known/openid-configuration",
        "McpTokenClients": "desktop",
        "EnableBedrockAgent": "true",
        "DomainName": "voice.example.com",
        "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0123",
        "HostedZoneId": "Z0123",
        "WebAclArn": "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/voice/0123",
        "CorsOrigin": "https://recaps.example",
        "AlarmEmail": "on@call.example",
    }
    for name, resource in deploy(**every_door)["Resources"].items():
        assert unknown(validators, resource) == [], name


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("InferenceComponent", ["Specification", "StartupParameters"]),
        ("EndpointConfig", ["ProductionVariants", 0, "ManagedInstanceScaling"]),
        ("McpTools", ["TargetConfiguration", "Mcp", "ApiGateway"]),
        ("BedrockAgent", ["ActionGroups", 0, "ApiSchema"]),
        ("CopiesFollowTheLines", ["TargetTrackingScalingPolicyConfiguration"]),
        ("LatencyAlarm", []),
    ],
)
def test_a_property_that_they_do_not_know_would_be_found(
    deploy: Deploy, validators: dict[str, Draft7Validator], name: str, path: list[str | int]
) -> None:
    resource = deploy(EnableMcpGateway="true", EnableBedrockAgent="true")["Resources"][name]
    place = resource["Properties"]
    for step in path:
        place = place[step]
    place["Misspelt"] = 1
    assert unknown(validators, resource)


def test_the_policy_scanner_finds_only_what_the_template_argues_for(written: Json, tmp_path: Path) -> None:
    # Without the exceptions, so that one that is no longer needed is found as well.
    bare = json.loads(json.dumps(written))
    argued = {}
    for name, resource in bare["Resources"].items():
        for exception in resource.get("Metadata", {}).pop("checkov", {}).get("skip", []):
            argued[exception["id"], name] = exception["comment"]
    (tmp_path / "template.json").write_text(json.dumps(bare))

    process = run(
        POLICY_ENVIRONMENT / "checkov",
        "--file",
        tmp_path / "template.json",
        "--framework",
        "cloudformation",
        "--output",
        "json",
        "--skip-download",
    )
    assert process.stdout, process.stderr
    scanned = json.loads(process.stdout)

    assert scanned["summary"]["parsing_errors"] == 0
    assert scanned["summary"]["passed"] > 50
    found = {(each["check_id"], each["resource"].split(".")[-1]) for each in scanned["results"]["failed_checks"]}
    assert found == argued.keys()
    assert all(len(comment) > 15 for comment in argued.values())


def known_to_moto(transformed: Json) -> Json:
    """The resources that moto's CloudFormation makes; a reference to another one is that one's name."""
    models = moto_cloudformation.get_model_map().keys() - LACKING
    resources = transformed["Resources"]
    kept = {name for name, each in resources.items() if each["Type"] in models}
    left_out = resources.keys() - kept

    def without_references(node: Json) -> Json:
        match node:
            case {"Ref": str(name)} if name in left_out:
                return name
            case {"Fn::GetAtt": [str(name), _]} if name in left_out:
                return name
            case {"Fn::Sub": str(text)}:
                found = re.compile(r"\$\{(" + "|".join(map(re.escape, left_out)) + r")(\.\w+)?\}")
                return {"Fn::Sub": found.sub(r"\1", text)}
            case dict():
                return {name: without_references(child) for name, child in node.items()}
            case list():
                return [without_references(child) for child in node]
        return node

    def dependencies(resource: Json) -> Json:
        names = resource.get("DependsOn", [])
        names = names if isinstance(names, list) else [names]
        return resource | {"DependsOn": [name for name in names if name in kept]}

    made = {name: without_references(dependencies(resources[name])) for name in kept}
    outputs = {
        name: output
        for name, output in transformed["Outputs"].items()
        if not any(f'"{each}"' in json.dumps(output) for each in left_out)
    }
    return {
        "AWSTemplateFormatVersion": transformed["AWSTemplateFormatVersion"],
        "Parameters": transformed["Parameters"],
        "Conditions": transformed["Conditions"],
        "Resources": made,
        "Outputs": outputs,
    }


@pytest.fixture(scope="module")
def stack(s3_url: str, session: boto3.Session, transformed: Json) -> Iterator[dict[str, str]]:
    """The outputs of a stack on moto's server, which goes again."""
    s3 = session.client("s3", endpoint_url=s3_url)
    s3.create_bucket(Bucket="deployed")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): ...")
    s3.put_object(Bucket="deployed", Key="api.zip", Body=code.getvalue())
    s3.put_object(Bucket="deployed", Key="template.json", Body=json.dumps(known_to_moto(transformed)).encode())
    once = Config(retries={"total_max_attempts": 1})
    cloudformation = session.client("cloudformation", endpoint_url=s3_url, config=once)
    cloudformation.create_stack(
        StackName="champion-voice",
        TemplateURL="https://deployed.s3.amazonaws.com/template.json",
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in GIVEN.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    [made] = cloudformation.describe_stacks(StackName="champion-voice")["Stacks"]
    assert made["StackStatus"] == "CREATE_COMPLETE"
    yield {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}
    cloudformation.delete_stack(StackName="champion-voice")


class TestMoto:
    """A stand-in for CloudFormation makes what it knows: references, conditions and functions come out as meant."""

    def test_it_makes_the_model(self, stack: dict[str, str], session: boto3.Session, s3_url: str) -> None:
        sagemaker = session.client("sagemaker", endpoint_url=s3_url)
        [model] = sagemaker.list_models()["Models"]
        described = sagemaker.describe_model(ModelName=model["ModelName"])
        assert described["PrimaryContainer"]["Image"] == GIVEN["ContainerImage"]
        assert described["PrimaryContainer"]["ModelDataUrl"] == GIVEN["ModelDataUrl"]
        assert described["PrimaryContainer"]["Environment"]["VOICE_BUCKET"] == stack["VoicesBucketName"]

    def test_it_makes_the_buckets_and_the_log_groups(
        self, stack: dict[str, str], session: boto3.Session, s3_url: str
    ) -> None:
        made = {bucket["Name"] for bucket in session.client("s3", endpoint_url=s3_url).list_buckets()["Buckets"]}
        assert {stack["VoicesBucketName"], stack["AudioBucketName"]} <= made
        groups = session.client("logs", endpoint_url=s3_url).describe_log_groups()["logGroups"]
        assert {group["logGroupName"]: group["retentionInDays"] for group in groups} == {
            "/aws/apigateway/champion-voice-access": 30,
            "/aws/lambda/champion-voice-api": 30,
            "/aws/lambda/champion-voice-jobs": 30,
            "/aws/sagemaker/Endpoints/f5tts-voice-generator": 30,
            "/aws/sagemaker/InferenceComponents/f5tts-voice-generator-model": 30,
        }

    def test_it_makes_roles_whose_policies_name_what_was_made(
        self, stack: dict[str, str], session: boto3.Session, s3_url: str
    ) -> None:
        iam = session.client("iam", endpoint_url=s3_url)
        policies = {
            policy: iam.get_role_policy(RoleName=role["RoleName"], PolicyName=policy)["PolicyDocument"]
            for role in iam.list_roles()["Roles"]
            for policy in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
        }
        assert policies.keys() == {
            "ChampionVoiceApi",
            "ChampionVoiceBearer",
            "ChampionVoiceEndpoint",
            "ChampionVoiceJobs",
            "ChampionVoiceRollout",
        }
        # moto hands the policy on as Python writes it.
        endpoint = ast.literal_eval(str(policies["ChampionVoiceEndpoint"]))
        resources = {statement["Sid"]: statement["Resource"] for statement in endpoint["Statement"]}
        assert resources["ReadReferences"] == f"arn:aws:s3:::{stack['VoicesBucketName']}/champion-voices/*"
        assert resources["PullTheImage"] == "arn:aws:ecr:us-east-1:763104351884:repository/ray"
        assert resources["FetchTheModel"] == GIVEN["ModelDataUrl"].replace("s3://", "arn:aws:s3:::")

    def test_it_makes_the_lambda_and_the_dashboard(
        self, stack: dict[str, str], session: boto3.Session, s3_url: str
    ) -> None:
        functions = session.client("lambda", endpoint_url=s3_url).list_functions()["Functions"]
        [variables] = [each["Environment"]["Variables"] for each in functions if each["Handler"] == "app.handler"]
        assert variables["INFERENCE_COMPONENT_NAME"] == stack["InferenceComponentName"]
        assert variables["AUDIO_BUCKET"] == stack["AudioBucketName"]
        cloudwatch = session.client("cloudwatch", endpoint_url=s3_url)
        [dashboard] = cloudwatch.list_dashboards()["DashboardEntries"]
        body = cloudwatch.get_dashboard(DashboardName=dashboard["DashboardName"])["DashboardBody"]
        assert stack["EndpointName"] in json.dumps(json.loads(body))
