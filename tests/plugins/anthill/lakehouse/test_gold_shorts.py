"""Short sales and open short positions against an oracle, whatever order their days arrive in."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from anthill.calendars import market_days
from anthill.lakehouse.quality import QualityError
from tests.plugins.anthill.lakehouse import oracle_shorts
from tests.plugins.anthill.lakehouse.lake import Lake, bar

CLOSE: dict[str, Any] = {"check_dtypes": False, "rel_tol": 1e-9, "abs_tol": 1e-12}


def test_short_volume_equals_the_oracle(lake: Lake) -> None:
    """Two months with gaps, a day without volume, the second before the first, and a restated day."""
    lake.only("short_volume")
    chance = random.Random(5)
    sessions = market_days("XNYS", dt.date(2024, 1, 2), dt.date(2024, 2, 29))
    sold = {
        day: [_sold(chance, ticker, day) for ticker in ("AAA", "BBB", "CCC") if chance.random() < 0.8]
        for day in sessions
    }
    sold[sessions[20]] = [{"ticker": "AAA", "date": str(sessions[20]), "short_volume": 0, "total_volume": 0}]
    for day in sessions:
        lake.put("short_volume", day, [_sold(chance, "AAA", day)] if day == sessions[15] else sold[day])
    for piece in (sessions[18:], sessions[:18]):
        lake.run(piece[0], piece[-1])
    lake.put("short_volume", sessions[15], sold[sessions[15]])
    lake.run(sessions[15])
    expected = oracle_shorts.short_volume(sessions, sold)
    assert expected["short_ratio_20d"].is_not_null().sum() > 50
    assert_frame_equal(lake.table("gold.stocks_short_volume").sort("ticker", "market_date"), expected, **CLOSE)


def test_a_ratio_reads_only_days_that_passed(lake: Lake) -> None:
    """A day of which half cannot be read is held back, and its other half is in no later ratio: 12 days less one."""
    sessions = market_days("XNYS", dt.date(2024, 1, 2), dt.date(2024, 1, 31))[:12]
    for at, day in enumerate(sessions):
        row = {"ticker": "AAA", "date": str(day), "short_volume": 30, "total_volume": 100}
        wild = [row | {"short_volume": 1000, "total_volume": 1000}, row | {"ticker": "BBB", "total_volume": "many"}]
        lake.put("short_volume", day, wild if at == 5 else [row])
    lake.silver(sessions[0], sessions[-1])
    with pytest.raises(QualityError, match="1 of 2 bronze rows are in quarantine"):
        lake.quality(sessions[0], sessions[-1])
    lake.gold(sessions[0], sessions[-1])
    got = lake.table("gold.stocks_short_volume").sort("market_date")
    assert got["market_date"].to_list() == sessions[:5] + sessions[6:]
    assert got["short_ratio_20d"].to_list() == [None] * 9 + [0.3, 0.3]


@pytest.mark.long
def test_short_interest_equals_the_oracle(lake: Lake) -> None:
    """Changes over a split and over a long silence; a report for each settlement date two weeks after it."""
    lake.only("short_interest")
    sessions = market_days("XNYS", dt.date(2024, 1, 2), dt.date(2024, 5, 31))
    reports = {sessions[at + 10]: sessions[at] for at in (8, 20, 29, 39, 48, 60, 70, 80)}
    split = {"id": "s", "ticker": "BBB", "execution_date": str(sessions[24]), "split_from": 2, "split_to": 3}
    splits = {sessions[24]: [split]}
    reported: dict[dt.date, list[dict[str, Any]]] = {}
    for number, (day, settled) in enumerate(reports.items()):
        tickers = ["AAA", "BBB", *(["CCC"] if number in (0, 6) else []), *(["DDD"] if number > 3 else [])]
        tickers += [*(["NEAR"] if number in (0, 4) else []), *(["FAR"] if number in (2, 6) else [])]  # 40 and 41 days
        reported[day] = [_open(ticker, settled, number) for ticker in tickers]
    days = sorted({*reported, *splits})
    for day in days:
        lake.put_day(day, [bar("BBB", 15.0 if day < sessions[24] else 10.0)], splits.get(day, []))
        lake.put("short_interest", day, reported.get(day, []))
    lake.run(days[5], days[-1])
    lake.run(days[0], days[4])
    expected = oracle_shorts.short_interest(sessions, reported, splits)
    got = lake.table("gold.stocks_short_interest").sort("ticker", "settlement_date")
    assert_frame_equal(got, expected, **CLOSE)
    over_split = got.filter((got["ticker"] == "BBB") & (got["settlement_date"] == sessions[29]))["change"].item()
    for ticker, compared in (("NEAR", 1), ("FAR", 0)):
        assert got.filter(got["ticker"] == ticker)["change"].count() == compared
    assert over_split == (3300 / 1.5) / 2200 - 1


def _sold(chance: random.Random, ticker: str, day: dt.date) -> dict[str, Any]:
    total = round(chance.lognormvariate(11, 1), 1)
    short = round(total * chance.uniform(0.2, 0.7), 1)
    row = {"ticker": ticker, "date": str(day), "short_volume": short, "total_volume": total}
    return {**row, "exempt_volume": 1.5, "short_volume_ratio": round(short / total * 100, 2)}


def _open(ticker: str, settled: dt.date, number: int) -> dict[str, Any]:
    shares = 0 if (ticker, number) == ("DDD", 5) else 1100 * (number + 1)
    volume = 0 if (ticker, number) == ("DDD", 6) else 400
    days_to_cover = shares / volume if volume else 999.99
    known = {"ticker": ticker, "settlement_date": str(settled), "short_interest": shares}
    return {**known, "avg_daily_volume": volume, "days_to_cover": round(days_to_cover, 2)}
