"""The two doors for agents: each is there only if it is asked for, and offers what the API's own documents describe."""

import json
import re

import pytest

from tests.template.conftest import PSEUDO_PARAMETERS, REPOSITORY, Deploy, Json, of_type

# https://docs.aws.amazon.com/bedrock/latest/userguide/quotas.html
MAX_OPERATIONS_OF_AN_ACTION_GROUP = 11
REST_API = json.loads((REPOSITORY / "deploy/openapi/rest-api.json").read_text())
ISSUER = "https://login.example/.well-known/openid-configuration"


# AgentCore puts the target's name and three underscores before a tool's.
# https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-tool-naming.html
TARGET = "champion-voice"


def as_clients_see_it(description: str) -> str:
    return re.sub(r"\b(listVoices|speakLine)\b", rf"{TARGET}___\1", description)


def types(deployed: Json) -> set[str]:
    return {each["Type"] for each in deployed["Resources"].values()}


def test_neither_is_there_unless_it_is_asked_for(deploy: Deploy) -> None:
    deployed = deploy()
    assert not [kind for kind in types(deployed) if "Bedrock" in kind or "Secret" in kind]
    assert deployed["Outputs"].keys() == {
        "ApiUrl",
        "OpenAiUrl",
        "ApiKeyId",
        "AdminKey",
        "VoicesBucketName",
        "AudioBucketName",
        "EndpointName",
        "InferenceComponentName",
        "AlarmTopicArn",
        "DashboardUrl",
    }


def test_each_comes_without_the_other(deploy: Deploy) -> None:
    gateway, agent = deploy(EnableMcpGateway="true"), deploy(EnableBedrockAgent="true")

    assert "AWS::BedrockAgentCore::Gateway" in types(gateway)
    assert "AWS::Bedrock::Agent" not in types(gateway)
    assert "AWS::Bedrock::Agent" in types(agent)
    assert "AWS::BedrockAgentCore::Gateway" not in types(agent)
    assert "McpGatewayUrl" in gateway["Outputs"]
    assert {"BedrockAgentId", "BedrockAgentAliasId"} <= agent["Outputs"].keys()


class TestMcpGateway:
    @pytest.fixture
    def made(self, deploy: Deploy) -> Json:
        return {name: each["Properties"] for name, each in deploy(EnableMcpGateway="true")["Resources"].items()}

    @pytest.fixture
    def tools(self, made: Json) -> Json:
        return made["McpTools"]["TargetConfiguration"]["Mcp"]["ApiGateway"]

    def test_it_offers_the_api_that_this_stack_deploys(self, made: Json, tools: Json) -> None:
        assert made["McpTools"]["GatewayIdentifier"] == "<McpGateway.GatewayIdentifier>"
        assert (tools["RestApiId"], tools["Stage"]) == ("<Api>", "<Apiv1Stage>")

    def test_another_deployment_of_the_api_has_its_document_read_again(self, deploy: Deploy) -> None:
        resources = deploy(EnableMcpGateway="true")["Resources"]
        [deployment] = (name for name in of_type(resources, "AWS::ApiGateway::Deployment") if name.startswith("ApiDep"))
        assert f"<{deployment}>" in resources["McpTools"]["Properties"]["Description"]

    def test_its_tools_are_operations_with_small_answers_under_their_own_names_and_descriptions(
        self, tools: Json
    ) -> None:
        filtered = {
            (each["FilterPath"], tuple(each["Methods"])) for each in tools["ApiGatewayToolConfiguration"]["ToolFilters"]
        }
        named = {
            (each["Path"], each["Method"]): (each["Name"], each["Description"])
            for each in tools["ApiGatewayToolConfiguration"]["ToolOverrides"]
        }
        assert filtered == {(path, (method,)) for path, method in named}
        assert named == {
            (path, method): (operation["operationId"], as_clients_see_it(operation["description"]))
            for path, method in [("/speak", "POST"), ("/voices", "GET"), ("/voices/{champion_id}", "GET")]
            for operation in [REST_API["paths"][path][method.lower()]]
        }

    def test_its_instructions_name_the_tools_that_clients_see(self, made: Json) -> None:
        instructions = made["McpGateway"]["ProtocolConfiguration"]["Mcp"]["Instructions"]
        assert made["McpTools"]["Name"] == TARGET
        for tool in ("speakLine", "listVoices"):
            assert tool not in instructions.replace(f"{TARGET}___{tool}", "")

    def test_it_calls_with_an_api_key_of_its_own_which_only_a_secret_knows(self, made: Json) -> None:
        [credentials] = made["McpTools"]["CredentialProviderConfigurations"]
        assert credentials == {
            "CredentialProviderType": "API_KEY",
            "CredentialProvider": {
                "ApiKeyCredentialProvider": {
                    "ProviderArn": "<McpCredentials.CredentialProviderArn>",
                    "CredentialLocation": "HEADER",
                    "CredentialParameterName": REST_API["components"]["securitySchemes"]["api_key"]["name"],
                }
            },
        }
        assert made["McpCredentials"]["ApiKeySecretSource"] == "EXTERNAL"
        assert made["McpCredentials"]["ApiKeySecretConfig"] == {"SecretId": "<McpApiKeySecret>", "JsonKey": "api_key"}
        assert made["McpApiKey"]["Value"] == "{{resolve:secretsmanager:<McpApiKeySecret>:SecretString:api_key}}"
        generated = made["McpApiKeySecret"]["GenerateSecretString"]
        assert generated["GenerateStringKey"] == "api_key"
        # https://docs.aws.amazon.com/apigateway/latest/api/API_CreateApiKey.html: 20 to 128 characters
        assert 20 <= generated["PasswordLength"] <= 128
        assert generated["ExcludePunctuation"]
        assert made["McpUsagePlanKey"] == {
            "KeyId": "<McpApiKey>",
            "KeyType": "API_KEY",
            "UsagePlanId": "<ApiUsagePlan>",
        }

    def test_iam_lets_callers_in_unless_an_issuer_of_tokens_is_named(self, made: Json, deploy: Deploy) -> None:
        assert made["McpGateway"]["AuthorizerType"] == "AWS_IAM"
        assert "AuthorizerConfiguration" not in made["McpGateway"]

        tokens = deploy(EnableMcpGateway="true", McpTokenIssuer=ISSUER, McpTokenClients="desktop,notebook")
        gateway = tokens["Resources"]["McpGateway"]["Properties"]
        assert gateway["AuthorizerType"] == "CUSTOM_JWT"
        assert gateway["AuthorizerConfiguration"] == {
            "CustomJWTAuthorizer": {"DiscoveryUrl": ISSUER, "AllowedClients": ["desktop", "notebook"]}
        }


