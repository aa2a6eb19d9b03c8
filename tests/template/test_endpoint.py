"""The endpoint: what it runs, in both containers, and how it grows, shrinks and changes."""

import re

import pytest

from contract.invocation import DEFAULT_LUFS, MAX_LUFS, MIN_LUFS
from contract.representation import MAX_PAYLOAD_BYTES
from tests.template.conftest import GIVEN, Deploy, Json, of_type

ENDPOINT = "f5tts-voice-generator"
COMPONENT = f"{ENDPOINT}-model"
BOTH_CONTAINERS = pytest.mark.parametrize("container", ["ray", "pytorch"])


def endpoint(deploy: Deploy, **parameters: str) -> Json:
    """The properties of the endpoint's resources, by logical id."""
    return {name: each["Properties"] for name, each in deploy(**parameters)["Resources"].items()}


@BOTH_CONTAINERS
def test_the_model_is_the_archive_in_the_image_that_were_given(deploy: Deploy, container: str) -> None:
    made = endpoint(deploy, Container=container)["Model"]["PrimaryContainer"]

    assert made["Image"] == GIVEN["ContainerImage"]
    assert made["ModelDataUrl"] == GIVEN["ModelDataUrl"]


def test_the_ray_container_is_told_what_the_endpoint_reads(deploy: Deploy) -> None:
    made = endpoint(deploy, Container="ray", FallbackChampion="yasuo")

    assert made["Model"]["PrimaryContainer"]["Environment"] == {
        "VOICE_BUCKET": "<VoicesBucket>",
        "FALLBACK_CHAMPION": "yasuo",
        "LOUDNESS_LUFS": "-19",
        "RAY_USAGE_STATS_ENABLED": "0",
    }


@BOTH_CONTAINERS
def test_the_endpoint_and_the_store_are_told_the_same_loudness(deploy: Deploy, container: str) -> None:
    made = endpoint(deploy, Container=container, LoudnessLufs="-23.5")

    assert made["Model"]["PrimaryContainer"]["Environment"]["LOUDNESS_LUFS"] == "-23.5"
    assert made["ApiFunction"]["Environment"]["Variables"]["LOUDNESS_LUFS"] == "-23.5"


def test_a_loudness_is_one_that_the_settings_take(written: Json) -> None:
    parameter = written["Parameters"]["LoudnessLufs"]
    assert float(parameter["Default"]) == DEFAULT_LUFS
    for tenths in range(-400, 1):
        value = tenths / 10
        taken = re.fullmatch(parameter["AllowedPattern"], f"{value:g}") is not None
        assert taken == (MIN_LUFS <= value <= MAX_LUFS), value


@BOTH_CONTAINERS
def test_the_machine_has_a_driver_that_is_new_enough(deploy: Deploy, container: str) -> None:
    [variant] = endpoint(deploy, Container=container)["EndpointConfig"]["ProductionVariants"]
    assert variant["InferenceAmiVersion"] == "al2-ami-sagemaker-inference-gpu-3-1"


def test_the_pytorch_container_is_also_told_where_the_code_is(deploy: Deploy) -> None:
    made = endpoint(deploy, Container="pytorch", FallbackChampion="yasuo")

    assert made["Model"]["PrimaryContainer"]["Environment"] == {
        "VOICE_BUCKET": "<VoicesBucket>",
        "FALLBACK_CHAMPION": "yasuo",
        "LOUDNESS_LUFS": "-19",
        "SAGEMAKER_PROGRAM": "inference.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
        "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
        "SAGEMAKER_MODEL_SERVER_TIMEOUT": "60",
        "TS_MAX_RESPONSE_SIZE": "7340032",
    }


def test_torchserve_lets_through_all_that_the_endpoint_answers(deploy: Deploy) -> None:
    made = endpoint(deploy, Container="pytorch")

    # What frames the answer between TorchServe's processes counts as well.
    assert int(made["Model"]["PrimaryContainer"]["Environment"]["TS_MAX_RESPONSE_SIZE"]) > MAX_PAYLOAD_BYTES + 64 * 1024


