"""Row filters and column masks: who reads gets less, whichever way they ask, and what cannot be enforced is refused.

What is expected is read off docs.databricks.com: "ABAC requirements, quotas, and limitations", "Row filter and column
mask policy evaluation and runtime behavior", and the error conditions that statements name; the routes and what their
bodies may have are the SDK's (service/catalog.py: PoliciesAPI, EntityTagAssignmentsAPI, FunctionsAPI).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied, ResourceExhausted
from databricks.sdk.service import catalog as uc

from tests.local.databricks.workspace import ACCOUNT, Workspace

AT = "2.1/unity-catalog"
PIPELINE = ACCOUNT.role("pipeline").name
MADE = (
    "CREATE TABLE dev.gold.quotes USING delta AS SELECT * FROM VALUES "
    "('A', true, 1.5D, 'x'), ('B', false, 2.5D, 'y') AS v (ticker, live, close, note)",
    "CREATE OR REPLACE VIEW dev.gold.above AS SELECT ticker, note FROM dev.gold.quotes",
    "CREATE TABLE dev.gold.open USING delta AS SELECT 1 AS n",
    "CREATE TABLE dev.gold.torn USING delta AS SELECT 1 AS n",
)
ENTITLED = "NOT live OR is_account_group_member('data_engineers')"


def client(workspace: Workspace, role: str = "pipeline") -> WorkspaceClient:
    """The vendor's own client."""
    return WorkspaceClient(host=workspace.url, token=ACCOUNT.role(role).token)


def function(workspace: Workspace, name: str, body: str, kind: str, **parameters: str) -> None:
    """Make a SQL function as the SDK's class says it."""
    given = [
        uc.FunctionParameterInfo(name=n, type_text=t, type_name=uc.ColumnTypeName(t.upper()), position=i)
        for i, (n, t) in enumerate(parameters.items())
    ]
    client(workspace).functions.create(
        uc.CreateFunction(
            name=name, catalog_name="dev", schema_name="gold", routine_definition=body, full_data_type=kind,
            data_type=uc.ColumnTypeName(kind), input_params=uc.FunctionParameterInfos(parameters=given),
            routine_body=uc.CreateFunctionRoutineBody.SQL, parameter_style=uc.CreateFunctionParameterStyle.S,
            is_deterministic=True, is_null_call=False, specific_name=name,
            security_type=uc.CreateFunctionSecurityType.DEFINER,
            sql_data_access=uc.CreateFunctionSqlDataAccess.CONTAINS_SQL,
        )
    )  # fmt: skip


def policy(name: str, **more: Any) -> uc.PolicyInfo:
    """A row filter on the quotes that everyone is under but for the pipeline."""
    filtered = uc.RowFilterOptions("dev.gold.entitled", [uc.FunctionArgument(alias="live")])
    return uc.PolicyInfo(**{
        "name": name, "on_securable_type": uc.SecurableType.TABLE, "on_securable_fullname": "dev.gold.quotes",
        "to_principals": ["account users"], "except_principals": [PIPELINE],
        "for_securable_type": uc.SecurableType.TABLE, "policy_type": uc.PolicyType.POLICY_TYPE_ROW_FILTER,
        "row_filter": filtered, "match_columns": [uc.MatchColumn(alias="live", condition="has_tag('live')")],
    } | more)  # fmt: skip


def mask(name: str, **more: Any) -> uc.PolicyInfo:
    """A mask of what is tagged as personal, on the whole schema, for analysts."""
    masked = uc.ColumnMaskOptions("dev.gold.hidden", "who", [uc.FunctionArgument(constant="'***'")])
    return policy(name, **{
        "on_securable_type": uc.SecurableType.SCHEMA, "on_securable_fullname": "dev.gold", "row_filter": None,
        "to_principals": ["analysts"], "policy_type": uc.PolicyType.POLICY_TYPE_COLUMN_MASK, "column_mask": masked,
        "match_columns": [uc.MatchColumn(alias="who", condition="has_tag_value('personal', 'name')")],
        "when_condition": "has_tag('source') AND NOT has_tag('free')",
    } | more)  # fmt: skip


