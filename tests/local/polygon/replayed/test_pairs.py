"""Replay of currency pairs from CSV files."""

import datetime as dt
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from local.polygon.markets.clock import Clock
from local.polygon.replayed.pairs import replayed_crypto, replayed_forex
from tests.local.polygon.serving import SHARED, Server

HEAD = "date,ticker,open,high,low,close,volume\n"
STOCKS = HEAD + "2014-06-05,AAA,1,1,1,1,1\n"
FOREX = (
    HEAD
    + "2014-06-01,C:EURUSD,1.3632,1.364,1.3615,1.3619,0\n"
    + "2014-06-02,C:EURUSD,1.3619,1.3645,1.3588,1.3598,0\n"
    + "2014-06-02,C:XXXJPY,101.5,102,101,101.9,0\n"
    + "2014-06-13,C:EURUSD,1.355,1.356,1.352,1.354,0\n"
)
CRYPTO = HEAD + "2014-12-06,X:BTCUSD,377.9,378.0,377.01,378.0,0.54660842\n2014-12-07,X:ABCUSDT,2,3,1,2.5,10\n"
GROUPED = "/v2/aggs/grouped/locale/global/market"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with pairs beside the stocks, one file of them compressed."""
    (tmp_path / "stocks_daily.csv").write_text(STOCKS)
    (tmp_path / "forex_daily.csv.gz").write_bytes(gzip.compress(FOREX.encode()))
    (tmp_path / "crypto_daily.csv").write_text(CRYPTO)
    return tmp_path


def test_days_are_as_in_the_files(folder: Path, serve: Callable[..., Server]) -> None:
    """A day's bars are those of the file, with the stamps of the API; the ranges have them too."""
    server = serve("--history", str(folder), "--today", "2014-12-31")
    rows = server.page(f"{GROUPED}/fx/2014-06-01")["results"]
    end = round(dt.datetime(2014, 6, 2, tzinfo=dt.UTC).timestamp() * 1000) - 1
    assert rows == [{"T": "C:EURUSD", "v": 0, "o": 1.3632, "c": 1.3619, "h": 1.364, "l": 1.3615, "t": end}]
    assert [row["T"] for row in server.page(f"{GROUPED}/fx/2014-06-02")["results"]] == ["C:EURUSD", "C:XXXJPY"]
    assert server.page(f"{GROUPED}/crypto/2014-12-06")["results"][0]["v"] == 0.54660842
    for empty in ("fx/2014-06-03", "fx/2014-06-07", "crypto/2014-06-07"):
        assert server.page(f"{GROUPED}/{empty}")["resultsCount"] == 0
    days = server.rows("/v2/aggs/ticker/C:EURUSD/range/1/day/2014-06-01/2014-06-30")
    assert [row["c"] for row in days] == [1.3619, 1.3598, 1.354]
    assert server.rows("/v2/aggs/ticker/C:EURUSD/range/1/minute/2014-06-01/2014-06-30") == []
    assert server.page("/v2/aggs/ticker/I:SPX/prev")["resultsCount"] == 0
    assert server.page("/v3/snapshot/indices?ticker.any_of=I:SPX")["results"][0]["error"] == "NOT_FOUND"


def test_tickers_come_from_the_bars(folder: Path, serve: Callable[..., Server]) -> None:
    """A pair is listed from its first bar, gone when the file goes on without it, and named if it is known."""
    server = serve("--history", str(folder), "--today", "2014-12-31")
    listed = lambda query: [row["ticker"] for row in server.rows(f"/v3/reference/tickers?{query}")]  # noqa: E731
    assert listed("market=fx&date=2014-06-01") == ["C:EURUSD"]
    assert listed("market=fx&date=2014-06-02") == ["C:EURUSD", "C:XXXJPY"]
    assert listed("market=fx&date=2014-06-30&active=false") == ["C:XXXJPY"]
    assert listed("search=eur") == ["C:EURUSD"]
    assert listed("market=crypto&date=2014-12-31") == ["X:ABCUSDT", "X:BTCUSD"]
    names = {row["ticker"]: row["name"] for row in server.rows("/v3/reference/tickers?market=crypto")}
    assert names == {"X:ABCUSDT": "ABC - USDT", "X:BTCUSD": "Bitcoin - United States Dollar"}
    details = server.page("/v3/reference/tickers/C:XXXJPY?date=2014-06-02")["results"]
    assert (details["base_currency_name"], details["currency_name"]) == ("XXX", "Japanese Yen")


