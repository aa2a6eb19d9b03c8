"""template.yaml keeps its promises: what is open to whom, how long things take and last, and what parameters change."""

import json
import re
from dataclasses import dataclass

import boto3
import httpx
import pytest

import deadline
from contract.line import CHAMPION_ID_PATTERN, MAX_TEXT_CHARACTERS
from contract.references import PREFIX
from jobs import JOB_HOURS
from local import durable
from settings import Settings
from tests.template.conftest import GIVEN, REPOSITORY, Deploy, Json, of_type
from voice_library import UPLOADS

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
API_GATEWAY_TIMEOUT_SECONDS = 29
# https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
MAX_VERSION_DESCRIPTION = 256
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0123"
# What boto3 reads, and local/sam-variables.json points at the local stack.
BOTO3_VARIABLES = {
    "AWS_ENDPOINT_URL_LAMBDA",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SAGEMAKER",
    "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME",
}


@dataclass(frozen=True)
class Page:
    """A browser's requests for a link."""

    link: str

    def preflight(self, origin: str, method: str, header: str) -> httpx.Headers:
        asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": header}
        return httpx.options(self.link, headers=asked).raise_for_status().headers

    def get(self, origin: str) -> httpx.Headers:
        return httpx.get(self.link, headers={"Origin": origin, "x-api-key": "k"}).raise_for_status().headers


