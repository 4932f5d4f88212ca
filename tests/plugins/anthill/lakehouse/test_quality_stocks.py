"""Quality of the stocks datasets beside the daily bars: each expectation can fail, and fails alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from anthill import catalog
from anthill.calendars import market_days, session_close
from anthill.lakehouse.quality import QualityError
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.simulated_minutes import bodies

Row = dict[str, Any]
TICKERS = catalog.load("stocks").lists["ticker"]
SESSIONS = market_days("XNYS", dt.date(2024, 3, 1), dt.date(2024, 6, 28))
ORDINARY = SESSIONS[15:18]


def before(day: dt.date, sessions: int) -> dt.date:
    """The market day so many sessions before."""
    return SESSIONS[SESSIONS.index(day) - sessions]


def noon(day: dt.date, minute: int = 0) -> int:
    """A moment of a New York session, ms UTC."""
    return int(dt.datetime(day.year, day.month, day.day, 16, minute, tzinfo=dt.UTC).timestamp() * 1000)


def filed(day: dt.date, cik: str = "1") -> Row:
    """What every statement has."""
    known = {"cik": cik, "tickers": ["AAA"], "filing_date": str(day), "period_end": str(before(day, 3))}
    return known | {"timeframe": "quarterly"}


# A row of an ordinary day.
GOOD: dict[str, Callable[[dt.date], Row]] = {
    "minute_bars": lambda day: {"t": noon(day), "o": 10, "h": 11, "l": 9, "c": 10, "v": 100, "vw": 10},
    "news": lambda day: {
        "id": "1", "title": "x", "published_utc": f"{day}T10:00:00Z", "tickers": ["AAA"],
        "insights": [{"ticker": "AAA", "sentiment": "neutral"}],
    },
    "short_interest": lambda day: {
        "ticker": "AAA", "settlement_date": str(before(day, 10)), "short_interest": 30, "avg_daily_volume": 20,
        "days_to_cover": 1.5,
    },
    "short_volume": lambda day: {
        "ticker": "AAA", "date": str(day), "short_volume": 30, "total_volume": 90, "short_volume_ratio": 33.33,
    },
    "income_statements": lambda day: filed(day) | {"revenue": 100, "cost_of_revenue": 40, "gross_profit": 60},
    "balance_sheets": lambda day: filed(day) | {"total_assets": 900, "total_liabilities_and_equity": 900},
    "cash_flow_statements": lambda day: filed(day) | {
        "net_cash_from_operating_activities": 50, "net_cash_from_investing_activities": -20,
        "net_cash_from_financing_activities": -10, "effect_of_currency_exchange_rate": 1,
        "change_in_cash_and_equivalents": 21,
    },
    "ratios": lambda day: {"ticker": "AAA", "date": str(before(day, 1)), "price": 10, "market_cap": 1e6},
    "exchanges": lambda day: {"id": 1, "type": "exchange", "name": "x", "mic": "XNYS"},
    "conditions": lambda day: {
        "id": 1, "type": "sale_condition", "name": "x", "update_rules": {"consolidated": {"updates_volume": True}},
    },
    "ticker_types": lambda day: {"code": "CS", "description": "Common Stock"},
    "market_holidays": lambda day: {
        "date": "2024-12-24", "exchange": "NYSE", "status": "early-close", "open": "2024-12-24T14:30:00.000Z",
        "close": "2024-12-24T18:00:00.000Z",
    },
    "snapshot": lambda day: {
        "ticker": "AAA", "updated": noon(day) * 10**6, "day": {"o": 1, "h": 2, "l": 1, "c": 1, "v": 5},
        "prevDay": {"c": 1},
    },
}  # fmt: skip

Change = Callable[[dt.date], list[Row]]  # rows in the place of the day's good one


def changed(**change: Any) -> Change:
    """The good row of a dataset, which is filled in later, with some fields set to something else."""
    return lambda day: [{name: value(day) if callable(value) else value for name, value in change.items()}]


# Each expectation with its severity, what is observed, and what to change in the good row so that it fails.
BROKEN: dict[str, list[tuple[str, str, float, Change]]] = {
    "minute_bars": [
        ("prices_positive", "critical", 1, changed(l=0)),
        ("high_not_below_low", "critical", 1, changed(h=8)),
        ("open_close_within", "warn", 1, changed(o=12)),
        ("vwap_within", "warn", 1, changed(vw=12)),
        ("on_the_day", "critical", 1, changed(t=lambda day: noon(day) + 12 * 3_600_000)),
        ("whole_minutes", "critical", 1, changed(t=lambda day: noon(day) + 1000)),
        ("quarantine_share", "critical", 0.5, lambda day: [{}, {"t": noon(day, 1), "c": "x"}]),
        ("no_duplicates", "warn", 1, lambda day: [{}, {}]),
        ("row_count", "critical", 20, lambda day: [{"t": noon(day, minute)} for minute in range(20)]),
    ],
    "news": [
        ("published_by_the_day", "critical", 1, changed(published_utc=lambda day: f"{before(day, -1)}T01:00:00Z")),
        ("tickers_named", "warn", 1, changed(tickers=[])),
        ("sentiments_known", "warn", 1, changed(insights=[{"ticker": "AAA", "sentiment": "glad"}])),
        ("row_count", "warn", 14, lambda day: [{"id": str(number)} for number in range(14)]),
        ("quarantine_share", "warn", 0.5, lambda day: [{}, {"id": None}]),
        ("no_duplicates", "warn", 1, lambda day: [{}, {}]),
    ],
    "short_interest": [
        ("not_negative", "critical", 1, changed(avg_daily_volume=-20)),
        ("settled_two_weeks_before", "critical", 1, changed(settlement_date=str)),
        ("days_to_cover_fit", "warn", 1, changed(days_to_cover=1.6)),
        ("quarantine_share", "warn", 0.5, lambda day: [{}, {"short_interest": "x"}]),
        ("no_duplicates", "warn", 1, lambda day: [{}, {}]),
    ],
    "short_volume": [
        ("not_negative", "critical", 1, changed(exempt_volume=-1)),
        ("traded_on_the_day", "critical", 1, changed(date=lambda day: str(before(day, 1)))),
        ("within_total", "warn", 1, changed(short_volume=180, short_volume_ratio=200)),
        ("percent_fits", "warn", 1, changed(short_volume_ratio=0.33)),
        ("row_count", "warn", 9, lambda day: [{"ticker": f"T{number}"} for number in range(9)]),
        ("quarantine_share", "critical", 0.5, lambda day: [{}, {"total_volume": "x"}]),
        ("no_duplicates", "warn", 1, lambda day: [{}, {}]),
    ],
    "income_statements": [
        ("filed_by_the_day", "critical", 1, changed(filing_date=lambda day: str(before(day, -1)))),
        ("period_over_when_filed", "warn", 1, changed(period_end=lambda day: str(before(day, -1)))),
        ("timeframes_known", "warn", 1, changed(timeframe="weekly")),
        ("gross_profit_adds_up", "warn", 1, changed(gross_profit=63)),
        ("quarantine_share", "warn", 0.5, lambda day: [{}, {"revenue": "x"}]),
        ("no_duplicates", "warn", 1, lambda day: [{}, {}]),
    ],
    "balance_sheets": [
        ("filed_by_the_day", "critical", 1, lambda day: [filed(before(day, 8))]),
        ("timeframes_known", "warn", 1, changed(timeframe="trailing_twelve_months")),
        ("sides_balance", "warn", 1, changed(total_assets=903)),
    ],
    "cash_flow_statements": [
        ("period_over_when_filed", "warn", 1, changed(period_end=lambda day: str(before(day, -1)))),
        ("cash_adds_up", "warn", 1, changed(change_in_cash_and_equivalents=23)),
    ],
    "ratios": [
        ("price_positive", "warn", 1, changed(price=0)),
        ("fresh", "warn", 1, changed(date=lambda day: str(before(day, 8)))),
        ("row_count", "warn", 9, lambda day: [{"ticker": f"T{number}"} for number in range(9)]),
    ],
    "exchanges": [
        ("codes_given", "warn", 1, changed(mic=None)),
        ("quarantine_share", "warn", 0.5, lambda day: [{}, {"id": "x"}]),
    ],
    "conditions": [("rules_given", "warn", 1, changed(update_rules=None))],
    "ticker_types": [("kinds_of_tickers_known", "warn", 1, changed(code="ETF"))],
    "market_holidays": [
        ("to_come", "warn", 1, changed(date="2024-01-15")),
        ("status_known", "warn", 1, changed(status="late")),
        ("early_closes_timed", "warn", 1, changed(close=None)),
    ],
    "snapshot": [
        ("not_negative", "critical", 1, changed(prevDay={"c": -1})),
        ("high_not_below_low", "critical", 1, changed(day={"o": 1, "h": 1, "l": 2, "c": 1, "v": 5})),
        ("not_from_the_future", "warn", 1, changed(updated=lambda day: noon(day, 2) * 10**6)),
    ],
}  # fmt: skip


def put(lake: Lake, dataset: str, day: dt.date, rows: list[Row], shard: str = "", minute: int = 0) -> None:
    """Commit rows that are the good one with changes, in the body that the endpoint has."""
    rows = [GOOD[dataset](day) | row for row in rows]
    asof = (session_close("XNYS", day) + dt.timedelta(hours=6)).isoformat()
    match dataset:
        case "minute_bars":
            chains = {TICKERS[0]: rows, **{ticker: [] for ticker in TICKERS[1:3]}}
            lake.put_bodies(dataset, day, bodies(chains), len(rows), asof=asof)
        case "market_holidays":
            lake.put_bodies(dataset, day, [rows], len(rows), asof=asof)
        case "snapshot":
            taken = dt.datetime(day.year, day.month, day.day, 16, minute, tzinfo=dt.UTC).isoformat()
            lake.put_bodies(dataset, day, [{"status": "OK", "tickers": rows}], len(rows), shard or "1600", taken)
        case _:
            lake.put(dataset, day, rows, asof=asof)


def put_ordinary(lake: Lake, day: dt.date) -> None:
    """Commit an ordinary day of all datasets."""
    for dataset in GOOD:
        put(lake, dataset, day, [{}])
    lake.put("tickers", day, [{"ticker": "AAA", "active": True, "type": "CS"}], shard="active")
    lake.put("tickers", day, [], shard="delisted")


@pytest.fixture(scope="module")
def results(sail: str, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The results of ordinary days and of a day for each broken expectation, the datasets' cases side by side."""
    lake = Lake(sail, tmp_path_factory.mktemp("lake"))
    for day in (*ORDINARY, *DAYS):
        put_ordinary(lake, day)
    for dataset, cases in BROKEN.items():
        for day, (_, _, _, change) in zip(DAYS, cases, strict=False):
            put(lake, dataset, day, change(day))
    lake.silver(ORDINARY[0], DAYS[-1])
    with pytest.raises(QualityError, match=r"minute_bars of .*\. All results are in dev\.quality\.results"):
        lake.quality(ORDINARY[0], DAYS[-1])
    return lake.table("quality.results")