@BOTH_CONTAINERS
def test_the_endpoint_hosts_one_component_with_a_gpu_for_each_copy(deploy: Deploy, container: str) -> None:
    made = endpoint(deploy, Container=container)

    assert made["Endpoint"]["EndpointName"] == ENDPOINT
    assert made["Endpoint"]["EndpointConfigName"] == "<EndpointConfig.EndpointConfigName>"
    component = made["InferenceComponent"]
    assert (component["InferenceComponentName"], component["EndpointName"]) == (COMPONENT, ENDPOINT)
    assert component["Specification"]["ModelName"] == "<Model.ModelName>"
    assert component["Specification"]["ComputeResourceRequirements"]["NumberOfAcceleratorDevicesRequired"] == 1
    [variant] = made["EndpointConfig"]["ProductionVariants"]
    assert component["VariantName"] == variant["VariantName"]
    # An endpoint that hosts components has no model of its own, and takes its role from the configuration.
    assert "ModelName" not in variant
    assert made["EndpointConfig"]["ExecutionRoleArn"] == "<EndpointRole.Arn>"


def test_a_copy_has_minutes_to_fetch_over_a_gigabyte_and_to_load_it(deploy: Deploy) -> None:
    startup = endpoint(deploy)["InferenceComponent"]["Specification"]["StartupParameters"]

    # A tenth of what S3 gives one instance, 1.3 GB at 5 MB/s, still takes less.
    assert startup["ModelDataDownloadTimeoutInSeconds"] >= 1300 / 5
    # Ray Serve starts in up to 45 s on two idle cores; torch and the model come on top of it.
    assert startup["ContainerStartupHealthCheckTimeoutInSeconds"] >= 600


def test_a_copy_reserves_no_more_memory_than_the_smallest_machine_can_give(deploy: Deploy) -> None:
    # 16 GiB, of which SageMaker keeps some; 4096 is reported as refused.
    specification = endpoint(deploy)["InferenceComponent"]["Specification"]
    assert specification["ComputeResourceRequirements"]["MinMemoryRequiredInMb"] == 1024


def test_an_instance_keeps_what_it_has_fetched(deploy: Deploy) -> None:
    assert endpoint(deploy)["InferenceComponent"]["Specification"]["DataCacheConfig"] == {"EnableCaching": True}


def test_the_endpoint_can_be_taken_away_and_leave_all_the_rest(deploy: Deploy) -> None:
    whole, rest = (deploy(MinInstances="0", EnableEndpoint=each) for each in ("true", "false"))
    hosted = {
        "Endpoint",
        "InferenceComponent",
        "Copies",
        "CopiesFollowTheLines",
        "OneCopyFromZero",
        "SomebodyAskedAtZero",
    }
    assert whole["Resources"].keys() - rest["Resources"].keys() == hosted
    assert whole["Outputs"] == rest["Outputs"]


