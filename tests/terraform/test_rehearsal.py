"""The parts of the rehearsal itself: the order of the stacks, and the control plane of MWAA."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from werkzeug.serving import make_server

from terraform import providers, readme
from terraform.policies import FILE
from terraform.providers import TREE
from terraform.rehearsal import older
from terraform.rehearsal.aws import application
from terraform.rehearsal.mwaa import Mwaa
from terraform.rehearsal.stacks import STACKS, side_by_side
from terraform.rehearsal.workspace import SERVICES
from terraform.root import reads

MODULES = sorted(path.name for path in TREE.glob("modules/*") if path.is_dir())


def test_stacks_are_built_on_what_they_read_and_taken_down_before_it() -> None:
    """Each stack comes after every stack whose parameter it reads; a destroy goes the other way."""
    built: list[str] = []
    side_by_side(built.append, lambda stack, left: not reads(stack) & left)
    assert sorted(built) == sorted(STACKS)
    assert reads("platform_development/mwaa") & set(STACKS)
    for stack in STACKS:
        assert all(built.index(read) < built.index(stack) for read in reads(stack) & set(STACKS))
    gone: list[str] = []
    side_by_side(gone.append, lambda stack, left: not any(stack in reads(other) for other in left - {stack}))
    for stack in STACKS:
        assert all(gone.index(stack) < gone.index(read) for read in reads(stack) & set(STACKS))


# By the beginning of a resource's type: the service that AWS's provider calls for it, by its name among `endpoints`.
CALLED = {
    "aws_athena_": "athena",
    "aws_budgets_": "budgets",
    "aws_cloudwatch_": "cloudwatch",
    "aws_cloudwatch_event_": "events",
    "aws_cloudwatch_log_": "cloudwatchlogs",
    "aws_cloudwatch_query_": "cloudwatchlogs",
    "aws_db_": "rds",
    "aws_ecr_": "ecr",
    "aws_ecs_": "ecs",
    "aws_glue_": "glue",
    "aws_iam_": "iam",
    "aws_kms_": "kms",
    "aws_mwaa_": "mwaa",
    "aws_s3_": "s3",
    "aws_secretsmanager_": "secretsmanager",  # pragma: allowlist secret
    "aws_sns_": "sns",
    "aws_sqs_": "sqs",
    "aws_ssm_": "ssm",
    **dict.fromkeys(
        ("aws_default_", "aws_ec2_", "aws_eip", "aws_flow_", "aws_internet_", "aws_launch_", "aws_nat_", "aws_route",
         "aws_security_", "aws_subnet", "aws_vpc"),
        "ec2",
    ),
}  # fmt: skip
# Of the module `access`, which no environment of a rehearsal asks for.
NOT_CALLED = {"aws_autoscaling_group"}


def test_what_stacks_make_is_asked_of_the_emulator() -> None:
    """No stack's resource is made by a service that the provider would look for in the cloud."""
    folders = {TREE / stack for stack in STACKS}
    folders |= {TREE / "modules" / name for name in MODULES if any(_calls(folder, name) for folder in folders)}
    folders.add(TREE / "modules/bucket")
    made = {block.labels[0] for folder in folders for block in readme.blocks(folder, "resource")}
    made = {kind for kind in made if kind.startswith("aws_")} - NOT_CALLED
    assert {"aws_ecs_cluster", "aws_sqs_queue", "aws_vpc"} <= made
    by = {kind: max((known for known in CALLED if kind.startswith(known)), key=len, default="") for kind in made}
    assert {kind for kind, known in by.items() if not known} == set()
    assert {CALLED[known] for known in by.values()} - {"mwaa"} <= set(SERVICES)


def _calls(folder: Path, module: str) -> bool:
    return f'modules/{module}"' in (folder / "main.tf").read_text()


def test_nothing_is_begun_after_a_failure() -> None:
    """What runs beside a failing stack ends, nothing else begins, and the failure is what is raised."""
    begun: list[str] = []

    def work(stack: str) -> None:
        begun.append(stack)
        raise RuntimeError(f"{stack} failed")

    with pytest.raises(RuntimeError, match=f"{STACKS[0]} failed"):
        side_by_side(work, lambda stack, left: stack == STACKS[0] or STACKS[0] not in left)
    assert begun == [STACKS[0]]


