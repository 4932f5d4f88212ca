"""Clients that others wrote for Databricks read the workspace, and are refused by it, as they are by the service."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.service.catalog import TableOperation
from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel
from databricks.sdk.service.jobs import RunLifecycleStateV2State, TerminationCodeCode
from databricks.sdk.service.sql import StatementState
from databricks.sql.exc import RequestError, ServerOperationError

from databricks import sql
from tests.local.databricks.workspace import ACCOUNT, Workspace

AT = "2.1/unity-catalog/permissions"
READER = ACCOUNT.role("analyst").token
ROWS = [{"ticker": "A", "close": 1.5}, {"ticker": "B", "close": 2.5}]
REFUSED = "User does not have SELECT on Table 'dev.gold.hidden'."


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A table that analysts read, from outside, too, and one that they do not."""
    running = Workspace(tmp_path_factory.mktemp("clients")).start()
    values = ", ".join(f"('{row['ticker']}', {row['close']}D)" for row in ROWS)
    running.sql(f"CREATE TABLE dev.gold.prices USING delta AS SELECT * FROM VALUES {values} AS v (ticker, close)")
    running.sql("CREATE TABLE dev.gold.hidden USING delta AS SELECT 1 AS n")
    for by, kind, name, privilege in (
        ("pipeline", "schema", "dev.gold", "USE_SCHEMA"),
        ("pipeline", "table", "dev.gold.prices", "SELECT"),
        ("terraform", "schema", "dev.gold", "EXTERNAL_USE_SCHEMA"),  # an owner of the catalog gives it
    ):
        running.call("PATCH", f"{AT}/{kind}/{name}", by=by, changes=[{"principal": "analysts", "add": [privilege]}])
    yield running
    running.stop()


def client(workspace: Workspace, role: str) -> WorkspaceClient:
    """The vendor's own client as a principal of the account."""
    return WorkspaceClient(host=workspace.url, token=ACCOUNT.role(role).token)


def test_polars_reads_the_catalog_and_a_table(lake: Workspace) -> None:
    """From its list of catalogs to the rows, by credentials of the table."""
    catalog = pl.Catalog(lake.url, bearer_token=READER, require_https=False)
    assert [found.name for found in catalog.list_catalogs()] == ["dev"]
    assert [found.name for found in catalog.list_namespaces("dev")] == ["gold"]
    assert [found.name for found in catalog.list_tables("dev", "gold")] == ["prices"]
    columns = catalog.get_table_info("dev", "gold", "prices").columns
    assert columns is not None
    assert [(column.name, column.type_name) for column in columns] == [("ticker", "STRING"), ("close", "DOUBLE")]
    assert catalog.scan_table("dev", "gold", "prices").sort("ticker").collect().to_dicts() == ROWS
    with pytest.raises(pl.exceptions.ComputeError, match=re.escape(REFUSED)):
        catalog.get_table_info("dev", "gold", "hidden")


def test_the_sdk_reads_tables_and_is_refused(lake: Workspace) -> None:
    """Its own classes read each answer, its own errors each refusal."""
    reader = client(lake, "analyst")
    assert reader.current_user.me().user_name == "analyst@example.com"
    assert [table.name for table in reader.tables.list("dev", "gold")] == ["prices"]
    told = reader.tables.get("dev.gold.prices")
    assert (told.owner, told.full_name) == (ACCOUNT.role("pipeline").name, "dev.gold.prices")
    answer = reader.statement_execution.execute_statement("SELECT count(*) FROM dev.gold.prices", "local")
    assert answer.status is not None
    assert answer.status.state == StatementState.SUCCEEDED
    assert answer.result is not None
    assert answer.result.data_array == [["2"]]
    with pytest.raises(PermissionDenied, match=re.escape(REFUSED)):
        reader.tables.get("dev.gold.hidden")
    with pytest.raises(NotFound, match=r"No API found for .GET .*volumes"):
        reader.volumes.read("dev.gold.files")
    with pytest.raises(PermissionDenied, match=re.escape("does not have MANAGE on Table 'dev.gold.prices'")):
        reader.grants.update("table", "dev.gold.prices", changes=[])


