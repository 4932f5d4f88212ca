"""What a rebuild takes in, and what is told of the days that it has not."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from anthill import calendars, catalog
from anthill.as_of import plan
from anthill.bronze.as_of import Held

NOW = dt.datetime(2024, 7, 1, tzinfo=dt.UTC)
MOMENT = dt.datetime(2024, 5, 28, 12, tzinfo=dt.UTC)
FORM = {"as_of": "2024-05-28T14:00:00+02:00", "asset_classes": ["stocks", "indices"]}


def test_what_its_sql_reads_is_rebuilt_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a table names one of another asset class; each asset class once."""
    assert plan.asked({**FORM, "asset_classes": ["stocks"]}, NOW)[1] == ["forex", "stocks"]  # for foreign dividends
    reads: dict[str, str] = {}
    monkeypatch.setattr(plan.statements, "path", lambda *names: names)
    monkeypatch.setattr(plan.statements, "code", lambda names: reads.get(names[1], "SELECT 1"))
    assert plan.asked(FORM, NOW) == (MOMENT, ["stocks", "indices"])
    reads["stocks"] = "SELECT * FROM {any_gold}.forex_daily_prices JOIN {silver}.indices_tickers"
    assert plan.asked(FORM, NOW)[1] == ["forex", "indices", "stocks"]


def test_each_day_that_is_not_in_it_is_named() -> None:
    """By dataset, neighbours together, with when they came; a day that was not due then is not missed."""
    days = calendars.market_days("XNYS", dt.date(2024, 5, 1), dt.date(2024, 5, 28))
    came = dt.datetime(2024, 6, 3, 8, tzinfo=dt.UTC)
    later = {("splits", day): came + dt.timedelta(at) for at, day in enumerate(days[-5:])}
    halves: Any = [("tickers", day) for day in days[::2]]
    commit: Any = SimpleNamespace()
    held = Held([("splits", days[0], commit)], later, halves, [("splits", days[0])])
    assert plan.told(catalog.load("stocks"), MOMENT, held) == [
        "stocks as of 2024-05-28T12:00:00Z: 1 market day from 2024-05-01 to 2024-05-01",
        # the 28th itself was not over
        "not in it: stocks.splits of 2024-05-21 to 2024-05-24 (4 market days), "
        "landed later (2024-06-03T08:00:00Z to 2024-06-06T08:00:00Z)",
        "not in it: stocks.tickers of 2024-05-01, 2024-05-03, 2024-05-07, 2024-05-09, 2024-05-13, 2024-05-15, "
        "2024-05-17, 2024-05-21, 2024-05-23, 2024-05-28 (10 market days), of which only a part was landed then",
        "restated since: stocks.splits of 2024-05-01",
    ]
