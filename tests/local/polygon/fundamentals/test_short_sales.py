"""Short volume is part of each day's trading, and short interest comes twice a month, a week late."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from local.polygon.fundamentals.short_sales import PUBLISHED, ShortSales, settlements
from local.polygon.stocks.simulated import SimulatedStocks

LAST = dt.date(2026, 7, 1)


def every(column: np.ndarray) -> np.ndarray:
    """Chooses all."""
    return np.ones(len(column), dtype=bool)


def only(wanted: str | int) -> Callable[[np.ndarray], np.ndarray]:
    """Chooses one ticker or one day."""
    return lambda column: column == wanted


def rows(table: Any) -> list[dict[str, Any]]:
    """A whole table."""
    found: list[dict[str, Any]] = table.write(np.arange(len(table)))
    return found


def test_short_volume_adds_up(stocks: SimulatedStocks, short_sales: ShortSales) -> None:
    """Facilities sum to the short volume, which is part of what was reported, which is part of what traded."""
    found = rows(short_sales.volume(every, only(20260615), stocks.sessions.last_until(LAST)))
    assert len(found) > 250
    bars = stocks.day(stocks.sessions.next_from(dt.date(2026, 6, 15)), adjusted=False, otc=True)
    traded = dict(zip(bars.tickers.tolist(), bars.v.tolist(), strict=True))
    facilities = ("adf", "nasdaq_carteret", "nasdaq_chicago", "nyse")
    for row in found:
        assert sum(row[f"{name}_short_volume"] for name in facilities) == row["short_volume"]
        assert sum(row[f"{name}_short_volume_exempt"] for name in facilities) == row["exempt_volume"]
        assert all(row[f"{name}_short_volume"] >= row[f"{name}_short_volume_exempt"] >= 0 for name in facilities)
        assert row["exempt_volume"] + row["non_exempt_volume"] == row["short_volume"] <= row["total_volume"]
        assert row["short_volume_ratio"] == round(100 * row["short_volume"] / row["total_volume"], 2)
        assert row["total_volume"] <= max(traded[row["ticker"]], 1)


def test_short_volume_of_every_day(stocks: SimulatedStocks, short_sales: ShortSales) -> None:
    """A stock has a row on each session since February 2024, in order."""
    found = rows(short_sales.volume(only("ANTH"), every, stocks.sessions.last_until(LAST)))
    days = [day.isoformat() for day in stocks.sessions.days if dt.date(2024, 2, 6) <= day <= LAST]
    assert [row["date"] for row in found] == days


@pytest.mark.parametrize(
    ("month", "days"), [((2025, 3), [14, 31]), ((2025, 11), [14, 28]), ((2026, 6), [15, 30]), ((2026, 2), [13, 27])]
)
def test_settlement_dates(stocks: SimulatedStocks, month: tuple[int, int], days: list[int]) -> None:
    """The sessions up to the 15th and up to the end of the month, as FINRA sets them."""
    found = [stocks.sessions.days[at] for at in settlements(stocks.sessions)]
    assert [day.day for day in found if (day.year, day.month) == month] == days


def test_short_interest_is_published_late(stocks: SimulatedStocks, short_sales: ShortSales) -> None:
    """The settlement of 15 June is out on the evening of the 25th, seven sessions on (Juneteenth is none)."""
    sessions = stocks.sessions
    seen = [
        {row["settlement_date"] for row in rows(short_sales.interest(only("AAPL"), every, sessions.last_until(day)))}
        for day in (dt.date(2026, 6, 24), dt.date(2026, 6, 25))
    ]
    assert seen[1] - seen[0] == {"2026-06-15"}
    assert sessions.last_until(dt.date(2026, 6, 25)) - sessions.last_until(dt.date(2026, 6, 15)) == PUBLISHED
    assert min(seen[0]) == "2017-12-29"


def test_days_to_cover(stocks: SimulatedStocks, short_sales: ShortSales) -> None:
    """Shares owed over the average volume of the sessions since the settlement before."""
    found = rows(short_sales.interest(every, only(20260615), stocks.sessions.last_until(LAST)))
    assert len(found) == 320
    first, last = (stocks.sessions.last_until(dt.date(2026, *day)) for day in ((6, 1), (6, 15)))
    for row in found[::40]:
        volume = stocks.days(row["ticker"], first, last, adjusted=False).v.sum() / (last - first + 1)
        assert row["avg_daily_volume"] == pytest.approx(volume, abs=1)
        if row["avg_daily_volume"]:
            assert row["days_to_cover"] == round(row["short_interest"] / row["avg_daily_volume"], 2)
    cover = np.array([row["days_to_cover"] for row in found])
    assert 0.5 < np.median(cover) < 6
