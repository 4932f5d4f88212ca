"""Corporate actions that come late, or of which nobody knows whether there were any."""

from __future__ import annotations

import datetime as dt

import pytest

from anthill.calendars import shift
from tests.plugins.anthill.lakehouse.lake import Lake, bar

ONE, TWO, THREE = dt.date(2024, 1, 2), dt.date(2024, 1, 3), dt.date(2024, 1, 4)


def returned(lake: Lake, day: dt.date) -> tuple[float | None, float | None]:
    """The simple and the total return of a day."""
    row = lake.table("gold.stocks_daily_returns").filter(market_date=day).row(0, named=True)
    return row["simple_return"], row["total_return"]


@pytest.mark.long
def test_a_rate_that_comes_later_is_taken_up(lake: Lake) -> None:
    """A dividend in another currency counts once the rate of the ex-date's eve is there; then nothing is left to do."""
    lake.only("daily_returns")
    paid = {"id": "d", "ticker": "AAA", "ex_dividend_date": str(TWO), "cash_amount": 1.0, "currency": "CAD"}
    lake.put_day(ONE, [bar("AAA", 40.0)])
    lake.put_day(TWO, [bar("AAA", 39.2)], dividends=[paid])
    lake.run(ONE, TWO)
    assert returned(lake, TWO) == pytest.approx((-0.02, -0.02))
    stocks, lake.commits, lake.asset_class = lake.commits, {}, "forex"
    for day, rate in ((ONE, 1.25), (TWO, 1.3)):  # the rate of the ex-date itself is not the one
        lake.put("grouped_daily", day, [bar("C:USDCAD", rate)], asof=f"{day + dt.timedelta(1)}T06:00:00+00:00")
    lake.silver(ONE, TWO)
    lake.quality(ONE, TWO)
    lake.commits, lake.asset_class = stocks, "stocks"
    lake.gold(ONE, TWO)
    assert returned(lake, TWO) == pytest.approx((-0.02, (39.2 + 1 / 1.25) / 40 - 1))
    assert not any(table["days"] for table in lake.gold(ONE, TWO)["tables"].values())


def test_no_return_spans_a_day_whose_actions_are_unknown(lake: Lake) -> None:
    """Of a day that was never landed nobody knows: no return over it, and prices are whole after it; until it lands.

    What was announced then stands beside what the price did.
    """
    lake.only("daily_returns")
    split = {"id": "s", "ticker": "AAA", "execution_date": str(TWO), "split_from": 1, "split_to": 2}
    lake.put_day(ONE, [bar("AAA", 100.0)])
    lake.put_day(THREE, [bar("AAA", 50.5)])
    lake.run(ONE, THREE)
    assert returned(lake, THREE) == (None, None)
    assert set(lake.table("gold.stocks_daily_prices")["adjusted_from"]) == {THREE}
    lake.put_day(TWO, [bar("AAA", 50.0)], splits=[split])
    lake.run(TWO)
    (announced,) = lake.table("gold.stocks_announced_actions").to_dicts()
    told = [announced[name] for name in ("ticker", "market_date", "ratio", "said", "ids", "cash_dividend")]
    assert told == ["AAA", TWO, 2.0, "2 for 1", 1, None]
    assert (announced["close_day"], announced["close_before"], announced["open"]) == (ONE, 100.0, 49.5)
    assert returned(lake, THREE) == pytest.approx((0.01, 0.01))
    assert returned(lake, TWO) == pytest.approx((0.0, 0.0))
    assert set(lake.table("gold.stocks_daily_prices")["adjusted_from"]) == {ONE}


@pytest.mark.long
def test_what_looks_at_its_own_day_is_computed_for_the_days_that_changed(lake: Lake) -> None:
    """A restated close may change what is announced, what counts, volumes and returns, 40 market days on each."""
    days = [shift("XNYS", ONE, 30 * at) for at in range(6)]
    lake.only("market_summary")
    for day in days:
        lake.put_day(day, [bar("AAA", 40.0)])
    lake.run(days[0], days[-1])
    lake.put("grouped_daily", days[0], [bar("AAA", 41.0)], revision=2)
    lake.silver(days[0])
    lake.quality(days[0])
    done = lake.gold(days[0])["tables"]
    names = ("announced_actions", "corporate_actions", "traded_prices", "daily_returns", "market_summary")
    assert [done[name]["days"] for name in names] == [2, 3, 4, 5, 5]