def tag(workspace: Workspace, kind: str, name: str, key: str, value: str = "") -> None:
    """Put a tag on something."""
    assigned = uc.EntityTagAssignment(entity_type=kind, entity_name=name, tag_key=key, tag_value=value)
    client(workspace).entity_tag_assignments.create(assigned)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Quotes of which some rows are live, a view of them, and a filter and a mask."""
    running = Workspace(tmp_path_factory.mktemp("policies")).start()
    for statement in MADE:
        assert running.sql(statement)["status"]["state"] == "SUCCEEDED"
    for role, held in (("analysts", ["USE_SCHEMA", "SELECT", "MODIFY"]), ("data_engineers", ["USE_SCHEMA", "SELECT"])):
        changes = [{"principal": role, "add": held}]
        running.call("PATCH", f"{AT}/permissions/schema/dev.gold", changes=changes)
    lent = [{"principal": "analysts", "add": ["EXTERNAL_USE_SCHEMA"]}]
    running.call("PATCH", f"{AT}/permissions/schema/dev.gold", by="terraform", changes=lent)
    function(running, "entitled", ENTITLED, "BOOLEAN", live="boolean")
    function(running, "hidden", "CASE WHEN session_user() = 'nobody' THEN text ELSE shown END", "STRING",
             text="string", shown="string")  # fmt: skip
    function(running, "never", "false", "BOOLEAN")
    function(running, "always", "true", "BOOLEAN")
    tag(running, "columns", "dev.gold.quotes.live", "live")
    tag(running, "columns", "dev.gold.quotes.note", "personal", "name")
    tag(running, "schemas", "dev.gold", "source", "polygon")
    client(running).policies.create_policy(policy("entitled rows"))
    client(running).policies.create_policy(mask("names"))
    for name in ("never", "always"):
        both = uc.RowFilterOptions(f"dev.gold.{name}")
        client(running).policies.create_policy(
            policy(name, on_securable_fullname="dev.gold.torn", row_filter=both, match_columns=None)
        )
    yield running
    running.stop()


WAYS = {
    "table": "rows('dev.gold.quotes')",
    "sql": "[list(r) for r in spark.sql('SELECT ticker, note FROM gold.quotes').collect()]",
    "view": "[list(r) for r in spark.table('dev.gold.above').collect()]",
    "counted": "spark.table('dev.gold.quotes').count()",
    "filtered": "spark.sql('SELECT count(*) AS n FROM dev.gold.quotes WHERE live').first().n",
    "joined": "spark.table('dev.gold.open').crossJoin(spark.table('dev.gold.quotes')).count()",
    "query in an expression": "spark.range(1).selectExpr('(SELECT count(*) FROM dev.gold.quotes) AS n').first().n",
    "copied": "[spark.sql('CREATE TEMPORARY VIEW mine AS SELECT * FROM dev.gold.quotes'), rows('mine')][1]",
    "types": "[kind for _, kind in spark.table('dev.gold.quotes').dtypes]",
    "others": "rows('dev.gold.open')",
    "two filters": "rows('dev.gold.torn')",
    "two filters counted": "spark.table('dev.gold.torn').count()",
    "path": "spark.read.format('delta').load({place!r}).collect()",
    "path of the schema": "spark.read.parquet({above!r}).collect()",
    "path with a star": "spark.read.parquet({place!r} + '/*.parquet').collect()",
    "path in SQL": "spark.sql('SELECT * FROM delta.`' + {place!r} + '`').collect()",
    "version": "spark.read.option('versionAsOf', 0).table('dev.gold.quotes').collect()",
    "version in SQL": "spark.sql('SELECT * FROM dev.gold.quotes VERSION AS OF 0').collect()",
    "history": "spark.sql('DESCRIBE HISTORY dev.gold.quotes').collect()",
    "calculated name": "spark.sql(\"SELECT * FROM IDENTIFIER('dev.gold.' || 'quotes')\").collect()",
    "changed": "spark.sql('DELETE FROM dev.gold.quotes')",
    "column added": "spark.sql('ALTER TABLE dev.gold.quotes ADD COLUMNS (n INT)')",
    "overwritten": "spark.table('dev.gold.quotes').write.mode('overwrite').saveAsTable('dev.gold.quotes')",
    "whole": "spark.table('dev.' + whole() + '.gold__quotes').collect()",
    "whole listed": "[t.name for t in spark.catalog.listTables('dev.' + whole())]",
}
CODE = """
import json
def rows(name):
    return [list(row) for row in spark.table(name).collect()]