def as_s3_takes_it(cors: Json) -> Json:
    """A bucket's CORS in S3's words, which differ from CloudFormation's in a suffix."""
    return {
        "CORSRules": [
            {f"{name}{'Seconds' * (name == 'MaxAge')}": rule[name] for name in rule} for rule in cors["CorsRules"]
        ]
    }


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
        [policy] = [policy["PolicyDocument"] for policy in policies if policy["Bucket"] == f"<{name}>"]
        assert policy["Statement"] == [
            {
                "Sid": "OnlyOverTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"<{name}.Arn>", f"<{name}.Arn>/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ]

    def test_it_outlives_the_stack(self, resources: Json, name: str) -> None:
        bucket = resources[name]
        assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_the_template_has_no_other_bucket(resources: Json) -> None:
    assert of_type(resources, "AWS::S3::Bucket").keys() == {"VoicesBucket", "AudioBucket"}


def test_a_voice_that_was_replaced_or_deleted_is_kept_for_a_month_and_uploads_for_a_day(resources: Json) -> None:
    bucket = resources["VoicesBucket"]["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert rules == {
        "WhatWasReplacedExpires": {
            "Id": "WhatWasReplacedExpires",
            "Status": "Enabled",
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            "ExpiredObjectDeleteMarker": True,
        },
        "UploadsExpire": {
            "Id": "UploadsExpire",
            "Status": "Enabled",
            "Prefix": UPLOADS,
            "ExpirationInDays": 1,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
    }


def test_finished_audio_expires(written: Json) -> None:
    [rule, uploads] = written["Resources"]["AudioBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert rule == {
        "Id": "FinishedAudioExpires",
        "Status": "Enabled",
        "ExpirationInDays": {"Ref": "AudioRetentionDays"},
    }
    assert uploads["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


class TestCors:
    """A page may read the audio that the API led it to, by a redirect too."""

    @pytest.fixture
    def page(self, deploy: Deploy, s3_url: str) -> Page:
        bucket = deploy(CorsOrigin="https://recaps.example")["Resources"]["AudioBucket"]["Properties"]
        s3 = boto3.client("s3", "us-east-1", endpoint_url=s3_url, aws_access_key_id="a", aws_secret_access_key="b")
        s3.create_bucket(Bucket="audio-with-cors")
        s3.put_object(Bucket="audio-with-cors", Key="line.wav", Body=b"RIFF")
        s3.put_bucket_cors(Bucket="audio-with-cors", CORSConfiguration=as_s3_takes_it(bucket["CorsConfiguration"]))
        return Page(s3.generate_presigned_url("get_object", Params={"Bucket": "audio-with-cors", "Key": "line.wav"}))

    # Once a request was redirected from one origin to another, a browser names none.
    # https://fetch.spec.whatwg.org/#concept-request-tainted-origin
    @pytest.mark.parametrize("origin", ["https://recaps.example", "null"])
    def test_a_page_can_read_it(self, page: Page, origin: str) -> None:
        # The key that the page sent to the API goes along, and is asked about first.
        allowed = page.preflight(origin, "GET", "x-api-key")
        assert allowed["access-control-allow-origin"] in {"*", origin}
        assert "GET" in allowed["access-control-allow-methods"]
        assert allowed["access-control-allow-headers"] in {"*", "x-api-key"}
        assert page.get(origin)["access-control-allow-origin"] in {"*", origin}

    def test_nobody_is_let_in_by_a_cookie(self, deploy: Deploy) -> None:
        bucket = deploy(CorsOrigin="https://recaps.example")["Resources"]["AudioBucket"]["Properties"]
        [rule] = bucket["CorsConfiguration"]["CorsRules"]
        # S3 says Allow-Credentials wherever it names one origin.
        assert rule["AllowedOrigins"] == ["*"]
        assert rule["AllowedMethods"] == ["GET"]

    def test_a_page_of_the_origin_may_play_a_sample_and_send_a_recording(self, deploy: Deploy) -> None:
        bucket = deploy(CorsOrigin="https://recaps.example")["Resources"]["VoicesBucket"]["Properties"]
        [rule] = bucket["CorsConfiguration"]["CorsRules"]
        assert rule["AllowedOrigins"] == ["https://recaps.example"]
        assert rule["AllowedMethods"] == ["GET", "PUT"]

    def test_without_an_origin_there_is_none(self, resources: Json) -> None:
        for bucket in of_type(resources, "AWS::S3::Bucket").values():
            assert "CorsConfiguration" not in bucket


def test_a_url_dies_before_what_it_points_at(written: Json) -> None:
    parameters = written["Parameters"]
    assert parameters["AudioUrlSeconds"]["MaxValue"] <= parameters["AudioRetentionDays"]["MinValue"] * 24 * 3600


def test_requests_are_throttled_and_counted(deploy: Deploy) -> None:
    resources = deploy(RequestsPerSecond="3", RequestBurst="5", RequestsPerDay="70")["Resources"]
    [plan] = of_type(resources, "AWS::ApiGateway::UsagePlan").values()
    assert plan["Throttle"] == {"RateLimit": "3", "BurstLimit": "5"}
    assert plan["Quota"] == {"Limit": "70", "Period": "DAY"}
    assert plan["ApiStages"] == [
        {"ApiId": "<Api>", "Stage": "<Apiv1Stage>"},
        {"ApiId": "<BearerApi>", "Stage": "<BearerApiopenaiStage>"},
    ]
    keys = of_type(resources, "AWS::ApiGateway::UsagePlanKey").values()
    assert {(key["KeyId"], key["UsagePlanId"]) for key in keys} == {
        ("<ApiKey>", "<ApiUsagePlan>"),
        ("<AdminKey>", "<ApiUsagePlan>"),
    }
    for stage in of_type(resources, "AWS::ApiGateway::Stage").values():
        [settings] = stage["MethodSettings"]
        assert (settings["HttpMethod"], settings["ResourcePath"]) == ("*", "/*")
        assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == ("3", "5")


def test_the_api_has_a_domain_of_its_own_only_if_one_is_named(deploy: Deploy) -> None:
    plain = deploy()
    assert plain["Outputs"]["ApiUrl"]["Value"] == "https://<Api>.execute-api.us-east-1.amazonaws.com/v1"
    assert {"ApiDomain", "ApiDomainMapping", "ApiDomainRecord"}.isdisjoint(plain["Resources"])

    named = deploy(DomainName="voice.example.com", CertificateArn=CERTIFICATE)
    assert named["Outputs"]["ApiUrl"]["Value"] == "https://voice.example.com"
    domain = named["Resources"]["ApiDomain"]["Properties"]
    assert (domain["DomainName"], domain["RegionalCertificateArn"]) == ("voice.example.com", CERTIFICATE)
    assert domain["SecurityPolicy"] == "TLS_1_2"
    mapping = named["Resources"]["ApiDomainMapping"]["Properties"]
    assert mapping == {"DomainName": "<ApiDomain>", "RestApiId": "<Api>", "Stage": "<Apiv1Stage>"}
    assert "ApiDomainRecord" not in named["Resources"]
    assert named["Outputs"]["DomainTarget"]["Value"] == "<ApiDomain.RegionalDomainName>"

    led = deploy(DomainName="voice.example.com", CertificateArn=CERTIFICATE, HostedZoneId="Z0123")["Resources"]
    record = led["ApiDomainRecord"]["Properties"]
    assert (record["Name"], record["HostedZoneId"]) == ("voice.example.com", "Z0123")
    assert record["AliasTarget"] == {
        "DNSName": "<ApiDomain.RegionalDomainName>",
        "HostedZoneId": "<ApiDomain.RegionalHostedZoneId>",
    }


def test_a_domain_without_a_certificate_is_refused_before_anything_is_made(written: Json) -> None:
    rule = written["Rules"]["DomainNeedsACertificate"]
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "DomainName"}, ""]}]}
    [assertion] = rule["Assertions"]
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "CertificateArn"}, ""]}]}


