"""The engine that gold is compared with, by numbers that were told or that a holder can count."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from tests.oracle import wealth
from tests.oracle.wealth import Security

DAYS = [dt.date(2024, 1, 2) + dt.timedelta(days=at) for at in range(4)]


def rows(closes: list[float | None], splits: dict[int, float], cash: dict[int, float]) -> list[dict[str, object]]:
    """What gold must say of a security with these closes."""
    bars = {at: {"T": "X", **dict.fromkeys("ohlc", close), "v": 10} for at, close in enumerate(closes) if close}
    return wealth.gold([Security("x", bars, splits, cash)], DAYS[: len(closes)]).to_dicts()


def test_a_special_dividend_is_no_loss() -> None:
    """MSFT on 2004-11-15: 29.97 before, 27.39 and 3.00 in cash after, which is +1.4 %."""
    _, day = rows([29.97, 27.39], {}, {1: 3.0})
    assert day["total_return"] == pytest.approx((27.39 + 3.00) / 29.97 - 1)
    assert day["simple_return"] == pytest.approx(27.39 / 29.97 - 1)


def test_split_and_cash_on_one_day() -> None:
    """One share of 100 becomes two of 49.50 with 1.00 each: 101; the price before is halved, 2 % of it is cash."""
    before, day = rows([100.0, 49.5], {1: 2.0}, {1: 1.0})
    assert day["total_return"] == pytest.approx(0.01)
    assert (before["adj_close"], before["adj_volume"], before["split_factor"]) == (50.0, 20.0, 2.0)
    assert before["total_return_close"] == pytest.approx(50.0 * (1 - 2 * 1.0 / 100))


def test_who_does_not_trade_has_the_cash_later() -> None:
    """A dividend of 1.00, a split 1 for 2 and another 1.00 a share, while nothing trades: 1 + two times 51 for 100."""
    first, last = rows([100.0, None, None, 50.0], {2: 2.0}, {1: 1.0, 3: 1.0})
    assert last["total_return"] == pytest.approx((1 + 2 * (1 + 50)) / 100 - 1)
    assert first["total_return_factor"] == pytest.approx((1 - 1 / 100) * (1 - 1 * 2 / 100))


def test_what_differs_is_seen() -> None:
    """A value off by 2e-9, a NULL, a row too few, too many and twice; 1e-10 is none."""
    truth = pl.DataFrame({"ticker": ["A", "B", "C"], "market_date": DAYS[:3], "close": [1.0, None, 3.0]})
    near = truth.with_columns(pl.col("close") * (1 + 1e-10))
    assert wealth.differences(truth, near) == {}
    far = truth.with_columns(close=pl.Series([1 + 2e-9, 2.0, None]))
    assert {row[0] for row in wealth.differences(truth, far)["close"]} == {"A", "B", "C"}
    assert wealth.differences(truth, truth[:2]) == {"missing": [("C", DAYS[2])]}
    assert wealth.differences(truth[:2], truth) == {"unknown": [("C", DAYS[2])]}
    assert set(wealth.differences(truth, pl.concat([truth, truth[:1]]))) == {"doubled"}
