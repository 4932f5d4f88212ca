"""Statements of Delta that Databricks has are answered here, too, from the table's own log."""

from __future__ import annotations

from tests.local.databricks.workspace import Workspace


def test_a_tables_history_is_told_newest_first(own_workspace: Workspace) -> None:
    """A version a commit, counted from 0, up to as many as are asked for; a version is read as it was."""
    own_workspace.start()
    own_workspace.sql("CREATE TABLE dev.gold.numbers (n INT) USING delta")
    for number in (1, 2):
        own_workspace.sql(f"INSERT INTO dev.gold.numbers VALUES ({number})")
    told = own_workspace.sql("DESCRIBE HISTORY dev.gold.numbers")
    columns = [column["name"] for column in told["manifest"]["schema"]["columns"]]
    assert columns[:3] == ["version", "timestamp", "operation"]
    assert [row[0] for row in told["result"]["data_array"]] == ["2", "1", "0"]
    newest = own_workspace.sql("describe history dev.gold.numbers limit 1")
    assert [row[0] for row in newest["result"]["data_array"]] == ["2"]
    before = own_workspace.sql("SELECT n FROM dev.gold.numbers VERSION AS OF 1")
    assert before["result"]["data_array"] == [["1"]]


def test_a_table_that_is_not_there_is_an_error(own_workspace: Workspace) -> None:
    """In words that name it."""
    own_workspace.start()
    failed = own_workspace.sql("DESCRIBE HISTORY dev.gold.letters")["status"]
    assert failed["state"] == "FAILED"
    assert "letters" in failed["error"]["message"]
