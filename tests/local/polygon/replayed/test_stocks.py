"""Replay of bars from CSV files."""

import datetime as dt
import gzip
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.polygon.markets.clock import Clock
from local.polygon.replayed.stocks import ReplayedStocks, small_ratio
from tests.local.polygon.serving import GROUPED, SHARED, Server

BARS = """date,ticker,open,high,low,close,volume
2014-06-05,AAA,646.2,649.4,642.6,647.4,75951000
2014-06-06,AAA,649.9,651.3,644.5,645.57,87484000
2014-06-09,AAA,92.7,93.9,91.8,93.7,75415000
2014-06-09,GONE,5,6,4,5.5,100
2014-06-20,AAA,91.8,92,90.9,90.91,100813000
"""
SPLITS = "last_day_before,ticker,new_shares_per_old\n2014-06-06,AAA,6.999997\n"
DIVIDENDS = "last_day_before,ticker,cash_amount\n2014-06-05,AAA,3.29\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in the CSV format, one file of it compressed."""
    (tmp_path / "stocks_daily.csv.gz").write_bytes(gzip.compress(BARS.encode()))
    (tmp_path / "stock_splits.csv").write_text(SPLITS)
    (tmp_path / "stock_dividends.csv").write_text(DIVIDENDS)
    return tmp_path


@pytest.fixture
def replay(folder: Path, serve: Callable[..., Server]) -> Server:
    """A server over the folder."""
    return serve("--history", str(folder), "--today", "2014-07-01")


def test_days_are_as_in_the_file(replay: Server) -> None:
    """A session's bars are those of the file; a session without any, and a holiday, are empty."""
    rows = replay.page(f"{GROUPED}/2014-06-06?adjusted=false")["results"]
    assert [{name: row[name] for name in "Tohlcv"} for row in rows] == [
        {"T": "AAA", "o": 649.9, "h": 651.3, "l": 644.5, "c": 645.57, "v": 87484000}
    ]
    assert [row["T"] for row in replay.page(f"{GROUPED}/2014-06-09")["results"]] == ["AAA", "GONE"]
    for empty in ("2014-06-10", "2014-05-26"):
        assert replay.page(f"{GROUPED}/{empty}")["resultsCount"] == 0


def test_adjusted_bars(replay: Server) -> None:
    """Before the split prices are divided by 7 and volumes multiplied; from its day on nothing changes."""
    rows = replay.page("/v2/aggs/ticker/AAA/range/1/day/2014-06-01/2014-06-30")["results"]
    assert [row["c"] for row in rows[1:3]] == [round(645.57 / 7, 6), 93.7]
    assert rows[1]["v"] == 87484000 * 7


def test_corporate_actions(replay: Server) -> None:
    """The split and the dividend happen on the session after the last day before."""
    split = replay.rows("/stocks/v1/splits?execution_date=2014-06-09")[0]
    assert (split["ticker"], split["split_from"], split["split_to"]) == ("AAA", 1, 7)
    assert split["historical_adjustment_factor"] == pytest.approx(1 / 7)
    dividend = replay.rows("/stocks/v1/dividends?ex_dividend_date=2014-06-06")[0]
    assert (dividend["ticker"], dividend["cash_amount"]) == ("AAA", 3.29)
    assert replay.rows("/v3/reference/dividends")[0]["dividend_type"] == "CD"


def test_tickers_come_from_the_bars(replay: Server) -> None:
    """A ticker is listed from its first bar, and gone after its last when the file goes on without it."""
    listed = lambda query: [row["ticker"] for row in replay.rows(f"/v3/reference/tickers?{query}")]  # noqa: E731
    assert listed("date=2014-06-06") == ["AAA"]
    assert listed("date=2014-06-09") == ["AAA", "GONE"]
    assert listed("date=2014-06-30") == ["AAA"]
    assert listed("date=2014-06-30&active=false") == ["GONE"]
    assert replay.page("/v3/reference/tickers/AAA")["results"]["list_date"] == "2014-06-05"
    assert replay.rows("/v2/reference/news") == []
    assert replay.rows("/v2/aggs/ticker/AAA/range/1/minute/2014-06-05/2014-06-20") == []


def test_real_history(serve: Callable[..., Server]) -> None:
    """The known truths of 2014: AAPL's closes around its split, and its dividend."""
    if not (SHARED / "market-history").is_dir():
        pytest.skip(f"no market history in {SHARED}")
    server = serve("--history", str(SHARED / "market-history"), "--today", "2014-12-31")
    closes = {row["T"]: row["c"] for row in server.page(f"{GROUPED}/2014-06-06?adjusted=false")["results"]}
    assert closes["AAPL"] == 645.57
    adjusted = server.page("/v2/aggs/ticker/AAPL/range/1/day/2014-06-06/2014-06-09")["results"]
    assert [row["c"] for row in adjusted] == [round(645.57 / 7, 6), 93.7]
    assert [row["split_to"] for row in server.rows("/stocks/v1/splits?ticker=AAPL")] == [7]
    assert server.rows("/stocks/v1/dividends?ticker=AAPL&ex_dividend_date=2014-02-06")[0]["cash_amount"] == 3.05


