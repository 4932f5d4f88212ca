"""Old names of gold's tables and columns: views and columns beside the new ones, for one release."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from anthill import renamed
from anthill.governance import grants
from anthill.lakehouse import statements, tables
from anthill.renamed import OldTable, Renamed
from tests.plugins.anthill.lakehouse.lake import Lake

ONE, TWO = dt.date(2024, 2, 1), dt.date(2024, 2, 2)
OLD, NEW = "gold.crypto_minute_stats", "gold.crypto_intraday_stats"


def columns(table: str) -> dict[str, str]:
    """The declared columns of a table or view of gold, and their comments."""
    text = statements.code(statements.path("gold", *table.split("_", 1)))
    return dict(re.findall(r"^  (\w+) (?:.*)COMMENT '(.*)',?$", text, re.MULTILINE))


def test_what_is_listed_is_there() -> None:
    """New names are declared and read by the same people; old tables are not; an old column says that it is one."""
    known = renamed.load()
    assert known.tables
    assert known.columns
    for old, table in known.tables.items():
        assert not statements.path("gold", *old.split("_", 1)).exists(), old
        assert set(table.columns.values()) <= set(columns(table.rows_of[0]))
        assert not set(table.columns) & set(columns(table.rows_of[0])), old
        readers = {each.name: each.grants for each in grants.load([old.split("_")[0]], "c")}
        assert all(readers[f"c.gold.{old}"] == readers[f"c.gold.{name}"] for name in table.rows_of)
    for name, each in known.columns.items():
        for old, new in each.items():
            assert new in columns(name)
            assert columns(name)[old] == f"Old name of {new}, for one release"


@pytest.mark.parametrize("lake", ["crypto"], indirect=True)
def test_a_table_gives_way_once_all_its_days_are_under_the_new_name(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays while one is held back, then it is a view: no reader of either name misses a day that was there."""
    old_table = OldTable(("crypto_intraday_stats",), {"minutes_traded": "minutes"})
    monkeypatch.setattr(renamed, "load", lambda: Renamed({OLD.partition(".")[2]: old_table}))
    lake.only("intraday_stats")
    for day in (ONE, TWO):
        bar = {
            **dict.fromkeys("ohlc", 9.5),
            "v": 2,
            "n": 1,
            "t": int(dt.datetime(*day.timetuple()[:3], tzinfo=dt.UTC).timestamp()) * 1000,
        }
        lake.put_bodies("minute_bars", day, [{"status": "OK", "ticker": "X:BTCUSD", "results": [bar]}], 1)
    lake.silver(ONE, TWO)
    lake.quality(ONE, TWO, datasets="minute_bars")
    lake.spark.sql(f"CREATE TABLE dev.{OLD} (ticker STRING, market_date DATE, minutes_traded BIGINT) USING delta")
    lake.spark.sql(f"INSERT INTO dev.{OLD} VALUES ('X:OLD', DATE'{ONE}', 7)")
    tables.make(lake.spark, "dev", "quality", "published")
    noted = ("crypto", "minute_stats", ONE, 1, "l", dt.datetime.now(dt.UTC), None, None)
    tables.append_values(lake.spark, "dev.quality.published", [noted])
    held_back = f"dataset = 'minute_bars' AND market_date = DATE'{ONE}'"
    lake.spark.sql(f"UPDATE dev.quality.results SET passed = false, severity = 'critical' WHERE {held_back}")

    lake.gold(TWO)
    assert set(lake.table(NEW)["market_date"]) == {TWO}
    assert lake.table(OLD).rows() == [("X:OLD", ONE, 7)]

    lake.quality(ONE, datasets="minute_bars")
    lake.gold(TWO)
    assert set(lake.table(NEW)["market_date"]) == {ONE, TWO}
    assert sorted(lake.table(OLD).rows()) == sorted(lake.table(NEW).rows())
    assert "minutes_traded" in lake.table(OLD).columns
    assert "minute_stats" not in lake.table("quality.published")["gold_table"].to_list()
