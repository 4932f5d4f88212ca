"""Answers of a workspace are whole: every chunk, every digit, every name."""

from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal
from typing import Any

import pytest
import requests

from anthill import renamed
from anthill.warehouse.errors import QueryError
from anthill.warehouse.warehouse import Warehouse
from tests.local.databricks.workspace import TOKEN, Workspace

MANY = 150_000
LARGE = f"SELECT id, repeat('x', 200) AS s FROM range({MANY})"  # 31 MB


@pytest.fixture(scope="module")
def large(gold_workspace: Workspace) -> Any:
    """A statement of more than one chunk, answered by links."""
    return gold_workspace.sql(LARGE, disposition="EXTERNAL_LINKS", format="ARROW_STREAM")


def test_every_row_of_every_chunk_comes(gold_workspace: Workspace, warehouse: Warehouse, large: Any) -> None:
    """As many as there are, each once, whatever the number of chunks."""
    assert large["manifest"]["total_chunk_count"] > 1
    assert len(large["result"]["external_links"]) == 1
    found = warehouse.stream(LARGE)
    ids = [value for batch in found.batches for value in batch.column("id").to_pylist()]
    assert sorted(ids) == list(range(MANY))
    assert found.total == MANY


def test_inline_has_its_limit_as_the_service_has(gold_workspace: Workspace) -> None:
    """25 MiB; below them in chunks that lead on to one another; a limit of rows that was reached is told."""
    failed = gold_workspace.sql(LARGE)["status"]
    assert failed["state"] == "FAILED"
    assert "Inline byte limit exceeded" in failed["error"]["message"]
    answer = gold_workspace.sql("SELECT id, repeat('x', 100) AS s FROM range(20000)")
    part, ids = answer["result"], []
    while True:
        ids += [int(row[0]) for row in part["data_array"]]
        if "next_chunk_internal_link" not in part:
            break
        part = gold_workspace.call("GET", part["next_chunk_internal_link"].removeprefix("/api/"))
    assert answer["manifest"]["total_chunk_count"] > 1
    assert sorted(ids) == list(range(20000))
    cut = gold_workspace.sql("SELECT id FROM range(10)", row_limit=4)
    assert (cut["manifest"]["truncated"], len(cut["result"]["data_array"])) == (True, 4)
    assert not gold_workspace.sql("SELECT id FROM range(4)", row_limit=4)["manifest"]["truncated"]


@pytest.mark.parametrize(
    "asked", [{"format": "ARROW_STREAM"}, {"disposition": "ELSEWHERE"}, {"byte_limit": 5}, {"row_limit": 0}], ids=str
)
def test_what_the_service_has_not_is_refused(gold_workspace: Workspace, asked: dict[str, Any]) -> None:
    """Arrow inline, as there; and what the stand-in does not serve."""
    gold_workspace.call("POST", "2.0/sql/statements", status=400, statement="SELECT 1", warehouse_id="local", **asked)


def test_a_link_opens_by_its_signature_alone(gold_workspace: Workspace, large: Any) -> None:
    """Storage refuses a token beside it, a link to anything else, and one whose time is over."""
    link = large["result"]["external_links"][0]["external_link"]
    assert requests.get(link).content
    assert requests.get(link, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 400
    assert requests.get(link.replace("/0?", "/1?")).status_code == 403
    assert requests.get(link.replace("until=", "until=1")).status_code == 403


def test_a_result_is_kept_for_an_hour(gold_workspace: Workspace) -> None:
    """Then its statement is closed, and its rows are gone from the disk."""
    first = gold_workspace.sql("SELECT 1 AS n")
    folder = gold_workspace.folder / "state" / "results" / first["statement_id"]
    os.utime(folder, (0, 0))
    gold_workspace.sql("SELECT 2 AS n")
    later = gold_workspace.call("GET", f"2.0/sql/statements/{first['statement_id']}")
    assert later["status"]["state"] == "CLOSED"
    assert not folder.exists()


def test_values_are_as_they_were(warehouse: Warehouse) -> None:
    """Doubles to the last bit, microseconds, decimals, structures and lists by their names; without rows, too."""
    query = (
        "SELECT 1.0D / 3 AS third, TIMESTAMP'2026-07-01 13:30:00.123456' AS at, DATE'2026-07-01' AS day, "
        "CAST('12345678901234.5678' AS DECIMAL(20, 4)) AS exact, CAST(9007199254740993 AS BIGINT) AS large, "
        "named_struct('Open', 1.5D, 'tags', array('a')) AS bar, map('k', 1) AS pairs, CAST(NULL AS STRING) AS nothing"
    )
    answer = warehouse.query(query)
    assert answer.rows == [
        [
            1 / 3,
            dt.datetime(2026, 7, 1, 13, 30, 0, 123456, dt.UTC),
            dt.date(2026, 7, 1),
            Decimal("12345678901234.5678"),
            9007199254740993,
            {"Open": 1.5, "tags": ["a"]},
            [("k", 1)],
            None,
        ]
    ]
    empty = warehouse.query(f"SELECT * FROM ({query}) WHERE large < 0")
    assert empty.table.schema.equals(answer.table.schema)
    assert empty.rows == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT adj_clos FROM gold.stocks_daily_prices", "did you mean `adj_close`?"),
        ("SELECT p.vwap FROM gold.stocks_daily_prices p", "no column `vwap` in gold.stocks_daily_prices"),
        ("SELECT * FROM gold.stocks_daily_price", "did you mean gold.stocks_daily_prices"),
        ("SELECT * FROM gold.nothing_like_it", "there is no table gold.nothing_like_it. `tables` lists the tables"),
    ],
)
def test_a_name_that_is_not_there_leads_to_those_that_are(warehouse: Warehouse, query: str, said: str) -> None:
    """In one sentence, with where to look them up."""
    with pytest.raises(QueryError) as raised:
        warehouse.query(query)
    assert said in str(raised.value)
    assert "`describe <table>`" in str(raised.value)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT p.final FROM gold.stocks_daily_prices p",
         "column `final` of gold.stocks_daily_prices is called `adj_close` now"),
        ("SELECT ended FROM dev.gold.stocks_daily_prices",
         "column `ended` of dev.gold.stocks_daily_prices is called `adj_close` now"),
        ("SELECT * FROM gold.stocks_bars", "the table gold.stocks_bars is called gold.stocks_daily_prices now"),
    ],
)  # fmt: skip
def test_a_name_that_was_given_up_leads_to_the_new_one(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, query: str, said: str
) -> None:
    """Of a column, whose table may have kept its name or not, and of a table."""
    old = {"stocks_bars": renamed.OldTable(("stocks_daily_prices",), {"ended": "adj_close"})}
    known = renamed.Renamed(old, {"stocks_daily_prices": {"final": "adj_close"}})
    monkeypatch.setattr(renamed, "load", lambda: known)
    with pytest.raises(QueryError) as raised:
        warehouse.query(query)
    assert str(raised.value).endswith(said)
    assert "\n" not in str(raised.value)


def test_a_table_that_is_described(warehouse: Warehouse) -> None:
    """Its columns with their comments, a view's as well; one that is not there leads to what is near."""
    rows = warehouse.columns("gold.stocks_daily_prices").rows
    assert rows[2] == ["adj_close", "double", "USD"]
    assert ["gold.dim_instrument", None] in warehouse.tables().rows
    with pytest.raises(QueryError, match=r"did you mean gold\.dim_instrument\b"):
        warehouse.columns("gold.dim_instruments")
