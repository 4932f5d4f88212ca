"""Tickers of contracts."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.polygon.options.contracts import Contract


@given(
    st.from_regex(r"[A-Z]{1,5}", fullmatch=True),
    st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)),
    st.booleans(),
    st.integers(1, 99_999_999),
)
def test_a_ticker_is_read_as_it_was_written(symbol: str, expiry: dt.date, put: bool, thousandths: int) -> None:
    """Root, expiry, kind and strike come back."""
    contract = Contract(symbol, expiry, put, thousandths / 1000)
    written = contract.on(symbol, 3)
    assert Contract.read(str(written.tickers[0])) == contract
    row = written.rows()[0]
    assert (row["expiration_date"], row["strike_price"]) == (expiry.isoformat(), thousandths / 1000)
    assert (row["contract_type"], row["cfi"]) == (("put", "OPASPS") if put else ("call", "OCASPS"))


def test_known_tickers() -> None:
    """As the clearing corporation writes them; a root has no point."""
    assert Contract.read("O:AAPL140613C00650000") == Contract("AAPL", dt.date(2014, 6, 13), False, 650.0)
    assert Contract("BRKB", dt.date(2026, 7, 17), True, 502.5).on("BRK.B", 0).tickers.tolist() == [
        "O:BRKB260717P00502500"
    ]


@pytest.mark.parametrize(
    "ticker",
    [
        "AAPL", "O:AAPL", "O:AAPL140613X00650000", "O:AAPL141313C00650000", "O:AAPL140613C0650000",
        "O:aapl140613C00650000", "X:AAPL140613C00650000", "O:AAPL140613C00650000 ", "",
    ],
)  # fmt: skip
def test_other_texts_are_no_contracts(ticker: str) -> None:
    """What is not written so is not read."""
    assert Contract.read(ticker) is None
