"""The launcher file is one that Ray takes, and it opens no port and asks for no more than it needs."""

import importlib.resources
import json
from pathlib import Path
from typing import Any

import jsonschema
import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
CLUSTER = yaml.safe_load((REPOSITORY / "bulk/cluster.yaml").read_text(encoding="utf-8"))
NODES: dict[str, Any] = CLUSTER["available_node_types"]


class Template(yaml.SafeLoader):
    """CloudFormation's YAML; what its functions refer to is kept, and no more."""


Template.add_multi_constructor("!", lambda loader, _, node: loader.construct_scalar(node))
ACCOUNT: dict[str, Any] = Template((REPOSITORY / "bulk/account.yaml").read_text(encoding="utf-8")).get_single_data()[
    "Resources"
]


def test_ray_takes_the_launcher_file() -> None:
    schema = json.loads(importlib.resources.files("ray").joinpath("autoscaler/ray-schema.json").read_text())
    jsonschema.validate(CLUSTER, schema)


def test_gpu_machines_are_spot_and_there_are_none_while_there_is_no_work() -> None:
    gpu = NODES["gpu"]
    assert gpu["min_workers"] == 0
    assert gpu["max_workers"] == CLUSTER["max_workers"]
    assert gpu["node_config"]["InstanceMarketOptions"] == {"MarketType": "spot"}
    assert "InstanceMarketOptions" not in NODES[CLUSTER["head_node_type"]]["node_config"]


def test_no_port_is_open_and_the_roles_are_those_of_the_account_file() -> None:
    groups = [each for each in ACCOUNT.values() if each["Type"] == "AWS::EC2::SecurityGroup"]
    assert [group["Properties"]["GroupName"] for group in groups] == [
        CLUSTER["provider"]["security_group"]["GroupName"]
    ]
    # Ray takes a group that has a rule as it is. Into an empty one it would write SSH for all the world.
    rules = [each["Properties"] for each in ACCOUNT.values() if each["Type"] == "AWS::EC2::SecurityGroupIngress"]
    assert [(rule["GroupId"], rule["SourceSecurityGroupId"]) for rule in rules] == [("Machines.GroupId",) * 2]
    assert "SecurityGroupIngress" not in groups[0]["Properties"]
    profiles = [each["Properties"] for each in ACCOUNT.values() if each["Type"] == "AWS::IAM::InstanceProfile"]
    assert {node["node_config"]["IamInstanceProfile"]["Name"] for node in NODES.values()} == {
        profile["InstanceProfileName"] for profile in profiles
    }


def test_the_repository_goes_along_without_what_make_has_made() -> None:
    [(remote, local)] = CLUSTER["file_mounts"].items()
    assert (remote, local) == ("/home/ubuntu/champion-voice", ".")
    assert {".git", ".venv*", "build"} <= set(CLUSTER["rsync_exclude"])
