"""Coins over HTTP: around the clock, UTC days, irregular stamps, listings that come and go."""

import datetime as dt

import pytest

from tests.local.polygon.serving import Server

CRYPTO = "/v2/aggs/grouped/locale/global/market/crypto"


def utc(moment: int) -> dt.datetime:
    """A time of the API in UTC."""
    return dt.datetime.fromtimestamp(moment / 1000, dt.UTC)


@pytest.mark.parametrize("day", ["2026-06-15", "2026-06-20", "2025-12-25"])
def test_grouped_day(small: Server, day: str) -> None:
    """Weekends and holidays trade too, and the stamps are anywhere within the UTC day."""
    page = small.page(f"{CRYPTO}/{day}")
    assert page["resultsCount"] == len(page["results"]) > 280
    assert page["adjusted"] is True
    times = [utc(row["t"]) for row in page["results"]]
    assert {time.date().isoformat() for time in times} == {day}
    assert len(set(times)) > 100


def test_ranges_agree_with_the_whole_market(small: Server) -> None:
    """The daily bars of a coin are its rows in the whole market's days, but for the stamp: midnight UTC."""
    days = small.page("/v2/aggs/ticker/X:ETHUSD/range/1/day/2026-06-13/2026-06-15")["results"]
    assert [utc(row["t"]).isoformat() for row in days] == [f"2026-06-{day}T00:00:00+00:00" for day in (13, 14, 15)]
    for row, day in zip(days, (13, 14, 15), strict=True):
        found = next(bar for bar in small.page(f"{CRYPTO}/2026-06-{day}")["results"] if bar["T"] == "X:ETHUSD")
        assert {name: found[name] for name in "ohlcvn"} == {name: row[name] for name in "ohlcvn"}


def test_minutes_around_the_clock(small: Server) -> None:
    """Bitcoin has a bar for each minute of a Saturday, by pages of any size."""
    path = "/v2/aggs/ticker/X:BTCUSD/range/1/minute/2026-06-20/2026-06-20"
    rows = small.rows(f"{path}?limit=500")
    assert [utc(row["t"]) for row in rows] == [
        dt.datetime(2026, 6, 20, tzinfo=dt.UTC) + dt.timedelta(minutes=at) for at in range(1440)
    ]
    assert rows == small.rows(f"{path}?limit=50000")


def test_a_jump_on_a_saturday(small: Server) -> None:
    """SOLUSD falls by a fifth on 2026-06-20."""
    days = small.rows("/v2/aggs/ticker/X:SOLUSD/range/1/day/2026-06-01/2026-06-30")
    moves = {utc(row["t"]).day: row["c"] / row["o"] - 1 for row in days}
    assert min(moves, key=lambda day: moves[day]) == 20
    assert moves[20] < -0.15


def test_listings_come_and_go(small: Server) -> None:
    """300 pairs are listed in June 2026, fewer before; what left is in the inactive list, and its bars end."""
    listed = lambda query: small.rows(f"/v3/reference/tickers?market=crypto&limit=1000&{query}")  # noqa: E731
    assert len(listed("date=2026-06-15")) == 300
    assert len(listed("date=2020-06-15")) < 150
    assert listed("date=2012-06-15") == []
    gone = listed("date=2026-06-15&active=false")
    assert len(gone) == 30
    assert all(not row["active"] and row["delisted_utc"] < "2026-06-15" for row in gone)
    ticker, last = gone[0]["ticker"], gone[0]["delisted_utc"][:10]
    assert small.get(f"/v3/reference/tickers/{ticker}").status == 404
    bars = small.rows(f"/v2/aggs/ticker/{ticker}/range/1/day/2013-01-01/2026-06-15")
    assert utc(bars[-1]["t"]).date().isoformat() < last
    day = dt.date.fromisoformat(last) - dt.timedelta(days=1)
    assert small.page(f"/v3/reference/tickers/{ticker}?date={day}")["results"]["active"] is True