def test_today_bounds_what_is_known(folder: Path) -> None:
    """Bars after today are not told."""
    market = replayed_forex(folder, Clock(dt.date(2014, 6, 3)))
    last = len(market.sessions.days) - 1
    assert len(market.days("C:EURUSD", 0, last, adjusted=False)) == 2
    assert len(market.day(market.sessions.next_from(dt.date(2014, 6, 13)), adjusted=False, otc=False)) == 0


def test_absent_files(folder: Path, serve: Callable[..., Server]) -> None:
    """Without files of pairs their markets have nothing, and all is a success."""
    (folder / "forex_daily.csv.gz").unlink()
    (folder / "crypto_daily.csv").unlink()
    server = serve("--history", str(folder), "--today", "2014-12-31")
    for path in (f"{GROUPED}/fx/2014-06-02", f"{GROUPED}/crypto/2014-06-02"):
        assert server.page(path)["resultsCount"] == 0
    for market in ("fx", "crypto", "indices"):
        assert server.page(f"/v3/reference/tickers?market={market}&search=a&sort=name")["results"] == []
    assert server.page("/v2/aggs/ticker/C:EURUSD/range/1/day/2014-06-01/2014-06-30")["results"] == []


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("forex_daily.csv", "2014-06-07,C:EURUSD,1,1,1,1,0", "no day of the forex market"),
        ("forex_daily.csv", "2014-06-06,EURUSD,1,1,1,1,0", "EURUSD does not begin with C:"),
        ("crypto_daily.csv", "2014-06-06,X:BTCUSD,1,1,1,,0", "could not convert"),
        ("crypto_daily.csv", "2010-06-06,X:BTCUSD,1,1,1,1,0", "before its history"),
    ],
)
def test_bad_rows_name_file_and_line(tmp_path: Path, name: str, line: str, words: str) -> None:
    """A row that cannot be read stops the start and says where it is."""
    (tmp_path / name).write_text(f"{HEAD}{line}\n")
    make = replayed_forex if name.startswith("forex") else replayed_crypto
    with pytest.raises(ValueError, match=words) as error:
        make(tmp_path, Clock(dt.date(2014, 7, 1)))
    assert f"{name}, line 2" in str(error.value)


def test_real_history(serve: Callable[..., Server]) -> None:
    """The real pairs of 2014: six days a week, and a triangle that closes within a few basis points."""
    if not (SHARED / "market-history").is_dir():
        pytest.skip(f"no market history in {SHARED}")
    server = serve("--history", str(SHARED / "market-history"), "--today", "2015-12-31")
    closes = {row["T"]: row["c"] for row in server.page(f"{GROUPED}/fx/2014-06-06")["results"]}
    assert set(closes) == {"C:EURGBP", "C:EURUSD", "C:GBPUSD", "C:NZDUSD"}
    assert closes["C:EURGBP"] * closes["C:GBPUSD"] == pytest.approx(closes["C:EURUSD"], rel=1e-3)
    assert len(server.rows("/v2/aggs/ticker/C:EURUSD/range/1/day/2014-01-01/2014-12-31")) == 313
    assert server.page(f"{GROUPED}/crypto/2015-12-31")["results"][0]["c"] == 430.31
    gone = server.rows("/v3/reference/tickers?market=fx&date=2015-01-02")
    assert [row["ticker"] for row in gone] == sorted(closes)
