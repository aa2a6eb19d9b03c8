"""An AWS account for deploy.sh: moto's server, the API it deploys, and a copy of the repository to run it in.

The aws CLI, make, uv, curl, the packing and the SageMaker SDK are the real ones. Two things stand in: a hub on
127.0.0.1 with small weights of the official layout, and `sam`, since moto's CloudFormation cannot make all of
template.yaml: it keeps what it was called with and makes a small stack with the outputs of the real one.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import boto3
import httpx

from tests.support.hub import Hub
from tests.support.serving import free_ports
from tests.support.waiting import wait_until

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 60
RUN_SECONDS = 600
ACCOUNT = "123456789012"  # moto's
MODELS_BUCKET = f"champion-voice-models-{ACCOUNT}"
STACK = "champion-voice"

# https://github.com/aws/aws-cli reads the region and the key as any SDK does, and these before any file.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

# `sam deploy` succeeds only if the archive that it is given is in S3, as CloudFormation would, and the stack was made.
SAM = """#!/usr/bin/env bash
set -euo pipefail
echo "sam $*" >>"$CALLS"
[ "$1" = deploy ] || exit 0
if [ -f "$INTERRUPT-sam" ]; then rm "$INTERRUPT-sam"; kill -INT 0; fi
parameters=()
for argument in "$@"; do
  case $argument in
    ModelDataUrl=s3://*)
      aws s3 ls "${argument#*=}" >/dev/null
      parameters+=("ParameterKey=ModelDataUrl,ParameterValue=${argument#*=}")
      ;;
    InstanceType=* | MinInstances=* | EnableEndpoint=*)
      parameters+=("ParameterKey=${argument%%=*},ParameterValue=${argument#*=}")
      ;;
  esac
done
verb=create-stack
! aws cloudformation describe-stacks --stack-name champion-voice >/dev/null 2>&1 || verb=update-stack
key=$(aws apigateway get-api-keys --query 'items[0].id' --output text)
[ "$key" != None ] || key=$(aws apigateway create-api-key --name demo --enabled --query id --output text)
parameters+=("ParameterKey=Url,ParameterValue=$API_URL" "ParameterKey=KeyId,ParameterValue=$key")
[[ "${parameters[*]}" == *ModelDataUrl* ]] || parameters+=("ParameterKey=ModelDataUrl,UsePreviousValue=true")
aws cloudformation "$verb" --stack-name champion-voice --template-body "file://$STACK_TEMPLATE" \\
  --parameters "${parameters[@]}" >/dev/null
[[ $(aws cloudformation describe-stacks --stack-name champion-voice --query 'Stacks[].StackStatus') == *_COMPLETE* ]]
"""

# Ctrl-C just before the archive has arrived; else the real one. moto denies what a bucket's policy denies whatever its
# condition says, so the policy is kept aside once moto has taken it.
AWS = """#!/usr/bin/env bash
set -euo pipefail
echo "aws $*" >>"$CALLS"
if [ "$1 $2" = "s3 cp" ] && [ -f "$INTERRUPT-upload" ]; then rm "$INTERRUPT-upload"; kill -INT 0; fi
"$REAL_AWS" "$@"
if [ "$2" = put-bucket-policy ]; then
  "$REAL_AWS" s3api get-bucket-policy --bucket "$4" --query Policy --output text >"$CALLS.policy"
  "$REAL_AWS" s3api delete-bucket-policy --bucket "$4"
