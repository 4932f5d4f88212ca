"""Views stay from one run to the next, are told by Unity Catalog, and can be granted."""

from __future__ import annotations

from tests.local.databricks.workspace import Workspace

AT = "2.1/unity-catalog"


def test_a_view_is_there_for_later_sessions_and_after_a_restart(own_workspace: Workspace) -> None:
    """One over another that is made anew later too: every statement has a session of its own."""
    own_workspace.start()
    own_workspace.sql("CREATE TABLE dev.gold.prices (ticker STRING, close DOUBLE) USING delta")
    own_workspace.sql("INSERT INTO dev.gold.prices VALUES ('A', 2), ('B', 3)")
    own_workspace.sql(
        "CREATE OR REPLACE VIEW dev.gold.adjusted AS SELECT ticker, close * 10 AS close FROM dev.gold.prices"
    )
    own_workspace.sql("CREATE OR REPLACE VIEW dev.gold.above AS SELECT ticker FROM dev.gold.adjusted WHERE close > 20")
    own_workspace.sql(
        "CREATE OR REPLACE VIEW dev.gold.adjusted AS SELECT ticker, close * 20 AS close FROM dev.gold.prices"
    )
    own_workspace.stop()
    own_workspace.start()
    rows = own_workspace.sql("SELECT ticker FROM dev.gold.above ORDER BY ticker")["result"]["data_array"]
    assert rows == [["A"], ["B"]]


def test_a_notebook_makes_a_view_that_unity_catalog_tells(own_workspace: Workspace) -> None:
    """Its comment, columns and definition are told as a table's are, and SELECT on it can be granted."""
    own_workspace.start()
    path = own_workspace.notebook(
        "make",
        "made = \"CREATE OR REPLACE VIEW dev.gold.ones (n COMMENT 'a number') COMMENT 'some ones' AS SELECT 1 AS n\"",
        "spark.sql(made)",
    )
    own_workspace.result(path)
    told = own_workspace.call("GET", f"{AT}/tables/dev.gold.ones")
    assert (told["table_type"], told["comment"]) == ("VIEW", "some ones")
    assert [(c["name"], c["type_text"], c["comment"]) for c in told["columns"]] == [("n", "int", "a number")]
    listed = own_workspace.call("GET", f"{AT}/tables", catalog_name="dev", schema_name="gold")["tables"]
    assert listed == [told]
    change = {"principal": "analysts", "add": ["SELECT"]}
    own_workspace.call("PATCH", f"{AT}/permissions/table/dev.gold.ones", changes=[change])
    granted = own_workspace.call("GET", f"{AT}/permissions/table/dev.gold.ones")["privilege_assignments"]
    assert granted == [{"principal": "analysts", "privileges": ["SELECT"]}]