class TestBedrockAgent:
    @pytest.fixture
    def made(self, deploy: Deploy) -> Json:
        return {name: each["Properties"] for name, each in deploy(EnableBedrockAgent="true")["Resources"].items()}

    def test_its_action_group_is_the_generated_document_and_calls_the_live_lambda(self, made: Json) -> None:
        [group] = made["BedrockAgent"]["ActionGroups"]
        document = json.loads((REPOSITORY / "deploy/openapi/agent-openapi.json").read_text())
        # https://docs.aws.amazon.com/bedrock/latest/userguide/agents-api-schema.html
        assert document["openapi"] == "3.0.0"
        assert json.loads(group["ApiSchema"]["Payload"]) == document
        assert group["ActionGroupExecutor"] == {"Lambda": "<ApiFunctionAliaslive>"}
        operations = [method for methods in document["paths"].values() for method in methods]
        assert len(operations) <= MAX_OPERATIONS_OF_AN_ACTION_GROUP

    def test_its_instructions_name_its_operations_and_fit(self, made: Json) -> None:
        instruction = made["BedrockAgent"]["Instruction"]
        assert {"speakLine", "listVoices"} <= set(instruction.replace(",", " ").split())
        assert 40 <= len(instruction) <= 4000

    def test_it_thinks_with_the_model_that_was_chosen(self, deploy: Deploy) -> None:
        agent = deploy(EnableBedrockAgent="true", AgentModelId="some.model-v1:0")["Resources"]["BedrockAgent"]
        assert agent["Properties"]["FoundationModel"] == "some.model-v1:0"

    def test_its_alias_follows_its_changes(self, made: Json) -> None:
        alias = made["BedrockAgentAlias"]
        assert alias["AgentId"] == "<BedrockAgent.AgentId>"
        assert "RoutingConfiguration" not in alias, "it would keep to one version"
        assert "<BedrockAgent.UpdatedAt>" in alias["Description"]
        assert made["BedrockAgent"]["AutoPrepare"] is True

    def test_only_this_agent_of_this_account_may_call_the_lambda(self, made: Json) -> None:
        assert made["BedrockAgentMayCallTheFunction"] == {
            "Action": "lambda:InvokeFunction",
            "FunctionName": "<ApiFunctionAliaslive>",
            "Principal": "bedrock.amazonaws.com",
            "SourceAccount": PSEUDO_PARAMETERS["AWS::AccountId"],
            "SourceArn": "<BedrockAgent.AgentArn>",
        }
