"""Replay of contract sizes, deliverables and chains from CSV files, over HTTP."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from local.polygon.markets.clock import Clock
from local.polygon.markets.sessions import xnys
from local.polygon.options.replayed import ReplayedOptions
from tests.local.polygon.serving import Server

DAYS = "date,ticker,open,high,low,close,volume\n"
BARS = (
    DAYS
    + "2014-06-05,O:AAPL140621C00650000,5,6,4,5.5,90\n"
    + "2014-06-06,O:AAPL140621C00650000,6.4,7.2,5.9,6.1,1200\n"
    + "2014-06-09,O:AAPL7140621C00650000,6.0,6.2,5.8,6.15,30\n"
    + "2014-06-09,O:AAPL140621C00095000,0.9,1.1,0.8,1.0,4000\n"
)
CONTRACTS = (
    "ticker,underlying,since,until,shares_per_contract,additional_underlyings\n"
    "O:AAPL140621C00650000,AAPL,2014-05-01,2014-06-09,,\n"
    "O:AAPL7140621C00650000,AAPL,2014-06-09,,15,\n"
    'O:DVMT1140621P00100000,VMW,2014-05-01,,44,"[{""type"":""currency"",""underlying"":""USD"",""amount"":653}]"\n'
)
CHAINS = (
    "date,ticker,underlying_price,open_interest,implied_volatility,delta,gamma,theta,vega,bid,ask\n"
    "2014-06-06,O:AAPL140621C00650000,645.57,5000,0.25,0.4,0.01,-0.3,0.5,6.0,6.2\n"
    "2014-06-09,O:AAPL7140621C00650000,93.7,700,,,,,,,\n"
    "2014-06-09,O:AAPL140621C00095000,93.7,9000,0.22,0.35,0.06,-0.04,0.06,0.98,1.02\n"
    "2014-06-09,O:DVMT1140621P00100000,90,12,,,,,,11,12\n"
)
ASKED, CHAIN = "/v3/reference/options/contracts", "/v3/snapshot/options"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which a split leaves a contract for 15 shares of 93.70 each, and a merger one for 44 and cash."""
    (tmp_path / "stocks_daily.csv").write_text(f"{DAYS}2014-06-06,AAPL,649.9,651.3,644.5,645.57,87484000\n")
    (tmp_path / "options_daily.csv").write_text(BARS)
    (tmp_path / "options_contracts.csv").write_text(CONTRACTS)
    (tmp_path / "options_chains.csv").write_text(CHAINS)
    return tmp_path


@pytest.fixture
def server(folder: Path, serve: Callable[..., Server]) -> Server:
    """A server that replays it, in the evening after the split."""
    return serve("--history", str(folder), "--today", "2014-06-09", "--clock", "18:00", "--no-limits")


def test_sizes_are_as_written(server: Server) -> None:
    """From and until their days; what has no row is for 100 shares from its first bar on."""

    def sizes(query: str) -> dict[str, int]:
        return {row["ticker"]: row["shares_per_contract"] for row in server.rows(f"{ASKED}?{query}")}

    assert sizes("as_of=2014-06-06") == {"O:AAPL140621C00650000": 100, "O:DVMT1140621P00100000": 44}
    assert sizes("as_of=2014-06-09&underlying_ticker=AAPL") == {
        "O:AAPL140621C00095000": 100,
        "O:AAPL7140621C00650000": 15,
    }
    (merged,) = server.rows(f"{ASKED}?underlying_ticker=VMW")
    assert (merged["strike_price"], merged["contract_type"]) == (100, "put")
    assert merged["additional_underlyings"] == [{"type": "currency", "underlying": "USD", "amount": 653}]
    assert server.page(f"{ASKED}/O:AAPL7140621C00650000")["results"]["underlying_ticker"] == "AAPL"
    assert "additional_underlyings" not in server.page(f"{ASKED}/O:AAPL7140621C00650000")["results"]
    server.move(today="2014-06-23")
    expired = [row["ticker"] for row in server.rows(f"{ASKED}?expired=true")]
    assert expired == ["O:AAPL140621C00095000", "O:AAPL7140621C00650000", "O:DVMT1140621P00100000"]


def test_chains_are_as_written(server: Server) -> None:
    """At the latest close that has rows: figures where there are any, the latest bar, the price of the underlying."""
    plain, adjusted = server.rows(f"{CHAIN}/AAPL")
    assert plain["details"]["ticker"] == "O:AAPL140621C00095000"
    assert plain["greeks"] == {"delta": 0.35, "gamma": 0.06, "theta": -0.04, "vega": 0.06}
    assert (plain["implied_volatility"], plain["open_interest"]) == (0.22, 9000)
    assert (plain["last_quote"]["bid"], plain["last_quote"]["ask"], plain["break_even_price"]) == (0.98, 1.02, 96)
    assert (plain["day"]["close"], plain["day"]["volume"]) == (1.0, 4000)
    assert "previous_close" not in plain["day"]
    assert plain["underlying_asset"]["price"] == 93.7
    assert adjusted["details"]["shares_per_contract"] == 15
    assert {"greeks", "implied_volatility", "last_quote"} & set(adjusted) == set()
    assert (adjusted["break_even_price"], adjusted["open_interest"]) == (656.15, 700)
    assert server.rows(f"{CHAIN}/NONE") == []


def test_a_chain_is_that_of_the_latest_close(server: Server) -> None:
    """Until the close of a session with rows the chain is that of the one before, with the bars up to it."""
    server.move(today="2014-06-09", time="12:00")
    (row,) = server.rows(f"{CHAIN}/AAPL")
    assert row["details"]["ticker"] == "O:AAPL140621C00650000"
    assert (row["day"]["close"], row["day"]["previous_close"], row["day"]["change"]) == (6.1, 5.5, 0.6)
    server.move(today="2014-06-11", time="18:00")
    assert len(server.rows(f"{CHAIN}/AAPL")) == 2
    one = server.page(f"{CHAIN}/AAPL/O:AAPL7140621C00650000")["results"]
    assert one["details"]["shares_per_contract"] == 15
    assert server.get(f"{CHAIN}/AAPL/O:AAPL140621C00650000").status == 404


def test_no_bar_no_quote(server: Server) -> None:
    """A contract that has not traded has an empty day; one without a quote and a bar has no break-even price."""
    (row,) = server.rows(f"{CHAIN}/VMW")
    assert (row["day"], row["break_even_price"]) == ({}, 88.5)


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("options_contracts", "AAPL,,,,,", "no ticker of an option"),
        ("options_contracts", 'O:AAPL140621C00650000,,,,,"{}"', "no list"),
        ("options_contracts", "O:AAPL140621C00650000,,,,many,", "many"),
        ("options_chains", "2014-06-07,O:AAPL140621C00650000,1,1,,,,,,,", "no session"),
        ("options_chains", "2014-06-06,O:AAPL140621C00650000,1,,,,,,,,", "invalid literal"),
    ],
)
def test_bad_rows_name_file_and_line(folder: Path, name: str, line: str, words: str) -> None:
    """A row that cannot be read stops the start and says where it is."""
    path = folder / f"{name}.csv"
    path.write_text(f"{path.read_text()}{line}\n")
    count = len(path.read_text().splitlines())
    with pytest.raises(ValueError, match=rf"{name}.csv, line {count}.*{words}"):
        ReplayedOptions(folder, Clock(dt.date(2014, 6, 9)), xnys(2014))
