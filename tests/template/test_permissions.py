"""Who may do what: every role of the template, statement by statement."""

from collections.abc import Iterator

import pytest

from tests.template.conftest import Deploy, Json, of_type

# Neither knows resources.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
WITHOUT_RESOURCE = {"ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"}
ACCOUNT = "123456789012"
SAGEMAKER = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"
AGENTCORE = f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}"
IDENTITY = f"{AGENTCORE}:workload-identity-directory/default"


@pytest.fixture(scope="module")
def everything(deploy: Deploy) -> Json:
    """The resources of a stack with every door."""
    return deploy(EnableMcpGateway="true", EnableBedrockAgent="true", MinInstances="0")["Resources"]


def as_list(value: Json) -> list[str]:
    return value if isinstance(value, list) else [value]


def statements(role: Json) -> Iterator[Json]:
    for policy in role["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def granted(everything: Json, name: str) -> dict[str, tuple[list[str], list[str]]]:
    """A role's statements by their names: actions and resources."""
    return {
        each["Sid"]: (as_list(each["Action"]), as_list(each["Resource"]))
        for each in statements(everything[name]["Properties"])
    }


def test_these_are_all_roles(everything: Json) -> None:
    assert of_type(everything, "AWS::IAM::Role").keys() == {
        "ApiFunctionRole",
        "ApiGatewayLogsRole",
        "BearerAuthorizerRole",
        "BedrockAgentRole",
        "EndpointRole",
        "JobFunctionRole",
        "McpGatewayRole",
        "RolloutRole",
    }
    assert not [
        kind
        for kind in (each["Type"] for each in everything.values())
        if kind.startswith("AWS::IAM::") and kind != "AWS::IAM::Role"
    ]


def test_no_role_but_api_gateways_has_a_policy_from_elsewhere(everything: Json) -> None:
    attached = {
        name: role["ManagedPolicyArns"]
        for name, role in of_type(everything, "AWS::IAM::Role").items()
        if "ManagedPolicyArns" in role
    }
    # What AWS documents for it: one role for the whole account, of which no other policy would do.
    assert attached == {
        "ApiGatewayLogsRole": ["arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"]
    }


def test_no_action_is_a_wildcard_and_no_resource_is_where_one_can_be_named(everything: Json) -> None:
    for role in of_type(everything, "AWS::IAM::Role").values():
        for statement in statements({"Policies": [], **role}):
            assert statement["Effect"] == "Allow"
            actions = as_list(statement["Action"])
            assert not [action for action in actions if "*" in action]
            if "*" in as_list(statement["Resource"]):
                assert set(actions) <= WITHOUT_RESOURCE, statement


def test_every_role_is_taken_on_by_one_service_and_where_that_can_be_said_for_this_account_alone(
    everything: Json,
) -> None:
    trusted = {}
    for name, role in of_type(everything, "AWS::IAM::Role").items():
        [statement] = role["AssumeRolePolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Action"]) == ("Allow", "sts:AssumeRole")
        trusted[name] = (statement["Principal"]["Service"], statement.get("Condition"))
    own = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert trusted == {
        "ApiFunctionRole": ("lambda.amazonaws.com", None),
        "ApiGatewayLogsRole": ("apigateway.amazonaws.com", None),
        "BearerAuthorizerRole": ("lambda.amazonaws.com", None),
        "EndpointRole": ("sagemaker.amazonaws.com", None),
        "JobFunctionRole": ("lambda.amazonaws.com", None),
        "RolloutRole": ("codedeploy.amazonaws.com", own),
        "BedrockAgentRole": (
            "bedrock.amazonaws.com",
            own | {"ArnLike": {"aws:SourceArn": f"arn:aws:bedrock:us-east-1:{ACCOUNT}:agent/*"}},
        ),
        "McpGatewayRole": (
            "bedrock-agentcore.amazonaws.com",
            own | {"ArnLike": {"aws:SourceArn": f"{AGENTCORE}:gateway/*"}},
        ),
    }


