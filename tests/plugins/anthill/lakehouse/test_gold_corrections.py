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


def test_a_declared_ratio_counts_and_is_taken_back(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what the price contradicts, and what the source lacks; quality names neither; without it all is as before."""
    monkeypatch.setattr(corrections, "include_dir", lambda: tmp_path)
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
