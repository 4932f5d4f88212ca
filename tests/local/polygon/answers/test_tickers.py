"""The list of tickers of every market."""

from itertools import chain

import pytest

from tests.local.polygon.serving import Server

TICKERS = "/v3/reference/tickers?date=2026-06-15&limit=1000"


def test_all_markets_together(small: Server) -> None:
    """Without a market the list holds every market's tickers, in one order, by pages of any size."""
    every = small.rows(TICKERS)
    parts = {name: small.rows(f"{TICKERS}&market={name}") for name in ("stocks", "otc", "fx", "crypto", "indices")}
    assert {name: len(rows) for name, rows in parts.items()} == {
        "stocks": 400, "otc": 40, "fx": 60, "crypto": 300, "indices": 20,
    }  # fmt: skip
    assert every == sorted(chain(*parts.values()), key=lambda row: row["ticker"])
    assert small.rows("/v3/reference/tickers?date=2026-06-15&limit=97") == every
    assert all(row["market"] == name for name, rows in parts.items() for row in rows)
    assert small.rows(f"{TICKERS}&market=cheese") == []


def test_fields_of_pairs(small: Server) -> None:
    """A pair names both its currencies."""
    row = small.rows(f"{TICKERS}&ticker=C:EURUSD")[0]
    assert row == {
        "ticker": "C:EURUSD",
        "name": "Euro - United States Dollar",
        "market": "fx",
        "locale": "global",
        "active": True,
        "currency_symbol": "USD",
        "currency_name": "United States Dollar",
        "base_currency_symbol": "EUR",
        "base_currency_name": "Euro",
        "last_updated_utc": "2026-06-15T00:00:00Z",
    }
    assert small.page("/v3/reference/tickers/C:EURUSD?date=2026-06-15")["results"] == row


def test_filters_and_orders_reach_every_market(small: Server) -> None:
    """Search, ranges and sorting work on columns that only some markets have."""
    assert {row["market"] for row in small.rows(f"{TICKERS}&search=volatility")} == {"indices"}
    assert "X:BTCUSD" in [row["ticker"] for row in small.rows(f"{TICKERS}&search=bitcoin")]
    assert {row["market"] for row in small.rows(f"{TICKERS}&ticker.gte=X:&ticker.lt=X;")} == {"crypto"}
    symbols = [row["currency_symbol"] for row in small.rows(f"{TICKERS}&market=fx&sort=currency_symbol&order=desc")]
    assert symbols == sorted(symbols, reverse=True)
    assert len(set(symbols)) > 15
    assert len(small.rows(f"{TICKERS}&type=ETF")) < 400


@pytest.mark.parametrize("ticker", ["C:USDNOPE", "X:NOPE", "I:NOPE", "NOPE", "O:NOPE"])
def test_unknown_tickers(small: Server, ticker: str) -> None:
    """Details of what no market lists are not found."""
    answer = small.get(f"/v3/reference/tickers/{ticker}")
    assert (answer.status, answer.json()["status"]) == (404, "NOT_FOUND")
