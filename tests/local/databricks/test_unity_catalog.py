"""Unity Catalog's calls: grants direct and effective, tables and columns with their comments, on S3 too."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from tests.local.databricks.workspace import Workspace
from tests.moto_server import moto_server

AT = "2.1/unity-catalog"


@pytest.fixture(scope="module")
def table(workspace: Workspace) -> str:
    """A table with commented columns."""
    columns = "ticker STRING COMMENT 'symbol', close DOUBLE COMMENT 'USD', n BIGINT"
    statement = f"CREATE TABLE IF NOT EXISTS dev.gold.described ({columns}) USING delta"
    assert workspace.sql(statement)["status"]["state"] == "SUCCEEDED"
    return "dev.gold.described"


def _change(workspace: Workspace, kind: str, name: str, *, status: int = 200, **change: object) -> dict:
    path = f"{AT}/permissions/{kind}/{name}"
    return workspace.call("PATCH", path, status=status, changes=[{"principal": "analysts", **change}])


def test_grant_and_revoke(workspace: Workspace, table: str) -> None:
    """A grant is answered and read back; revoked, its principal is gone."""
    given = {"privilege_assignments": [{"principal": "analysts", "privileges": ["SELECT"]}]}
    assert _change(workspace, "table", table, add=["SELECT"]) == given
    assert workspace.call("GET", f"{AT}/permissions/table/{table}") == given
    _change(workspace, "table", table, remove=["SELECT"])
    assert workspace.call("GET", f"{AT}/permissions/table/{table}") == {}


REFUSED = {
    "both": (
        "table",
        "dev.gold.described",
        {"add": ["SELECT"], "remove": ["SELECT"]},
        400,
        "both added to and removed",
    ),
    "privilege": ("table", "dev.gold.described", {"add": ["USE_SCHEMA"]}, 400, "not applicable to this entity"),
    "table": ("table", "dev.gold.absent", {"add": ["SELECT"]}, 404, "Table 'dev.gold.absent' does not exist."),
    "schema": ("schema", "dev.brass", {"add": ["SELECT"]}, 404, "Schema 'dev.brass' does not exist."),
    "catalog": ("catalog", "prod", {"add": ["SELECT"]}, 404, "Catalog 'prod' does not exist."),
    "type": ("tabel", "dev.gold.described", {"add": ["SELECT"]}, 400, "Securable type tabel is not one of"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_change_changes_nothing(workspace: Workspace, table: str, case: str) -> None:
    """A change that the service would refuse is refused, and nothing of it is applied."""
    kind, name, change, status, message = REFUSED[case]
    assert message in _change(workspace, kind, name, status=status, **change)["message"]
    assert workspace.call("GET", f"{AT}/permissions/table/{table}") == {}


def test_effective_permissions_tell_where_they_come_from(workspace: Workspace, table: str) -> None:
    """A schema's SELECT is effective on its table, and told as inherited; the direct grants do not have it."""
    _change(workspace, "schema", "dev.gold", add=["SELECT", "USE_SCHEMA"])
    told = workspace.call("GET", f"{AT}/effective-permissions/table/{table}")["privilege_assignments"]
    (found,) = [each for each in told if each["principal"] == "analysts"]
    source = {"inherited_from_type": "SCHEMA", "inherited_from_name": "dev.gold"}
    assert found == {"principal": "analysts", "privileges": [{"privilege": "SELECT", **source}]}
    assert workspace.call("GET", f"{AT}/permissions/table/{table}") == {}
    _change(workspace, "schema", "dev.gold", remove=["SELECT", "USE_SCHEMA"])


def test_page_length_is_checked(workspace: Workspace) -> None:
    """A page shorter than the service allows is refused."""
    answer = workspace.call("GET", f"{AT}/permissions/catalog/dev", status=400, by="terraform", max_results=10)
    assert answer["error_code"] == "INVALID_PARAMETER_VALUE"


def test_columns_and_comments(workspace: Workspace, table: str) -> None:
    """A table's columns come with type and comment, alone and in its schema's list."""
    told = workspace.call("GET", f"{AT}/tables/{table}")
    assert [(c["name"], c["type_text"], c["comment"]) for c in told["columns"]] == [
        ("ticker", "string", "symbol"),
        ("close", "double", "USD"),
        ("n", "bigint", None),
    ]
    listed = workspace.call("GET", f"{AT}/tables", catalog_name="dev", schema_name="gold")["tables"]
    assert told in listed
    assert [s["full_name"] for s in workspace.call("GET", f"{AT}/schemas", catalog_name="dev")["schemas"]] == [
        "dev.silver",
        "dev.gold",
        "dev.quality",
    ]