def test_an_issuer_of_tokens_without_clients_is_refused_before_anything_is_made(written: Json) -> None:
    rule = written["Rules"]["AnIssuerNeedsClients"]
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "McpTokenIssuer"}, ""]}]}
    [assertion] = rule["Assertions"]
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "McpTokenClients"}, ""]}]}


def test_voices_are_written_with_the_key_that_an_output_names(deploy: Deploy) -> None:
    deployed = deploy()
    assert deployed["Outputs"]["AdminKey"]["Value"] == "<AdminKey>"
    assert deployed["Outputs"]["ApiKeyId"]["Value"] == "<ApiKey>"
    function = deployed["Resources"]["ApiFunction"]["Properties"]
    assert function["Environment"]["Variables"]["ADMIN_KEY_ID"] == "<AdminKey>"


def test_a_web_acl_stands_before_both_apis_only_if_one_is_named(deploy: Deploy) -> None:
    acl = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/voice/0123"
    kind = "AWS::WAFv2::WebACLAssociation"
    assert of_type(deploy()["Resources"], kind) == {}
    apis = "arn:aws:apigateway:us-east-1::/restapis/"
    protected = of_type(deploy(WebAclArn=acl)["Resources"], kind).values()
    assert {(each["ResourceArn"], each["WebACLArn"]) for each in protected} == {
        (f"{apis}<Api>/stages/<Apiv1Stage>", acl),
        (f"{apis}<BearerApi>/stages/<BearerApiopenaiStage>", acl),
    }


def test_a_timeout_is_told_by_who_learns_of_it_first(resources: Json) -> None:
    lambda_seconds = resources["ApiFunction"]["Properties"]["Timeout"]
    assert 0 < deadline.LAST_SECONDS < deadline.STORE_SECONDS < lambda_seconds < API_GATEWAY_TIMEOUT_SECONDS


def test_the_lambda_is_told_all_that_its_settings_read(resources: Json) -> None:
    told: set[str] = set()
    for function in ("ApiFunction", "JobFunction"):
        variables = resources[function]["Properties"]["Environment"]["Variables"]
        told |= variables.keys()
        # Empty is unset, for boto3 as for our settings: the region's own endpoints.
        assert {variables[name] for name in BOTO3_VARIABLES} == {""}
    assert told - BOTO3_VARIABLES == {name.upper() for name in Settings.model_fields}


def test_the_two_functions_are_told_the_same(resources: Json) -> None:
    api, job = (resources[name]["Properties"]["Environment"]["Variables"] for name in ("ApiFunction", "JobFunction"))
    assert {name: api[name] for name in api.keys() & job.keys()} == {
        name: job[name] for name in api.keys() & job.keys()
    }
    assert api["JOB_FUNCTION"] == "<JobFunctionAliaslive>"
    # Without the one it does not start; by the other it finds the sound of a line.
    needed = {name.upper() for name, setting in Settings.model_fields.items() if setting.is_required()}
    assert needed | {"LOUDNESS_LUFS"} <= job.keys()


def test_jobs_are_given_up_when_callers_are_told_so(resources: Json) -> None:
    assert resources["JobFunction"]["Properties"]["DurableConfig"]["ExecutionTimeout"] == JOB_HOURS * 3600


def test_the_local_stack_does_jobs_as_the_template_does(resources: Json) -> None:
    function = resources["JobFunction"]["Properties"]
    assert (function["Handler"], function["Timeout"]) == (f"{durable.MODULE}.handler", durable.TIMEOUT_SECONDS)
    assert function["DurableConfig"] == {
        "ExecutionTimeout": durable.EXECUTION_TIMEOUT_SECONDS,
        "RetentionPeriodInDays": durable.RETENTION_DAYS,
    }


