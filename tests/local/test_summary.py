"""What the demo's summary calls missing."""

from __future__ import annotations

import datetime as dt

import pytest

from anthill import catalog
from local.summary import out_of_reach


@pytest.mark.parametrize(
    ("last", "today", "absent"),
    [
        (dt.date(2026, 7, 2), "2026-07-03", False),  # a holiday: the source still speaks of the 2nd
        (dt.date(2014, 6, 13), "2014-06-14", False),  # a Saturday
        (dt.date(2014, 6, 12), "2014-06-13", True),
    ],
)
def test_nobody_waits_for_what_the_source_has_of_its_present_only(last: dt.date, today: str, absent: bool) -> None:
    """Where the day after the last one is a market day, it is that day's: ratios, and the gold that stands on them."""
    found = out_of_reach(catalog.load("stocks"), last, today)
    assert ("ratios" in found, "exchanges" in found) == (absent, absent)
    assert not found & {"grouped_daily", "tickers", "daily_prices", "instruments", "market_summary"}
    chains = out_of_reach(catalog.load("options"), last, today)
    assert ("chain_snapshot" in chains) == absent
    assert ("implied_volatility" in chains) == absent