def test_stacks_that_wait_for_each_other_are_named() -> None:
    """A circle ends in a message, not in a wait without end."""
    with pytest.raises(RuntimeError, match="these wait for others"):
        side_by_side(lambda _: None, lambda *_: False)


def test_an_older_provider_is_given_what_it_knows_and_nothing_else_is_changed(tmp_path: Path) -> None:
    """5.100 applies a copy without the arguments that are listed, and each is told; 6.11 applies the tree as it is."""
    tree = Path(shutil.copytree(TREE, tmp_path / "terraform", ignore=shutil.ignore_patterns(".terraform*")))

    def changed() -> dict[str, set[str]]:
        files = {file.relative_to(tree): file for file in tree.rglob("*.tf")}
        both = {
            name: ((TREE / name).read_text().splitlines(), file.read_text().splitlines())
            for name, file in files.items()
        }
        return {str(name): set(before) - set(after) for name, (before, after) in both.items() if before != after}

    assert older.suit(tree, (6, 11, 0)) == []
    assert changed() == {}
    told = older.suit(tree, (5, 100, 0))
    assert told == ["worker_replacement_strategy of modules/mwaa/main.tf, which needs aws 6.11"]
    gone = changed()
    assert [line.split("=")[0].strip() for line in gone.pop("modules/mwaa/main.tf")] == ["worker_replacement_strategy"]
    assert all(name.endswith("versions.tf") and len(lines) == 1 for name, lines in gone.items())
    assert '">= 5.100.0, < 7.0.0"' in (tree / "versions.tf").read_text()
    with pytest.raises(ValueError, match="has 0 lines with worker_replacement_strategy: correct LACKING"):
        older.suit(tree, (5, 100, 0))


@pytest.mark.parametrize(
    ("versions", "taken"), [(["5.100.0"], None), (["5.100.0", "6.9.0", "6.11.0", "6.100.0"], "6.100.0")]
)
def test_a_plugin_folder_is_looked_into_for_what_versions_tf_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, versions: list[str], taken: str | None
) -> None:
    """The newest of AWS's providers that is new enough; where none is, AWS's is said to be missing."""
    for version in versions:
        binary = (
            tmp_path / f"registry.terraform.io/hashicorp/aws/{version}/linux_amd64/terraform-provider-aws_v{version}_x5"
        )
        binary.parent.mkdir(parents=True)
        binary.touch()
    assert older.version(tmp_path) == max(tuple(map(int, version.split("."))) for version in versions)
    monkeypatch.setattr(providers, "offline_tool", lambda: None)
    monkeypatch.setattr(providers, "fetched", lambda _: tmp_path)
    monkeypatch.setattr(shutil, "which", lambda _: "/bin/terraform")
    found = providers.find(tmp_path)
    assert found is not None
    assert ("hashicorp/aws" in found.missing) == (taken is None)
    if taken:
        assert f"aws/{taken}/" in (tmp_path / "terraformrc").read_text()