def test_the_lambda_asks_for_the_endpoint_and_the_model_that_this_stack_makes(deploy: Deploy) -> None:
    resources = deploy(EndpointName="other-voice")["Resources"]
    variables = resources["ApiFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["ENDPOINT_NAME"] == resources["Endpoint"]["Properties"]["EndpointName"] == "other-voice"
    component = resources["InferenceComponent"]["Properties"]["InferenceComponentName"]
    assert variables["INFERENCE_COMPONENT_NAME"] == component


def test_a_parameter_allows_what_the_settings_allow(written: Json) -> None:
    parameters = written["Parameters"]
    told = {
        "endpoint_name": parameters["EndpointName"]["Default"],
        "inference_component_name": "model",
        "voices_bucket": "voices",
        "audio_bucket": "audio",
        "model_id": parameters["ModelId"]["Default"],
        "link_key": "AWS::StackId",
    }
    for bound in ("MinValue", "MaxValue", "Default"):
        limits = {
            "max_text_characters": parameters["MaxTextCharacters"][bound],
            "audio_url_seconds": parameters["AudioUrlSeconds"][bound],
            "job_concurrency": parameters["JobConcurrency"][bound],
        }
        Settings.model_validate(told | limits)


def test_sam_local_sets_only_variables_that_the_template_declares(resources: Json) -> None:
    local = json.loads((REPOSITORY / "local/sam-variables.json").read_text())
    assert local.keys() == {"ApiFunction"}
    # SAM drops the others without a word.
    assert local["ApiFunction"].keys() <= resources["ApiFunction"]["Properties"]["Environment"]["Variables"].keys()


def test_the_lambda_is_built_for_its_runtime(resources: Json, written: Json) -> None:
    function = resources["ApiFunction"]["Properties"]
    assert (function["Runtime"], function["Handler"]) == ("python3.13", "app.handler")
    assert function["Architectures"] == ["x86_64"]
    assert written["Resources"]["ApiFunction"]["Metadata"]["BuildMethod"] == "python-uv"


class TestRollout:
    def test_a_new_version_gets_a_tenth_of_the_calls_until_it_has_raised_no_error(self, resources: Json) -> None:
        alias = resources["ApiFunctionAliaslive"]
        assert alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"] == (
            "<ApiFunctionDeploymentGroup>"
        )
        group = resources["ApiFunctionDeploymentGroup"]["Properties"]
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
        assert group["AlarmConfiguration"] == {"Enabled": True, "Alarms": [{"Name": "<LambdaErrorsAlarm>"}]}
        assert group["AutoRollbackConfiguration"]["Enabled"]
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        assert group["ServiceRoleArn"] == "<RolloutRole.Arn>"

    def test_the_alarm_goes_off_before_the_rollout_is_over(self, resources: Json) -> None:
        alarm = resources["LambdaErrorsAlarm"]["Properties"]
        assert 2 * alarm["Period"] * alarm["EvaluationPeriods"] < 5 * 60

    def test_a_parameter_that_changes_the_lambda_makes_a_version_too(self, written: Json) -> None:
        # SAM names a version after the function's properties as they are written, with parameters as references. A
        # version's description cannot be changed, so CloudFormation makes another version for another one.
        function = written["Resources"]["ApiFunction"]["Properties"]
        used = {value["Ref"] for value in function["Environment"]["Variables"].values() if "Ref" in value}
        described = set(re.findall(r"\$\{(\w+)\}", function["VersionDescription"]["Fn::Sub"]))
        assert described == used & written["Parameters"].keys()

    def test_a_versions_description_fits_however_long_the_parameters_are(self, deploy: Deploy) -> None:
        longest = deploy(
            ModelId="m" * 56,
            EndpointName="e" * 57,
            MaxTextCharacters="5000",
            AudioUrlSeconds="43200",
            FallbackChampion="c" * 64,
            CorsOrigin="https://" + "o" * 50,
            LoudnessLufs="-35.9",
        )
        versions = of_type(longest["Resources"], "AWS::Lambda::Version").values()
        assert len(versions) == 2
        assert max(len(version["Description"]) for version in versions) <= MAX_VERSION_DESCRIPTION


