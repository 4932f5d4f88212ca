"""Statements, notebooks and reads of tables obey grants, and are refused in the service's words.

The privileges are those of the API's reference (databricks-sdk, service/catalog.py: TablesAPI, SchemasAPI, GrantsAPI)
and of docs.databricks.com, "Unity Catalog privileges reference". The words of a statement's refusal, as warehouses and
notebooks give it: open-metadata/OpenMetadata#23728; of a REST call's: Azure/spark-cdm-connector#149.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.local.databricks.workspace import ACCOUNT, Workspace

AT = "2.1/unity-catalog"
MADE = (
    "CREATE TABLE dev.gold.prices USING delta AS SELECT 'A' AS ticker, 1 AS close",
    "CREATE TABLE dev.gold.hidden USING delta AS SELECT 'B' AS ticker, 2 AS close",
    "CREATE TABLE dev.silver.raw USING delta AS SELECT 'A' AS ticker, 3 AS close",
    "CREATE OR REPLACE VIEW dev.gold.adjusted (ticker, close) AS SELECT ticker, close FROM dev.silver.raw",
)


def grant(workspace: Workspace, kind: str, name: str, to: str, *add: str, by: str = "pipeline") -> None:
    """Give somebody privileges."""
    changes = [{"principal": to, "add": list(add)}]
    workspace.call("PATCH", f"{AT}/permissions/{kind}/{name}", by=by, changes=changes)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Tables of the pipeline; analysts read one of gold and a view, and write to another."""
    running = Workspace(tmp_path_factory.mktemp("rights")).start()
    for statement in MADE:
        assert running.sql(statement)["status"]["state"] == "SUCCEEDED"
    grant(running, "schema", "dev.gold", "analysts", "USE_SCHEMA")
    for table in ("prices", "adjusted"):
        grant(running, "table", f"dev.gold.{table}", "analysts", "SELECT")
    grant(running, "table", "dev.gold.hidden", "data_engineers", "SELECT")
    yield running
    running.stop()


def refusal(workspace: Workspace, statement: str, by: str = "analyst", **more: Any) -> str:
    """Why a statement is refused, "" where it is not."""
    status = workspace.sql(statement, by=by, **more)["status"]
    if status["state"] == "SUCCEEDED":
        return ""
    message = str(status["error"]["message"])
    start, end = "[INSUFFICIENT_PERMISSIONS] Insufficient privileges:\n", " SQLSTATE: 42501"
    assert start in message, message
    return message.partition(start)[2].removesuffix(end)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM dev.gold.prices",
        "SELECT * FROM gold.adjusted",
        "WITH hidden AS (SELECT close FROM dev.gold.prices) SELECT * FROM hidden",
        "SELECT 1 AS one",
        "SHOW TABLES IN dev.gold",
        "DESCRIBE TABLE dev.gold.prices",
        "DESCRIBE HISTORY dev.gold.prices",
        "EXPLAIN SELECT * FROM dev.gold.prices",
    ],
)
def test_who_has_the_right_is_answered(lake: Workspace, statement: str) -> None:
    """A view is read with the rights of who made it: silver, on which it stands, the reader may not read."""
    assert refusal(lake, statement) == ""


NO_SELECT = "User does not have SELECT on Table 'dev.gold.hidden'."
NO_MODIFY = "User does not have MODIFY on Table 'dev.gold.prices'."
NO_MANAGE = "User does not have MANAGE on Table 'dev.gold.prices'."
NO_SILVER = "User does not have USE SCHEMA on Schema 'dev.silver'."
NO_CREATE = "User does not have CREATE TABLE on Schema 'dev.gold'."