def test_the_lambda_may_do_only_this(everything: Json) -> None:
    assert granted(everything, "ApiFunctionRole") == {
        "ReadReferences": (["s3:GetObject"], ["<VoicesBucket.Arn>/champion-voices/*"]),
        "ListReferences": (["s3:ListBucket"], ["<VoicesBucket.Arn>"]),
        "WriteReferences": (
            ["s3:DeleteObject", "s3:PutObject"],
            ["<VoicesBucket.Arn>/champion-voices/*/reference.*"],
        ),
        "TakeUploads": (
            ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            ["<VoicesBucket.Arn>/voice-uploads/*"],
        ),
        "KeepFinishedAudio": (["s3:GetObject", "s3:PutObject"], ["<AudioBucket.Arn>/audio/*"]),
        "KeepJobs": (["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], ["<AudioBucket.Arn>/jobs/*"]),
        "StartJobs": (["lambda:InvokeFunction"], ["<JobFunctionAliaslive>"]),
        "TellMissingAudio": (["s3:ListBucket"], ["<AudioBucket.Arn>"]),
        "Speak": (
            ["sagemaker:InvokeEndpoint"],
            [
                f"{SAGEMAKER}:endpoint/f5tts-voice-generator",
                f"{SAGEMAKER}:inference-component/f5tts-voice-generator-model",
            ],
        ),
        "SayHowTheVoiceIs": (["sagemaker:DescribeEndpoint"], [f"{SAGEMAKER}:endpoint/f5tts-voice-generator"]),
        "SayHowTheModelIs": (
            ["sagemaker:DescribeInferenceComponent"],
            [f"{SAGEMAKER}:inference-component/f5tts-voice-generator-model"],
        ),
        "WriteLogs": (["logs:CreateLogStream", "logs:PutLogEvents"], ["<ApiFunctionLogs.Arn>"]),
    }
    assert everything["ApiFunction"]["Properties"]["Role"] == "<ApiFunctionRole.Arn>"


def test_jobs_may_do_only_this(everything: Json) -> None:
    assert granted(everything, "JobFunctionRole") == {
        "ReadReferences": (["s3:GetObject"], ["<VoicesBucket.Arn>/champion-voices/*"]),
        "ListReferences": (["s3:ListBucket"], ["<VoicesBucket.Arn>"]),
        "KeepFinishedAudio": (["s3:GetObject", "s3:PutObject"], ["<AudioBucket.Arn>/audio/*"]),
        "KeepJobs": (["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], ["<AudioBucket.Arn>/jobs/*"]),
        "TellMissingAudio": (["s3:ListBucket"], ["<AudioBucket.Arn>"]),
        "Speak": (
            ["sagemaker:InvokeEndpoint"],
            [
                f"{SAGEMAKER}:endpoint/f5tts-voice-generator",
                f"{SAGEMAKER}:inference-component/f5tts-voice-generator-model",
            ],
        ),
        "SeeWhetherThereIsAnInstance": (
            ["sagemaker:DescribeEndpoint"],
            [f"{SAGEMAKER}:endpoint/f5tts-voice-generator"],
        ),
        "SeeWhetherThereIsACopy": (
            ["sagemaker:DescribeInferenceComponent"],
            [f"{SAGEMAKER}:inference-component/f5tts-voice-generator-model"],
        ),
        "KeepCheckpoints": (
            ["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"],
            [f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:champion-voice-jobs:*"],
        ),
        "WriteLogs": (["logs:CreateLogStream", "logs:PutLogEvents"], ["<JobFunctionLogs.Arn>"]),
    }
    function = everything["JobFunction"]["Properties"]
    assert function["Role"] == "<JobFunctionRole.Arn>"
    assert function["FunctionName"] == "champion-voice-jobs"


def test_the_authorizer_may_only_log(everything: Json) -> None:
    assert granted(everything, "BearerAuthorizerRole") == {
        "WriteLogs": (["logs:CreateLogStream", "logs:PutLogEvents"], ["<ApiFunctionLogs.Arn>"]),
    }
    assert everything["BearerAuthorizer"]["Properties"]["Role"] == "<BearerAuthorizerRole.Arn>"


def test_the_endpoint_may_do_only_this(everything: Json) -> None:
    assert granted(everything, "EndpointRole") == {
        "FetchTheModel": (
            ["s3:GetObject"],
            ["arn:aws:s3:::champion-voice-models-123456789012/champion-voice/0123abcd/model.tar.gz"],
        ),
        "ReadReferences": (["s3:GetObject"], ["<VoicesBucket.Arn>/champion-voices/*"]),
        "ListReferences": (["s3:ListBucket"], ["<VoicesBucket.Arn>"]),
        "PullTheImage": (
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            ["arn:aws:ecr:us-east-1:763104351884:repository/ray"],
        ),
        "SignInToRegistries": (["ecr:GetAuthorizationToken"], ["*"]),
        "WriteMetrics": (["cloudwatch:PutMetricData"], ["*"]),
        "WriteLogs": (
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            ["<EndpointLogs.Arn>", "<InferenceComponentLogs.Arn>"],
        ),
    }
    for name in ("Model", "EndpointConfig"):
        assert everything[name]["Properties"]["ExecutionRoleArn"] == "<EndpointRole.Arn>"


@pytest.mark.parametrize("name", ["ApiFunctionRole", "EndpointRole", "JobFunctionRole"])
def test_of_the_voices_bucket_only_the_voices_are_listed(everything: Json, name: str) -> None:
    [listing] = [each for each in statements(everything[name]["Properties"]) if each["Sid"] == "ListReferences"]
    assert listing["Condition"] == {"StringLike": {"s3:prefix": "champion-voices/*"}}


def test_the_endpoints_metrics_are_sagemakers(everything: Json) -> None:
    [writing] = [each for each in statements(everything["EndpointRole"]["Properties"]) if each["Sid"] == "WriteMetrics"]
    assert writing["Condition"] == {
        "StringEquals": {"cloudwatch:namespace": ["/aws/sagemaker/Endpoints", "/aws/sagemaker/InferenceComponents"]}
    }


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        (
            "763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-gpu-py312",
            "arn:aws:ecr:eu-west-1:763104351884:repository/pytorch-inference",
        ),
        (
            "364406365360.dkr.ecr.ap-northeast-3.amazonaws.com/ray@sha256:0123",
            "arn:aws:ecr:ap-northeast-3:364406365360:repository/ray",
        ),
    ],
)
def test_the_endpoint_pulls_from_the_images_own_repository(deploy: Deploy, image: str, repository: str) -> None:
    resources = deploy(ContainerImage=image)["Resources"]
    assert granted(resources, "EndpointRole")["PullTheImage"][1] == [repository]


def test_a_rollout_may_do_only_this(everything: Json) -> None:
    assert granted(everything, "RolloutRole") == {
        "MoveTheAlias": (
            ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
            ["<ApiFunction.Arn>", "<ApiFunction.Arn>:*"],
        ),
        "WatchTheAlarm": (["cloudwatch:DescribeAlarms"], [f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:*"]),
    }


def test_the_bedrock_agent_may_only_think(everything: Json) -> None:
    assert granted(everything, "BedrockAgentRole") == {
        "Think": (["bedrock:InvokeModel"], ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"])
    }


def test_the_mcp_gateway_may_only_fetch_its_api_key(everything: Json) -> None:
    assert granted(everything, "McpGatewayRole") == {
        "SayWhoItIs": (
            ["bedrock-agentcore:GetWorkloadAccessToken"],
            [IDENTITY, f"{IDENTITY}/workload-identity/champion-voice-*"],
        ),
        "FetchTheApiKey": (
            ["bedrock-agentcore:GetResourceApiKey"],
            [
                "<McpCredentials.CredentialProviderArn>",
                f"{AGENTCORE}:token-vault/default",
                IDENTITY,
                f"{IDENTITY}/workload-identity/champion-voice-*",
            ],
        ),
        "ReadTheApiKey": (["secretsmanager:GetSecretValue"], ["<McpApiKeySecret>"]),
    }


def test_only_the_apis_and_the_agent_may_call_the_lambda_and_only_its_alias(everything: Json) -> None:
    callers = of_type(everything, "AWS::Lambda::Permission")
    gateway = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:"
    assert {(each["FunctionName"], each["Principal"], each["SourceArn"]) for each in callers.values()} == {
        ("<ApiFunctionAliaslive>", "apigateway.amazonaws.com", f"{gateway}<Api>/v1/*"),
        ("<ApiFunctionAliaslive>", "apigateway.amazonaws.com", f"{gateway}<BearerApi>/*/*/*"),
        ("<ApiFunctionAliaslive>", "apigateway.amazonaws.com", f"{gateway}<BearerApi>/*/OPTIONS/*"),
        ("<ApiFunctionAliaslive>", "apigateway.amazonaws.com", f"{gateway}<BearerApi>/*/*/captions/*"),
        ("<ApiFunctionAliaslive>", "bedrock.amazonaws.com", "<BedrockAgent.AgentArn>"),
        ("<BearerAuthorizer.Arn>", "apigateway.amazonaws.com", f"{gateway}<BearerApi>/authorizers/*"),
    }