def test_the_sdk_asks_for_credentials(lake: Workspace) -> None:
    """For who may use the schema from outside alone: no ownership brings that."""
    table_id = client(lake, "analyst").tables.get("dev.gold.prices").table_id
    given = client(lake, "analyst").temporary_table_credentials
    found = given.generate_temporary_table_credentials(operation=TableOperation.READ, table_id=table_id)
    assert found.aws_temp_credentials is not None
    assert str(found.url).endswith("/gold/prices")
    with pytest.raises(PermissionDenied, match=re.escape("User does not have MODIFY on Table 'dev.gold.prices'.")):
        given.generate_temporary_table_credentials(operation=TableOperation.READ_WRITE, table_id=table_id)
    owner = client(lake, "pipeline").temporary_table_credentials
    with pytest.raises(PermissionDenied, match="User does not have EXTERNAL USE SCHEMA on Schema"):
        owner.generate_temporary_table_credentials(operation=TableOperation.READ, table_id=table_id)
    lent = {"principal": "analysts", "add": ["EXTERNAL_USE_SCHEMA"]}
    with pytest.raises(PermissionDenied, match=re.escape("User does not have MANAGE on Catalog 'dev'.")):
        client(lake, "pipeline").api_client.do("PATCH", f"/api/{AT}/schema/dev.gold", body={"changes": [lent]})


def read_by_deltalake(lake: Workspace, role: str, table: str) -> str:
    """What a process prints that reads a table by its name in Unity Catalog.

    Two of three lock themselves for good once they have credentials (local/databricks/README.md): they are begun anew.
    """
    code = "import json, pyarrow; from deltalake import DeltaTable, QueryBuilder\n"
    code += f"found = QueryBuilder().register('t', DeltaTable('uc://{table}')).execute('SELECT * FROM t ORDER BY 1')\n"
    code += "print(json.dumps([row for batch in found for row in pyarrow.record_batch(batch).to_pylist()]))"
    asked = {"DATABRICKS_HOST": lake.url, "DATABRICKS_TOKEN": ACCOUNT.role(role).token, "UNITY_ALLOW_HTTP_URL": "true"}
    command, given = [sys.executable, "-c", code], {**os.environ, **asked}
    for patience in range(4, 34):
        with contextlib.suppress(subprocess.TimeoutExpired):
            ended = subprocess.run(command, env=given, timeout=patience / 2, capture_output=True, text=True)
            return ended.stdout or ended.stderr
    raise AssertionError("no process of thirty ended")


def test_deltalake_reads_a_table_by_its_name(lake: Workspace) -> None:
    """By `uc://`, for who holds no MODIFY, too, which it asks for first; others are refused in the service's words."""
    assert json.loads(read_by_deltalake(lake, "analyst", "dev.gold.prices")) == ROWS
    assert REFUSED in read_by_deltalake(lake, "analyst", "dev.gold.hidden")
    lacking = "READ failed: User does not have EXTERNAL USE SCHEMA on Schema 'dev.gold'."
    assert lacking in read_by_deltalake(lake, "pipeline", "dev.gold.prices")