@pytest.mark.parametrize(
    ("statement", "lacking"),
    [
        ("SELECT * FROM dev.gold.hidden", NO_SELECT),
        ("SELECT * FROM `dev`.`gold`.`hidden`", NO_SELECT),
        ("SELECT * FROM Dev.Gold.HIDDEN", NO_SELECT),
        ("SELECT * FROM gold.prices JOIN gold.hidden USING (ticker)", NO_SELECT),
        ("SELECT (SELECT max(close) FROM dev.gold.hidden) AS m", NO_SELECT),
        ("WITH x AS (SELECT * FROM dev.gold.hidden) SELECT * FROM x", NO_SELECT),
        ("TABLE dev.gold.hidden", NO_SELECT),
        ("EXPLAIN SELECT * FROM dev.gold.hidden", NO_SELECT),
        ("DESCRIBE HISTORY dev.gold.hidden", NO_SELECT),
        ("SHOW TBLPROPERTIES dev.gold.hidden", NO_SELECT),
        ("CREATE TEMPORARY VIEW mine AS SELECT * FROM dev.gold.hidden", NO_SELECT),
        ("SELECT * FROM dev.silver.raw", NO_SILVER),
        ("SELECT * FROM dev.silver.absent", NO_SILVER),
        ("SHOW TABLES IN dev.silver", NO_SILVER),
        ("USE SCHEMA silver", NO_SILVER),
        ("INSERT INTO dev.gold.prices SELECT 'C', 1", NO_MODIFY),
        ("INSERT INTO dev.gold.prices REPLACE WHERE true SELECT 'C', 1", NO_MODIFY),
        ("UPDATE dev.gold.prices SET close = 0", NO_MODIFY),
        ("DELETE FROM dev.gold.prices", NO_MODIFY),
        ("MERGE INTO dev.gold.prices USING dev.gold.adjusted ON true WHEN MATCHED THEN DELETE", NO_MODIFY),
        ("TRUNCATE TABLE dev.gold.prices", NO_MODIFY),
        ("ALTER TABLE dev.gold.prices ADD COLUMNS (n INT)", NO_MODIFY),
        ("OPTIMIZE dev.gold.prices", NO_MODIFY),
        ("DROP TABLE dev.gold.prices", NO_MANAGE),
        ("CREATE OR REPLACE TABLE dev.gold.prices (n INT) USING delta", NO_MANAGE),
        ("CREATE TABLE dev.gold.mine USING delta AS SELECT 1 AS n", NO_CREATE),
        ("CREATE OR REPLACE VIEW dev.gold.mine AS SELECT * FROM dev.gold.prices", NO_CREATE),
        ("CREATE SCHEMA dev.mine", "User does not have CREATE SCHEMA on Catalog 'dev'."),
    ],
)
def test_who_lacks_a_right_is_refused(lake: Workspace, statement: str, lacking: str) -> None:
    """With the privilege and the securable, from the catalog down; nothing is changed."""
    assert refusal(lake, statement) == lacking
    assert lake.sql("SELECT ticker, close FROM dev.gold.prices")["result"]["data_array"] == [["A", "1"]]


def test_a_name_means_what_the_statements_schema_says(lake: Workspace) -> None:
    """Without a catalog and a schema in it, too, and behind a name that a query gives itself."""
    at = {"catalog": "dev", "schema": "gold"}
    assert refusal(lake, "SELECT * FROM prices", **at) == ""
    assert refusal(lake, "SELECT * FROM hidden", **at) == NO_SELECT
    assert refusal(lake, "WITH hidden AS (SELECT * FROM hidden) SELECT * FROM hidden", **at) == NO_SELECT


def output_of(workspace: Workspace, notebook: str) -> Any:
    """What a notebook leaves that an analyst runs."""
    task = {"task_key": "main", "notebook_task": {"notebook_path": notebook}}
    run = workspace.call("POST", "2.2/jobs/runs/submit", by="analyst", run_name="own", tasks=[task])["run_id"]
    asked = {"by": "analyst", "run_id": run}
    while (found := workspace.call("GET", "2.2/jobs/runs/get", **asked))["status"]["state"] != "TERMINATED":
        time.sleep(0.02)
    return workspace.call("GET", "2.2/jobs/runs/get-output", by="analyst", run_id=found["tasks"][0]["run_id"])


