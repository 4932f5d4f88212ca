"""Who bore which ticker: the same whatever order days are loaded in, and nothing that prices wait for."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from anthill.calendars import market_days
from anthill.lakehouse.quality import QualityError
from anthill.lakehouse.spans import Spans
from tests.by_name import long_but
from tests.plugins.anthill.lakehouse.lake import Lake, bar

DAYS = market_days("XNYS", dt.date(2024, 5, 13), dt.date(2024, 5, 16))
ONE, TWO, THREE, FOUR = DAYS
Facts = dict[str, Any]

# By day: what is listed, with its close. FIXED has a wrong FIGI on the second day until it is corrected.
CLOSES: list[dict[str, float]] = [
    {"FIXED": 10.0, "PLAIN": 30.0, "AAAOLD": 40.0},
    {"FIXED": 10.1, "PLAIN": 30.3, "AAAOLD": 40.4},
    {"FIXED": 10.2, "PLAIN": 30.6, "AAANEW": 41.208},
    {"FIXED": 10.3, "PLAIN": 30.9, "AAANEW": 41.3},
]
KNOWN: dict[str, Facts] = {
    "FIXED": {"composite_figi": "BBG00IFIX01"},
    "PLAIN": {},
    "AAAOLD": {"composite_figi": "BBG00IREN01"},
    "AAANEW": {"composite_figi": "BBG00IREN01"},
}


def put(lake: Lake, day: dt.date, *, wrong: bool = False, lists: bool = True) -> None:
    """Land a day; with a wrong FIGI of FIXED, or without the lists of tickers."""
    closes = CLOSES[DAYS.index(day)]
    lake.put_day(day, [bar(ticker, close) for ticker, close in closes.items()])
    known = KNOWN | ({"FIXED": {"composite_figi": "BBG00IWRO66"}} if wrong else {})
    lake.put("tickers", day, [{"ticker": ticker, "active": True} | known[ticker] for ticker in closes], shard="active")
    if not lists:
        for shard in ("active", "delisted"):
            del lake.commits["tickers", day, shard]


def returns(lake: Lake) -> dict[tuple[str, dt.date], float | None]:
    """By ticker and day."""
    frame = lake.table("gold.stocks_daily_returns").select("ticker", "market_date", "simple_return")
    return {(ticker, day): value for ticker, day, value in frame.rows()}


def bearers(lake: Lake) -> dict[str, str]:
    """The security of each ticker that traded."""
    frame = lake.table("gold.stocks_daily_prices").select("ticker", "security").unique()
    assert frame["ticker"].is_unique().all()
    return dict(frame.rows())


RIGHT = {"FIXED": "BBG00IFIX01", "PLAIN": "PLAIN", "AAAOLD": "BBG00IREN01", "AAANEW": "BBG00IREN01"}


@pytest.mark.long
def test_whatever_order_days_are_loaded_in(lake: Lake) -> None:
    """A FIGI that was wrong and is corrected leaves no trace, and a renamed security has one series."""
    lake.only("daily_returns", "instruments")
    for piece in ((FOUR,), (THREE,), (ONE, TWO)):
        for day in piece:
            put(lake, day, wrong=day == TWO)
        lake.run(piece[0], piece[-1])
    assert lake.table("gold.stocks_instruments").filter(ticker="FIXED").height == 3
    put(lake, TWO)
    lake.run(TWO)
    instruments = lake.table("gold.stocks_instruments")
    assert instruments.filter(ticker="FIXED").select("valid_from", "valid_to").rows() == [(ONE, dt.date(9999, 12, 31))]
    assert bearers(lake) == RIGHT
    found = returns(lake)
    assert found["FIXED", TWO] == pytest.approx(0.01)
    assert found["FIXED", THREE] == pytest.approx(10.2 / 10.1 - 1)
    assert found["AAANEW", THREE] == pytest.approx(0.02)
    assert [key for key, value in found.items() if value is None and key[1] != ONE] == []
    assert lake.table("gold.stocks_daily_returns").filter(pl.col("security").is_null()).is_empty()


@pytest.mark.long
def test_prices_do_not_wait_for_reference_data(lake: Lake) -> None:
    """Days without any are published, and their securities keep their names when it comes: no later day is needed."""
    lake.only("daily_returns", "instruments")
    for day in (ONE, TWO):
        put(lake, day, lists=False)
    lake.run(ONE, TWO)
    assert bearers(lake) == {"FIXED": "FIXED", "PLAIN": "PLAIN", "AAAOLD": "AAAOLD"}
    assert lake.table("gold.stocks_instruments").is_empty()
    put(lake, THREE)
    done: dict[str, Any] = {}
    lake.silver(THREE)
    lake.quality(THREE)
    done = lake.gold(THREE)["tables"]
    assert done["daily_returns"]["days"] == 1
    assert {name: bearers(lake)[name] for name in ("FIXED", "PLAIN")} == {"FIXED": "FIXED", "PLAIN": "PLAIN"}
    assert returns(lake)["FIXED", THREE] == pytest.approx(10.2 / 10.1 - 1)


@pytest.mark.long
def test_a_rename_on_a_day_that_is_held_back(lake: Lake) -> None:
    """The day after it has a return over two days, under the new ticker; once the day is mended there are both."""
    lake.only("daily_returns", "instruments")
    for day in (ONE, TWO):
        put(lake, day)
    put(lake, THREE)
    lake.put("grouped_daily", THREE, [bar("FIXED", 10.2), bar("PLAIN", -1.0), bar("AAANEW", 41.208)])
    put(lake, FOUR)
    lake.silver(ONE, FOUR)
    with pytest.raises(QualityError):
        lake.quality(ONE, FOUR)
    lake.gold(ONE, FOUR)
    assert returns(lake)["AAANEW", FOUR] == pytest.approx(41.3 / 40.4 - 1)
    put(lake, THREE)
    lake.run(THREE)
    found = returns(lake)
    assert (found["AAANEW", THREE], found["AAANEW", FOUR]) == (pytest.approx(0.02), pytest.approx(41.3 / 41.208 - 1))


@pytest.mark.parametrize("away", long_but(1, [1, 25]))
def test_there_and_back(lake: Lake, away: int) -> None:
    """Who takes back its first ticker has one series under it; after 20 days, it is a listing of its own."""
    lake.only("series", "instruments")
    days = market_days("XNYS", dt.date(2024, 5, 13), dt.date(2024, 7, 12))[: away + 2]
    for day in days:
        ticker = "BACK" if day in (days[0], days[-1]) else "AWAY"
        lake.put_day(day, [bar(ticker, 10.0)])
        listed = [{"ticker": ticker, "active": True, "composite_figi": "BBG00IBAC01"}]
        lake.put("tickers", day, listed, shard="active")
    lake.run(days[0], days[-1])
    found = lake.table("gold.stocks_instruments").sort("valid_from")
    first, gone, last, never = days[0], days[1], days[-2], dt.date(9999, 12, 31)
    between = ("AWAY", gone, last, "BACK", "BACK")
    assert found.select("ticker", "valid_from", "valid_to", "ticker_before", "ticker_after").rows() == (
        [("BACK", first, never, None, None), between]
        if away == 1
        else [("BACK", first, first, None, "AWAY"), between, ("BACK", days[-1], never, "AWAY", None)]
    )
    assert found["security"].n_unique() == 1
    assert found["instrument_key"].is_unique().all()
    assert lake.table("gold.stocks_series")["symbol"].unique().to_list() == ["BACK"]


def test_a_ticker_has_one_bearer_a_day_from_its_first_listing_on(lake: Lake) -> None:
    """Traded before it is listed, listed without a FIGI, split, and another issuer's then: a row a day."""
    lake.only("daily_prices")
    listed: list[Facts | None] = [None, {"cik": "0000000001"}, {"cik": "0000000001"}, {"cik": "0000000002"}]
    split = {"id": "s", "ticker": "AAA", "execution_date": str(THREE), "split_from": 1, "split_to": 2}
    for day, facts in zip(DAYS, listed, strict=True):
        lake.put_day(day, [bar("AAA", 20.0 if day < THREE else 10.0)], splits=[split] if day == THREE else ())
        known = [{"ticker": "KEPT", "active": True}, *([{"ticker": "AAA", "active": True} | facts] if facts else [])]
        lake.put("tickers", day, known, shard="active")
    lake.run(ONE, FOUR)
    prices = lake.table("gold.stocks_daily_prices").sort("market_date")
    assert prices.select("market_date", "security", "split_factor").rows() == [
        (ONE, "AAA", 2.0), (TWO, "AAA", 2.0), (THREE, "AAA", 1.0), (FOUR, f"AAA/{FOUR}", 1.0)
    ]  # fmt: skip


def test_a_digest_is_of_the_day() -> None:
    """It changes with who bears a ticker on it, and with nothing else; a ticker of its own name is nobody's."""
    first = Spans([("A", "F1", ONE, THREE), ("A", "F2", THREE, dt.date.max), ("B", "B", ONE, dt.date.max)])
    later = Spans([("A", "F1", ONE, THREE), ("A", "F3", THREE, dt.date.max), ("C", "F4", FOUR, dt.date.max)])
    assert first.digest(TWO) == later.digest(TWO) != first.digest(THREE)
    assert first.digest(THREE) == first.digest(FOUR)
    assert later.digest(THREE) not in (first.digest(THREE), later.digest(FOUR))
    assert first.digest(dt.date(2024, 1, 2)) == Spans().digest(TWO)