def test_the_sdk_runs_a_job_and_reads_its_status(lake: Workspace) -> None:
    """Started, waited for, exported; the permissions of the job are read and given by their own calls."""
    owner = client(lake, "pipeline")
    job = lake.job("of the sdk", lake.notebook("of_the_sdk", "print('told')"))
    run = owner.jobs.run_now(job).result()
    assert run.status is not None
    assert run.status.termination_details is not None
    assert run.status.state == RunLifecycleStateV2State.TERMINATED
    assert run.status.termination_details.code == TerminationCodeCode.SUCCESS
    (view,) = owner.jobs.export_run(int(run.tasks[0].run_id)).views  # type: ignore[index,union-attr,arg-type,misc]
    assert "told" in str(view.content)
    with pytest.raises(PermissionDenied, match=f"permissions on job {job}"):
        client(lake, "analyst").jobs.run_now(job)
    asked: Any = [{"group_name": "analysts", "permission_level": "CAN_MANAGE_RUN"}]
    owner.api_client.do("PATCH", f"/api/2.0/permissions/jobs/{job}", body={"access_control_list": asked})
    levels = owner.permissions.get("jobs", str(job)).access_control_list
    assert {
        entry.group_name: entry.all_permissions[0].permission_level for entry in levels or [] if entry.group_name
    } == {  # type: ignore[index]
        "analysts": PermissionLevel.CAN_MANAGE_RUN,
        "admins": PermissionLevel.CAN_MANAGE,
    }
    assert client(lake, "analyst").jobs.run_now(job).result().run_id


def test_the_sql_connector_reads_rows(lake: Workspace) -> None:
    """Over the statements API (`use_sea`), in a session of its own, by links; a refusal is its own error."""
    host, _, port = lake.url.rpartition(":")
    connected = sql.connect(
        server_hostname=host, _port=int(port), http_path="/sql/1.0/warehouses/local", access_token=READER,
        catalog="dev", schema="gold", use_sea=True, enable_telemetry=False,
    )  # fmt: skip
    with connected as connection, connection.cursor() as cursor:
        cursor.execute("SELECT ticker, close FROM prices WHERE close > :least ORDER BY ticker", {"least": 1.0})
        assert [row.asDict() for row in cursor.fetchall()] == ROWS
        assert [column[:2] for column in cursor.description or []] == [("ticker", "string"), ("close", "double")]
        with pytest.raises(ServerOperationError, match=re.escape(REFUSED)):
            cursor.execute("SELECT * FROM hidden")


def test_the_warehouse_is_for_who_may_use_it(lake: Workspace) -> None:
    """Others are told of none, and are refused by statements and sessions alike; its owner lets them in.

    The words are those that brickster (db_req_error_body) and dashboards of the jobs API's reference show.
    """
    other, no_use = client(lake, "drift"), "You do not have permission to use the SQL Warehouse"
    assert [found.id for found in client(lake, "analyst").warehouses.list()] == ["local"]
    assert list(other.warehouses.list()) == []
    host, _, port = lake.url.rpartition(":")
    for warehouse_id, asking in (("local", other), ("another", client(lake, "analyst"))):
        with pytest.raises(PermissionDenied, match=no_use):
            asking.warehouses.get(warehouse_id)
        with pytest.raises(PermissionDenied, match=no_use):
            asking.statement_execution.execute_statement("SELECT 1", warehouse_id)
    with pytest.raises(RequestError, match="status 403"), sql.connect(
        server_hostname=host, _port=int(port), http_path="/sql/1.0/warehouses/local", use_sea=True,
        access_token=ACCOUNT.role("drift").token, enable_telemetry=False,
    ):  # fmt: skip
        pass
    entry = AccessControlRequest(
        service_principal_name=ACCOUNT.role("drift").name, permission_level=PermissionLevel.CAN_USE
    )
    with pytest.raises(PermissionDenied, match="does not have Manage permissions on SQL warehouse"):
        other.permissions.update("warehouses", "local", access_control_list=[entry])
    client(lake, "terraform").permissions.update("warehouses", "local", access_control_list=[entry])
    answer = other.statement_execution.execute_statement("SELECT 1", "local")
    assert answer.status is not None
    assert answer.status.state == StatementState.SUCCEEDED
    listed = client(lake, "terraform").permissions.get("warehouses", "local").access_control_list
    assert {ACCOUNT.role("drift").name, *ACCOUNT.groups} - {"account users"} <= {
        str(each.service_principal_name or each.group_name) for each in listed or []
    }