@pytest.mark.parametrize(
    "code",
    [
        "spark.sql('SELECT * FROM dev.gold.hidden').collect()",
        "spark.table('dev.gold.hidden').count()",
        "spark.read.table('gold.hidden').schema",
        "spark.table('dev.gold.prices').join(spark.table('dev.gold.hidden'), 'ticker').collect()",
        "spark.createDataFrame(spark.table('dev.gold.hidden').toPandas())",
        "spark.table('dev.gold.hidden').createOrReplaceTempView('seen'); spark.sql('SELECT * FROM seen').collect()",
        "spark.catalog.listColumns('dev.gold.hidden')",
        "spark.catalog.getTable('dev.gold.hidden')",
    ],
)
def test_a_notebook_obeys_grants(lake: Workspace, code: str) -> None:
    """Whichever way it names a table; its run fails with the words that a statement fails with."""
    output = output_of(lake, lake.notebook("reads", code))
    assert f"[INSUFFICIENT_PERMISSIONS] Insufficient privileges:\n{NO_SELECT} SQLSTATE: 42501" in output["error"]


@pytest.mark.parametrize(
    ("code", "lacking"),
    [
        ("spark.range(1).write.saveAsTable('dev.gold.mine')", NO_CREATE),
        ("spark.table('dev.gold.prices').write.mode('append').saveAsTable('dev.gold.prices')", NO_MODIFY),
        ("spark.table('dev.gold.prices').writeTo('dev.gold.prices').append()", NO_MODIFY),
        ("spark.catalog.createTable('dev.gold.mine', source='delta', schema=spark.range(1).schema)", NO_CREATE),
    ],
)
def test_a_notebook_writes_with_the_right_to(lake: Workspace, code: str, lacking: str) -> None:
    """A DataFrame's write is a table's, made or changed."""
    assert lacking in output_of(lake, lake.notebook("writes", code))["error"]


def test_a_job_runs_with_the_rights_of_who_it_runs_as(lake: Workspace) -> None:
    """Who starts it needs none of them."""
    job = lake.job("own", lake.notebook("own", "dbutils.notebook.exit(str(spark.table('dev.silver.raw').count()))"))
    entry = {"group_name": "analysts", "permission_level": "CAN_MANAGE_RUN"}
    lake.call("PATCH", f"2.0/permissions/jobs/{job}", access_control_list=[entry])
    run = lake.call("POST", "2.2/jobs/run-now", by="analyst", job_id=job)["run_id"]
    assert lake.output(lake.wait(run))["notebook_output"]["result"] == "1"


def test_a_table_is_told_to_who_may_read_it(lake: Workspace) -> None:
    """GET refuses, a list leaves out; who owns it, or the catalog that it lies in, sees it."""
    for table, lacking in (("gold.hidden", NO_SELECT), ("silver.raw", NO_SILVER)):
        answer = lake.call("GET", f"{AT}/tables/dev.{table}", status=403, by="analyst")
        assert answer == {"error_code": "PERMISSION_DENIED", "message": lacking}
        for role in ("pipeline", "terraform"):
            told = lake.call("GET", f"{AT}/tables/dev.{table}", by=role)
            assert told["owner"] == ACCOUNT.role("pipeline").name

    def listed(role: str, schema: str = "gold") -> list[str]:
        answer = lake.call("GET", f"{AT}/tables", by=role, catalog_name="dev", schema_name=schema)
        return [table["name"] for table in answer.get("tables", [])]

    assert listed("analyst") == ["adjusted", "prices"]
    assert listed("analyst", "silver") == listed("data_scientist") == []
    assert listed("pipeline") == ["adjusted", "hidden", "prices"]


