"""deploy.sh, whole: a first run, a second one, interrupted ones, what is missing, and the way back."""

import json
import re
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from deploy.checksums import sha256
from tests.deploy.account import ACCOUNT, CREDENTIALS, MODELS_BUCKET, REPOSITORY, Account

T4 = "ml.g4dn.xlarge for endpoint usage"


def archives(account: Account) -> list[Path]:
    return sorted((account.repository / "build/deploy").glob("*/model.tar.gz"))


def parameters(account: Account) -> dict[str, str]:
    """What `sam deploy` was last told."""
    words = account.calls("sam deploy")[-1].split()
    return dict(word.split("=", 1) for word in words if re.match("[A-Z][A-Za-z]+=", word))


def test_the_model_is_in_s3_under_the_hash_of_its_content(deployed: Account) -> None:
    [archive] = archives(deployed)
    name = sha256(archive)[:12]
    assert deployed.keys(MODELS_BUCKET) == [f"champion-voice/{name}/model.tar.gz"]
    stored = deployed.client("s3").get_object(Bucket=MODELS_BUCKET, Key=f"champion-voice/{name}/model.tar.gz")
    assert stored["Body"].read() == archive.read_bytes()
    assert deployed.first_run is not None
    assert f"s3://{MODELS_BUCKET}/champion-voice/{name}/model.tar.gz" in deployed.first_run.stdout