DAYS = SESSIONS[18 : 18 + max(map(len, BROKEN.values()))]
CASES = [
    (dataset, day, name, severity, observed)
    for dataset, cases in BROKEN.items()
    for day, (name, severity, observed, _) in zip(DAYS, cases, strict=False)
]
ALWAYS = {("minute_bars", "tickers_have_bars")}  # the list has more tickers than are ever given
ALSO = {"high_not_below_low": {"open_close_within", "vwap_within"}}  # what cannot but fail with it


@pytest.mark.parametrize(
    ("dataset", "day", "name", "severity", "observed"), CASES, ids=[f"{case[0]}-{case[2]}" for case in CASES]
)
def test_a_broken_expectation_is_found_and_no_other(
    results: pl.DataFrame, dataset: str, day: dt.date, name: str, severity: str, observed: float
) -> None:
    """On its day this expectation of the dataset fails, with the number observed, and all others pass."""
    failed = results.filter(~pl.col("passed"), pl.col("market_date") == day, pl.col("dataset") == dataset)
    found = {row["expectation"]: row for row in failed.to_dicts() if (dataset, row["expectation"]) not in ALWAYS}
    also = ALSO.get(name, set()) if dataset == "minute_bars" else set()
    assert set(found) - also == {name}, [row["message"] for row in found.values()]
    assert (found[name]["severity"], found[name]["observed"]) == (severity, pytest.approx(observed))
    assert found[name]["message"][0].isdigit(), "a message says how many"


