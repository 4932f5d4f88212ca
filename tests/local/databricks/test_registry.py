"""A run finds every table and view of the catalog, however it names them, as if all were known from its start."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import pytest

from tests.local.databricks.workspace import Workspace

WAYS = {
    "sql": "spark.sql('SELECT n FROM dev.gold.numbers').count()",
    "table": "spark.table('dev.gold.numbers').count()",
    "read": "spark.read.table('dev.gold.numbers').count()",
    "schema before": "[spark.sql('USE CATALOG dev'), spark.sql('USE SCHEMA gold'), spark.table('numbers').count()][2]",
    "view over a view": "spark.table('dev.gold.large').count()",
    "appended": "[spark.range(2).selectExpr('id AS n').write.mode('append').saveAsTable('dev.gold.numbers'),"
    " spark.table('dev.gold.numbers').count()][1]",
    "kept as it is": "[spark.sql('CREATE TABLE IF NOT EXISTS dev.gold.numbers (n BIGINT) USING delta'),"
    " spark.table('dev.gold.numbers').count()][1]",
    "exists": "spark.catalog.tableExists('dev.gold.numbers')",
    "exists not": "spark.catalog.tableExists('dev.gold.letters')",
    "listed": "sorted(t.name for t in spark.catalog.listTables('dev.gold'))",
    "shown": "sorted(row.tableName for row in spark.sql('SHOW TABLES IN dev.gold').collect())",
    "threads": "__import__('concurrent.futures').futures.ThreadPoolExecutor(4).submit("
    "lambda: spark.table('dev.gold.numbers').count()).result()",
}


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with a table of three numbers, and a view over a view of it."""
    workspace = Workspace(tmp_path_factory.mktemp("registry")).start()
    workspace.sql("CREATE TABLE dev.gold.numbers (n BIGINT) USING delta")
    workspace.sql("INSERT INTO dev.gold.numbers VALUES (1), (2), (3)")
    workspace.sql("CREATE OR REPLACE VIEW dev.gold.doubled AS SELECT n * 2 AS n FROM dev.gold.numbers")
    workspace.sql("CREATE OR REPLACE VIEW dev.gold.large AS SELECT n FROM dev.gold.doubled WHERE n > 3")
    yield workspace
    workspace.stop()


@pytest.mark.parametrize(
    ("way", "found"),
    [
        ("sql", 3),
        ("table", 3),
        ("read", 3),
        ("schema before", 3),
        ("view over a view", 2),
        ("kept as it is", 3),
        ("exists", True),
        ("exists not", False),
        ("listed", ["doubled", "large", "numbers"]),
        ("shown", ["doubled", "large", "numbers"]),
        ("threads", 3),
        ("appended", 5),
    ],
)
def test_a_run_finds_what_it_names(numbers: Workspace, way: str, found: object) -> None:
    """Each way in a run of its own, whose catalog is new."""
    path = numbers.notebook(way.replace(" ", "_"), f"import json\ndbutils.notebook.exit(json.dumps({WAYS[way]}))")
    assert json.loads(numbers.result(path)) == found


def test_a_view_over_what_is_gone_says_so_only_to_who_asks_for_it(own_workspace: Workspace) -> None:
    """Other tables are read as before."""
    own_workspace.start()
    own_workspace.sql("CREATE TABLE dev.gold.basis (n INT) USING delta")
    own_workspace.sql("CREATE TABLE dev.gold.other (n INT) USING delta")
    own_workspace.sql("CREATE OR REPLACE VIEW dev.gold.above AS SELECT n FROM dev.gold.basis")
    shutil.rmtree(own_workspace.folder / "lake" / "gold" / "basis")
    assert own_workspace.sql("SELECT count(*) FROM dev.gold.other")["status"]["state"] == "SUCCEEDED"
    failed = own_workspace.sql("SELECT * FROM dev.gold.above")["status"]
    assert failed["state"] == "FAILED"
    assert "above" in failed["error"]["message"]


@pytest.mark.parametrize("asked", ["SELECT n FROM dev.gold.same", "SELECT n FROM dev.silver.same"])
def test_a_view_has_the_name_of_the_table_it_stands_on(own_workspace: Workspace, asked: str) -> None:
    """Schemas keep them apart, whichever of the two a run names."""
    own_workspace.start()
    own_workspace.sql("CREATE TABLE dev.silver.same (n INT) USING delta")
    own_workspace.sql("INSERT INTO dev.silver.same VALUES (1)")
    own_workspace.sql("CREATE OR REPLACE VIEW dev.gold.same AS SELECT n FROM dev.silver.same")
    answer = own_workspace.sql(f"{asked} UNION ALL SELECT n FROM dev.gold.same")
    assert answer["status"]["state"] == "SUCCEEDED", answer["status"]
    assert answer["result"]["data_array"] == [["1"], ["1"]]