def test_logs_are_json(resources: Json) -> None:
    assert resources["ApiFunction"]["Properties"]["LoggingConfig"] == {
        "LogFormat": "JSON",
        "LogGroup": "<ApiFunctionLogs>",
    }
    for stage in of_type(resources, "AWS::ApiGateway::Stage").values():
        access = stage["AccessLogSetting"]
        assert access["DestinationArn"] == "<ApiAccessLogs.Arn>"
        assert json.loads(access["Format"])["request_id"] == "$context.requestId"


def test_every_condition_decides_something(transformed: Json) -> None:
    decided = json.dumps([transformed["Resources"], transformed["Outputs"], transformed["Conditions"]])
    for name in transformed["Conditions"]:
        assert f'"Condition": "{name}"' in decided or f'"Fn::If": ["{name}"' in decided, name


def test_every_parameter_is_used_and_stands_in_one_group(written: Json) -> None:
    interface = written["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in interface for name in group["Parameters"]]
    assert sorted(grouped) == sorted(written["Parameters"])
    used = json.dumps([written[section] for section in ("Globals", "Resources", "Outputs", "Conditions", "Rules")])
    used += (REPOSITORY / "deploy/openapi/rest-api.json").read_text()
    for name in written["Parameters"]:
        assert f'"Ref": "{name}"' in used or f"${{{name}}}" in used, name


def test_only_what_nobody_could_guess_has_to_be_given(written: Json) -> None:
    assert {name for name, each in written["Parameters"].items() if "Default" not in each} == GIVEN.keys()


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "ModelDataUrl",
            "s3://models-1/champion-voice/0f/model.tar.gz",
            "https://models-1.s3.amazonaws.com/model.tar.gz",
        ),
        ("ContainerImage", "763104351884.dkr.ecr.us-east-1.amazonaws.com/ray:v1", "docker.io/library/ray:v1"),
        ("CorsOrigin", "https://recaps.example:8443", "*"),
        ("DomainName", "voice.example.com", "https://voice.example.com"),
        ("HostedZoneId", "Z0123ABC", "/hostedzone/Z0123ABC"),
        (
            "WebAclArn",
            "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/a/b",
            "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b",
        ),
        ("AlarmEmail", "on@call.example", "call"),
        ("McpTokenClients", "desktop,notebook", "desktop, notebook"),
        ("McpTokenIssuer", "https://login.example/.well-known/openid-configuration", "https://login.example"),
    ],
)
def test_a_parameter_that_cannot_be_right_is_refused_at_once(written: Json, name: str, good: str, bad: str) -> None:
    parameter = written["Parameters"][name]
    assert re.fullmatch(parameter["AllowedPattern"], good)
    assert not re.fullmatch(parameter["AllowedPattern"], bad)
    assert parameter["ConstraintDescription"]


def test_a_champion_may_be_called_in_a_parameter_as_the_contract_calls_it(written: Json) -> None:
    champion_id = CHAMPION_ID_PATTERN.removeprefix("^").removesuffix("$")
    voice = f"[a-z0-9_-]+={champion_id}"
    assert written["Parameters"]["FallbackChampion"]["AllowedPattern"] == f"({champion_id})?"
    assert written["Parameters"]["OpenAiVoices"]["AllowedPattern"] == f"{voice}(,{voice})*"


def test_a_text_may_be_as_long_as_the_contract_and_the_settings_say(written: Json) -> None:
    max_text = written["Parameters"]["MaxTextCharacters"]
    assert max_text["MaxValue"] == MAX_TEXT_CHARACTERS
    assert max_text["Default"] == Settings.model_fields["max_text_characters"].default


def test_the_roles_name_the_folders_of_voices_and_uploads_as_the_code_does(written: Json) -> None:
    roles = [each for each in written["Resources"].values() if each["Type"] == "AWS::IAM::Role"]
    keys = set(re.findall(r"\$\{VoicesBucket\.Arn\}/([^\"]*)", json.dumps(roles)))
    assert keys == {f"{PREFIX}*", f"{PREFIX}*/reference.*", f"{UPLOADS}*"}


def test_every_parameter_and_output_is_described(written: Json) -> None:
    for described in (*written["Parameters"].values(), *written["Outputs"].values()):
        assert re.search(r"\w{3}", described["Description"])