def test_lines_go_to_the_instance_that_has_least_to_do(deploy: Deploy) -> None:
    [variant] = endpoint(deploy)["EndpointConfig"]["ProductionVariants"]
    assert variant["RoutingConfig"] == {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"}


def test_every_instance_type_has_one_gpu_so_that_a_copy_is_an_instance(written: Json) -> None:
    for instance_type in written["Parameters"]["InstanceType"]["AllowedValues"]:
        assert re.fullmatch(r"ml\.(g4dn|g5|g6|g6e)\.2?xlarge", instance_type)


class TestScaling:
    @pytest.mark.parametrize(("least", "most"), [("0", "4"), ("1", "4"), ("1", "1")])
    def test_instances_and_copies_have_the_same_bounds(self, deploy: Deploy, least: str, most: str) -> None:
        made = endpoint(deploy, MinInstances=least, MaxInstances=most)

        [variant] = made["EndpointConfig"]["ProductionVariants"]
        assert variant["ManagedInstanceScaling"] == {
            "Status": "ENABLED",
            "MinInstanceCount": least,
            "MaxInstanceCount": most,
        }
        copies = made["Copies"]
        assert (copies["MinCapacity"], copies["MaxCapacity"]) == (least, most)
        assert copies["ScalableDimension"] == "sagemaker:inference-component:DesiredCopyCount"
        assert copies["ResourceId"] == f"inference-component/{COMPONENT}"
        assert copies["ServiceNamespace"] == "sagemaker"

    def test_the_copies_are_scaled_only_once_there_are_any(self, resources: Json) -> None:
        assert resources["Copies"]["DependsOn"] == "InferenceComponent"

    @pytest.mark.parametrize(("container", "lines"), [("ray", 8), ("pytorch", 2)])
    @pytest.mark.parametrize("least", ["0", "1"])
    def test_copies_follow_the_lines_that_wait_at_each_up_and_down(
        self, deploy: Deploy, container: str, lines: int, least: str
    ) -> None:
        policy = endpoint(deploy, Container=container, MinInstances=least)["CopiesFollowTheLines"]

        assert (policy["PolicyType"], policy["ScalingTargetId"]) == ("TargetTrackingScaling", "<Copies>")
        tracking = policy["TargetTrackingScalingPolicyConfiguration"]
        assert tracking["PredefinedMetricSpecification"] == {
            "PredefinedMetricType": "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"
        }
        assert tracking["TargetValue"] == lines
        # Without it nothing would come back to one, or to zero.
        assert not tracking.get("DisableScaleIn", False)
        assert tracking["ScaleOutCooldown"] < tracking["ScaleInCooldown"]

    def test_from_zero_the_first_line_that_finds_no_copy_starts_one(self, deploy: Deploy) -> None:
        made = endpoint(deploy, MinInstances="0")

        alarm = made["SomebodyAskedAtZero"]
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SageMaker", "NoCapacityInvocationFailures")
        assert alarm["Dimensions"] == [{"Name": "InferenceComponentName", "Value": COMPONENT}]
        assert (alarm["Statistic"], alarm["Threshold"], alarm["EvaluationPeriods"]) == ("Maximum", 1, 1)
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert alarm["Period"] <= 60
        assert alarm["AlarmActions"] == ["<OneCopyFromZero>"]

        policy = made["OneCopyFromZero"]
        assert (policy["PolicyType"], policy["ScalingTargetId"]) == ("StepScaling", "<Copies>")
        step = policy["StepScalingPolicyConfiguration"]
        # One, however often the alarm goes off while it comes up.
        assert (step["AdjustmentType"], step["MetricAggregationType"]) == ("ExactCapacity", "Maximum")
        assert step["StepAdjustments"] == [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]

    def test_where_an_instance_is_kept_nothing_starts_from_zero(self, deploy: Deploy) -> None:
        assert endpoint(deploy, MinInstances="1").keys().isdisjoint({"SomebodyAskedAtZero", "OneCopyFromZero"})

    def test_zero_is_a_choice(self, written: Json) -> None:
        least = written["Parameters"]["MinInstances"]
        assert (least["Default"], least["AllowedValues"]) == (1, [0, 1])


class TestRollout:
    def test_what_cannot_be_changed_has_no_name_so_that_another_can_stand_beside_it(self, deploy: Deploy) -> None:
        made = endpoint(deploy)
        assert "ModelName" not in made["Model"]
        assert "EndpointConfigName" not in made["EndpointConfig"]

    def test_a_new_model_comes_batch_by_batch_and_goes_again_if_calls_fail(self, deploy: Deploy) -> None:
        deployment = endpoint(deploy)["InferenceComponent"]["DeploymentConfig"]

        # 5 to 50 % of the copies.
        # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentRollingUpdatePolicy.html
        assert deployment["RollingUpdatePolicy"]["MaximumBatchSize"] == {"Type": "CAPACITY_PERCENT", "Value": 50}
        assert deployment["AutoRollbackConfiguration"] == {"Alarms": [{"AlarmName": "<Endpoint5xxAlarm>"}]}
        # Each batch is watched for as long as the alarm looks back.
        alarm = endpoint(deploy)["Endpoint5xxAlarm"]
        [errors] = [metric for metric in alarm["Metrics"] if metric["Id"] == "errors"]
        assert deployment["RollingUpdatePolicy"]["WaitIntervalInSeconds"] >= errors["MetricStat"]["Period"]

    def test_the_log_groups_are_there_before_anything_writes_into_them(self, deploy: Deploy) -> None:
        made = deploy()["Resources"]
        groups = {name: group["LogGroupName"] for name, group in of_type(made, "AWS::Logs::LogGroup").items()}
        assert groups["EndpointLogs"] == f"/aws/sagemaker/Endpoints/{ENDPOINT}"
        assert groups["InferenceComponentLogs"] == f"/aws/sagemaker/InferenceComponents/{COMPONENT}"
        assert made["Endpoint"]["DependsOn"] == "EndpointLogs"
        assert set(made["InferenceComponent"]["DependsOn"]) == {"Endpoint", "InferenceComponentLogs"}


@pytest.mark.parametrize("name", ["v", "f5tts-voice-generator", "a" * 57])
def test_an_endpoints_name_leaves_room_for_the_components(written: Json, name: str) -> None:
    pattern = written["Parameters"]["EndpointName"]["AllowedPattern"]
    assert re.fullmatch(pattern, name)
    assert len(f"{name}-model") <= 63
    assert not re.fullmatch(pattern, name + "a" * (58 - len(name)))
    assert not re.fullmatch(pattern, name.upper())
