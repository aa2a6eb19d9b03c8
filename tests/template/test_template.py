"""template.yaml keeps its promises: who may do what, what is open to whom, and how long things take and last."""

import json
import re
import subprocess
from http import HTTPStatus

import pytest

import endpoint_client
from routes import http
from settings import Settings
from tests.template.conftest import REPOSITORY, SAM_ENVIRONMENT, Json

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
API_GATEWAY_TIMEOUT_SECONDS = 29
# What boto3 reads, and events/local-env.json points at the local stack.
BOTO3_VARIABLES = {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SAGEMAKER", "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"}


def of_type(resources: Json, kind: str) -> Json:
    """The properties of every resource of a type, by logical id."""
    return {name: each["Properties"] for name, each in resources.items() if each["Type"] == kind}


def operations(resources: Json) -> dict[tuple[str, str], Json]:
    """The REST API's operations, by method and path."""
    paths = resources["Api"]["Properties"]["Body"]["paths"]
    return {
        (method.upper(), path): operation for path, methods in paths.items() for method, operation in methods.items()
    }


def test_sam_validates_it(sam_environment: dict[str, str]) -> None:
    # The region is an example; without an account there is no other.
    process = subprocess.run(
        [SAM_ENVIRONMENT / "sam", "validate", "--lint", "--region", "us-east-1"],
        cwd=REPOSITORY,
        env=sam_environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr


def test_cfn_lint_finds_nothing_in_three_regions() -> None:
    regions = ["us-east-1", "eu-west-1", "ap-northeast-2"]
    process = subprocess.run(
        [SAM_ENVIRONMENT / "cfn-lint", "--regions", *regions, "--", "template.yaml"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stdout) == (0, "")


def test_the_lambda_may_do_only_this(resources: Json) -> None:
    role = resources["ApiFunctionRole"]["Properties"]
    assert "ManagedPolicyArns" not in role
    [policy] = role["Policies"]
    granted = {statement.pop("Sid"): statement for statement in policy["PolicyDocument"]["Statement"]}
    voices, audio = {"Fn::GetAtt": ["VoicesBucket", "Arn"]}, {"Fn::GetAtt": ["AudioBucket", "Arn"]}
    endpoint = "arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:endpoint/${EndpointName}"
    assert granted == {
        "ReadReferences": {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": {"Fn::Sub": "${VoicesBucket.Arn}/champion-voices/*"},
        },
        "ListReferences": {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": voices,
            "Condition": {"StringLike": {"s3:prefix": "champion-voices/*"}},
        },
        "KeepFinishedAudio": {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": {"Fn::Sub": "${AudioBucket.Arn}/audio/*"},
        },
        "TellMissingAudio": {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": audio},
        "Speak": {
            "Effect": "Allow",
            "Action": ["sagemaker:InvokeEndpoint", "sagemaker:DescribeEndpoint"],
            "Resource": {"Fn::Sub": endpoint},
        },
        "WriteLogs": {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": {"Fn::GetAtt": ["ApiFunctionLogs", "Arn"]},
        },
    }
    assert resources["ApiFunction"]["Properties"]["Role"] == {"Fn::GetAtt": ["ApiFunctionRole", "Arn"]}


def test_only_the_api_may_call_the_lambda(resources: Json) -> None:
    permissions = of_type(resources, "AWS::Lambda::Permission").values()
    assert {permission["Principal"] for permission in permissions} == {"apigateway.amazonaws.com"}
    assert all("SourceArn" in permission for permission in permissions)


@pytest.mark.parametrize("name", ["VoicesBucket", "AudioBucket"])
class TestBucket:
    def test_nothing_in_it_can_be_public(self, resources: Json, name: str) -> None:
        blocked = resources[name]["Properties"]["PublicAccessBlockConfiguration"]
        assert blocked == dict.fromkeys(
            ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"], True
        )

    def test_it_is_encrypted(self, resources: Json, name: str) -> None:
        [rule] = resources[name]["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}

    def test_it_answers_only_over_tls(self, resources: Json, name: str) -> None:
        policies = of_type(resources, "AWS::S3::BucketPolicy").values()
        [policy] = [policy["PolicyDocument"] for policy in policies if policy["Bucket"] == {"Ref": name}]
        assert policy["Statement"] == [
            {
                "Sid": "OnlyOverTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [{"Fn::GetAtt": [name, "Arn"]}, {"Fn::Sub": f"${{{name}.Arn}}/*"}],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ]

    def test_it_outlives_the_stack(self, resources: Json, name: str) -> None:
        bucket = resources[name]
        assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_the_template_has_no_other_bucket(resources: Json) -> None:
    assert of_type(resources, "AWS::S3::Bucket").keys() == {"VoicesBucket", "AudioBucket"}


def test_every_version_of_a_voice_is_kept(resources: Json) -> None:
    bucket = resources["VoicesBucket"]["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "LifecycleConfiguration" not in bucket


def test_finished_audio_expires(written: Json) -> None:
    [rule] = written["Resources"]["AudioBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert rule == {
        "Id": "FinishedAudioExpires",
        "Status": "Enabled",
        "ExpirationInDays": {"Ref": "AudioRetentionDays"},
    }


def test_a_url_dies_before_what_it_points_at(written: Json) -> None:
    parameters = written["Parameters"]
    assert parameters["AudioUrlSeconds"]["MaxValue"] <= parameters["AudioRetentionDays"]["MinValue"] * 24 * 3600


def test_the_api_offers_the_paths_that_its_document_describes(resources: Json) -> None:
    described = {
        (method.upper(), path)
        for path, methods in json.loads(http.resolver.get_openapi_json_schema())["paths"].items()
        for method in methods
    }
    # They describe the others, so they are not in the document.
    documentation = {("GET", "/openapi.json"), ("GET", "/docs")}
    assert operations(resources).keys() == described | documentation
    for path in ("/openapi.json", "/docs"):
        assert any(route.rule.match(path) for route in http.resolver._static_routes)


def test_the_product_needs_an_api_key_and_its_description_none(resources: Json) -> None:
    keyed = {
        path for (_, path), operation in operations(resources).items() if operation["security"] == [{"api_key": []}]
    }
    unkeyed = {path for (_, path), operation in operations(resources).items() if operation["security"] == []}
    assert keyed == {"/voice", "/voices", "/voices/{champion_id}"}
    assert unkeyed == {"/health", "/openapi.json", "/docs"}


def test_requests_are_throttled_and_counted(written: Json, resources: Json) -> None:
    plan = written["Resources"]["Api"]["Properties"]["Auth"]["UsagePlan"]
    assert plan["Throttle"] == {"RateLimit": {"Ref": "RequestsPerSecond"}, "BurstLimit": {"Ref": "RequestBurst"}}
    assert plan["Quota"] == {"Limit": {"Ref": "RequestsPerDay"}, "Period": "DAY"}
    [key] = of_type(resources, "AWS::ApiGateway::UsagePlanKey").values()
    assert (key["KeyId"], key["UsagePlanId"]) == ({"Ref": "ApiApiKey"}, {"Ref": "ApiUsagePlan"})
    [stage] = of_type(resources, "AWS::ApiGateway::Stage").values()
    [settings] = stage["MethodSettings"]
    assert (settings["HttpMethod"], settings["ResourcePath"]) == ("*", "/*")
    assert {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= settings.keys()


def test_audio_is_binary_whatever_else_the_caller_accepts(resources: Json) -> None:
    assert resources["Api"]["Properties"]["BinaryMediaTypes"] == ["*/*"]


def test_what_api_gateway_refuses_is_a_problem_document_too(resources: Json) -> None:
    responses = resources["Api"]["Properties"]["Body"]["x-amazon-apigateway-gateway-responses"]
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= responses.keys()
    for response in responses.values():
        headers = response["responseParameters"]
        assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        problem = json.loads(response["responseTemplates"]["application/json"])
        assert problem.keys() == {"type", "title", "status", "detail", "request_id"}
        assert problem["request_id"] == "$context.requestId"
        assert str(problem["status"]) == str(response["statusCode"])
        assert problem["title"] == HTTPStatus(problem["status"]).phrase


def test_a_timeout_is_told_by_who_learns_of_it_first(resources: Json) -> None:
    lambda_seconds = resources["ApiFunction"]["Properties"]["Timeout"]
    assert endpoint_client.READ_TIMEOUT_SECONDS < lambda_seconds < API_GATEWAY_TIMEOUT_SECONDS


def test_the_lambda_is_told_all_that_its_settings_read(resources: Json) -> None:
    variables = resources["ApiFunction"]["Properties"]["Environment"]["Variables"]
    assert variables.keys() - BOTO3_VARIABLES == {name.upper() for name in Settings.model_fields}
    # Empty is unset, for boto3 as for our settings: the region's own endpoints.
    assert {variables[name] for name in BOTO3_VARIABLES} == {""}


def test_a_parameter_allows_what_the_settings_allow(written: Json) -> None:
    parameters = written["Parameters"]
    told = {
        "endpoint_name": parameters["EndpointName"]["Default"],
        "voices_bucket": "voices",
        "audio_bucket": "audio",
        "model_id": parameters["ModelId"]["Default"],
    }
    for bound in ("MinValue", "MaxValue", "Default"):
        limits = {
            "max_text_characters": parameters["MaxTextCharacters"][bound],
            "audio_url_seconds": parameters["AudioUrlSeconds"][bound],
        }
        Settings.model_validate(told | limits)


def test_sam_local_sets_only_variables_that_the_template_declares(resources: Json) -> None:
    local = json.loads((REPOSITORY / "events" / "local-env.json").read_text())
    assert local.keys() == {"ApiFunction"}
    # SAM drops the others without a word.
    assert local["ApiFunction"].keys() <= resources["ApiFunction"]["Properties"]["Environment"]["Variables"].keys()


def test_the_lambda_is_built_for_its_runtime(resources: Json, written: Json) -> None:
    function = resources["ApiFunction"]["Properties"]
    assert (function["Runtime"], function["Handler"]) == ("python3.13", "app.handler")
    source = written["Resources"]["ApiFunction"]
    assert source["Metadata"] == {"BuildMethod": "python-uv"}


def test_logs_are_kept_for_a_while_and_are_json(resources: Json) -> None:
    groups = of_type(resources, "AWS::Logs::LogGroup")
    assert groups.keys() == {"ApiFunctionLogs", "ApiAccessLogs"}
    assert all("RetentionInDays" in group for group in groups.values())
    assert resources["ApiFunction"]["Properties"]["LoggingConfig"] == {
        "LogFormat": "JSON",
        "LogGroup": {"Ref": "ApiFunctionLogs"},
    }
    [stage] = of_type(resources, "AWS::ApiGateway::Stage").values()
    access = stage["AccessLogSetting"]
    assert access["DestinationArn"] == {"Fn::GetAtt": ["ApiAccessLogs", "Arn"]}
    assert json.loads(access["Format"])["request_id"] == "$context.requestId"


def test_every_parameter_and_output_is_described(written: Json) -> None:
    for described in (*written["Parameters"].values(), *written["Outputs"].values()):
        assert re.search(r"\w{3}", described["Description"])
