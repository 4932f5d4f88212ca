"""A real `terraform apply` of the AWS half of dev, read back through boto3 (`make terraform-apply-local`)."""

import datetime as dt
import gzip
import json
import os
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.policy import statements
from scripts.first_day.place import Place
from scripts.first_day.step import MissingError
from scripts.first_day.steps import STEPS
from terraform.providers import TREE
from terraform.rehearsal import project
from terraform.rehearsal.stacks import STACKS, Rehearsal, rehearsal
from terraform.rehearsal.workspace import missing
from tests.delivery.aws import variables

pytestmark = [
    pytest.mark.skipif(
        not os.environ.get("ANTHILL_TERRAFORM_APPLY"), reason="minutes long: make terraform-apply-local"
    ),
]
LAKE = tuple(f"anthill-dev-{zone}" for zone in ("bronze", "documents", "silver", "gold", "artifacts"))
KEPT_BY_KMS = (*LAKE, "anthill-dev-drop", "anthill-dev-mwaa", "anthill-dev-athena", "anthill-dev-terraform-state")
APPLIED = ("session", "trust", *(stack for stack in STACKS))
LEFT = (  # what a step that Terraform does not make tells
    ("states", 'security is told state_kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000'),
    ("trail", "no trail records"),
    ("secrets", "anthill/dev/connections/polygon_default without a value"),
    ("delivery", "nothing was delivered yet"),
    ("people", "nobody can open Airflow"),
)
LOGS = ("anthill-dev-access-logs", "anthill-dev-innovation-logs", "anthill-dev-terraform-state-logs")


@pytest.fixture(scope="module")
def house() -> Iterator[Rehearsal]:
    """The AWS half of dev, applied."""
    if reason := missing():
        pytest.skip(reason)
    with rehearsal("dev", print) as house:
        house.apply_all()
        yield house


def test_a_second_plan_is_empty(house: Rehearsal) -> None:
    """What was applied is what is declared: no stack would change anything."""
    assert house.plan_all() == {}


def test_states_lie_encrypted_under_their_team(house: Rehearsal) -> None:
    """One object a root, under the team's folder, by the state key; no lock is left behind."""
    s3 = house.client("s3")
    keys = {item["Key"] for item in s3.list_objects_v2(Bucket="anthill-dev-terraform-state")["Contents"]}
    assert keys == {f"{stack.split('/')[0]}/dev/{stack.split('/')[1]}.tfstate" for stack in STACKS}
    for key in keys:
        assert s3.head_object(Bucket="anthill-dev-terraform-state", Key=key)["ServerSideEncryption"] == "aws:kms"


@pytest.mark.parametrize("bucket", [*KEPT_BY_KMS, *LOGS])
def test_buckets_are_closed_versioned_encrypted_and_tagged(house: Rehearsal, bucket: str) -> None:
    """No public access, TLS only, versions kept, KMS on (logs: S3's keys), access logged, every tag there."""
    s3 = house.client("s3")
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    expected = "aws:kms" if bucket in KEPT_BY_KMS else "AES256"
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == expected
    policy = statements(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert any(
        s["Effect"] == "Deny" and s.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}} for s in policy
    )
    assert ("LoggingEnabled" in s3.get_bucket_logging(Bucket=bucket)) == (bucket in KEPT_BY_KMS)
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    assert tags.keys() == {"project", "environment", "team", "cost-centre", "data-class", "managed-by"}
    owner = (
        "innovation_development"
        if any(w in bucket for w in ("silver", "gold", "innovation", "athena"))
        else "platform_development"
    )
    assert tags["team"] == owner


def test_bronze_grows_cold_and_nothing_else_does(house: Rehearsal) -> None:
    """Bronze goes to colder storage after dev's 30 days; Delta tables stay where they are."""
    s3 = house.client("s3")
    rules = {zone: s3.get_bucket_lifecycle_configuration(Bucket=zone)["Rules"][0] for zone in LAKE}
    assert rules["anthill-dev-bronze"]["Transitions"] == [{"Days": 30, "StorageClass": "STANDARD_IA"}]
    assert not any(rules[zone].get("Transitions") for zone in LAKE[1:])
    assert not any("Expiration" in rule for rule in rules.values())