def test_a_schema_is_told_to_who_may_use_it(lake: Workspace) -> None:
    """And made and dropped by who may."""
    asked = {"catalog_name": "dev"}
    assert [s["name"] for s in lake.call("GET", f"{AT}/schemas", by="analyst", **asked)["schemas"]] == ["gold"]
    assert len(lake.call("GET", f"{AT}/schemas", by="terraform", **asked)["schemas"]) == 3
    refused = lake.call("GET", f"{AT}/schemas/dev.silver", status=403, by="analyst")
    assert refused == {"error_code": "PERMISSION_DENIED", "message": NO_SILVER}
    refused = lake.call("POST", f"{AT}/schemas", status=403, by="analyst", name="mine", **asked)
    assert refused["message"] == "User does not have CREATE SCHEMA on Catalog 'dev'."
    assert lake.call("POST", f"{AT}/schemas", name="mine", **asked)["owner"] == ACCOUNT.role("pipeline").name
    refused = lake.call("DELETE", f"{AT}/schemas/dev.mine", status=403, by="analyst")
    assert refused["message"] == "User does not have MANAGE on Schema 'dev.mine'."
    lake.call("DELETE", f"{AT}/schemas/dev.mine")


@pytest.mark.parametrize(
    ("role", "kind", "name"),
    [("analyst", "table", "dev.gold.prices"), ("data_engineer", "schema", "dev.gold"), ("pipeline", "catalog", "dev")],
)
def test_who_does_not_own_a_securable_gives_no_rights_on_it(lake: Workspace, role: str, kind: str, name: str) -> None:
    """Not even to themselves; grants on the catalog are Terraform's alone."""
    changes = [{"principal": "analysts", "add": ["MODIFY"]}]
    answer = lake.call("PATCH", f"{AT}/permissions/{kind}/{name}", status=403, by=role, changes=changes)
    assert answer["message"] == f"User does not have MANAGE on {kind.capitalize()} '{name}'."
    held = lake.call("GET", f"{AT}/permissions/{kind}/{name}", by="terraform")["privilege_assignments"]
    assert "MODIFY" not in [privilege for each in held for privilege in each["privileges"]]


@pytest.mark.parametrize("call", ["permissions", "effective-permissions"])
def test_grants_are_read_by_who_manages_the_securable(lake: Workspace, call: str) -> None:
    """Its owner, an owner of what it lies in, who has MANAGE; one's own by everyone (the reference's SHOW GRANTS)."""
    path, own = f"{AT}/{call}/table/dev.gold.prices", ACCOUNT.role("analyst").name
    for role in ("pipeline", "terraform", "drift"):
        told = lake.call("GET", path, by=role)["privilege_assignments"]
        assert "analysts" in [each["principal"] for each in told]
    for asked in ({}, {"principal": "analysts"}, {"principal": ACCOUNT.role("pipeline").name}):
        assert lake.call("GET", path, status=403, by="analyst", **asked)["message"] == NO_MANAGE
    grant(lake, "table", "dev.gold.prices", own, "APPLY_TAG")
    (mine,) = lake.call("GET", path, by="analyst", principal=own)["privilege_assignments"]
    assert mine["principal"] == own


@pytest.mark.parametrize(
    ("role", "statement", "names"),
    [
        ("analyst", "SHOW TABLES IN dev.gold", ["adjusted", "prices"]),
        ("analyst", "SHOW TABLES IN dev.gold LIKE 'hidden'", []),
        ("pipeline", "SHOW TABLES IN dev.gold", ["adjusted", "hidden", "prices"]),
        ("terraform", "SHOW TABLES IN dev.gold", None),
    ],
)
def test_a_list_of_tables_has_those_that_may_be_read(
    lake: Workspace, role: str, statement: str, names: list[str] | None
) -> None:
    """By SQL SELECT, USE SCHEMA and USE CATALOG are looked at (docs.databricks.com, "Explore database objects")."""
    if names is None:
        assert refusal(lake, statement, by=role) == "User does not have USE SCHEMA on Schema 'dev.gold'."
        return
    rows = lake.sql(statement, by=role).get("result", {}).get("data_array") or []
    assert sorted(row[1] for row in rows) == names


