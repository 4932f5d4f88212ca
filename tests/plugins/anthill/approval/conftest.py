"""A workspace with a table, S3 and SNS, and declarations that a test writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from anthill import catalog
from anthill.governance import declared_tables, entries, external_lineage, grants, share
from tests.local.databricks.workspace import Workspace
from tests.plugins.anthill.alerts.conftest import bucket, s3, s3_url, topic

__all__ = ["bucket", "s3", "s3_url", "topic"]

TABLE, VIEW = "dev.gold.stocks_daily_prices", "dev.gold.stocks_sessions"
AT = "2.1/unity-catalog/permissions/table/{}"
Declare = Callable[..., None]


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with two tables."""
    running = Workspace(tmp_path_factory.mktemp("governed")).start()
    for name in (TABLE, VIEW):
        assert running.sql(f"CREATE TABLE {name} (n INT) USING delta")["status"]["state"] == "SUCCEEDED"
    yield running
    running.stop()


@pytest.fixture
def declare(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bucket: str, topic: tuple[str, Any]
) -> Declare:
    """Write who reads which table; nobody reads any yet, and no plan was approved."""
    for name in (TABLE, VIEW):
        held = workspace.call("GET", AT.format(name)).get("privilege_assignments", [])
        changes = [{"principal": each["principal"], "remove": each["privileges"]} for each in held]
        workspace.call("PATCH", AT.format(name), changes=changes)
    folder = tmp_path / "include"
    (folder / "grants").mkdir(parents=True)
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", workspace.connection)
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
    monkeypatch.setenv("AIRFLOW__ANTHILL__ALERT_TOPIC_ARN", topic[0])
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "http://airflow")
    for where in (grants, entries, share):
        monkeypatch.setattr(where, "include_dir", lambda: folder)
    few = list(catalog.load("economy").datasets.values())
    monkeypatch.setattr(external_lineage, "declared", lambda: few)
    monkeypatch.setattr(declared_tables, "names", lambda: {"gold.stocks_daily_prices", "gold.stocks_sessions"})

    def write(**tables: dict[str, list[str]]) -> None:
        entries = [
            {"type": "table", "name": f"{{catalog}}.gold.stocks_{name}", "grants": readers}
            for name, readers in tables.items()
        ]
        (folder / "grants/shared.yaml").write_text(yaml.safe_dump({"securables": entries}))

    return write


def held(workspace: Workspace, name: str = TABLE) -> dict[str, list[str]]:
    """Who holds what on a table."""
    found = workspace.call("GET", AT.format(name)).get("privilege_assignments", [])
    return {each["principal"]: each["privileges"] for each in found}


def give(workspace: Workspace, who: str, *privileges: str, name: str = TABLE) -> None:
    """Grant by hand."""
    workspace.call("PATCH", AT.format(name), changes=[{"principal": who, "add": list(privileges)}])


def records(s3: Any, bucket: str) -> list[dict[str, Any]]:
    """What was recorded, the oldest first."""
    found = s3.list_objects_v2(Bucket=bucket, Prefix="governance/records/").get("Contents", [])
    keys = sorted(entry["Key"] for entry in found)
    return [json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]