def test_the_network_has_no_open_door(house: Rehearsal) -> None:
    """Three zones of three subnets, one gateway, flow logs on; no group admits an address from outside the VPC."""
    ec2 = house.client("ec2")
    vpc = next(v for v in ec2.describe_vpcs()["Vpcs"] if v["CidrBlock"] == "10.20.0.0/16")
    here = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    subnets = ec2.describe_subnets(Filters=here)["Subnets"]
    assert len(subnets) == 9
    assert len({s["AvailabilityZone"] for s in subnets}) == 3
    assert not any(s["MapPublicIpOnLaunch"] for s in subnets)
    assert len(ec2.describe_nat_gateways(Filter=here)["NatGateways"]) == 1
    assert ec2.describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [vpc["VpcId"]]}])["FlowLogs"]
    for group in ec2.describe_security_groups(Filters=here)["SecurityGroups"]:
        for permission in group["IpPermissions"]:
            assert all(r["CidrIp"] == "10.20.0.0/16" for r in permission["IpRanges"]), group["GroupName"]


def test_the_mwaa_environment_is_as_declared(house: Rehearsal) -> None:
    """Version, class, network, key, role, logs and the options that the plugins and the secrets backend read."""
    environment = house.client("mwaa").get_environment(Name="anthill-dev")["Environment"]
    assert environment["AirflowVersion"] == "3.3.1"
    assert environment["EnvironmentClass"] == "mw1.micro"
    assert len(environment["NetworkConfiguration"]["SubnetIds"]) == 2
    assert environment["ExecutionRoleArn"] == "arn:aws:iam::111111111111:role/platform_development/anthill-dev-mwaa"
    assert all(log["Enabled"] for log in environment["LoggingConfiguration"].values())
    options = environment["AirflowConfigurationOptions"]
    assert (options["anthill.catalog"], options["anthill.bronze_bucket"]) == ("dev", "anthill-dev-bronze")
    assert options["anthill.documents_bucket"] == "anthill-dev-documents"
    assert options["anthill.drop_bucket"] == "anthill-dev-drop"
    assert options["anthill.drop_queue"] == house.client("sqs").get_queue_url(QueueName="anthill-dev-drop")["QueueUrl"]
    assert json.loads(options["secrets.backend_kwargs"])["connections_prefix"] == "anthill/dev/connections"
    assert environment["Tags"]["team"] == "platform_development"


def test_secrets_lie_where_the_backend_reads_and_hold_none(house: Rehearsal) -> None:
    """Databricks' connection is there and has no password; Polygon.io's waits for its value."""
    from airflow.models.connection import Connection

    secrets = house.client("secretsmanager")
    names = {s["Name"] for s in secrets.list_secrets()["SecretList"]}
    assert names == {"anthill/dev/connections/databricks_default", "anthill/dev/connections/polygon_default"}
    value = secrets.get_secret_value(SecretId="anthill/dev/connections/databricks_default")["SecretString"]
    connection = Connection.from_json(value, conn_id="databricks_default")
    assert (connection.host, connection.password, connection.login) == (
        "anthill-dev.cloud.databricks.com",
        None,
        "federated_aws",
    )
    assert connection.extra_dejson["client_id"] == "00000000-0000-4000-8000-00000000000a"
    with pytest.raises(ClientError, match="ResourceNotFound"):
        secrets.get_secret_value(SecretId="anthill/dev/connections/polygon_default")


