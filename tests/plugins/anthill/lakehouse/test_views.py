"""A view is replaced where its definition changed, and only there: whoever replaces one takes the grants on it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from anthill.lakehouse import statements, views
from anthill.lakehouse.views import ViewError
from tests.plugins.anthill.lakehouse import simulated
from tests.plugins.anthill.lakehouse.lake import Lake

DAY = dt.date(2024, 2, 1)
VIEW = (
    "CREATE OR REPLACE VIEW dev.gold.some (\n  n COMMENT 'A number (of any kind)'\n)\nCOMMENT 'Some'\nAS SELECT 1 AS n"
)


@pytest.fixture
def made(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the views that the session makes, in order."""
    sql, found = lake.spark.sql, []

    def watched(statement: str, *arguments: Any, **named: Any) -> Any:
        if statement.startswith("CREATE OR REPLACE VIEW"):
            found.append(statement.split()[4])
        return sql(statement, *arguments, **named)

    monkeypatch.setattr(lake.spark, "sql", watched)
    return found


def test_the_same_view_is_made_once(lake: Lake, made: list[str]) -> None:
    """The catalog says that it has it; its columns and comments are those that are declared."""
    assert views.publish(lake.spark, VIEW)
    assert not views.publish(lake.spark, VIEW)
    assert made == ["dev.gold.some"]
    told = {row["col_name"]: row for row in lake.spark.sql("DESCRIBE TABLE EXTENDED dev.gold.some").collect()}
    assert told["n"]["comment"] == "A number (of any kind)"
    assert told["Comment"]["data_type"] == "Some"
    assert lake.spark.table("dev.gold.some").collect()[0]["n"] == 1


@pytest.mark.parametrize(("before", "after"), [("1 AS n", "2 AS n"), ("A number", "Another"), ("'Some'", "'More'")])
def test_any_change_of_the_definition_replaces_it(lake: Lake, made: list[str], before: str, after: str) -> None:
    """Its query, the comment of a column, its own."""
    views.publish(lake.spark, VIEW)
    assert views.publish(lake.spark, VIEW.replace(before, after))
    assert not views.publish(lake.spark, VIEW.replace(before, after))
    assert len(made) == 2


def test_a_view_that_somebody_else_made_is_replaced(lake: Lake) -> None:
    """It is not known to be the declared one."""
    lake.spark.sql("CREATE OR REPLACE VIEW dev.gold.some (n) COMMENT 'by hand' AS SELECT 7 AS n")
    assert views.publish(lake.spark, VIEW)
    assert lake.spark.table("dev.gold.some").collect()[0]["n"] == 1


def test_a_statement_that_has_no_place_for_it_is_refused(lake: Lake) -> None:
    """A view without columns and comment would be replaced each time."""
    bare = "CREATE OR REPLACE VIEW dev.gold.some AS SELECT 1 AS n"
    for statement in (bare, "CREATE VIEW a (n)\nCOMMENT 'b' AS SELECT 1"):
        with pytest.raises(ViewError, match="a view is CREATE OR REPLACE VIEW name"):
            views.publish(lake.spark, statement)


@pytest.mark.long
def test_gold_replaces_a_view_when_its_sql_changed(
    lake: Lake, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every view, old names and the star's too: the first run makes them, the second none, another SQL that one."""
    market = simulated.market(DAY, DAY + dt.timedelta(days=1))
    for day in market.sessions:
        lake.put_day(day, market.bars[day], market.splits[day], market.dividends[day])
    lake.run(DAY, market.sessions[-1])
    assert {"dev.gold.stocks_daily_prices", "dev.gold.stocks_session_stats", "dev.gold.fact_daily_price"} < set(made)
    made.clear()
    lake.gold(DAY, market.sessions[-1])
    assert made == []
    code = statements.code
    monkeypatch.setattr(statements, "code", lambda file: code(file).replace("daily prices as traded, ad", "prices, ad"))
    lake.gold(DAY, market.sessions[-1])
    assert made == ["dev.gold.stocks_daily_prices"]