def whole():
    return next(row[0] for row in spark.sql('SHOW SCHEMAS').collect() if row[0].startswith('whole_'))
found = {}
for name, code in WAYS.items():
    try:
        found[name] = eval(code)
    except Exception as error:
        found[name] = f"{type(error).__name__}: {error}"
dbutils.notebook.exit(json.dumps(found, default=str))
"""


def seen(workspace: Workspace, role: str, *names: str) -> dict[str, Any]:
    """What each way gives somebody; or those that are named."""
    places = {"place": str(workspace.folder / "lake/gold/quotes"), "above": str(workspace.folder / "lake/gold")}
    ways = {name: code.format(**places) if "{" in code else code for name, code in WAYS.items()}
    ways = {name: ways[name] for name in names or WAYS}
    path = workspace.notebook(f"ways_{role}", f"WAYS = {ways!r}\n{CODE}")
    task = {"task_key": "main", "notebook_task": {"notebook_path": path}}
    run = workspace.call("POST", "2.2/jobs/runs/submit", by=role, run_name="ways", tasks=[task])["run_id"]
    while (found := workspace.call("GET", "2.2/jobs/runs/get", by=role, run_id=run))["status"]["state"] != "TERMINATED":
        pass
    output = workspace.call("GET", "2.2/jobs/runs/get-output", by=role, run_id=found["tasks"][0]["run_id"])
    assert "error" not in output, output
    return dict(json.loads(output["notebook_output"]["result"]))


def test_a_reader_sees_less_whichever_way_they_ask(lake: Workspace) -> None:
    """Rows and columns are held back in SQL, DataFrames and views; other ways to the table are closed."""
    found = seen(lake, "analyst")
    assert {name: found.pop(name) for name in list(WAYS)[:10]} == {
        "table": [["B", False, 2.5, "***"]],
        "sql": [["B", "***"]],
        "view": [["B", "***"]],
        "counted": 1,
        "filtered": 0,
        "joined": 1,
        "query in an expression": 1,
        "copied": [["B", False, 2.5, "***"]],
        "types": ["string", "boolean", "double", "string"],
        "others": [[1]],
    }
    refused = {
        "two filters": "More than one row filter applies to dev.gold.torn for analyst@example.com.",
        "two filters counted": "More than one row filter applies to dev.gold.torn",
        "path": "Path-based access",
        "path of the schema": "Path-based access",
        "path with a star": "Path-based access",
        "path in SQL": "Path-based access",
        "version": "[ROW_LEVEL_SECURITY_COLUMN_MASK_FEATURE_NOT_SUPPORTED.TIME_TRAVEL]",
        "version in SQL": "time travel is not supported",
        "history": "[ROW_LEVEL_SECURITY_COLUMN_MASK_FEATURE_NOT_SUPPORTED.DESCRIBE_HISTORY]",
        "calculated name": "IDENTIFIER",
        "changed": "is not served here",
        "column added": "is not served here",
        "overwritten": "is not served here",
        "whole": "does not exist",
        "whole listed": "does not exist",
    }
    assert {name: text for name, text in refused.items() if text not in str(found[name])} == {}, found
    assert set(refused) == set(found)


def test_who_is_exempt_or_entitled_sees_all(lake: Workspace) -> None:
    """The principal that the jobs run as keeps gold whole; a group of the function sees live rows, and no mask."""
    found = seen(lake, "pipeline", "counted", "joined", "table", "version", "path")
    assert found["counted"] == found["joined"] == 2
    assert found["table"] == [["A", True, 1.5, "x"], ["B", False, 2.5, "y"]]
    assert len(found["version"]) == 2
    assert "permission SELECT on any file" in found["path"], (
        "refused by rights, as every folder outside of all locations"
    )
    answer = lake.sql("SELECT ticker, note FROM dev.gold.above ORDER BY 1", by="data_engineer")
    assert answer["result"]["data_array"] == [["A", "x"], ["B", "y"]]
    made = lake.sql("SELECT count(*) FROM dev.gold.quotes")
    assert made["result"]["data_array"] == [["2"]]


def test_credentials_to_a_table_are_for_who_sees_all_of_it(lake: Workspace) -> None:
    """They open its files, of which no filter holds."""
    reader = client(lake, "analyst")
    for name, refused in (("open", False), ("quotes", True)):
        asked = {"operation": uc.TableOperation.READ, "table_id": reader.tables.get(f"dev.gold.{name}").table_id}
        if refused:
            with pytest.raises(PermissionDenied, match="row filters or column masks"):
                reader.temporary_table_credentials.generate_temporary_table_credentials(**asked)
        else:
            assert reader.temporary_table_credentials.generate_temporary_table_credentials(**asked).url


def test_a_policy_is_told_changed_and_removed(lake: Workspace) -> None:
    """By the SDK's own classes; a list begins with an empty page that has another after it."""
    own = client(lake).policies
    page = lake.call("GET", f"{AT}/policies/table/dev.gold.quotes")
    assert page == {"next_page_token": "0"}
    names = {found.name for found in own.list_policies("table", "dev.gold.quotes", include_inherited=True)}
    assert names == {"entitled rows", "names"}
    made = own.create_policy(policy("for a while", to_principals=["data_scientists"], comment="trial"))
    assert (made.created_by, made.comment) == (PIPELINE, "trial")
    changed = policy("for a while", to_principals=["analysts"])
    own.update_policy("table", "dev.gold.quotes", "for a while", changed, update_mask="to_principals,comment")
    found = own.get_policy("table", "dev.gold.quotes", "for a while")
    assert (found.to_principals, found.comment, found.except_principals) == (["analysts"], None, [PIPELINE])
    own.delete_policy("table", "dev.gold.quotes", "for a while")
    with pytest.raises(NotFound, match="does not exist on"):
        own.get_policy("table", "dev.gold.quotes", "for a while")