def test_ordinary_days_pass(results: pl.DataFrame) -> None:
    """Nothing is found on them but the tickers of the list that were not given, some of them by name."""
    failed = results.filter(~pl.col("passed"), pl.col("market_date").is_in(ORDINARY))
    assert set(failed.select("dataset", "expectation").rows()) == ALWAYS
    silent = sorted(set(TICKERS) - {TICKERS[0]})
    said = f"{len(silent)} of the tickers asked for have no bar: {', '.join(silent[:10])}"
    assert set(failed["message"]) == {said}


def test_every_expectation_is_put_to_the_test(results: pl.DataFrame) -> None:
    """What no case breaks is of one form in all datasets, cannot be broken by a load, or is the same as in another."""
    of_one_form = {"loaded", "keys_unique", "quarantine_share", "no_duplicates", "row_count", "after_close"}
    known = {(dataset, name) for dataset, cases in BROKEN.items() for name, *_ in cases} | ALWAYS
    asked = set(results.filter(pl.col("dataset").is_in(GOOD)).select("dataset", "expectation").unique().rows())
    assert {name for name in asked - known if name[1] not in of_one_form} == {
        ("snapshot", "takings_alike"),
        ("balance_sheets", "period_over_when_filed"),
        ("cash_flow_statements", "filed_by_the_day"),
        ("cash_flow_statements", "timeframes_known"),
    }


def test_a_taking_with_few_rows_is_said(lake: Lake) -> None:
    """Half of the market missing in one of two snapshots is a warning; their number is in the message."""
    day = DAYS[0]
    put(lake, "snapshot", day, [{"ticker": f"T{number}"} for number in range(4)], "1600")
    put(lake, "snapshot", day, [{"ticker": f"T{number}"} for number in range(2)], "1615", minute=15)
    lake.silver(day)
    assert lake.quality(day, datasets="snapshot")["warnings"] == [f"snapshot of {day}: 2 takings with 2 to 4 rows"]