def test_the_models_bucket_is_private_encrypted_versioned_and_for_tls_only(deployed: Account) -> None:
    s3 = deployed.client("s3")
    blocked = s3.get_public_access_block(Bucket=MODELS_BUCKET)["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True}
    assert len(blocked) == 4
    [rule] = s3.get_bucket_encryption(Bucket=MODELS_BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert s3.get_bucket_versioning(Bucket=MODELS_BUCKET)["Status"] == "Enabled"
    [statement] = json.loads(deployed.calls_file.with_suffix(".txt.policy").read_text())["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Resource"] == [f"arn:aws:s3:::{MODELS_BUCKET}", f"arn:aws:s3:::{MODELS_BUCKET}/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    [rule] = s3.get_bucket_lifecycle_configuration(Bucket=MODELS_BUCKET)["Rules"]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert "Expiration" not in rule


def test_the_stack_gets_the_model_and_the_regions_image(deployed: Account) -> None:
    [key] = deployed.keys(MODELS_BUCKET)
    assert parameters(deployed) == {
        "ModelDataUrl": f"s3://{MODELS_BUCKET}/{key}",
        "ContainerImage": "763104351884.dkr.ecr.us-east-1.amazonaws.com/ray:serve-ml-sagemaker-cuda-v1.4",
        "Container": "ray",
        "ModelId": f"F5TTS_v1_Base-{key.split('/')[1]}",
        "EnableEndpoint": "true",
    }
    assert [call.split()[1] for call in deployed.calls("sam")][:2] == ["build", "deploy"]


def test_the_parameters_that_sam_gets_are_the_templates() -> None:
    named = set(re.findall(r'"(\w+)=\$', (REPOSITORY / "deploy.sh").read_text())) - {"LocationConstraint"}
    template = (REPOSITORY / "template.yaml").read_text()
    declared = set(
        re.findall(r"^  (\w+):$", template.partition("\nParameters:\n")[2].partition("\n\n")[0], re.MULTILINE)
    )
    assert len(named) == 4
    assert named <= declared


def test_the_sample_champions_are_there_and_one_has_spoken(deployed: Account) -> None:
    keys = deployed.keys(deployed.output("VoicesBucketName"))
    assert {key.split("/")[1] for key in keys} == {path.name for path in (REPOSITORY / "voices").iterdir()}
    assert len(deployed.spoken) >= 2  # the first was answered 503
    assert deployed.spoken[0]["champion_id"] == "ahri"


def test_it_says_where_the_api_is_and_what_it_costs_but_not_the_key(deployed: Account) -> None:
    assert deployed.first_run is not None
    said = deployed.first_run.stdout + deployed.first_run.stderr
    [key] = deployed.client("apigateway").get_api_keys(includeValues=True)["items"]
    assert f"The API is at       {deployed.output('ApiUrl')}" in said
    assert f"--api-key {key['id']}" in said
    assert key["value"] not in said
    assert "$0.74 to $2.94 an hour for 1 to 4 ml.g4dn.xlarge" in said
    assert "CC-BY-NC-4.0" in said


def test_the_key_is_in_no_command_line(deployed: Account) -> None:
    [key] = deployed.client("apigateway").get_api_keys(includeValues=True)["items"]
    assert any("/voice" in call for call in deployed.calls("curl"))
    assert key["value"] not in deployed.calls_file.read_text()


@pytest.mark.slow
def test_a_second_run_fetches_packs_and_uploads_nothing(deployed: Account) -> None:
    before = deployed.everything()
    fetched, [archive] = deployed.hub.downloaded, archives(deployed)
    written = archive.stat().st_mtime_ns

    run = deployed.deploy()

    assert run.returncode == 0, run.stdout + run.stderr
    assert deployed.hub.downloaded == fetched
    assert len(fetched) == 4
    assert archives(deployed) == [archive]
    assert archive.stat().st_mtime_ns == written
    assert len(deployed.calls("aws s3 cp")) == 1
    assert deployed.everything() == before
    versions = deployed.client("s3").list_object_versions(Bucket=MODELS_BUCKET)["Versions"]
    assert len(versions) == 1


@pytest.mark.slow
def test_an_interrupted_run_leaves_nothing_half_and_the_next_one_goes_on(account: Account) -> None:
    build = account.repository / "build/deploy"
    assert account.deploy_until(lambda: any(build.glob("unfinished-*"))) != 0  # packing
    assert list(build.glob("unfinished-*")) == archives(account) == []
    fetched = account.hub.downloaded

    account.interrupt_during("upload")
    assert account.deploy_until(lambda: False) != 0
    [archive] = archives(account)
    assert account.keys(MODELS_BUCKET) == []

    account.interrupt_during("sam")
    assert account.deploy_until(lambda: False) != 0
    assert len(account.keys(MODELS_BUCKET)) == 1
    assert account.everything()["stacks"] == []

    run = account.deploy()
    assert run.returncode == 0, run.stdout + run.stderr
    assert account.hub.downloaded == fetched
    assert archives(account) == [archive]
    assert len(account.keys(MODELS_BUCKET)) == 1
    assert account.everything()["stacks"] == ["champion-voice"]
    assert len(account.calls("aws s3 cp")) == 2  # the interrupted one, and the one after it


@pytest.mark.slow
def test_a_damaged_download_is_fetched_anew(account: Account) -> None:
    assert account.deploy("--package-only").returncode == 0
    checkpoint = account.repository / "build/models/F5TTS_v1_Base/model.safetensors"
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole[: len(whole) // 2])

    run = account.deploy("--package-only")

    assert run.returncode == 0, run.stderr
    assert "damaged" in run.stderr
    assert checkpoint.read_bytes() == whole
    assert len(account.hub.downloads) == 5


@pytest.mark.slow
def test_package_only_asks_nothing_of_aws(account: Account) -> None:
    run = account.deploy("--package-only", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert run.returncode == 0, run.stderr
    assert Path(account.repository, run.stdout.splitlines()[-1]) == archives(account)[0]
    assert account.calls("aws") == account.calls("sam") == []


@pytest.mark.slow
def test_own_weights_in_the_pytorch_container_of_another_region(account: Account, hub_files: Path) -> None:
    own = account.root / "my voice"
    shutil.copytree(hub_files / "SWivid/F5-TTS/F5TTS_v1_Base", own)
    shutil.copytree(hub_files / "charactr/vocos-mel-24khz", own / "vocoder")
    shutil.copy(hub_files / "F5TTS_v1_Base.yaml", own / "model.yaml")
    account.region = "eu-west-1"
    elsewhere = {"AWS_REGION": account.region, "MODELS_BUCKET": "models-in-europe"}

    run = account.deploy("--model-dir", str(own), "--container", "pytorch", "--", "MinInstances=0", **elsewhere)

    assert run.returncode == 0, run.stdout + run.stderr
    assert account.hub.downloads == []
    told = parameters(account)
    image = "763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.6.0-gpu-py312"
    assert (told["Container"], told["ContainerImage"], told["MinInstances"]) == ("pytorch", image, "0")
    assert re.fullmatch("my-voice-[0-9a-f]{12}", told["ModelId"])
    assert "$0.00 to $2.94 an hour for 0 to 4" in run.stdout
    location = account.client("s3").get_bucket_location(Bucket="models-in-europe")
    assert location["LocationConstraint"] == "eu-west-1"
    with tarfile.open(archives(account)[0]) as tar:
        assert "code/pydantic/__init__.py" in tar.getnames()


def test_a_dry_run_says_what_it_would_do_and_changes_nothing(account: Account) -> None:
    before = account.everything()
    run = account.deploy("--dry-run")
    assert run.returncode == 0, run.stderr
    for what in ("fetch F5TTS_v1_Base", f"s3://{MODELS_BUCKET}", "stack champion-voice (now: none)", ACCOUNT, "$0.74"):
        assert what in run.stdout
    assert account.everything() == before
    assert account.hub.downloads == []
    assert account.calls("sam") == []


@pytest.mark.parametrize(
    ("model", "bucket"),
    [
        (f"s3://models-of-mine/champion-voice/{'0' * 12}/model.tar.gz", "models-of-mine"),
        (
            f"s3://champion-recap-models-{ACCOUNT}/f5tts-pytorch/{'0' * 12}/model.tar.gz",
            f"champion-recap-models-{ACCOUNT}",
        ),
        ("s3://laid-there-by-hand/model.tar.gz", MODELS_BUCKET),
    ],
)
def test_a_stack_keeps_the_bucket_that_its_model_was_uploaded_to(account: Account, model: str, bucket: str) -> None:
    account.make_stack(model)
    assert f"s3://{bucket}," in account.deploy("--dry-run").stdout
    assert "s3://models-elsewhere," in account.deploy("--dry-run", MODELS_BUCKET="models-elsewhere").stdout


def one_line(run: subprocess.CompletedProcess[str]) -> str:
    """The only line that was said; nothing had been done."""
    assert run.returncode == 1
    [line] = (run.stdout + run.stderr).splitlines()
    return line


def test_a_missing_tool_is_said_in_one_line_before_any_work(account: Account) -> None:
    tools = account.root / "tools"
    tools.mkdir()
    for name in ("bash", "dirname", "cut", "tail", "sed"):
        (tools / name).symlink_to(str(shutil.which(name)))
    before = account.everything()
    assert "aws is missing: install the AWS CLI" in one_line(account.deploy(PATH=str(tools)))
    assert account.everything() == before


def test_missing_credentials_are_said_in_one_line_before_any_work(account: Account) -> None:
    before = account.everything()
    line = one_line(account.deploy(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY=""))
    assert "AWS does not know you: run aws configure" in line
    assert account.everything() == before


def test_wrong_credentials_are_said_in_one_line_before_any_work(account: Account) -> None:
    account.refuse_unknown_keys()
    line = one_line(account.deploy(**CREDENTIALS))
    assert "AWS does not know you: run aws configure" in line
    assert "InvalidClientTokenId" in line
    assert account.hub.downloads == []


def test_a_quota_of_nothing_is_said_in_one_line_before_any_work(account: Account) -> None:
    account.quotas[T4] = 0.0
    line = one_line(account.deploy())
    assert "your account may run no ml.g4dn.xlarge in us-east-1" in line
    assert "--quota-code L-ml.g4dn.xlarge --desired-value 4" in line
    assert account.hub.downloads == []


def test_a_quota_of_one_is_told_with_what_it_means_for_scaling_and_for_a_new_model(account: Account) -> None:
    account.quotas[T4] = 1.0
    said = account.deploy("--dry-run").stdout
    assert "may run 1 ml.g4dn.xlarge, so MaxInstances=4 is not reached" in said
    assert "a second deployment with another model fails and is taken back" in said
    assert "--quota-code L-ml.g4dn.xlarge --desired-value 4" in said


def test_a_quota_of_two_leaves_room_for_a_new_model(account: Account) -> None:
    account.quotas[T4] = 2.0
    said = account.deploy("--dry-run").stdout
    assert "may run 2 ml.g4dn.xlarge, so MaxInstances=4 is not reached" in said
    assert "taken back" not in said


def test_a_quota_that_was_never_raised_is_found_among_the_defaults(account: Account) -> None:
    account.quotas, account.default_quotas = {}, {T4: 0.0}
    assert "your account may run no ml.g4dn.xlarge" in one_line(account.deploy())


def test_where_quotas_are_enough_none_is_spoken_of(account: Account) -> None:
    said = account.deploy("--dry-run").stdout
    assert "quota" not in said
    assert "Lambda runs" not in said


def test_the_few_requests_that_lambda_runs_at_once_in_a_new_account_are_told(account: Account) -> None:
    account.concurrency = 10
    said = account.deploy("--dry-run").stdout
    assert "Lambda runs 10 requests at once" in said
    assert "4 instances could speak 64 lines at once" in said
    assert "--service-code lambda --quota-code L-B99A9384" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--container", "docker"], "--container is ray or pytorch"),
        (["--model-dir", "nowhere"], "nowhere holds no model.yaml"),
        (["--", "MinInstances", "0"], "PARAMETER=VALUE"),
    ],
)
def test_a_wrong_argument_is_said_in_one_line(account: Account, arguments: list[str], message: str) -> None:
    assert message in one_line(account.deploy(*arguments))


def test_a_model_without_official_weights_is_said(account: Account) -> None:
    run = account.deploy("--package-only", "F5TTS_v1_Small")
    assert run.returncode == 1
    assert "no official weights of F5TTS_v1_Small: choose F5TTS_v1_Base or F5TTS_Base" in run.stderr


FULL = "Unable to place 1 copy: no ml.g4dn.xlarge is available"


@pytest.mark.slow
def test_a_first_start_that_fails_keeps_its_evidence_and_the_next_run_begins_anew(account: Account) -> None:
    account.failure_reason, account.component_statuses = FULL, ["Failed"]
    group, stream = "/aws/sagemaker/InferenceComponents/f5tts-voice-generator-model", "AllTraffic/i-0123"
    logs = account.client("logs")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    lines = [{"timestamp": int(time.time() * 1000), "message": "torch.OutOfMemoryError: 2 GiB"}]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=lines)

    failed = account.deploy()

    assert failed.returncode == 1
    assert f"InferenceComponent\t{FULL}" in failed.stdout
    assert f"f5tts-voice-generator-model says: {FULL}" in failed.stdout
    assert "torch.OutOfMemoryError: 2 GiB" in failed.stdout
    assert "the next run removes it and begins anew" in failed.stderr.splitlines()[-1]
    assert "--on-failure DO_NOTHING" in account.calls("sam deploy")[-1]
    left = {account.output("VoicesBucketName"), account.output("AudioBucketName")}

    account.failure_reason, account.component_statuses = "", ["InService"]
    run = account.deploy()

    assert run.returncode == 0, run.stdout + run.stderr
    assert "removing what is left of a stack that is CREATE_FAILED" in run.stdout
    buckets = {each["Name"] for each in account.client("s3").list_buckets()["Buckets"]}
    assert buckets == {MODELS_BUCKET, account.output("VoicesBucketName"), account.output("AudioBucketName")}
    assert not buckets & left, "nothing had been put into them"


@pytest.mark.slow
@pytest.mark.parametrize("stuck", [False, True])
def test_a_rollback_that_got_stuck_is_finished(deployed: Account, stuck: bool) -> None:
    deployed.stack_status, deployed.stuck = "UPDATE_ROLLBACK_FAILED", stuck
    try:
        run = deployed.deploy()
    finally:
        deployed.stack_status, deployed.stuck = None, False
    assert run.returncode == 0, run.stdout + run.stderr
    assert "finishing the rollback" in run.stdout
    assert "--on-failure ROLLBACK" in deployed.calls("sam deploy")[-1]


@pytest.mark.slow
def test_another_instance_type_gets_an_endpoint_of_its_own_and_the_voices_stay(deployed: Account) -> None:
    deployed.quotas["ml.g6.xlarge for endpoint usage"] = 4.0
    bucket = deployed.output("VoicesBucketName")
    change = "InstanceType=ml.g6.xlarge instead of ml.g4dn.xlarge"
    assert change in deployed.deploy("--dry-run", "--", "InstanceType=ml.g6.xlarge").stdout

    run = deployed.deploy("--", "InstanceType=ml.g6.xlarge")

    assert run.returncode == 0, run.stdout + run.stderr
    assert change in run.stdout
    away, anew = (call.partition("--parameter-overrides ")[2] for call in deployed.calls("sam deploy")[-2:])
    assert away == "EnableEndpoint=false"
    assert {"InstanceType=ml.g6.xlarge", "EnableEndpoint=true"} <= set(anew.split())
    assert deployed.output("VoicesBucketName") == bucket
    assert change not in deployed.deploy("--dry-run").stdout, "it stays as it is"


def test_what_is_being_scaled_is_waited_for_before_it_is_deleted(account: Account) -> None:
    account.make_stack(f"s3://{MODELS_BUCKET}/champion-voice/{'0' * 12}/model.tar.gz")
    account.component_statuses = ["Updating", "Updating", "InService"]

    run = account.deploy("--destroy")

    assert run.returncode == 0, run.stderr
    assert "copies of the model are still being started or stopped" in run.stdout
    assert account.everything()["stacks"] == []
    [suspended] = account.calls("aws application-autoscaling register-scalable-target")
    assert "DynamicScalingInSuspended=true,DynamicScalingOutSuspended=true" in suspended


def test_a_stack_that_could_not_be_deleted_is_deleted_again(account: Account) -> None:
    account.make_stack(f"s3://{MODELS_BUCKET}/champion-voice/{'0' * 12}/model.tar.gz")
    account.stack_status = "DELETE_FAILED"
    assert account.deploy("--destroy").returncode == 0
    assert account.everything()["stacks"] == []


@pytest.mark.slow
def test_destroying_deletes_the_stack_and_says_how_to_remove_what_stays(deployed: Account) -> None:
    buckets = {deployed.output("VoicesBucketName"), deployed.output("AudioBucketName"), MODELS_BUCKET}
    would = deployed.deploy("--destroy", "--dry-run")
    assert "Would delete the stack champion-voice" in would.stdout
    assert deployed.output("ApiUrl")

    run = deployed.deploy("--destroy")

    assert run.returncode == 0, run.stderr
    with pytest.raises(ClientError, match="does not exist"):
        deployed.output("ApiUrl")
    s3 = deployed.client("s3")
    assert {each["Name"] for each in s3.list_buckets()["Buckets"]} == buckets
    assert deployed.keys(MODELS_BUCKET)
    # What it says removes them, every version.
    commands = run.stdout.partition("every version of it:\n")[2]
    subprocess.run(
        ["bash", "-e", "-c", commands],
        cwd=deployed.root,
        env=deployed.environment(AWS_DEFAULT_REGION="us-east-1"),
        check=True,
    )
    assert s3.list_buckets()["Buckets"] == []
    assert "there is no stack champion-voice" in deployed.deploy("--destroy").stderr
