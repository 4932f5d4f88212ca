"""Entries of Glue: real ones of moto, from what a workspace tells of gold's own tables."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from anthill.consumption import registration
from anthill.consumption.glue import Database, GlueError
from anthill.consumption.registration import Plan
from tests.local.databricks.workspace import Workspace

from .conftest import DATABASE, LAKE, client


class Hook:
    """The workspace as the provider's hook asks it."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def _do_api_call(self, endpoint_info: tuple[str, str], json: Any = None, wrap_http_errors: bool = True) -> Any:
        return self.workspace.call(*endpoint_info)


@pytest.fixture
def glue(aws: str) -> Any:
    """Glue, with no table in the database."""
    found = client("glue", aws)
    for table in found.get_tables(DatabaseName=DATABASE)["TableList"]:
        found.delete_table(DatabaseName=DATABASE, Name=table["Name"])
    return found


def plan(workspace: Workspace, glue: Any, *asset_classes: str) -> Plan:
    """What is to change."""
    return registration.plan(Hook(workspace), Database(glue, DATABASE), "dev", asset_classes)


def applied(workspace: Workspace, glue: Any, *asset_classes: str) -> list[str]:
    """What was changed, a line each."""
    found = plan(workspace, glue, *asset_classes)
    for change in found.changes:
        Database(glue, DATABASE).apply(change)
    return [change.line for change in found.changes]


def table(glue: Any, name: str) -> Any:
    """An entry."""
    return glue.get_table(DatabaseName=DATABASE, Name=name)["Table"]


def test_a_table_is_entered_as_aws_documents_it(workspace: Workspace, glue: Any) -> None:
    """As in *Synchronize Delta Lake metadata* of Athena's guide, its columns as gold's SQL has them; then it is so."""
    assert "+forex_cross_rates" in applied(workspace, glue, "forex")
    entry = table(glue, "forex_cross_rates")
    place = f"s3://{LAKE}/gold/forex_cross_rates/"
    assert entry["TableType"] == "EXTERNAL_TABLE"
    assert entry["Parameters"] == {"EXTERNAL": "TRUE", "spark.sql.sources.provider": "delta"}
    assert entry["StorageDescriptor"]["Location"] == place
    assert entry["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {"serialization.format": "1", "path": place}
    assert [(each["Name"], each["Type"]) for each in entry["StorageDescriptor"]["Columns"]] == [
        ("market_date", "date"), ("base_currency", "string"), ("quote_currency", "string"), ("rate", "double"),
        ("quoted_ticker", "string"), ("quoted_rate", "double"), ("deviation_bps", "double"),
    ]  # fmt: skip
    assert all(len(each["Comment"]) <= 255 for each in entry["StorageDescriptor"]["Columns"])  # Glue's limit
    assert applied(workspace, glue, "forex") == []


def test_a_view_is_a_view_there(workspace: Workspace, glue: Any) -> None:
    """In the form that Athena gives it: its own SQL over the tables of the database, columns in the engine's types."""
    applied(workspace, glue)
    entry = table(glue, "stocks_daily_prices")
    assert (entry["TableType"], entry["ViewExpandedText"]) == ("VIRTUAL_VIEW", "/* Presto View */")
    text = entry["ViewOriginalText"].removeprefix("/* Presto View: ").removesuffix(" */")
    view = json.loads(base64.b64decode(text))
    assert (view["catalog"], view["schema"]) == ("awsdatacatalog", DATABASE)
    assert view["columns"][:3] == [
        {"name": "ticker", "type": "varchar"}, {"name": "market_date", "type": "date"},
        {"name": "type", "type": "varchar"},
    ]  # fmt: skip
    assert f"FROM {DATABASE}.stocks_traded_prices prices" in view["originalSql"]
    assert "{" not in view["originalSql"]
    assert "dev.gold" not in view["originalSql"]
    types = {each["Name"]: each["Type"] for each in entry["StorageDescriptor"]["Columns"]}
    assert types["ticker"] == "string"
    assert types["trades"] == "bigint"
    assert {each["name"]: each["type"] for each in view["columns"]}["adj_close"] == "double"


def test_a_schema_that_changed_is_written_again(workspace: Workspace, glue: Any) -> None:
    """A column more, one of another type, and a place that moved; the entry says again what the catalog says."""
    applied(workspace, glue, "forex")
    entry = table(glue, "forex_triangles")
    before = entry["StorageDescriptor"]
    for change, why in (
        ({"Columns": before["Columns"][:-1]}, "StorageDescriptor.Columns"),
        (
            {"Columns": [{**before["Columns"][0], "Type": "string"}, *before["Columns"][1:]]},
            "StorageDescriptor.Columns",
        ),
        ({"Location": "s3://elsewhere/x/"}, "StorageDescriptor.Location"),
    ):
        given = {"Name": "forex_triangles", "Owner": "anthill", "StorageDescriptor": {**before, **change}}
        kept = {key: entry[key] for key in ("TableType", "Parameters", "PartitionKeys", "Description")}
        glue.update_table(DatabaseName=DATABASE, TableInput={**kept, **given})
        assert applied(workspace, glue, "forex") == [f"~forex_triangles ({why})"]
        assert table(glue, "forex_triangles")["StorageDescriptor"]["Columns"] == before["Columns"]


def test_what_is_declared_no_more_goes_and_what_is_anothers_stays(workspace: Workspace, glue: Any) -> None:
    """By the task of any asset class; tables of other asset classes stay, whoever runs."""
    applied(workspace, glue)
    entry = {"StorageDescriptor": {"Columns": [], "Location": ""}, "TableType": "EXTERNAL_TABLE"}
    for name, owner in (("forex_gone", "anthill"), ("by_hand", "otto")):
        glue.create_table(DatabaseName=DATABASE, TableInput={"Name": name, "Owner": owner, **entry})
    assert applied(workspace, glue, "stocks") == ["-forex_gone"]
    left = {each["Name"] for each in glue.get_tables(DatabaseName=DATABASE)["TableList"]}
    assert {"by_hand", "forex_triangles"} <= left
    assert "forex_gone" not in left


def test_a_name_that_somebody_took_is_told(workspace: Workspace, glue: Any) -> None:
    """Nothing of theirs is overwritten."""
    entry = {"StorageDescriptor": {"Columns": [], "Location": "s3://mine/"}, "TableType": "EXTERNAL_TABLE"}
    glue.create_table(DatabaseName=DATABASE, TableInput={"Name": "forex_triangles", "Owner": "otto", **entry})
    with pytest.raises(GlueError, match=r"anthill_dev_gold.forex_triangles: .*Somebody else made an entry"):
        applied(workspace, glue, "forex")
    assert table(glue, "forex_triangles")["StorageDescriptor"]["Location"] == "s3://mine/"


def test_a_database_that_is_not_there_is_told(aws: str) -> None:
    """With what makes it."""
    with pytest.raises(GlueError, match=r"^nowhere: .*EntityNotFoundException.* the stack consumption's: apply it"):
        Database(client("glue", aws), "nowhere").held()