def test_a_notebook_lists_the_same(lake: Workspace) -> None:
    """Tables and schemas, by SQL and by the catalog's own calls."""
    code = (
        "schemas = [row[0] for row in spark.sql('SHOW SCHEMAS IN dev').collect()]",
        "tables = [table.name for table in spark.catalog.listTables('dev.gold')]",
        "known = [name for name in ('prices', 'hidden') if spark.catalog.tableExists(f'dev.gold.{name}')]",
        "dbutils.notebook.exit(' '.join([*sorted(tables), *sorted(schemas), *known]))",
    )
    found = output_of(lake, lake.notebook("lists", *code))
    assert found["notebook_output"]["result"].split() == ["adjusted", "prices", "default", "gold", "prices"]
    refused = output_of(lake, lake.notebook("lists_silver", "spark.catalog.listTables('dev.silver')"))
    assert NO_SILVER in refused["error"]


def test_what_may_be_browsed_is_told_of_when_asked_for(lake: Workspace) -> None:
    """By `include_browse`, to who has BROWSE: without its place, and marked."""
    asked = {"by": "analyst", "include_browse": "true"}
    told = lake.call("GET", f"{AT}/tables", catalog_name="dev", schema_name="gold", **asked)["tables"]
    assert {table["name"]: table.get("browse_only", False) for table in told} == {
        "adjusted": False,
        "hidden": True,
        "prices": False,
    }
    assert all(("storage_location" in table) == (table["name"] == "prices") for table in told)
    assert lake.call("GET", f"{AT}/tables/dev.silver.raw", **asked)["browse_only"] is True
    schemas = lake.call("GET", f"{AT}/schemas", catalog_name="dev", **asked)["schemas"]
    assert {s["name"]: s.get("browse_only", False) for s in schemas} == {"silver": True, "gold": False, "quality": True}
    assert lake.call("GET", f"{AT}/schemas/dev.silver", **asked)["browse_only"] is True
    for path in ("tables/dev.silver.raw", "schemas/dev.silver"):
        assert lake.call("GET", f"{AT}/{path}", status=403, by="analyst")["message"] == NO_SILVER


def test_the_catalog_is_told_to_who_may_use_it(lake: Workspace) -> None:
    """Who deploys uses it for a model's sake; without that right it is not there."""
    for who in ("analyst", "bundle"):
        assert [found["name"] for found in lake.call("GET", f"{AT}/catalogs", by=who)["catalogs"]] == ["dev"]
    path, bundle = f"{AT}/permissions/catalog/dev", ACCOUNT.role("bundle").name
    lake.call("PATCH", path, by="terraform", changes=[{"principal": bundle, "remove": ["USE_CATALOG"]}])
    try:
        for asked in ({}, {"include_browse": "true"}):
            assert lake.call("GET", f"{AT}/catalogs", by="bundle", **asked) == {}
            refused = lake.call("GET", f"{AT}/catalogs/dev", status=403, by="bundle", **asked)
            assert refused["message"] == "User does not have USE CATALOG on Catalog 'dev'."
    finally:
        lake.call("PATCH", path, by="terraform", changes=[{"principal": bundle, "add": ["USE_CATALOG"]}])


def test_a_statement_is_whose_it_is(lake: Workspace) -> None:
    """Nobody else reads its rows."""
    statement = lake.sql("SELECT close FROM dev.gold.hidden")["statement_id"]
    assert lake.call("GET", f"2.0/sql/statements/{statement}")["result"]["data_array"] == [["2"]]
    lake.call("GET", f"2.0/sql/statements/{statement}", status=404, by="analyst")


