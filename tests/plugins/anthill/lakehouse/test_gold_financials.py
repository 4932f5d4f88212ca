"""Company reports: the three statements side by side, and which of them was the latest one known on a day."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.plugins.anthill.lakehouse import oracle_financials, simulated_financials
from tests.plugins.anthill.lakehouse.lake import Lake, bar


def test_reports_equal_the_oracle_and_nothing_is_known_too_early(lake: Lake) -> None:
    """Filings in two pieces, the later first; on each day the view gives the report that was the latest one then."""
    filed = simulated_financials.filed()
    lake.only("financials")
    for day, rows in filed.items():
        lake.put("income_statements", day, rows.income)
        lake.put("balance_sheets", day, rows.balance)
        lake.put("cash_flow_statements", day, rows.cash_flow)
    days = sorted(filed)
    lake.run(days[3], days[-1])
    lake.run(days[0], days[2])
    expected = oracle_financials.statements(filed)
    order = ("ticker", "market_date", "cik", "filing_date", "period_end", "timeframe")
    got = lake.table("gold.stocks_filed_statements").sort(*order)
    assert_frame_equal(got, expected.select(got.columns), check_dtypes=False, rel_tol=1e-12, abs_tol=0)
    for name in ("debt_to_equity", "net_margin", "total_assets", "free_cash_flow"):
        assert 0 < expected[name].null_count() < expected.height, f"{name} is not put to the test"

    latest = lake.table("gold.stocks_financials")
    assert (latest["known_to"] >= latest["known_from"]).all()
    asked = 0
    for ticker in ("AAA", "AAB", "BBB", "CCC", "NONE"):
        for timeframe in ("annual", "quarterly", "trailing_twelve_months"):
            for number in range(60):
                day = dt.date(2024, 2, 28) + dt.timedelta(days=number)
                on = latest.filter(
                    pl.col("ticker") == ticker,
                    pl.col("timeframe") == timeframe,
                    pl.col("known_from") <= day,
                    pl.col("known_to") >= day,
                )
                known = oracle_financials.known_on(expected, ticker, timeframe, day)
                assert [row[:2] for row in on.select("filing_date", "period_end").rows()] == (
                    [(known["filing_date"], known["period_end"])] if known else []
                ), f"{ticker} {timeframe} on {day}"
                asked += known is not None
    assert asked > 300


@pytest.mark.long
def test_ratios_are_there_for_days_on_which_they_were_taken(lake: Lake) -> None:
    """A day without them has none, and the rest of its gold is not held back."""
    one, two = dt.date(2024, 1, 2), dt.date(2024, 1, 3)
    lake.only("ratios", "daily_prices")
    for day in (one, two):
        lake.put_day(day, [bar("AAA", 10.0)])
    lake.put("ratios", two, [{"ticker": "AAA", "date": str(one), "price": 10, "current": 2.5, "price_to_earnings": 12}])
    lake.silver(one, two)
    assert lake.quality(one, two)["warnings"] == []
    tables = lake.gold(one, two)["tables"]
    assert (tables["ratios"]["held_back"], tables["daily_prices"]["held_back"]) == ([str(one)], [])
    rows = lake.table("gold.stocks_ratios")
    columns = ("ticker", "market_date", "price_date", "current_ratio", "price_to_earnings", "price_to_book")
    assert rows.select(*columns).rows() == [("AAA", two, one, 2.5, 12.0, None)]
