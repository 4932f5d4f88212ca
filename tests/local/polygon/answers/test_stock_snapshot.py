"""The whole market through a day, as the clock moves and as plans let see it."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.polygon.markets.bars import merged
from local.polygon.markets.clock import Clock
from local.polygon.stocks.simulated import SimulatedStocks
from tests.local.polygon.serving import GROUPED, Server

PATH = "/v2/snapshot/locale/us/markets/stocks/tickers"
NO_DAY = {"c": 0, "h": 0, "l": 0, "o": 0, "v": 0, "vw": 0}


def at(server: Server, time: str, today: str = "2026-06-15", query: str = "") -> dict[str, Any]:
    """The snapshot at a moment, by ticker."""
    server.move(today=today, time=time)
    page = server.page(PATH + query)
    assert page["count"] == len(page["tickers"])
    return {row["ticker"]: row for row in page["tickers"]}


def test_two_snapshots_of_a_day_differ(moving: Server) -> None:
    """Between ten and a quarter past, volumes grow and ranges widen; the day opened where it opened."""
    first, second = at(moving, "10:00"), at(moving, "10:15")
    assert first.keys() == second.keys()
    moved = 0
    for ticker, early in first.items():
        late = second[ticker]
        assert late["prevDay"] == early["prevDay"]
        if early["day"] != NO_DAY:
            assert late["day"]["o"] == early["day"]["o"]
            assert late["day"]["h"] >= early["day"]["h"]
            assert late["day"]["l"] <= early["day"]["l"]
            assert late["day"]["v"] >= early["day"]["v"]
            moved += late != early
    assert moved > 200


def test_the_day_ends_as_its_bar(moving: Server) -> None:
    """After the close a snapshot's day is the day's bar, and the day before it the last one, in today's shares."""
    late = at(moving, "16:00")
    grouped = {row["T"]: row for row in moving.page(f"{GROUPED}/2026-06-15?adjusted=false")["results"]}
    before = {row["T"]: row for row in moving.page(f"{GROUPED}/2026-06-12?adjusted=true")["results"]}
    assert len(late) == 400
    for ticker, row in late.items():
        if ticker in grouped:
            assert [row["day"][name] for name in "ohlcv"] == [grouped[ticker][name] for name in "ohlcv"]
        else:
            assert row["day"] == NO_DAY
        if ticker in before:
            assert [row["prevDay"][name] for name in "ohlcv"] == [before[ticker][name] for name in "ohlcv"]
        if ticker in grouped and ticker in before:
            change = grouped[ticker]["c"] - before[ticker]["c"]
            assert row["todaysChange"] == pytest.approx(change, abs=1e-4)
            assert row["todaysChangePerc"] == pytest.approx(100 * change / before[ticker]["c"], abs=1e-3)
    assert abs(late["ANTH"]["todaysChangePerc"]) < 20, "ANTH's split of the day is no change of its price"


def test_the_day_so_far_is_its_minutes(moving: Server) -> None:
    """At any time, day, minute and last trade are what the minute bars up to then say, and so is the range's bar."""
    for time, minutes in (("09:31", 1), ("11:00", 90), ("15:59", 389)):
        row = at(moving, time)["ANTH"]
        bars = moving.page("/v2/aggs/ticker/ANTH/range/1/minute/2026-06-15/2026-06-15?adjusted=false")["results"]
        assert len(bars) == minutes
        day, minute = row["day"], row["min"]
        assert (day["o"], day["c"]) == (bars[0]["o"], bars[-1]["c"])
        assert (day["h"], day["l"]) == (max(bar["h"] for bar in bars), min(bar["l"] for bar in bars))
        assert day["v"] == pytest.approx(sum(bar["v"] for bar in bars), rel=1e-9)
        assert minute["av"] == int(day["v"])
        assert [minute[name] for name in "ohlcvtn"] == [bars[-1][name] for name in "ohlcvtn"]
        assert row["lastTrade"]["p"] == day["c"]
        assert bars[-1]["t"] * 10**6 < row["updated"] < (bars[-1]["t"] + 60_000) * 10**6
        ranged = moving.page("/v2/aggs/ticker/ANTH/range/1/day/2026-06-15/2026-06-15?adjusted=false")["results"][0]
        grouped = moving.page(f"{GROUPED}/2026-06-15?adjusted=false")["results"]
        whole = next(bar for bar in grouped if bar["T"] == "ANTH")
        assert [ranged[name] for name in "ohlcv"] == [day[name] for name in "ohlcv"]
        assert [whole[name] for name in "ohlcvn"] == [ranged[name] for name in "ohlcvn"]


