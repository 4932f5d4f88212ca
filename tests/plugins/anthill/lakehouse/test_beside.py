"""What another asset class loads later is computed into the days that read it, whoever asks for which day."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.plugins.anthill.lakehouse.lake import Lake, bar

pytestmark = pytest.mark.long
EX, LATER = dt.date(2024, 5, 28), dt.date(2024, 5, 29)  # a Tuesday behind a holiday, and the day after
NINE_DAYS_BEFORE, EVE = dt.date(2024, 5, 19), dt.date(2024, 5, 24)


def put_rate(lake: Lake, day: dt.date, rate: float) -> None:
    """A rate of CAD, loaded and checked as a run of forex does."""
    stocks, lake.asset_class = lake.commits, "forex"
    lake.commits = {}
    end = int(dt.datetime.combine(day, dt.time(21), dt.UTC).timestamp()) * 1000
    row = {"T": "C:USDCAD", "o": rate, "h": rate, "l": rate, "c": rate, "v": 9.0, "vw": rate, "n": 9, "t": end}
    lake.put("grouped_daily", day, [row])
    lake.silver(day)
    lake.quality(day, datasets="grouped_daily")
    lake.asset_class, lake.commits = "stocks", stocks


def test_a_rate_that_comes_later_reaches_a_day_that_nobody_asks_for(lake: Lake) -> None:
    """A dividend of a day off looks a week back from it, which is more than a week before its market day.

    A corrected rate counts, a nearer one in its place, and a night without news computes no earlier day.
    """
    lake.only("corporate_actions")
    paid = {"id": "d", "ticker": "AAA", "ex_dividend_date": "2024-05-26", "cash_amount": 1.25, "currency": "CAD"}
    for day in (EX, LATER):
        lake.put_day(day, [bar("AAA", 50.0)], dividends=[paid] if day == EX else [])
    lake.run(EX)
    assert lake.table("gold.stocks_corporate_actions").is_empty()
    put_rate(lake, NINE_DAYS_BEFORE, 1.25)
    lake.run(LATER)
    assert paid_out(lake) == [(EX, pytest.approx(1.0))]
    for day, rate, dollars in ((NINE_DAYS_BEFORE, 1.0, 1.25), (EVE, 2.5, 0.5)):
        put_rate(lake, day, rate)
        lake.gold(LATER)
        assert paid_out(lake) == [(EX, pytest.approx(dollars))]
    assert lake.gold(LATER)["tables"]["corporate_actions"]["days"] == 0


def paid_out(lake: Lake) -> list[tuple[dt.date, float]]:
    """Cash dividends by day, in dollars."""
    return lake.table("gold.stocks_corporate_actions").select("market_date", "cash_dividend").rows()