fi
"""

CURL = """#!/usr/bin/env bash
echo "curl $*" >>"$CALLS"
exec "$REAL_CURL" "$@"
"""

STACK_TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "Url": {"Type": "String"},
        "KeyId": {"Type": "String"},
        "ModelDataUrl": {"Type": "String"},
        "InstanceType": {"Type": "String", "Default": "ml.g4dn.xlarge"},
        "EndpointName": {"Type": "String", "Default": "f5tts-voice-generator"},
        "EnableEndpoint": {"Type": "String", "Default": "true"},
        "MinInstances": {"Type": "Number", "Default": 1},
        "MaxInstances": {"Type": "Number", "Default": 4},
        "InstanceDollarsPerHour": {"Type": "Number", "Default": 0.736},
    },
    "Resources": {
        "VoicesBucket": {
            "Type": "AWS::S3::Bucket",
            "DeletionPolicy": "Retain",
            "Properties": {"VersioningConfiguration": {"Status": "Enabled"}},
        },
        "AudioBucket": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"},
    },
    "Outputs": {
        "ApiUrl": {"Value": {"Ref": "Url"}},
        "ApiKeyId": {"Value": {"Ref": "KeyId"}},
        "VoicesBucketName": {"Value": {"Ref": "VoicesBucket"}},
        "AudioBucketName": {"Value": {"Ref": "AudioBucket"}},
    },
}


QUOTAS_OF_A_PAGE = 2


EVENTS = """<DescribeStackEventsResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
<DescribeStackEventsResult><StackEvents><member><EventId>1</EventId><StackId>1</StackId>
<StackName>champion-voice</StackName><Timestamp>2026-11-25T12:00:00Z</Timestamp>
<LogicalResourceId>{}</LogicalResourceId><ResourceStatus>CREATE_FAILED</ResourceStatus>
<ResourceStatusReason>{}</ResourceStatusReason></member></StackEvents></DescribeStackEventsResult>
</DescribeStackEventsResponse>"""


class Web(BaseHTTPRequestHandler):
    """The deployed API, which is not ready at first, and what moto lacks.

    That is Service Quotas, Lambda's settings, inference components, and a CloudFormation where something goes wrong.
    """

    account: "Account"

    def do_GET(self) -> None:
        assert self.path == "/2016-08-19/account-settings"
        self.answer_json({"AccountLimit": {"ConcurrentExecutions": self.account.concurrency}})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        if "x-www-form-urlencoded" in self.headers["Content-Type"]:
            return self.cloudformation(raw, dict(parse_qsl(raw.decode())))
        body = json.loads(raw)
        match self.headers["X-Amz-Target"]:
            case None:
                self.speak(body)
            case "SageMaker.DescribeInferenceComponent":
                self.describe_component()
            case "SageMaker.DescribeEndpoint":
                self.answer(400, b'{"__type": "ValidationException"}')
            case "ServiceQuotasV20190624.ListServiceQuotas":
                self.list_quotas(self.account.quotas, body)
            case "ServiceQuotasV20190624.ListAWSDefaultServiceQuotas":
                self.list_quotas(self.account.default_quotas, body)
        return None

    def describe_component(self) -> None:
        """The model's status, which passes to the next one by being asked for."""
        statuses = self.account.component_statuses
        answer: dict[str, object] = {"InferenceComponentStatus": statuses[0]}
        if self.account.failure_reason:
            answer["FailureReason"] = self.account.failure_reason
        self.answer_json(answer)
        if len(statuses) > 1:
            statuses.pop(0)

    def cloudformation(self, raw: bytes, form: dict[str, str]) -> None:
        """Moto's CloudFormation, but for the statuses that it never comes to."""
        account = self.account
        match form["Action"]:
            case "DeleteStack" if account.component_statuses[0] == "Updating":
                account.stack_status = "DELETE_FAILED"
                return self.answer(200, b"<DeleteStackResponse/>")
            case "ContinueUpdateRollback":
                if not account.stuck or form.get("ResourcesToSkip.member.1") == "AudioBucket":
                    account.stack_status = "UPDATE_ROLLBACK_COMPLETE"
                result = b"<ContinueUpdateRollbackResult/>"
                return self.answer(200, b"<ContinueUpdateRollbackResponse>%b</ContinueUpdateRollbackResponse>" % result)
            case "DescribeStackEvents" if account.failure_reason:
                return self.answer(200, EVENTS.format("InferenceComponent", account.failure_reason).encode())
            case "DeleteStack" | "UpdateStack":
                account.stack_status = None
            case "CreateStack" if account.failure_reason:
                account.stack_status = "CREATE_FAILED"
        passed_on = {name: self.headers[name] for name in ("Authorization", "Content-Type", "X-Amz-Date")}
        answer = httpx.post(account.aws_url, content=raw, headers=passed_on)
        told = answer.text
        if account.stack_status:
            told = re.sub(r"(?<=<StackStatus>)\w+", account.stack_status, told)
        if account.stuck:
            told = re.sub(r"(?<=<ResourceStatus>)\w+", "UPDATE_FAILED", told)
        return self.answer(answer.status_code, told.encode())

    def list_quotas(self, quotas: dict[str, float], request: dict[str, str]) -> None:
        """A page of quotas, as Service Quotas lists them: SageMaker has hundreds."""
        start = int(request.get("NextToken", 0))
        named = list({"cluster usage": 0.0, "spot training jobs": 0.0} | quotas | {"total domains": 5.0})
        page = named[start : start + QUOTAS_OF_A_PAGE]
        answer: dict[str, object] = {
            "Quotas": [
                {"QuotaName": name, "QuotaCode": f"L-{name.split()[0]}", "Value": quotas.get(name, 0.0)}
                for name in page
            ]
        }
        if start + QUOTAS_OF_A_PAGE < len(named):
            answer["NextToken"] = str(start + QUOTAS_OF_A_PAGE)
        self.answer_json(answer)

    def answer_json(self, answer: dict[str, object]) -> None:
        self.answer(200, json.dumps(answer).encode())

    def speak(self, line: dict[str, Any]) -> None:
        keys = self.account.client("apigateway").get_api_keys(includeValues=True)["items"]
        if self.headers["x-api-key"] not in {key["value"] for key in keys}:
            return self.answer(403, b"{}")
        self.account.spoken.append(line)
        return self.answer(503 if len(self.account.spoken) == 1 else 200, b"RIFF")

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Account:
    """The account, and the folder that deploy.sh runs in.

    Attributes:
        quotas: what Service Quotas lists as applied to the account.
        default_quotas: what it lists for everybody.
        concurrency: requests that Lambda runs at once.
        component_statuses: of the inference component, one after the other; while one is Updating, no stack is deleted.
        failure_reason: why it fails; with one no stack can be made.
        stack_status: the stack's, instead of moto's, until it is updated or deleted.
        stuck: whether a rollback goes on only without the resources that are stuck.
    """

    root: Path
    hub_files: Path
    region: str = "us-east-1"
    quotas: dict[str, float] = field(default_factory=lambda: {"ml.g4dn.xlarge for endpoint usage": 4.0})
    default_quotas: dict[str, float] = field(default_factory=dict)
    concurrency: int = 1000
    component_statuses: list[str] = field(default_factory=lambda: ["InService"])
    failure_reason: str = ""
    stack_status: str | None = None
    stuck: bool = False
    spoken: list[dict[str, Any]] = field(default_factory=list)
    first_run: subprocess.CompletedProcess[str] | None = None

    def __post_init__(self) -> None:
        # A process of its own: what moto holds it holds once for each process.
        [port] = free_ports(1)
        self.aws_url = f"http://127.0.0.1:{port}"
        with (self.root / "moto.log").open("wb") as log:
            command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
            self._moto = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        assert wait_until(self._answers, START_SECONDS)
        handler = type("Handler", (Web,), {"account": self})
        self._web = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._web.serve_forever, daemon=True).start()
        self.hub = Hub(self.hub_files, {"SWivid/F5-TTS": "cc-by-nc-4.0"})
        self.bin = self.root / "bin"
        self.calls_file = self.root / "calls.txt"
        self.calls_file.touch()
        self._lay_out()

    def close(self) -> None:
        self.hub.close()
        self._web.shutdown()
        self._web.server_close()
        self._moto.terminate()
        self._moto.wait()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.aws_url}/moto-api/").is_success
        except httpx.TransportError:
            return False

    def _lay_out(self) -> None:
        """A repository of links, so that what deploy.sh makes and finds made is this account's alone."""
        self.repository = self.root / "repository"
        self.repository.mkdir()
        for name in (
            "deploy.sh",
            "endpoint",
            "contract",
            "voices",
            "Makefile",
            "template.yaml",
            "samconfig.toml",
        ):
            (self.repository / name).symlink_to(REPOSITORY / name)
        # This hub's weights are not the official ones.
        (self.repository / "deploy").mkdir()
        for entry in (REPOSITORY / "deploy").iterdir():
            if entry.name != "known-weights.sha256":
                (self.repository / "deploy" / entry.name).symlink_to(entry)
        for lock in REPOSITORY.glob("requirements*.lock"):
            (self.repository / lock.name).symlink_to(lock)
        environments = {
            ".venv": ["installed-run", "enough-disk", "importable"],
            ".venv-sagemaker": ["installed"],
            ".venv-sam": ["installed"],
        }
        for name, stamps in environments.items():
            folder = self.repository / name
            folder.mkdir()
            for entry in (REPOSITORY / name).iterdir():
                if entry.name not in stamps:
                    (folder / entry.name).symlink_to(entry)
            for stamp in stamps:
                (folder / stamp).touch()
        (self.repository / ".venv-sam" / "bin").unlink(missing_ok=True)
        (self.repository / ".venv-sam" / "bin").mkdir()
        # f5_tts as it is, but for the one description: the official network has 1.3 GB of weights.
        shadow = self.root / "shadow/f5_tts"
        (shadow / "configs").mkdir(parents=True)
        for entry in installed("f5_tts").iterdir():
            if entry.name != "configs":
                (shadow / entry.name).symlink_to(entry)
        (shadow / "configs/F5TTS_v1_Base.yaml").symlink_to(self.hub_files / "F5TTS_v1_Base.yaml")
        self.bin.mkdir()
        (self.root / "stack.json").write_text(json.dumps(STACK_TEMPLATE))
        scripts = {
            self.bin / "aws": AWS,
            self.bin / "curl": CURL,
            self.repository / ".venv-sam/bin/sam": SAM,
        }
        for path, script in scripts.items():
            path.write_text(script)
            path.chmod(0o755)
        (self.bin / "sleep").symlink_to("/bin/true")  # what deploy.sh waits for is there at once

    def environment(self, **changes: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_", "MODELS_"))}
        real_aws = shutil.which("aws", path=f"{REPOSITORY / '.venv/bin'}:{os.environ['PATH']}")
        assert real_aws, "the aws CLI is in requirements-dev.lock"
        web = f"http://127.0.0.1:{self._web.server_address[1]}"
        return (
            kept
            | CREDENTIALS
            | {
                "PYTHONPATH": str(self.root / "shadow"),
                "PATH": f"{self.bin}:{os.environ['PATH']}",
                "REAL_AWS": real_aws,
                "REAL_CURL": str(shutil.which("curl")),
                "AWS_ENDPOINT_URL": self.aws_url,
                "AWS_ENDPOINT_URL_SERVICE_QUOTAS": web,
                "AWS_ENDPOINT_URL_LAMBDA": web,
                "AWS_ENDPOINT_URL_SAGEMAKER": web,
                "AWS_ENDPOINT_URL_CLOUDFORMATION": web,
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "AWS_EC2_METADATA_DISABLED": "true",
                "HF_ENDPOINT": self.hub.endpoint,
                "CALLS": str(self.calls_file),
                "INTERRUPT": str(self.root / "interrupt"),
                "API_URL": web,
                "STACK_TEMPLATE": str(self.root / "stack.json"),
            }
            | changes
        )

    def deploy(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run deploy.sh to its end."""
        return subprocess.run(
            ["./deploy.sh", *arguments],
            cwd=self.repository,
            env=self.environment(**changes),
            capture_output=True,
            text=True,
            check=False,
            timeout=RUN_SECONDS,
        )

    def deploy_until(self, happens: Callable[[], bool]) -> int:
        """Run deploy.sh, press Ctrl-C once something has happened, and return the exit status."""
        process = subprocess.Popen(
            ["./deploy.sh"],
            cwd=self.repository,
            env=self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,  # as in a terminal
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        assert wait_until(lambda: happens() or process.poll() is not None, RUN_SECONDS)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        return process.wait(RUN_SECONDS)

    def interrupt_during(self, what: str) -> None:
        """Have Ctrl-C pressed in the next run while its archive is uploaded or its stack deployed."""
        assert what in {"upload", "sam"}
        (self.root / f"interrupt-{what}").touch()

    def client(self, service: str) -> Any:  # noqa: ANN401 -- boto3's clients have no type in common
        session = boto3.Session("test", "test", region_name=self.region)
        return session.client(service, endpoint_url=self.aws_url)  # type: ignore[call-overload]

    def make_stack(self, model_data_url: str) -> None:
        """A stack from before, with a model that lies somewhere."""
        told = {"Url": "https://api.example", "KeyId": "-", "ModelDataUrl": model_data_url}
        self.client("cloudformation").create_stack(
            StackName=STACK,
            TemplateBody=json.dumps(STACK_TEMPLATE),
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in told.items()],
        )

    def refuse_unknown_keys(self) -> None:
        """From now on only keys of users that were made are known, and none was."""
        httpx.post(f"{self.aws_url}/moto-api/reset-auth", content=b"0").raise_for_status()

    def calls(self, start: str) -> list[str]:
        """The calls of sam, aws and curl so far that start so."""
        return [line for line in self.calls_file.read_text().splitlines() if line.startswith(start)]

    def keys(self, bucket: str) -> list[str]:
        return [item["Key"] for item in self.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]

    def output(self, name: str) -> str:
        [stack] = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        return next(str(each["OutputValue"]) for each in stack["Outputs"] if each["OutputKey"] == name)

    def everything(self) -> dict[str, object]:
        """What is in the account and what has been made on this machine."""
        s3 = self.client("s3")
        return {
            "buckets": {each["Name"]: self.keys(each["Name"]) for each in s3.list_buckets()["Buckets"]},
            "stacks": [each["StackName"] for each in self.client("cloudformation").describe_stacks()["Stacks"]],
            "files": sorted(str(path) for path in self.repository.iterdir()),
        }


def installed(package: str) -> Path:
    """Where a package lies."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])
