"""What a load changes of a day that silver held is told row by row, once, with the load that it replaced."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from anthill.lakehouse import difference
from anthill.lakehouse.silver import SilverError
from tests.plugins.anthill.lakehouse.lake import Lake, bar

DAY, NEXT = dt.date(2024, 1, 3), dt.date(2024, 1, 4)


@pytest.fixture
def bars(lake: Lake) -> Lake:
    """A lake in which silver holds two days of three bars."""
    lake.only(datasets=["grouped_daily"])
    for day in (DAY, NEXT):
        lake.put("grouped_daily", day, [bar("AAA", 10.0), bar("BBB", 20.0), bar("CCC", 30.0)])
    lake.silver(DAY, NEXT)
    return lake


def restate(lake: Lake, day: dt.date, **closes: float) -> dict[str, Any]:
    """Land other closes and load them."""
    lake.put("grouped_daily", day, [bar(ticker, 10.0) | {"c": close} for ticker, close in closes.items()])
    result: dict[str, Any] = lake.silver(day)["datasets"]["grouped_daily"]
    return result


def told(lake: Lake, *columns: str) -> list[tuple[Any, ...]]:
    """Lines of quality.changes, in order."""
    return sorted(lake.table("quality.changes").select(columns).rows(), key=str)


def test_each_row_that_a_restatement_changes_is_told(bars: Lake) -> None:
    """Its key, column, old and new value; a row that is new or gone as a whole; which load did it, after which.

    A first load changes nothing, and says so.
    """
    assert bars.table("quality.changes").height == bars.table("quality.earlier_loads").height == 0
    assert bars.table("quality.loads")["changed_rows"].to_list() == [None, None]
    first = {row["market_date"]: row for row in bars.table("quality.loads").to_dicts()}[DAY]
    bars.put("grouped_daily", DAY, [bar("AAA", 10.0), {**bar("BBB", 20.0), "c": 20.5, "n": 11}, bar("DDD", 40.0)])
    bars.silver(DAY)
    lines = {(row["key"], row["column_name"]): row for row in bars.table("quality.changes").to_dicts()}
    assert {of: (row["change"], row["old_value"], row["new_value"]) for of, row in lines.items() if of[1]} == {
        ("BBB", "close"): ("changed", "20.0", "20.5"),
        ("BBB", "trades"): ("changed", "10", "11"),
    }
    assert {of[0]: row["change"] for of, row in lines.items() if not of[1]} == {"CCC": "gone", "DDD": "new"}
    gone, new = lines["CCC", None], lines["DDD", None]
    assert (json.loads(gone["old_value"])["close"], gone["new_value"]) == ("30.0", None)
    assert (json.loads(new["new_value"])["close"], new["old_value"]) == ("40.0", None)
    now = bars.table("quality.loads").filter(market_date=DAY).row(0, named=True)
    assert now["changed_rows"] == 3
    (before,) = bars.table("quality.earlier_loads").to_dicts()
    assert before["replaced_at"] == now["loaded_at"]
    assert {**first, **before} == {**first, "replaced_at": now["loaded_at"]}
    for row in lines.values():
        assert (row["cause"], row["market_date"], row["row_count"]) == ("source", DAY, 1)
        assert (row["replaced_load_at"], row["loaded_at"]) == (first["loaded_at"], now["loaded_at"])
        assert json.loads(row["revisions"]) == {"": 2}


def test_why_rows_differ_is_told(bars: Lake) -> None:
    """Not the source where it gave the same answer: another reading of it, or rows that silver had lost."""
    bars.spark.sql("UPDATE dev.silver.stocks_grouped_daily SET close = 99.0 WHERE ticker = 'AAA'")
    bars.spark.sql(f"UPDATE dev.quality.loads SET logic = 'earlier' WHERE market_date = DATE'{DAY}'")
    bars.spark.sql(f"DELETE FROM dev.silver.stocks_grouped_daily WHERE ticker = 'BBB' AND market_date = DATE'{NEXT}'")
    bars.silver(DAY, NEXT)
    assert told(bars, "market_date", "cause", "key", "change", "old_value") == [
        (DAY, "logic", "AAA", "changed", "99.0"),
        (NEXT, "repair", "AAA", "changed", "99.0"),
        (NEXT, "repair", "BBB", "new", None),
    ]


def test_a_whole_day_is_summed_up(bars: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """By column where more rows changed than are told; as one number after so many days."""
    monkeypatch.setattr(difference, "ROW_BY_ROW", 2)
    monkeypatch.setattr(difference, "DETAILED", 1)
    for day in (DAY, NEXT):
        bars.put(
            "grouped_daily", day, [bar(name, close) for name, close in (("AAA", 11.0), ("BBB", 21.0), ("DDD", 9.0))]
        )
    bars.silver(DAY, NEXT)
    prices = ("open", "high", "low", "close", "vwap")
    assert set(told(bars, "market_date", "change", "key", "column_name", "row_count")) == {
        (DAY, "new", None, None, 1),
        (DAY, "gone", None, None, 1),
        *((DAY, "changed", None, name, 2) for name in prices),
        (NEXT, "changed", None, None, 4),
    }


def test_a_load_that_was_cut_off_is_told_once(bars: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after its changes were kept: what the next load changes of the day before is told, and nothing twice."""

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    restate(bars, DAY, AAA=11.0, BBB=20.0, CCC=30.0)
    one = told(bars, "key", "column_name", "new_value")
    with monkeypatch.context() as patch:
        patch.setattr("anthill.lakehouse.silver._record", killed)
        with pytest.raises(KeyboardInterrupt):
            restate(bars, DAY, AAA=12.0, BBB=20.0, CCC=30.0)
    restate(bars, DAY, AAA=11.0, BBB=20.0, CCC=31.0)
    assert told(bars, "key", "column_name", "new_value") == sorted([*one, ("CCC", "close", "31.0")])
    assert set(bars.table("quality.earlier_loads")["revisions"]) == {'{"": 1}', '{"": 2}'}
    assert bars.table("quality.earlier_loads").height == 2


def test_a_day_that_is_not_loaded_changes_nothing(bars: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its changes are told when it is: the reader of them finds what they say in silver."""
    with monkeypatch.context() as patch:
        patch.setattr("anthill.lakehouse.silver.Load._begin", lambda *_: 1 / 0)
        with pytest.raises(SilverError):
            restate(bars, DAY, AAA=11.0, BBB=20.0, CCC=30.0)
    assert bars.table("quality.changes").height == bars.table("quality.earlier_loads").height == 0
    bars.silver(DAY)
    assert ("AAA", "close", "10.0", "11.0") in told(bars, "key", "column_name", "old_value", "new_value")
