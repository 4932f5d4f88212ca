"""What an operator has declared counts in the place of what the source and the price say."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from anthill import corrections
from tests.plugins.anthill.lakehouse.lake import Lake, bar

ONE, TWO = dt.date(2024, 1, 2), dt.date(2024, 1, 3)
DECLARED = """
splits:
  - {ticker: AAA, market_date: 2024-01-03, ratio: 2, who: jane, why: it fell by itself, until: 9999-12-31}
  - {ticker: BBB, market_date: 2024-01-03, ratio: 4, who: jane, why: the source lacks it, until: 9999-12-31}
"""


def adjusted(lake: Lake) -> dict[str, float]:
    """The adjusted closes of the first day."""
    prices = lake.table("gold.stocks_daily_prices").filter(market_date=ONE)
    return dict(prices.select("ticker", "adj_close").rows())


def doubted(lake: Lake) -> int:
    """How many tickers quality names on the second day."""
    results = lake.table("quality.results").filter(pl.col("expectation") == "source_and_price_agree", market_date=TWO)
    return int(results["observed"].item())


@pytest.mark.long
def test_a_declared_ratio_counts_and_is_taken_back(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what the price contradicts, and what the source lacks; quality names neither; without it all is as before."""
    monkeypatch.setattr(corrections, "include_dir", lambda: tmp_path)
    lake.only("daily_prices")
    split = {"id": "s", "ticker": "AAA", "execution_date": str(TWO), "split_from": 1, "split_to": 2}
    lake.put_day(ONE, [bar("AAA", 10.0), bar("BBB", 20.0)])
    lake.put_day(TWO, [bar("AAA", 10.1), bar("BBB", 5.0)], splits=[split])
    lake.run(ONE, TWO)
    assert (adjusted(lake), doubted(lake)) == ({"AAA": 10.0, "BBB": 20.0}, 1)
    file = tmp_path / "corrections" / "stocks.yaml"
    file.parent.mkdir()
    file.write_text(DECLARED)
    lake.quality(ONE, TWO)
    lake.gold(ONE, TWO)
    assert (adjusted(lake), doubted(lake)) == ({"AAA": 5.0, "BBB": 5.0}, 0)
    file.unlink()
    lake.quality(ONE, TWO)
    lake.gold(ONE, TWO)
    assert (adjusted(lake), doubted(lake)) == ({"AAA": 10.0, "BBB": 20.0}, 1)


PAID = """
dividends:
  - {ticker: NOT, market_date: 2024-01-03, cash: 0, who: jane, why: it was called off, until: 9999-12-31}
  - {ticker: LESS, market_date: 2024-01-03, cash: 0.5, who: jane, why: a slip of the source, until: 9999-12-31}
  - {ticker: LATER, market_date: 2024-01-03, cash: 0, who: jane, why: another ex-date, until: 9999-12-31}
  - {ticker: LATER, market_date: 2024-01-04, cash: 2, who: jane, why: another ex-date, until: 9999-12-31}
  - {ticker: TWICE, market_date: 2024-01-03, cash: 1, who: jane, why: it was paid once, until: 9999-12-31}
  - {ticker: CAD, market_date: 2024-01-03, cash: 0.75, who: jane, why: as the company paid it, until: 9999-12-31}
  - {ticker: GONE, market_date: 2024-01-03, cash: 3, who: jane, why: the source withdrew it, until: 9999-12-31}
"""
THREE = dt.date(2024, 1, 4)
TOLD = ("in_dollars", "paid_once", "none_withdrawn")


def paid(ticker: str, cash: float, **other: str) -> dict[str, object]:
    """A dividend of the second day, under an id of its own."""
    row: dict[str, object] = {"id": f"{ticker} {other}", "ticker": ticker, "ex_dividend_date": str(TWO)}
    return row | {"cash_amount": cash, "currency": "USD"} | other


def dividends(lake: Lake) -> dict[tuple[str, dt.date], float]:
    """What gold says that shares went without, USD."""
    rows = lake.table("gold.stocks_corporate_actions").select("ticker", "market_date", "cash_dividend").rows()
    return {(ticker, day): cash for ticker, day, cash in rows}


def warned(lake: Lake) -> set[str]:
    """What quality says of the second day's dividends."""
    results = lake.table("quality.results").filter(pl.col("expectation").is_in(TOLD), market_date=TWO)
    return set(results.filter(~pl.col("passed"))["expectation"])


def test_a_declared_dividend_counts_and_is_taken_back(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not paid, another amount, another ex-date, in dollars, one withdrawn; what is settled is no warning."""
    monkeypatch.setattr(corrections, "include_dir", lambda: tmp_path)
    lake.only("daily_prices")
    tickers = ("NOT", "LESS", "LATER", "TWICE", "CAD", "GONE", "REST")
    told = [paid("NOT", 1), paid("LESS", 5), paid("LATER", 2), paid("CAD", 1, currency="CAD"), paid("REST", 4)]
    told += [paid("TWICE", 1), paid("TWICE", 1, id="another")]
    for day in (ONE, TWO, THREE):
        lake.put_day(day, [bar(ticker, 10.0) for ticker in tickers], dividends=[])
    lake.put("dividends", TWO, [*told, paid("GONE", 3)])
    lake.put("dividends", TWO, told)
    lake.run(ONE, THREE)
    before = {("NOT", TWO): 1, ("LESS", TWO): 5, ("LATER", TWO): 2, ("TWICE", TWO): 1, ("REST", TWO): 4}
    assert (dividends(lake), warned(lake)) == (before, set(TOLD))
    file = tmp_path / "corrections" / "stocks.yaml"
    file.parent.mkdir()
    file.write_text(PAID)
    lake.quality(ONE, THREE)
    lake.gold(ONE, THREE)
    after = {("LESS", TWO): 0.5, ("LATER", THREE): 2, ("TWICE", TWO): 1, ("CAD", TWO): 0.75, ("GONE", TWO): 3}
    assert (dividends(lake), warned(lake)) == (after | {("REST", TWO): 4}, set())
    first = lake.table("gold.stocks_daily_prices").filter(market_date=ONE)
    kept = dict(first.select("ticker", "total_return_close").rows())
    # Reinvested at the close before, 10: what stays of it when the share goes ex.
    assert kept == pytest.approx(
        {"NOT": 10, "LESS": 9.5, "LATER": 8, "TWICE": 9, "CAD": 9.25, "GONE": 7, "REST": 6}, rel=1e-12
    )
    file.unlink()
    lake.quality(ONE, THREE)
    lake.gold(ONE, THREE)
    assert (dividends(lake), warned(lake)) == (before, set(TOLD))