def test_parameters_pass_names_and_no_secrets(house: Rehearsal) -> None:
    """Each stack publishes one plain parameter; none of them holds a word that a secret would have."""
    ssm = house.client("ssm")
    found = ssm.get_parameters_by_path(Path="/anthill/dev", Recursive=True)["Parameters"]
    assert {p["Name"].removeprefix("/anthill/dev/") for p in found} >= set(STACKS)
    for parameter in found:
        assert parameter["Type"] == "String"
        assert not any(word in parameter["Value"].lower() for word in ("secret", "password", "token"))


def test_alarms_reach_a_topic_and_logs_have_an_end(house: Rehearsal) -> None:
    """Every alarm reaches an encrypted topic that exists; every log group ends and is encrypted; a budget is set."""
    sns = house.client("sns")
    topics = {t["TopicArn"] for t in sns.list_topics()["Topics"]}
    assert {t.rsplit(":", 1)[1] for t in topics} == {
        f"anthill-dev-{name}" for name in ("alerts", "notices", "workflows")
    }
    assert all("KmsMasterKeyId" in sns.get_topic_attributes(TopicArn=t)["Attributes"] for t in topics)
    alarms = house.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert {a["AlarmName"].removeprefix("anthill-dev-") for a in alarms} >= {
        "scheduler-silent",
        "task-failures",
        "nothing-landed",
        "nat-ports-us-east-1a",
        "nothing-delivered",
        "queries-cancelled",
    }
    assert all(set(a["AlarmActions"]) <= topics and a["AlarmActions"] for a in alarms)
    (gateway,) = house.client("ec2").describe_nat_gateways()["NatGateways"]
    (watched,) = [a for a in alarms if a["AlarmName"].startswith("anthill-dev-nat-ports")]
    assert watched["Dimensions"] == [{"Name": "NatGatewayId", "Value": gateway["NatGatewayId"]}]
    filters = house.client("logs").describe_metric_filters()["metricFilters"]
    counted = {(f["logGroupName"], f["filterName"].removeprefix("anthill-dev-")) for f in filters}
    assert counted == {("/anthill-dev/vpc-flow", "rejected-flows")}
    groups = house.client("logs").describe_log_groups()["logGroups"]
    assert len([g for g in groups if g["logGroupName"].startswith("airflow-anthill-dev-")]) == 5
    assert all(g["retentionInDays"] == 30 and g["kmsKeyId"] for g in groups)
    budget = house.client("budgets").describe_budget(AccountId="111111111111", BudgetName="anthill-dev")["Budget"]
    assert float(budget["BudgetLimit"]["Amount"]) == 400