def test_a_view_that_is_replaced_loses_its_grants(own_workspace: Workspace) -> None:
    """CREATE OR REPLACE VIEW is DROP and CREATE; a table that is replaced, or asked for again, keeps its readers."""
    own_workspace.start()
    view, table = "dev.gold.ones", "dev.gold.twos"
    own_workspace.sql(f"CREATE OR REPLACE VIEW {view} AS SELECT 1 AS n")
    own_workspace.sql(f"CREATE TABLE {table} (n INT) USING delta")
    grant(own_workspace, "schema", "dev.gold", "analysts", "USE_SCHEMA")
    for name in (view, table):
        grant(own_workspace, "table", name, "analysts", "SELECT")
    own_workspace.sql(f"CREATE VIEW IF NOT EXISTS {view} AS SELECT 2 AS n")
    own_workspace.sql(f"CREATE OR REPLACE TABLE {table} (n INT, m INT) USING delta")
    assert refusal(own_workspace, f"SELECT * FROM {view}") == refusal(own_workspace, f"SELECT * FROM {table}") == ""
    own_workspace.sql(f"CREATE OR REPLACE VIEW {view} AS SELECT 1 AS n")
    assert own_workspace.call("GET", f"{AT}/permissions/table/{view}") == {}
    assert refusal(own_workspace, f"SELECT * FROM {view}") == f"User does not have SELECT on Table '{view}'."
    own_workspace.sql(f"DROP TABLE {table}")
    own_workspace.sql(f"CREATE TABLE {table} (n INT) USING delta")
    assert own_workspace.call("GET", f"{AT}/permissions/table/{table}") == {}


def test_what_somebody_makes_is_theirs(own_workspace: Workspace) -> None:
    """They write and grant it; who owns the schema may grant and drop it, and does not read it."""
    own_workspace.start()
    grant(own_workspace, "schema", "dev.gold", "data_engineers", "USE_SCHEMA", "CREATE_TABLE")
    made = "CREATE TABLE dev.gold.mine USING delta AS SELECT 1 AS n"
    assert refusal(own_workspace, made, by="data_engineer") == ""
    assert refusal(own_workspace, "INSERT INTO dev.gold.mine VALUES (2)", by="data_engineer") == ""
    own_workspace.stop()
    own_workspace.start()
    assert own_workspace.call("GET", f"{AT}/tables/dev.gold.mine")["owner"] == "data_engineer@example.com"
    lacking = "User does not have SELECT on Table 'dev.gold.mine'."
    assert refusal(own_workspace, "SELECT * FROM dev.gold.mine", by="pipeline") == lacking
    grant(own_workspace, "table", "dev.gold.mine", "analysts", "SELECT", by="data_engineer")
    refused = own_workspace.call("DELETE", f"{AT}/tables/dev.gold.mine", status=403, by="analyst")
    assert refused["message"] == "User does not have MANAGE on Table 'dev.gold.mine'."
    own_workspace.call("DELETE", f"{AT}/tables/dev.gold.mine")
    assert refusal(own_workspace, made, by="pipeline") == ""
    assert own_workspace.call("GET", f"{AT}/tables/dev.gold.mine")["owner"] == ACCOUNT.role("pipeline").name
    assert refusal(own_workspace, "DROP TABLE dev.gold.mine", by="pipeline") == ""


def test_people_work_where_terraform_lets_them(own_workspace: Workspace) -> None:
    """In the sandbox both make tables, each their own; features are written by who trains."""
    lake = own_workspace.folder / "lake"
    own_workspace.schemas = {name: str(lake / name) for name in ("gold", "sandbox", "features")}
    own_workspace.start()
    made = "CREATE TABLE dev.{}.{} USING delta AS SELECT 1 AS n"
    for role in ("data_engineer", "data_scientist"):
        assert refusal(own_workspace, made.format("sandbox", f"of_{role}"), by=role) == ""
    assert refusal(own_workspace, "DROP TABLE dev.sandbox.of_data_engineer", by="data_scientist") == (
        "User does not have MANAGE on Table 'dev.sandbox.of_data_engineer'."
    )
    assert refusal(own_workspace, made.format("features", "f"), by="data_scientist") == ""
    assert refusal(own_workspace, "SELECT * FROM dev.features.f", by="data_engineer") == ""
    lacking = "User does not have CREATE TABLE on Schema 'dev.features'."
    assert refusal(own_workspace, made.format("features", "g"), by="data_engineer") == lacking
    lacking = "User does not have USE SCHEMA on Schema 'dev.sandbox'."
    assert refusal(own_workspace, made.format("sandbox", "g"), by="analyst") == lacking
