"""What is planted in the panel is what its kind says, and precision, recall and alarms are counted from it."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from benchmarks.anomalies import measured
from benchmarks.panel import BARS, KINDS, Fault, panel, planted

DAYS = [dt.date(2024, 1, 1) + dt.timedelta(at) for at in range(60)]


@pytest.fixture(scope="module")
def clean() -> pl.DataFrame:
    """A panel without a fault."""
    return pl.concat(panel(30, DAYS, seed=1))


def test_a_panel_is_of_bars_and_the_same_again(clean: pl.DataFrame) -> None:
    """A bar a ticker and day, its prices between low and high; a seed gives one panel."""
    assert clean.select("ticker", "market_date").n_unique() == clean.height == 30 * 60
    low, high = (clean.select(bound(*BARS)).to_series() for bound in (pl.min_horizontal, pl.max_horizontal))
    assert (clean["low"] == low).all()
    assert (clean["high"] == high).all()
    assert clean.equals(pl.concat(panel(30, DAYS, seed=1)))
    assert not clean.equals(pl.concat(panel(30, DAYS, seed=2)))


def test_faults_are_what_their_kind_says(clean: pl.DataFrame) -> None:
    """Nothing else is changed; a fault changes what it is about by as much as it says."""
    bars, faults = planted(clean, 2, seed=3)
    assert sorted(fault.kind for fault in faults) == sorted(2 * KINDS)
    both = clean.join(bars, on=["ticker", "session"], suffix="_said")
    names = (*BARS, "volume")
    differs = {name: both.filter(pl.col(name) != pl.col(f"{name}_said")) for name in names}
    changed = {name: set(rows.select("ticker", "session").rows()) for name, rows in differs.items()}
    for fault in faults:
        at, last = fault.sessions[0], fault.sessions[-1]
        row = both.filter(ticker=fault.ticker, session=at).row(0, named=True)
        factors = {name: row[f"{name}_said"] / row[name] for name in names}
        wrong = {name for name in names if (fault.ticker, at) in changed[name]}
        match fault.kind:
            case "bad_close":
                assert 1.1 <= max(factors["close"], 1 / factors["close"]) <= 1.83
                assert {"close"} <= wrong <= {"close", "high", "low"}
            case "bad_high_or_low":
                assert len(wrong) == 1
                assert wrong < {"high", "low"}
            case "split_missing":
                assert wrong == set(names)
                assert factors["volume"] * factors["close"] == pytest.approx(1)
            case "stale":
                before = both.filter(ticker=fault.ticker, session=at - 1).row(0, named=True)
                assert 2 <= last - at + 1 <= 4
                assert [row[f"{name}_said"] for name in names] == [before[f"{name}_said"] for name in names]
            case _:
                assert wrong == {"volume"}
                assert factors["volume"] in map(pytest.approx, (1 / 1000, 1 / 100, 100, 1000))
    about = {(fault.ticker, at) for fault in faults for at in fault.sessions}
    split = [fault for fault in faults if fault.kind == "split_missing"]
    splits = {(fault.ticker, at) for fault in split for at in range(fault.sessions[0], 60)}
    assert set().union(*changed.values()) <= about | splits


def test_alarms_are_counted_by_ticker_and_day() -> None:
    """Two reasons of one bar are one alarm; a reason of another kind catches nothing; a day is per 11,000 tickers."""
    faults = [Fault("stale", "A", (2, 3)), Fault("bad_close", "B", (5,))]
    said = [("A", 3, "same_bar"), ("B", 5, "wick"), ("B", 5, "volume_unit"), ("C", 5, "wick")]
    rows = [{"ticker": ticker, "market_date": DAYS[at], "reason": reason} for ticker, at, reason in said]
    every = [*faults, *(Fault(kind, "D", (9,)) for kind in KINDS)]
    lines = measured(rows, every, DAYS[:10], 11)
    words = {line.split()[0]: " ".join(line.split()[1:]) for line in lines}
    assert words["wick"] == "2 alarms, precision 0.50"
    assert words["stale"] == "2 planted, recall 0.50"
    assert words["bad_close"] == "2 planted, recall 0.00"
    assert words["all"] == "3 alarms, precision 0.67, 300 a day per 11,000 tickers"
