"""Replay of minute bars from CSV files, over HTTP."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from local.polygon.markets.clock import Clock
from local.polygon.markets.sessions import xnys
from local.polygon.replayed.minutes import ReplayedMinutes
from tests.local.polygon.serving import Server

DAYS = "date,ticker,open,high,low,close,volume\n"
HEAD = "start,ticker,open,high,low,close,volume\n"
STOCKS = (
    HEAD
    + "2014-06-06T08:00-04:00,AAA,640,640,640,640,7\n"
    + "2014-06-06T19:59:00Z,AAA,644,650,644,645.57,700\n"
    + "2014-06-06T13:30Z,AAA,649.9,651.3,644.5,647,70\n"
    + "2014-06-09T13:30Z,AAA,93,94,92,93.7,490\n"
    + "2014-06-09T13:30Z,BBB,5,5,5,5,1\n"
)


@pytest.fixture
def server(tmp_path: Path, serve: Callable[..., Server]) -> Server:
    """A server of a folder with minutes of each market that has any; AAA splits 7 for 1 on 2014-06-09."""
    (tmp_path / "stocks_daily.csv").write_text(f"{DAYS}2014-06-06,AAA,1,1,1,1,1\n2014-06-09,AAA,1,1,1,1,1\n")
    (tmp_path / "stock_splits.csv").write_text("last_day_before,ticker,new_shares_per_old\n2014-06-06,AAA,7\n")
    (tmp_path / "stocks_minutes.csv").write_text(STOCKS)
    (tmp_path / "forex_minutes.csv").write_text(f"{HEAD}2014-06-08T21:00Z,C:EURUSD,1.36,1.37,1.35,1.365,0\n")
    (tmp_path / "crypto_minutes.csv").write_text(f"{HEAD}2014-06-07T23:59Z,X:BTCUSD,300,301,299,300.5,0.25\n")
    ticker = "O:AAA140613C00650000"
    (tmp_path / "options_minutes.csv").write_text(f"{HEAD}2014-06-06T13:31Z,{ticker},6.4,6.5,6.3,6.45,12\n")
    return serve("--history", str(tmp_path), "--today", "2014-06-09", "--clock", "09:30", "--no-limits")


def asked(ticker: str, first: str, last: str, adjusted: str = "false") -> str:
    """A range of minutes."""
    return f"/v2/aggs/ticker/{ticker}/range/1/minute/{first}/{last}?adjusted={adjusted}&limit=50000"


def at(text: str) -> int:
    """A moment as ms UTC."""
    return int(dt.datetime.fromisoformat(text).timestamp() * 1000)


def test_minutes_are_as_in_the_files(server: Server) -> None:
    """In the order of time, extended hours too, on days of the market's zone; what is unknown is left out."""
    rows = server.rows(asked("AAA", "2014-06-06", "2014-06-06"))
    opens = ["2014-06-06T12:00Z", "2014-06-06T13:30Z", "2014-06-06T19:59Z"]
    assert [row["t"] for row in rows] == [at(text) for text in opens]
    assert rows[1] == {"o": 649.9, "h": 651.3, "l": 644.5, "c": 647, "v": 70, "t": at("2014-06-06T13:30Z")}
    assert server.rows(asked("BBB", "2014-06-06", "2014-06-06")) == []
    (euro,) = server.rows(asked("C:EURUSD", "2014-06-08", "2014-06-08"))  # Sunday, 17:00 in New York
    assert (euro["t"], euro["c"], euro["v"]) == (at("2014-06-08T21:00Z"), 1.365, 0)
    (coin,) = server.rows(asked("X:BTCUSD", "2014-06-07", "2014-06-07"))
    assert (coin["c"], coin["v"]) == (300.5, 0.25)
    (option,) = server.rows(asked("O:AAA140613C00650000", "2014-06-06", "2014-06-06"))
    assert (option["t"], option["o"], option["v"]) == (at("2014-06-06T13:31Z"), 6.4, 12)


def test_they_are_adjusted_as_days_are(server: Server) -> None:
    """Before the split prices are divided by 7 and volumes multiplied; as traded they stay."""
    rows = server.rows(asked("AAA", "2014-06-06", "2014-06-06", "true"))
    assert (rows[1]["c"], rows[1]["v"]) == (round(647 / 7, 6), 490)


def test_a_minute_is_told_once_it_is_over(server: Server) -> None:
    """At 9:30 the first one has begun; a minute later it is there."""
    assert server.rows(asked("AAA", "2014-06-09", "2014-06-09")) == []
    server.move(time="09:31")
    assert [row["c"] for row in server.rows(asked("AAA", "2014-06-09", "2014-06-09"))] == [93.7]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2014-06-06T13:30,AAA,1,1,1,1,1", "no beginning of a minute with its zone"),
        ("2014-06-06T13:30:30Z,AAA,1,1,1,1,1", "no beginning of a minute"),
        ("2014-06-07T13:30Z,AAA,1,1,1,1,1", "2014-06-07 is no day of the market"),
        ("2014-06-06T13:30Z,AAA,1,1,1,none,1", "none"),
    ],
)
def test_bad_rows_name_file_and_line(tmp_path: Path, line: str, words: str) -> None:
    """A row that cannot be read stops the start and says where it is."""
    (tmp_path / "stocks_minutes.csv").write_text(f"{STOCKS}{line}\n")
    with pytest.raises(ValueError, match=rf"stocks_minutes.csv, line 7.*{words}"):
        ReplayedMinutes("stocks", tmp_path, Clock(dt.date(2014, 7, 1)), xnys(2014))