FILTER = uc.RowFilterOptions("dev.gold.entitled", [uc.FunctionArgument(alias="live")])


@pytest.mark.parametrize(
    ("refused", "error", "words"),
    [
        ({"on_securable_fullname": "dev.gold.above"}, BadRequest, "cannot be applied directly to views"),
        ({"on_securable_fullname": "dev.gold.absent"}, NotFound, "does not exist"),
        ({"row_filter": uc.RowFilterOptions("dev.gold.unknown")}, NotFound, "'dev.gold.unknown' does not exist"),
        ({"row_filter": uc.RowFilterOptions("dev.gold.entitled")}, BadRequest, "takes 1 arguments, not 0"),
        ({"row_filter": None}, BadRequest, "has row_filter"),
        ({"to_principals": ["analysts"] * 10, "except_principals": ["data_engineers"] * 11}, BadRequest, "at most 20"),
        ({"to_principals": ["nobody"]}, NotFound, "Could not find principal with name nobody"),
        ({"match_columns": [uc.MatchColumn("live", "has_tag('a')")] * 4}, BadRequest, "at most 3 column conditions"),
        ({"match_columns": [uc.MatchColumn("live", "name = 'live'")]}, BadRequest, "has_tag"),
        ({"when_condition": "has_tag("}, BadRequest, "cannot be parsed"),
        ({"match_columns": [uc.MatchColumn("other", "true")]}, BadRequest, "'live' in 'using' is no alias"),
        ({"on_securable_type": uc.SecurableType.VOLUME}, BadRequest, "are not supported"),
        ({"policy_type": uc.PolicyType.POLICY_TYPE_DENY}, BadRequest, "policy_type must be one of"),
    ],
)  # fmt: skip
def test_what_the_service_would_refuse_is_refused(
    lake: Workspace, refused: dict[str, Any], error: type[Exception], words: str
) -> None:
    """And nothing is kept of it."""
    with pytest.raises(error, match=words.replace("(", r"\(")):
        client(lake).policies.create_policy(policy("wrong", **refused))
    assert "wrong" not in {found.name for found in client(lake).policies.list_policies("table", "dev.gold.quotes")}