def test_a_folder_of_bars_alone(folder: Path, serve: Callable[..., Server]) -> None:
    """Without splits and dividends their lists are empty, whatever they are asked for."""
    (folder / "stock_splits.csv").unlink()
    (folder / "stock_dividends.csv").unlink()
    server = serve("--history", str(folder), "--today", "2014-07-01")
    for path in ("/stocks/v1/splits", "/stocks/v1/dividends", "/v3/reference/splits", "/v3/reference/dividends"):
        assert server.page(f"{path}?ticker=AAA&sort=ticker")["results"] == []
    assert server.page("/v3/reference/dividends?ex_dividend_date.gte=2014-01-01&cash_amount.gt=1")["results"] == []


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("stocks_daily.csv", "2014-06-07,AAA,1,1,1,1,1", "no session"),
        ("stocks_daily.csv", "2014-06-06,AAA,1,1,1,none,1", "none"),
        ("stocks_daily.csv", "2014-06-06,AAA,1,1", "float"),
        ("stock_splits.csv", "2014-06-06,AAA,0", "new shares"),
        ("stock_dividends.csv", "June,AAA,1", "June"),
    ],
)
def test_bad_rows_name_file_and_line(folder: Path, name: str, line: str, words: str) -> None:
    """A row that cannot be read stops the start and says where it is."""
    (folder / "stocks_daily.csv.gz").unlink()
    (folder / "stocks_daily.csv").write_text(BARS)
    path = folder / name
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(ValueError, match=words) as error:
        ReplayedStocks(folder, Clock(dt.date(2014, 7, 1)))
    assert f"{name}, line {len(path.read_text().splitlines())}" in str(error.value)


def test_a_folder_without_bars(tmp_path: Path) -> None:
    """A folder that holds no bars is named."""
    with pytest.raises(ValueError, match="stocks_daily"):
        ReplayedStocks(tmp_path, Clock(dt.date(2014, 7, 1)))


@pytest.mark.parametrize(
    ("given_as", "high", "ratio"),
    [("6.999997", 700.0, "7"), ("1.281", 500.0, "1281/1000"), ("1.281", 0.5, "114/89"), ("1.281", None, "114/89")],
)
def test_a_ratio_is_made_simple_where_no_price_moves(
    tmp_path: Path, given_as: str, high: float | None, ratio: str
) -> None:
    """By half a cent: 1.281 new shares are not 114 for 89, unless the share costs next to nothing."""
    bars = f"2014-06-05,AAA,{high},{high},{high},{high},1\n" if high else ""
    (tmp_path / "stocks_daily.csv").write_text(BARS.splitlines()[0] + f"\n{bars}2014-06-09,AAA,1,1,1,1,1\n")
    (tmp_path / "stock_splits.csv").write_text(
        f"last_day_before,ticker,new_shares_per_old\n2014-06-06,AAA,{given_as}\n"
    )
    (split,) = ReplayedStocks(tmp_path, Clock(dt.date(2014, 7, 1))).splits.write(np.array([0]))
    assert Fraction(int(split["split_to"]), int(split["split_from"])) == Fraction(ratio)


def test_folders_are_laid_over_each_other(folder: Path, tmp_path: Path, serve: Callable[..., Server]) -> None:
    """The second one says who bore a ticker when: the list of each day has its identifiers, events tell of changes."""
    over = tmp_path / "over"
    over.mkdir()
    (over / "stock_identifiers.csv").write_text(
        "ticker,since,until,name,composite_figi,share_class_figi,cik\n"
        "AAA,,2014-06-09,Class A,BBG00IA,,0000000001\nAAA,2014-06-09,,Class C,BBG00IC,,0000000001\n"
    )
    (over / "stock_ticker_events.csv").write_text(
        "composite_figi,name,date,ticker\nBBG00IA,Class A,2004-08-19,AAA\nBBG00IA,Class A,2014-06-09,AAAL\n"
        "BBG00IC,Class C,2014-06-09,AAA\nBBG00IC,Class C,2014-09-01,LATER\n"
    )
    replay = serve("--history", f"{folder},{over}", "--today", "2014-07-01")
    listed = {
        day: [
            row.get("composite_figi")
            for row in replay.page(f"/v3/reference/tickers?market=stocks&date={day}")["results"]
        ]
        for day in ("2014-06-06", "2014-06-09")
    }
    assert listed == {"2014-06-06": ["BBG00IA"], "2014-06-09": ["BBG00IC", None]}
    told = {
        asked: [
            (event["date"], event["ticker_change"]["ticker"])
            for event in replay.page(f"/vX/reference/tickers/{asked}/events")["results"]["events"]
        ]
        for asked in ("BBG00IA", "AAA", "GONE")
    }
    assert told == {
        "BBG00IA": [("2014-06-09", "AAAL"), ("2004-08-19", "AAA")],
        "AAA": [("2014-06-09", "AAA")],
        "GONE": [("2014-06-09", "GONE")],
    }


@given(st.integers(1, 50), st.integers(1, 50), st.floats(-5e-6, 5e-6))
def test_small_ratios(after: int, before: int, error: float) -> None:
    """A ratio of small numbers is found again through a little noise."""
    assert small_ratio(after / before * (1 + error)) == Fraction(after, before)


@pytest.mark.parametrize(
    "asked",
    [
        "/stocks/financials/v1/balance-sheets?tickers=AAA&fiscal_year=2014&sort=period_end.desc",
        "/stocks/financials/v1/ratios?ticker=AAA&price.gt=1",
        "/stocks/v1/short-volume?ticker=AAA&total_volume.gt=1",
    ],
)
def test_nothing_is_told_about_companies(replay: Server, asked: str) -> None:
    """Whatever a call filters and orders by."""
    assert replay.rows(asked) == []
