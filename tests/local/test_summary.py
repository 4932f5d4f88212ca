"""What the demo's summary counts, and what it calls missing."""

from __future__ import annotations

import datetime as dt

import pytest

from anthill import catalog
from anthill.bronze import commits as bronze
from local.summary import held, out_of_reach


def commit(rows: int, size: int) -> bronze.Commit:
    """One object of bronze."""
    known = {"bucket": "b", "key": "k", "shard": "", "revision": 0, "pages": 1, "sha256": "", "digest": "", "run": "r"}
    return bronze.Commit(**known, rows=rows, size=size, asof=dt.datetime(2026, 7, 3, tzinfo=dt.UTC))


def test_bronze_holds_what_its_objects_hold() -> None:
    """Days that landed, and the rows, stored bytes and number of their objects; without any, nothing."""
    found = held({"2026-07-01": [commit(3, 100), commit(4, 150)], "2026-07-02": [commit(0, 50)]})
    assert found == {"days": 2, "rows": 7, "bytes": 300, "objects": 3}
    assert held({}) == {"days": 0, "rows": 0, "bytes": 0, "objects": 0}


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
