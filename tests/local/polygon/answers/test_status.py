"""What is open at a moment."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from local.polygon.answers.status import market_now
from local.polygon.markets.clock import Clock
from local.polygon.markets.sessions import every_day, forex_week, xnys

MARKETS = {"stocks": xnys(2027), "forex": forex_week(2027), "crypto": every_day(2027)}


def now(day: str, time: str) -> Any:
    """The answer at a moment of New York."""
    clock = Clock(dt.date.fromisoformat(day), dt.time.fromisoformat(time))
    markets = {name: SimpleNamespace(sessions=sessions) for name, sessions in MARKETS.items()}
    call: Any = SimpleNamespace(markets=SimpleNamespace(clock=clock, **markets))
    return msgspec.json.decode(market_now(call).end)


@pytest.mark.parametrize(
    ("day", "time", "market", "early", "after", "fx", "indices"),
    [
        ("2026-07-01", "03:59", "closed", False, False, "open", "closed"),
        ("2026-07-01", "04:00", "extended-hours", True, False, "open", "closed"),
        ("2026-07-01", "09:30", "open", False, False, "open", "open"),
        ("2026-07-01", "16:00", "extended-hours", False, True, "open", "closed"),
        ("2026-07-01", "20:00", "closed", False, False, "open", "closed"),
        ("2025-11-28", "13:00", "extended-hours", False, True, "open", "closed"),
        ("2026-06-26", "18:00", "extended-hours", False, True, "closed", "closed"),  # a Friday
        ("2026-06-27", "12:00", "closed", False, False, "closed", "closed"),
        ("2026-06-28", "16:59", "closed", False, False, "closed", "closed"),
        ("2026-06-28", "17:00", "closed", False, False, "open", "closed"),  # a Sunday
    ],
)
def test_states(day: str, time: str, market: str, early: bool, after: bool, fx: str, indices: str) -> None:
    """Stocks, foreign exchange, coins and indices each have their hours."""
    found = now(day, time)
    assert (found["market"], found["earlyHours"], found["afterHours"]) == (market, early, after)
    assert found["exchanges"]["nyse"] == found["exchanges"]["nasdaq"] == market
    assert found["currencies"] == {"crypto": "open", "fx": fx}
    assert set(found["indicesGroups"].values()) == {indices}
    assert found["serverTime"].startswith(f"{day}T{time}:00-0")
