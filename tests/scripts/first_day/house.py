"""An environment from nothing: what each step's command makes, made in what stands in for the clouds.

Terraform's part is written by hand as its stacks publish it; all else is made by the command's own program.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from moto.backends import get_backend

from delivery.artefacts import Artefacts
from scripts import configuration, market_day, repository, smoke
from scripts.variables import Known
from terraform.lock import FILE, locked
from tests.delivery import aws
from tests.delivery.conftest import deployment_to
from tests.local.databricks.workspace import ACCOUNT, Workspace
from tests.scripts.first_day.account import Account
from tests.scripts.scripted_databricks_account import Account as Databricks
from tests.scripts.scripted_github import Repository

ROOT = Path(__file__).parents[3]
TOKEN = ACCOUNT.role("terraform").token
PENDING = "PendingConfirmation"
DATABRICKS_ACCOUNT, METASTORE = "5a1e0c7e-1111-4222-8333-944444444444", "5a1e0c7e-1111-4222-8333-955555555555"
ISSUER = "https://5a1e0c7e-1111-4222-8333-966666666666.tokens.sts.global.api.aws"
TEAMS = ("platform_development", "innovation_development")
JOBS = tuple(f"dev-{team}{plans}" for team in TEAMS for plans in ("", "-plan"))


@dataclass
class Airflow(aws.Airflow):
    """Airflow whose DAGs are paused at first, and whose runs succeed at once."""

    runs: dict[str, list[str]] = field(default_factory=dict)  # DAG → states

    def __call__(self, method: str, path: str, body: Any, query: dict[str, Any]) -> Any:
        """Runs, and a DAG by its name; all else as a delivery sees it."""
        if not (found := re.fullmatch(r"/dags/(\w+)(/dagRuns)?(/\d+)?(/taskInstances)?", path)):
            return super().__call__(method, path, body, query)
        self.calls.append((method, path))
        dag, lists, number, tasks = found.groups()
        states = self.runs.setdefault(dag, [])
        if method == "POST":
            states.append("success")
            return {"dag_run_id": str(len(states) - 1)}
        if tasks:
            return {"task_instances": [{"task_id": "land", "state": "success"}]}
        if number:
            return {"state": states[int(number[1:])]}
        if lists:
            return {"total_entries": sum(query.get("state") in (None, state) for state in states)}
        return {"is_paused": dag in self.paused}


def tree(root: Path) -> Path:
    """A checkout as published, to be changed."""
    shutil.copytree(ROOT / "terraform", root / "terraform", ignore=shutil.ignore_patterns(".terraform*", "__pycache__"))
    for name in ("databricks", "include", "plugins/anthill", ".github"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@dataclass
class House:
    """The checkout and the clouds; `make` does what the command of a step would do."""

    root: Path
    cloud: aws.Cloud
    account: Account
    github: Repository
    databricks: Databricks
    workspace: Workspace
    package: Artefacts
    set: Callable[[str, str], None]  # an environment variable

    def make(self, step: str) -> None:
        """What the command of the step makes."""
        getattr(self, "_make_" + step.replace("/", "_").replace("-", "_"), lambda: self.publish(step, name=step))()

    def edit(self, *pairs: tuple[str, str]) -> None:
        """Change the environment's values."""
        file = self.root / "terraform/environments/dev/environment.tfvars"
        text = file.read_text()
        for pattern, value in pairs:
            text, count = re.subn(pattern, value, text)
            assert count, pattern
        file.write_text(text)

    def publish(self, stack: str, **told: Any) -> None:
        """What a stack writes last."""
        name = f"/anthill/dev/{stack}"
        self.cloud.client("ssm").put_parameter(Name=name, Value=json.dumps(told), Type="String", Overwrite=True)

    def _make_names(self) -> None:
        self.edit(("111111111111", aws.ACCOUNT), (r"example\.com", "corp.test"))
        self.edit((r'(databricks_account_id = )".*"', rf'\1"{DATABRICKS_ACCOUNT}"'))

    def _make_locks(self) -> None:
        for folder in locked(self.root / "terraform"):
            (folder / FILE).write_text("")

    def _make_session(self) -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            self.set(name, "testing")

    def _make_states(self) -> None:
        bucket, s3, kms = "anthill-dev-terraform-state", self.cloud.client("s3"), self.cloud.client("kms")
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        key = kms.create_key()["KeyMetadata"]
        kms.create_alias(AliasName=f"alias/{bucket}", TargetKeyId=key["KeyId"])
        self.edit((r'(state_kms_key_arn = )".*"', rf'\1"{key["Arn"]}"'))

    def _make_trail(self) -> None:
        trails = self.cloud.client("cloudtrail")
        trails.create_trail(Name="anthill-dev", S3BucketName="anthill-dev-terraform-state")
        trails.start_logging(Name="anthill-dev")

    def _make_tokens(self) -> None:
        self.account.issuer = ISSUER
        self.edit((r'(token_issuer = )".*"', rf'\1"{ISSUER}"'))

    def _make_databricks(self) -> None:
        self.set("DATABRICKS_TOKEN", TOKEN)

    def _make_groups(self) -> None:
        people = configuration.stack(self.root / "terraform/environments/dev", TEAMS[0], "databricks")["user_group_ids"]
        self.databricks.groups = {
            1001: "admins of the account",
            **{int(number): name for name, number in people.items()},
        }

    def _make_metastore(self) -> None:
        there = {"metastore_id": METASTORE, "name": "us-east-1-metastore", "region": "us-east-1"}
        self.databricks.metastores = [{**there, "region": "eu-west-1", "metastore_id": "another"}, there]
        self.edit((r'(metastore_id +=) ".*"', rf'\1 "{METASTORE}"'))

    def _make_principals(self) -> None:
        self.databricks.principals = {f"anthill-terraform-{job}": f"id of {job}" for job in JOBS}

    def _make_platform_development_security(self) -> None:
        self.publish("platform_development/security", kms_key_arn="arn")
        opens = {"Effect": "Allow", "Action": "airflow:CreateWebLoginToken", "Resource": "*"}
        for role in ("viewer", "user", "op", "admin"):
            self.cloud.client("iam").create_policy(
                PolicyName=f"anthill-dev-airflow-{role}",
                Path="/platform_development/",
                PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [opens]}),
            )

    def _make_trust(self) -> None:
        iam, github = self.cloud.client("iam"), "token.actions.githubusercontent.com"
        iam.create_open_id_connect_provider(Url=f"https://{github}", ThumbprintList=["a" * 40])
        for place in (*JOBS, "dev-notification"):
            arn = str(Known("dev", {}, {}, self.root)(place, "AWS_ROLE_ARN", "{role}"))
            subject = {f"{github}:sub": f"repo:anthill/anthill:environment:{place}"}
            statement = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity"}
            document = {"Statement": [{**statement, "Condition": {"StringEquals": subject}}]}
            iam.create_role(
                RoleName=arn.rpartition("/")[2],
                Path="/platform_development/",
                AssumeRolePolicyDocument=json.dumps(document),
            )

    def _make_github(self) -> None:
        ids = self.root / "ids.json"
        ids.write_text(json.dumps({job: self.databricks.principals[f"anthill-terraform-{job}"] for job in JOBS}))
        assert repository.main(["--environment", "dev", "--apply", "--client-ids", str(ids)], self.root) == 0

    def _make_platform_development_databricks(self) -> None:
        ids = {"bundle": "b-id", "pipeline": "p-id", "drift": "d-id"}
        self.databricks.workspaces[7] = "RUNNING"
        host = self.workspace.url
        self.publish("platform_development/databricks", host=host, workspace_id=7, application_ids=ids)

    def _make_platform_development_monitoring(self) -> None:
        sns, told = self.cloud.client("sns"), {}
        for kind in ("alert", "notice", "workflow"):
            told[f"{kind}_topic_arn"] = topic = sns.create_topic(Name=f"anthill-dev-{kind}s")["TopicArn"]
            sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="data-platform@corp.test")
        for each in self.subscriptions():
            each.arn = PENDING
        self.publish("platform_development/monitoring", **told)

    def subscriptions(self) -> list[Any]:
        """Those of the topics, as moto keeps them."""
        return list(get_backend("sns")[aws.ACCOUNT][aws.REGION].subscriptions.values())

    def _make_innovation_development_compute(self) -> None:
        self.publish("innovation_development/compute", warehouse_id="w", budget_policy_id="bp-id")

    def _make_innovation_development_catalog(self) -> None:
        self.publish("innovation_development/catalog", catalog="dev", schemas=["silver"])

    def _make_platform_development_mwaa(self) -> None:
        aws.environment(self.cloud)
        secrets = self.cloud.client("secretsmanager")
        secrets.create_secret(Name=f"{aws.CONNECTIONS_PREFIX}/databricks_default", SecretString="{}")
        secrets.create_secret(Name=f"{aws.CONNECTIONS_PREFIX}/polygon_default")
        arn = f"arn:aws:secretsmanager:us-east-1:111111111111:secret:{aws.CONNECTIONS_PREFIX}/polygon_default-AbCdEf"
        self.publish("platform_development/mwaa", name=aws.NAME, bucket=aws.BUCKET, polygon_connection_arn=arn)

    def _make_platform_development_recorder(self) -> None:
        self.publish("platform_development/recorder", cluster=f"{aws.NAME}-recorder")

    def _make_secrets(self) -> None:
        name = f"{aws.CONNECTIONS_PREFIX}/polygon_default"
        self.cloud.client("secretsmanager").put_secret_value(SecretId=name, SecretString="{}")

    def _make_bundle(self) -> None:
        for file in (ROOT / "databricks/resources").glob("*.yml"):
            for job in msgspec.yaml.decode(file.read_text())["resources"].get("jobs", {}).values():
                self.workspace.job(job["name"], "/notebooks/made")

    def _make_delivery(self) -> None:
        deployment_to(self.cloud, []).run(self.package)

    def _make_smoke(self) -> None:
        assert smoke.main(["--environment", "dev", "--poll", "0.01"]) == 0

    def _make_subscriptions(self) -> None:
        for number, each in enumerate(self.subscriptions()):
            each.arn = f"{each.topic.arn}:{number}"

    def _make_cost_tags(self) -> None:
        self.account.tags = {"environment", "team", "cost-centre", "another"}

    def _make_people(self) -> None:
        iam, name = self.cloud.client("iam"), "AWSReservedSSO_operators_0123456789abcdef"
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": []}))
        policy = f"arn:aws:iam::{aws.ACCOUNT}:policy/platform_development/anthill-dev-airflow-op"
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)

    def _make_turned_on(self) -> None:
        self.airflow.paused.discard("forex")

    def _make_market_day(self) -> None:
        day = dt.date(2026, 7, 2).isoformat()
        assert market_day.main(["--environment", "dev", "--day", day, "--poll", "0.01"]) == 0

    @property
    def airflow(self) -> Airflow:
        """The environment's Airflow."""
        airflow = self.cloud.service.airflow
        assert isinstance(airflow, Airflow)
        return airflow


def forget() -> None:
    """Moto's services are the process's: what an earlier test made there goes."""
    for service in ("s3", "secretsmanager", "sts", "kms", "iam", "ssm", "cloudtrail", "sns"):
        get_backend(service).reset()


def signed_out(environment: dict[str, str]) -> list[str]:
    """The variables by which somebody might be signed in on this machine."""
    return [name for name in environment if re.match(r"(AWS|DATABRICKS|GH|GITHUB)_", name)]