@pytest.fixture
def s3(own_workspace: Workspace) -> Iterator[str]:
    """An S3 of the test's own, where the workspace's schemas lie."""
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    own_workspace.environment = keys
    own_workspace.schemas, own_workspace.bronze = {"silver": "s3://lake-house/silver"}, "s3://lake-house/bronze"
    with moto_server() as url:
        client = boto3.client("s3", endpoint_url=url, region_name="us-east-1",
                              aws_access_key_id="test", aws_secret_access_key="test")  # fmt: skip
        client.create_bucket(Bucket="lake-house")
        client.put_object(Bucket="lake-house", Key="bronze/day/a.txt", Body=b"landed")
        own_workspace.options = ["--s3-endpoint", url]
        own_workspace.start()
        yield "s3://lake-house"


def test_tables_on_s3_survive_a_restart(own_workspace: Workspace, s3: str) -> None:
    """Delta tables on S3 are known, described and readable after the workspace was started again."""
    own_workspace.sql("CREATE TABLE dev.silver.kept (n BIGINT COMMENT 'count') USING delta")
    own_workspace.sql("INSERT INTO dev.silver.kept SELECT 5")
    own_workspace.stop()
    own_workspace.start()
    assert own_workspace.sql("SELECT n FROM dev.silver.kept")["result"]["data_array"] == [["5"]]
    told = own_workspace.call("GET", f"{AT}/tables/dev.silver.kept")
    assert told["storage_location"] == f"{s3}/silver/kept"
    assert told["columns"][0]["comment"] == "count"


def test_dbutils_fs_reads_s3(own_workspace: Workspace, s3: str) -> None:
    """A notebook lists and reads objects."""
    lines = f"found = dbutils.fs.ls('{s3}/bronze'), dbutils.fs.ls('{s3}/bronze/day')"
    leave = f"dbutils.notebook.exit([found[0][0].name, found[1][0].size, dbutils.fs.head('{s3}/bronze/day/a.txt', 4)])"
    assert own_workspace.result(own_workspace.notebook("files", lines, leave)) == "['day/', 6, 'land']"


def test_unreachable_s3_is_told(own_workspace: Workspace) -> None:
    """A run without its S3 fails, and names the schema, its location and the address."""
    own_workspace.environment = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_MAX_ATTEMPTS": "1"}
    own_workspace.options = ["--s3-endpoint", "http://127.0.0.1:9"]
    own_workspace.schemas = {"silver": "s3://lake-house/silver"}
    own_workspace.start()
    path = own_workspace.notebook("quick", "pass")
    output = own_workspace.output(own_workspace.wait(own_workspace.run_now(own_workspace.job("lost", path))))
    assert "Schema silver: its location s3://lake-house/silver (http://127.0.0.1:9) cannot be listed" in output["error"]


def test_the_explorer_shows_a_schema_to_people(workspace: Workspace, table: str) -> None:
    """Tables with their columns, without a token as all pages; an unknown schema is told."""
    import requests

    page = requests.get(f"{workspace.url}/explore/data/dev/gold")
    assert "<td id='described'>described</td>" in page.text
    assert "ticker, close, n" in page.text
    assert requests.get(f"{workspace.url}/explore/data/dev/copper").status_code == 404


def test_a_schema_is_made_and_dropped(own_workspace: Workspace) -> None:
    """It outlives a restart, holds tables and views; dropped by force, it leaves neither them nor a grant behind."""
    own_workspace.start()
    made = own_workspace.call("POST", f"{AT}/schemas", name="research", catalog_name="dev", comment="for a paper")
    assert (made["full_name"], made["comment"]) == ("dev.research", "for a paper")
    again = own_workspace.call("POST", f"{AT}/schemas", status=400, name="research", catalog_name="dev")
    assert again["error_code"] == "SCHEMA_ALREADY_EXISTS"
    own_workspace.stop()
    own_workspace.start()
    assert own_workspace.call("GET", f"{AT}/schemas/dev.research") == made
    own_workspace.sql("CREATE TABLE dev.research.kept USING delta AS SELECT 5 AS n")
    own_workspace.sql("CREATE VIEW dev.research.seen (n) AS SELECT n FROM dev.research.kept")
    for name in ("kept", "seen"):
        _change(own_workspace, "table", f"dev.research.{name}", add=["SELECT"])
    assert "not empty" in own_workspace.call("DELETE", f"{AT}/schemas/dev.research", status=400)["message"]
    assert "stays" in own_workspace.call("DELETE", f"{AT}/schemas/dev.gold?force=true", status=403)["message"]
    assert own_workspace.call("DELETE", f"{AT}/schemas/dev.research?force=true") == {}
    own_workspace.call("GET", f"{AT}/schemas/dev.research", status=404)
    own_workspace.call("POST", f"{AT}/schemas", name="research", catalog_name="dev")
    assert own_workspace.call("GET", f"{AT}/tables", catalog_name="dev", schema_name="research") == {}
    assert own_workspace.sql("SELECT * FROM dev.research.kept")["status"]["state"] == "FAILED"