def test_deployment_roles_trust_one_github_environment(house: Rehearsal) -> None:
    """A GitHub environment alone may take its team's role, which is guarded; every other stands in a boundary."""
    iam = house.client("iam")
    for team in ("platform_development", "innovation_development"):
        role = iam.get_role(RoleName=f"anthill-dev-deploy-{team}")["Role"]
        condition = role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]["StringEquals"]
        assert condition["token.actions.githubusercontent.com:sub"] == f"repo:anthill/anthill:environment:dev-{team}"
    for name in (listed["RoleName"] for listed in iam.list_roles()["Roles"]):
        role = iam.get_role(RoleName=name)["Role"]
        attached = {p["PolicyName"] for p in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]}
        if name.startswith(("anthill-dev-deploy-", "anthill-dev-plan-", "anthill-dev-notification")):
            assert "anthill-dev-guard" in attached
        else:
            boundary = f"/anthill-dev-{role['Path'].strip('/').split('_')[0]}-boundary"
            assert role["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith(boundary)


def test_readers_of_gold_are_bounded(house: Rehearsal) -> None:
    """Athena cancels what scans over dev's 5 GB."""
    configuration = house.client("athena").get_work_group(WorkGroup="anthill-dev-analysts")["WorkGroup"][
        "Configuration"
    ]
    assert configuration["BytesScannedCutoffPerQuery"] == 5 * 1024**3


def test_a_project_is_made_and_goes_with_what_was_put_there(house: Rehearsal) -> None:
    """Bucket and role by AWS's provider, what is Databricks' by its schema; afterwards neither is left."""
    if reason := project.missing():
        pytest.skip(reason)
    assert "2 passed, 0 failed" in project.made_and_destroyed(house.workspace, "dev", "momentum")
    assert not [b["Name"] for b in house.client("s3").list_buckets()["Buckets"] if "-project-" in b["Name"]]
    assert not [r["RoleName"] for r in house.client("iam").list_roles()["Roles"] if "-project-" in r["RoleName"]]


@pytest.fixture
def writer(house: Rehearsal) -> Iterator[Callable[[str], Any]]:
    """Clients with the execution role's own credentials, while the emulator enforces IAM."""
    role = house.client("iam").get_role(RoleName="anthill-dev-mwaa")["Role"]["Arn"]
    keys = house.client("sts").assume_role(RoleArn=role, RoleSessionName="landing")["Credentials"]

    def enforce(after: str) -> None:
        url, text = f"{house.workspace.endpoint}/moto-api/reset-auth", {"Content-Type": "text/plain"}
        request = urllib.request.Request(url, after.encode(), text, method="POST")
        urllib.request.urlopen(request).read()

    enforce("0")
    yield lambda service: house.client(
        service,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    enforce("inf")


def test_landing_works_with_the_writers_policy_and_no_more(house: Rehearsal, writer: Callable[[str], Any]) -> None:
    """Landing commits, restates, reads and tells with the role that came out, which can not delete or reach gold."""
    from msgspec import Raw

    from anthill import catalog
    from anthill.alerts.alert import Alert
    from anthill.alerts.told import Told
    from anthill.bronze.commits import Place, newest_revisions, read_commit
    from anthill.landing.commit import Committer
    from anthill.landing.content import Content
    from anthill.ledger.documents import Documents
    from anthill.sources import digest
    from anthill.sources.page import Page

    def content(close: float, second: int) -> Content:
        rows = [Raw(json.dumps({"T": ticker, "c": close}).encode()) for ticker in ("AAPL", "MSFT")]
        body = b'{"status":"OK","results":[' + b",".join(bytes(row) for row in rows) + b"]}"
        asof = dt.datetime(2014, 6, 7, 1, 0, second, tzinfo=dt.UTC)
        return Content.of(
            [Page("https://api.polygon.io/x", gzip.compress(body), len(body), rows, digest.of_rows(rows), asof, None)]
        )

    s3, place = writer("s3"), Place("polygon", "stocks", "grouped_daily", "2014-06-06")
    committer = Committer(s3, "anthill-dev-bronze", run="rehearsal")
    assert [committer.commit(place, content(*args)).outcome for args in ((645.57, 0), (645.57, 1), (92.22, 2))] == [
        "landed",
        "unchanged",
        "restated",
    ]
    bars = catalog.load("stocks").datasets["grouped_daily"]
    newest = newest_revisions(s3, "anthill-dev-bronze", bars, place.interval)
    assert newest == {"": place.key(2)}
    assert read_commit(s3, "anthill-dev-bronze", place.key(2)).rows == 2
    told = Told(Documents(s3, "anthill-dev-documents", "anthill-dev-bronze"), "stocks")
    for kind in ("failure", "quality"):
        assert told.once(Alert(kind, "stocks", place.market_date, "something", "look", "link"), lambda _: None)
    document = "polygon/stocks/_coverage/told/2014.json.gz"
    refused: dict[str, Callable[[], object]] = {
        "replace what was not read": lambda: s3.put_object(Bucket="anthill-dev-documents", Key=document, Body=b"x"),
        "delete a document": lambda: s3.delete_object(Bucket="anthill-dev-documents", Key=document),
        "delete": lambda: s3.delete_object(Bucket="anthill-dev-bronze", Key=place.key(1)),
        "replace": lambda: s3.put_object(Bucket="anthill-dev-bronze", Key=place.key(1), Body=b"x"),
        "another folder": lambda: s3.put_object(Bucket="anthill-dev-bronze", Key="other/x", Body=b"x", IfNoneMatch="*"),
        "write gold": lambda: s3.put_object(Bucket="anthill-dev-gold", Key="gold/x", Body=b"x"),
        "list gold": lambda: s3.list_objects_v2(Bucket="anthill-dev-gold"),
        "change the policy": lambda: s3.delete_bucket_policy(Bucket="anthill-dev-bronze"),
    }
    for what, call in refused.items():
        with pytest.raises(ClientError) as error:
            call()
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403, what
    assert s3.get_object(Bucket="anthill-dev-bronze", Key=place.key(1))["Metadata"]["run"] == "rehearsal"


def test_nobody_deletes_from_bronze_or_replaces_in_it(house: Rehearsal) -> None:
    """The bucket policy refuses even an administrator, who has every permission of IAM."""
    s3 = house.client("s3")
    s3.put_object(Bucket="anthill-dev-bronze", Key="polygon/x", Body=b"1", IfNoneMatch="*")
    refused: list[Callable[[], object]] = [
        lambda: s3.delete_object(Bucket="anthill-dev-bronze", Key="polygon/x"),
        lambda: s3.put_object(Bucket="anthill-dev-bronze", Key="polygon/x", Body=b"2"),
    ]
    for call in refused:
        with pytest.raises(ClientError) as error:
            call()
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket="anthill-dev-bronze", Key="polygon/x", Body=b"2", IfNoneMatch="*")
    assert s3.get_object(Bucket="anthill-dev-bronze", Key="polygon/x")["Body"].read() == b"1"


def test_first_day_sees_what_was_applied(house: Rehearsal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`make first-day` finds what Terraform made, and misses what is left to people and to other commands."""
    for name, value in variables(house.workspace.endpoint).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "terraform").symlink_to(house.workspace.folder)
    (tmp_path / ".github").symlink_to(TREE.resolve().parent / ".github")
    place = Place("dev", tmp_path)
    told = {}
    for step in STEPS:
        if step.name in (*APPLIED, *dict(LEFT)):
            try:
                step.look(place)
                told[step.name] = ""
            except MissingError as missing:
                told[step.name] = str(missing)
    assert {name: told[name] for name in APPLIED} == dict.fromkeys(APPLIED, "")
    assert all(words in told[name] for name, words in LEFT), told


def test_a_protected_environment_cannot_be_destroyed(house: Rehearsal) -> None:
    """Under protection `destroy` is refused, of one bucket too; the guard leaves the state by a command of its own."""
    stack, protected = "innovation_development/lake", "-var=deletion_protection=true"
    house.workspace.terraform(house.root(stack), "apply", "-auto-approve", "-no-color", protected)
    for target in ([], ["-target=module.lake.module.zone"]):
        refused = house.destroy(stack, protected, *target, allowed=(1,))
        assert "prevent_destroy" in refused.stderr
    assert house.client("s3").head_bucket(Bucket="anthill-dev-gold")
    listed = house.workspace.terraform(house.root(stack), "state", "list").stdout.split()
    for guard in (name for name in listed if "deletion_guard" in name):
        house.workspace.terraform(house.root(stack), "state", "rm", guard)
    house.apply(stack)


def test_everything_is_taken_down_again(house: Rehearsal) -> None:
    """Destroyed in the reverse order, nothing is left but the states; a bucket with objects goes too in dev."""
    house.destroy_all()
    assert {b["Name"] for b in house.client("s3").list_buckets()["Buckets"]} == {
        "anthill-dev-terraform-state",
        "anthill-dev-terraform-state-logs",
    }
    assert house.client("mwaa").list_environments()["Environments"] == []
    assert house.client("sns").list_topics()["Topics"] == []
    assert house.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert house.client("iam").list_roles()["Roles"] == []
