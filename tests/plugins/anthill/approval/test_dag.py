"""Runs of the DAG `governance` where nobody is asked: real tasks against a workspace, S3 and SNS."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import uuid
from typing import Any

import boto3
import pytest
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session
from sqlalchemy import delete

from anthill.approval.dag import governance_dag
from tests.local.databricks.workspace import Workspace

from .conftest import VIEW, Declare, give, held, records

_days = itertools.count()


@pytest.fixture(autouse=True)
def _fresh(airflow_database: None) -> None:
    with create_session() as session:
        session.execute(delete(XComModel).where(XComModel.dag_id == "governance"))


def run() -> dict[str, str]:
    """A run; how each task ended."""
    dag = governance_dag(None)
    for task in dag.tasks:
        task.retries = 0
    ended = dag.test(logical_date=dt.datetime(2026, 7, 1, tzinfo=dt.UTC) + dt.timedelta(days=next(_days)))
    return {task.task_id: str(task.state) for task in ended.get_task_instances()}


def test_it_runs_each_morning_and_makes_up_for_none() -> None:
    """Airflow starts no run of a DAG that has a schedule and no first day; one run at a time."""
    dag = governance_dag(None)
    assert (str(dag.schedule), dag.start_date) == ("23 6 * * *", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert (dag.catchup, dag.max_active_runs) == (False, 1)


def test_what_is_declared_is_applied_and_recorded(declare: Declare, workspace: Workspace, s3: Any, bucket: str) -> None:
    """The record names the declaration, the plan is kept under its sha256; the next run has nothing to change."""
    give(workspace, "data_scientists", "SELECT")
    declare(daily_prices={"analysts": ["SELECT"]}, sessions={"analysts": ["SELECT"]})
    assert set(run().values()) == {"success"}
    assert held(workspace) == held(workspace, VIEW) == {"analysts": ["SELECT"]}
    (record,) = records(s3, bucket)
    assert {key: record[key] for key in ("outcome", "by", "added", "removed")} == {
        "outcome": "applied", "by": "the declaration", "added": 2, "removed": 1,
    }  # fmt: skip
    assert record["run"].startswith("governance/")
    s3.head_object(Bucket=bucket, Key=f"governance/plans/{record['sha256']}.json")
    assert set(run().values()) == {"success"}
    again = records(s3, bucket)[1]
    assert (again["outcome"], again["added"], again["removed"]) == ("applied", 0, 0)


def test_nothing_is_changed_where_a_principal_does_not_exist(
    declare: Declare, workspace: Workspace, s3: Any, bucket: str, topic: tuple[str, Any]
) -> None:
    """Not even what is right: one message with the file and the line, no plan and no record."""
    declare(daily_prices={"analysts": ["SELECT"]}, sessions={"anylysts": ["SELECT"]})
    states = run()
    assert states.pop("plan") == states.pop("report") == "failed"
    assert states == dict.fromkeys(("approve", "apply", "lineage", "drift"), "upstream_failed")
    assert held(workspace) == {}
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    (message,) = topic[1]()
    assert message["Subject"].endswith("governance: no plan could be made")
    assert "principal anylysts: the workspace does not know it" in message["Message"]
    assert "shared.yaml:" in message["Message"]


def test_who_reads_a_bucket_by_iam_and_is_not_declared_is_drift(
    declare: Declare,
    s3: Any,
    s3_url: str,
    topic: tuple[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not looked at unless the environment says so; a role that reads as include/buckets.yaml says is none."""
    declare(daily_prices={"analysts": ["SELECT"]})
    assert run()["drift"] == "success"
    logged = capsys.readouterr()
    assert "Nobody looked at who may read the buckets by IAM: anthill.iam_names is not set" in logged.out + logged.err
    names = f"lake-{uuid.uuid4().hex[:8]}"
    monkeypatch.setenv("AIRFLOW__ANTHILL__IAM_NAMES", names)
    for zone in ("bronze", "personal", "documents", "drop", "silver", "gold"):
        s3.create_bucket(Bucket=f"{names}-{zone}")
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    iam = boto3.client("iam", endpoint_url=s3_url, **keys)

    def let(role: str, path: str, place: str) -> None:
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        said = {"Effect": "Allow", "Action": "s3:Get*", "Resource": f"arn:aws:s3:::{names}-{place}"}
        iam.create_role(RoleName=role, Path=path, AssumeRolePolicyDocument=trust)
        document = json.dumps({"Version": "2012-10-17", "Statement": [said]})
        iam.put_role_policy(RoleName=role, PolicyName="read", PolicyDocument=document)

    let(f"{names}-analyst", "/innovation_development/", "gold/*")
    let(f"{names}-guest", "/", "gold/stocks/*")
    assert run()["drift"] == "failed"
    (message,) = topic[1]()
    assert message["Subject"].endswith("governance: 1 ways to read the buckets by IAM are not declared")
    by = f"the inline policy read of the role {names}-guest"
    line = f"s3://{names}-gold/stocks/*: role/{names}-guest may read it by {by}"
    assert [each for each in message["Message"].splitlines() if "may read it" in each] == [f"- {line}"]
    assert "declare the reader in include/buckets.yaml and say why" in message["Message"]
    assert "take the statement out of the policy" in message["Message"]