def test_before_the_opening_there_are_zeros(moving: Server) -> None:
    """Nothing of today, and the day before as it was; the same on a day without a session."""
    for time, today in (("08:00", "2026-06-15"), ("12:00", "2026-06-14")):
        rows = at(moving, time, today)
        assert len(rows) == 400
        for row in rows.values():
            assert row["day"] == NO_DAY
            assert (row["min"]["t"], row["min"]["av"], row["todaysChange"], row["updated"]) == (0, 0, 0, 0)
        assert rows["MSFT"]["prevDay"]["c"] > 0
    assert "results" not in moving.page(f"{GROUPED}/2026-06-14")


def test_chosen_tickers(moving: Server) -> None:
    """Some by name, unknown ones left out; one alone, or a 404; those over the counter only if asked for."""
    every = at(moving, "12:00")
    some = at(moving, "12:00", query="?tickers=MSFT,ANTH,NOSUCH")
    assert some == {ticker: every[ticker] for ticker in ("ANTH", "MSFT")}
    assert moving.page(f"{PATH}/ANTH")["ticker"] == every["ANTH"]
    missing = moving.get(f"{PATH}/NOSUCH")
    assert (missing.status, missing.json()["status"]) == (404, "NOT_FOUND")
    assert len(at(moving, "12:00", query="?include_otc=true")) == 440
    refused = moving.get(f"{PATH}?include_otc=some")
    assert (refused.status, "include_otc" in refused.json()["error"]) == (400, True)


def test_plans(moving: Server) -> None:
    """Basic has none, delayed plans see the quarter of an hour before, the dearer ones have trades and quotes."""
    at(moving, "10:30")
    pages = {key: moving.get(f"{PATH}/ANTH", key=key) for key in ("low", "start", "dev", "all")}
    assert (pages["low"].status, pages["low"].json()["status"]) == (403, "NOT_AUTHORIZED")
    now, delayed = pages["all"].json(), pages["dev"].json()
    assert (now["status"], delayed["status"]) == ("OK", "DELAYED")
    assert {"lastQuote", "lastTrade"} <= now["ticker"].keys()
    assert "lastQuote" not in delayed["ticker"]
    assert not {"lastQuote", "lastTrade"} & pages["start"].json()["ticker"].keys()
    assert delayed["ticker"]["day"] == at(moving, "10:15")["ANTH"]["day"] != now["ticker"]["day"]


def test_early_close(moving: Server) -> None:
    """On the day after Thanksgiving the day is over at one o'clock."""
    one, six = at(moving, "13:00", "2026-11-27"), at(moving, "18:00", "2026-11-27")
    assert one == six
    assert at(moving, "12:59", "2026-11-27") != one


def test_bars_so_far_are_merged_minutes() -> None:
    """The whole market at once is what one stock is by its minutes, prices and counts to the last digit."""
    clock = Clock(dt.date(2026, 6, 15), dt.time(13, 7))
    market = SimulatedStocks(7, clock, stocks=200, otc=0)
    session = market.sessions.next_from(clock.today)
    whole = market.day(session, adjusted=False, otc=False)
    for at_row in range(0, len(whole), 11):
        minutes = market.minutes(str(whole.tickers[at_row]), session, session, adjusted=False)
        one = merged(minutes, minutes.t * 0)
        row = whole.take(slice(at_row, at_row + 1))
        assert [float(getattr(row, name)[0]) for name in "ohlcn"] == [float(getattr(one, name)[0]) for name in "ohlcn"]
        assert row.v[0] == pytest.approx(one.v[0], rel=1e-9)
        assert row.vw[0] == pytest.approx(one.vw[0], abs=1e-4)


def test_replayed_bars(serve: Callable[..., Server], tmp_path: Path) -> None:
    """Replayed days show once they are over, beside the day before; they have no minutes."""
    (tmp_path / "stocks_daily.csv").write_text(
        "date,ticker,open,high,low,close,volume\n2014-06-09,AAPL,93,94,92,93.5,100\n2014-06-10,AAPL,94,96,93,95.5,200\n"
    )
    server = serve("--history", str(tmp_path), "--today", "2014-06-10", "--clock", "12:00")
    noon = server.page(PATH)["tickers"][0]
    assert (noon["day"], noon["prevDay"]["c"]) == (NO_DAY, 93.5)
    assert server.page(f"{GROUPED}/2014-06-10")["resultsCount"] == 0
    server.move(time="16:00")
    evening = server.page(PATH)["tickers"][0]
    assert (evening["day"]["c"], evening["todaysChange"], evening["min"]["t"]) == (95.5, 2, 0)
    assert server.page(f"{GROUPED}/2014-06-10")["resultsCount"] == 1