def test_the_emulated_s3_obeys_the_policies_of_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the local S3 does: bronze is created, a document is replaced by who has read it, parts carry no condition."""
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "111111111111")
    server = make_server("127.0.0.1", 0, application("111111111111", "us-east-1"), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    s3 = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{server.port}", **keys)
    for bucket, policy in json.loads(FILE.read_text())["buckets"].items():
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    for bucket in ("anthill-dev-bronze", "anthill-dev-documents"):
        place = {"Bucket": bucket, "Key": "polygon/x"}
        read = {"IfMatch": s3.put_object(**place, Body=b"1", IfNoneMatch="*")["ETag"]}
        with pytest.raises(ClientError, match="403"):
            s3.put_object(**place, Body=b"2")
        with nullcontext() if bucket == "anthill-dev-documents" else pytest.raises(ClientError, match="403"):
            s3.put_object(**place, Body=b"2", **read)
        upload = {**place, "UploadId": s3.create_multipart_upload(**place)["UploadId"]}
        part = s3.upload_part(**upload, PartNumber=1, Body=b"1")["ETag"]
        with pytest.raises(ClientError, match="403"):
            s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
    server.shutdown()


def test_the_emulated_queue_keeps_what_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Policy, dead letters and who may redrive are set one after the other, as Terraform does; each is told back."""
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "111111111111")
    server = make_server("127.0.0.1", 0, application("111111111111", "us-east-1"), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    sqs = boto3.client("sqs", endpoint_url=f"http://127.0.0.1:{server.port}", **keys)
    dead, rings = (sqs.create_queue(QueueName=f"kept-{name}")["QueueUrl"] for name in ("dead", "rings"))
    arns = [f"arn:aws:sqs:us-east-1:111111111111:kept-{name}" for name in ("dead", "rings")]
    wanted = {
        dead: {"RedriveAllowPolicy": {"redrivePermission": "byQueue", "sourceQueueArns": [arns[1]]}},
        rings: {"RedrivePolicy": {"deadLetterTargetArn": arns[0], "maxReceiveCount": 5}},
    }
    for url, attributes in wanted.items():
        statement = {"Effect": "Deny", "Principal": "*", "Action": ["sqs:SendMessage"], "Resource": arns}
        attributes |= {"Policy": {"Version": "2012-10-17", "Statement": [statement]}}
        for name in sorted(attributes):  # the policy before the others
            sqs.set_queue_attributes(QueueUrl=url, Attributes={name: json.dumps(attributes[name])})
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert {name: json.loads(told[name]) for name in attributes} == attributes
    server.shutdown()


@pytest.fixture
def mwaa() -> Iterator[Any]:
    """A boto3 client of the control plane."""
    server = make_server("127.0.0.1", 0, Mwaa("111111111111", "us-east-1"), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield boto3.client(
        "mwaa",
        endpoint_url=f"http://127.0.0.1:{server.port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(inject_host_prefix=False, parameter_validation=False, retries={"total_max_attempts": 1}),
    )
    server.shutdown()


def test_an_environment_lives_as_in_mwaa(mwaa: Any) -> None:
    """Created once, read with its logs' groups, updated and tagged, refused what MWAA refuses, gone when deleted."""
    asked = {
        "DagS3Path": "dags/",
        "ExecutionRoleArn": "arn:aws:iam::111111111111:role/x",
        "SourceBucketArn": "arn:aws:s3:::x",
        "NetworkConfiguration": {
            "SubnetIds": ["subnet-11111111", "subnet-22222222"],
            "SecurityGroupIds": ["sg-11111111"],
        },
        "LoggingConfiguration": {"TaskLogs": {"Enabled": True, "LogLevel": "INFO"}},
        "Tags": {"team": "a"},
    }
    arn = mwaa.create_environment(Name="house", **asked)["Arn"]
    logs = mwaa.get_environment(Name="house")["Environment"]["LoggingConfiguration"]
    assert logs["TaskLogs"]["CloudWatchLogGroupArn"].endswith(":log-group:airflow-house-Task")
    assert logs["TaskLogs"]["Enabled"]
    assert not logs["WorkerLogs"]["Enabled"]
    with pytest.raises(ClientError, match="ValidationException"):
        mwaa.create_environment(Name="house", **asked)
    with pytest.raises(ClientError, match="SubnetIds must be two"):
        mwaa.create_environment(Name="hut", **{**asked, "NetworkConfiguration": {"SubnetIds": ["subnet-11111111"]}})
    mwaa.update_environment(Name="house", MaxWorkers=3)
    mwaa.tag_resource(ResourceArn=arn, Tags={"cost-centre": "b"})
    changed = mwaa.get_environment(Name="house")["Environment"]
    assert (changed["MaxWorkers"], changed["Tags"]) == (3, {"team": "a", "cost-centre": "b"})
    assert mwaa.list_environments()["Environments"] == ["house"]
    mwaa.delete_environment(Name="house")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        mwaa.get_environment(Name="house")
