"""Real history, replayed: gold tells the truth about a split."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.stack import Options, Stack
from tests.end_to_end.conftest import run_day, running, shared, states

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The servers over the bars of 2014."""
    history = shared("market-history")
    yield from running(Stack(Options(tmp_path_factory.mktemp("stack"), history=(history,))))


def test_apples_split_of_2014_is_no_crash(airflow_database: None, stack: Stack) -> None:
    """Its close before the split is divided by seven, and the day of the split is a small gain."""
    for day in ("2014-06-06", "2014-06-09"):
        assert set(states(run_day(day)).values()) <= {"success", "skipped"}
    prices = stack.warehouse().records(
        "SELECT market_date, close, adj_close FROM gold.stocks_daily_prices WHERE ticker = 'AAPL' ORDER BY market_date"
    )
    assert [row["close"] for row in prices] == [645.57, 93.7]
    assert prices[0]["adj_close"] == pytest.approx(645.57 / 7, rel=1e-12)
    assert prices[1]["adj_close"] == 93.7
    (move,) = stack.warehouse().records(
        "SELECT simple_return, is_anomaly FROM gold.stocks_daily_returns"
        " WHERE ticker = 'AAPL' AND market_date = DATE'2014-06-09'"
    )
    assert move["simple_return"] == pytest.approx(93.7 * 7 / 645.57 - 1, rel=1e-9)
    assert move["is_anomaly"] is None  # two days are too few to judge by
