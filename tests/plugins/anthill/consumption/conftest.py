"""A workspace whose gold lies in an S3, and AWS's Glue and Athena beside it: moto over HTTP, one server for all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from anthill.consumption import declared
from anthill.lakehouse import statements
from tests.local.databricks.workspace import Workspace
from tests.plugins.anthill.aws import aws_connection
from tests.plugins.anthill.landing.conftest import s3_url

__all__ = ["s3_url"]

LAKE, DATABASE, WORKGROUP = "consumed-gold", "anthill_dev_gold", "anthill-dev-pipeline"


def client(service: str, url: str) -> Any:
    """A client of one of its services."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", **keys)


@pytest.fixture(scope="package")
def aws(s3_url: str) -> str:
    """Its address, with the bucket of gold, Glue's database and the workgroup."""
    client("s3", s3_url).create_bucket(Bucket=LAKE)
    client("glue", s3_url).create_database(DatabaseInput={"Name": DATABASE})
    client("athena", s3_url).create_work_group(
        Name=WORKGROUP,
        Configuration={
            "EnforceWorkGroupConfiguration": True,
            "ResultConfiguration": {"OutputLocation": "s3://anthill-dev-athena/results/"},
        },
    )
    return s3_url


@pytest.fixture(scope="package")
def workspace(aws: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with every table and view that is declared for consumption, made by gold's own statements."""
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    schemas = {"gold": f"s3://{LAKE}/gold"}
    running = Workspace(
        tmp_path_factory.mktemp("consumed"), ["--s3-endpoint", aws], keys, schemas, bronze=f"s3://{LAKE}/bronze"
    ).start()
    for each in declared.load("dev", DATABASE):
        file = statements.path("gold", each.asset_class, each.name.removeprefix(f"{each.asset_class}_"))
        made = running.sql(statements.filled(statements.creation(file), file, "dev"))
        assert made["status"]["state"] == "SUCCEEDED", made
    yield running
    running.stop()


@pytest.fixture
def connections(aws: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Airflow's connections to both, and the workgroup that makes the DAG have its tasks."""
    monkeypatch.setenv("AIRFLOW_CONN_AWS_CONSUMPTION", aws_connection(aws))
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", workspace.connection)
    monkeypatch.setenv("AIRFLOW__ANTHILL__ATHENA_WORKGROUP", WORKGROUP)
    monkeypatch.setenv("AIRFLOW__ANTHILL__GOLD_BUCKET", LAKE)
