"""Statements of Delta that Databricks has are answered here, too, from the table's own log."""

from __future__ import annotations

import pytest

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


def test_a_column_is_added(own_workspace: Workspace) -> None:
    """With its type and comment; rows that are there have NULL, and who may read the table still may."""
    own_workspace.start()
    own_workspace.sql("CREATE TABLE dev.gold.numbers (n INT) USING delta")
    readers = "2.1/unity-catalog/permissions/table/dev.gold.numbers"
    given = own_workspace.call("PATCH", readers, changes=[{"principal": "analysts", "add": ["SELECT"]}])
    own_workspace.sql("INSERT INTO dev.gold.numbers VALUES (1)")
    kind = "ARRAY<STRUCT<a: STRING, b: DOUBLE>> COMMENT 'it\\'s (new)'"
    added = own_workspace.sql(f"ALTER TABLE dev.gold.numbers ADD COLUMNS (more {kind})")
    assert added["status"]["state"] == "SUCCEEDED", added
    assert own_workspace.sql("SELECT n, more FROM dev.gold.numbers")["result"]["data_array"] == [["1", None]]
    assert own_workspace.call("GET", readers) == given
    at = "2.1/unity-catalog/tables/dev.gold.numbers"
    (_, column) = own_workspace.call("GET", at)["columns"]
    assert (column["name"], column["type_name"], column["comment"]) == ("more", "ARRAY", "it's (new)")


@pytest.mark.parametrize(("column", "said"), [("N INT", "ALREADY_EXISTS"), ("more INT NOT NULL", "NOT_NULL")])
def test_what_databricks_refuses_to_add_is_refused(own_workspace: Workspace, column: str, said: str) -> None:
    """A column that is there, in any case of letters, and one that rows which are there would break."""
    own_workspace.start()
    own_workspace.sql("CREATE TABLE dev.gold.numbers (n INT) USING delta")
    failed = own_workspace.sql(f"ALTER TABLE dev.gold.numbers ADD COLUMNS ({column})")["status"]
    assert failed["state"] == "FAILED"
    assert said in failed["error"]["message"]


def test_a_column_may_be_null_from_now_on(own_workspace: Workspace) -> None:
    """Until then a row without it is refused; a column that is not there is an error."""
    own_workspace.start()
    own_workspace.sql("CREATE TABLE dev.gold.numbers (n INT NOT NULL, m INT) USING delta")
    without = "INSERT INTO dev.gold.numbers VALUES (NULL, 1)"
    assert own_workspace.sql(without)["status"]["state"] == "FAILED"
    done = own_workspace.sql("ALTER TABLE dev.gold.numbers ALTER COLUMN n DROP NOT NULL")
    assert done["status"]["state"] == "SUCCEEDED", done
    assert own_workspace.sql(without)["status"]["state"] == "SUCCEEDED"
    assert own_workspace.sql("SELECT n, m FROM dev.gold.numbers")["result"]["data_array"] == [[None, "1"]]
    failed = own_workspace.sql("ALTER TABLE dev.gold.numbers ALTER COLUMN o DROP NOT NULL")["status"]
    assert failed["state"] == "FAILED"
    assert "DELTA_COLUMN_NOT_FOUND" in failed["error"]["message"]