def test_a_table_has_at_most_fifty_policies_and_who_does_not_manage_it_sees_none(lake: Workspace) -> None:
    """The quota of the service's page."""
    own = client(lake).policies
    more = {"on_securable_fullname": "dev.gold.open", "to_principals": ["data_scientists"]}
    for number in range(50):
        own.create_policy(policy(f"p{number}", **more))
    with pytest.raises(ResourceExhausted, match="more than 50 policies on a table"):
        own.create_policy(policy("p50", **more))
    listed = [found.name for found in own.list_policies("table", "dev.gold.open")]
    assert len(listed) == len(set(listed)) == 50
    with pytest.raises(PermissionDenied, match="does not have MANAGE"):
        list(client(lake, "analyst").policies.list_policies("table", "dev.gold.open"))


def test_a_function_that_is_gone_closes_its_tables(lake: Workspace) -> None:
    """As the service does where a policy's function was dropped, to those under the policy alone."""
    function(lake, "passing", "true", "BOOLEAN")
    passing = uc.RowFilterOptions("dev.gold.passing")
    gone = policy("gone", to_principals=["data_scientists"], row_filter=passing, match_columns=None,
                  on_securable_fullname="dev.gold.torn")  # fmt: skip
    client(lake).policies.create_policy(gone)
    client(lake).functions.delete("dev.gold.passing")
    changes = [{"principal": "data_scientists", "add": ["USE_SCHEMA", "SELECT"]}]
    lake.call("PATCH", f"{AT}/permissions/schema/dev.gold", changes=changes)
    status = lake.sql("SELECT * FROM dev.gold.torn", by="data_scientist")["status"]
    assert "dev.gold.passing of a policy on dev.gold.torn does not exist" in status["error"]["message"]


def test_tags_are_assigned_once_changed_and_removed(lake: Workspace) -> None:
    """On a table, a view and a column; for who may tag them."""
    own = client(lake).entity_tag_assignments
    tag(lake, "tables", "dev.gold.above", "layer", "gold")
    with pytest.raises(Exception, match="already exists"):
        tag(lake, "tables", "dev.gold.above", "layer", "gold")
    changed = uc.EntityTagAssignment("dev.gold.above", "layer", "tables", tag_value="silver")
    own.update("tables", "dev.gold.above", "layer", changed, update_mask="tag_value")
    assert [(found.tag_key, found.tag_value) for found in own.list("tables", "dev.gold.above")] == [("layer", "silver")]
    own.delete("tables", "dev.gold.above", "layer")
    assert list(own.list("tables", "dev.gold.above")) == []
    for kind, name, wrong in (
        ("columns", "dev.gold.quotes.absent", "does not exist"),
        ("tables", "dev.gold.absent", "does not exist"),
        ("shares", "dev.gold", "entity_type must be one of"),
    ):
        with pytest.raises(Exception, match=wrong):
            tag(lake, kind, name, "layer", "gold")
    with pytest.raises(BadRequest, match="no key of a tag"):
        tag(lake, "tables", "dev.gold.above", "a.b")
    with pytest.raises(PermissionDenied, match="does not have APPLY TAG"):
        client(lake, "analyst").entity_tag_assignments.create(
            uc.EntityTagAssignment("dev.gold.above", "layer", "tables")
        )


def test_changes_are_told_by_the_audit_table(lake: Workspace) -> None:
    """Who, what and how it ended, in the columns of the service's table; for who may read it."""
    lake.call("DELETE", f"{AT}/policies/table/dev.gold.quotes/absent", status=403, by="analyst")
    asked = (
        "SELECT user_identity.email, request_params['name'], response.status_code FROM system.access.audit "
        "WHERE service_name = 'unityCatalog' AND action_name IN ('createPolicy', 'deletePolicy') "
        "AND request_params['name'] IN ('names', 'absent') ORDER BY event_time"
    )
    found = lake.sql(asked)["result"]["data_array"]
    assert found == [[PIPELINE, "names", "200"], ["analyst@example.com", "absent", "403"]]
    status = lake.sql(asked, by="analyst")["status"]
    assert "User does not have USE SCHEMA on Schema 'system.access'." in status["error"]["message"]
