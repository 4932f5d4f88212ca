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
from tests.plugins.anthill.lakehouse.recorded import assert_as_recorded
from tests.plugins.anthill.lakehouse.simulated_minutes import bodies
from tests.plugins.anthill.lakehouse.verdicts import (
    OF_EVERY_DATASET,
    assert_doubled_rows_are_found,
    assert_verdicts_follow,
    failed,
)

Row = dict[str, Any]
TICKERS = catalog.load("stocks").lists["ticker"]
SESSIONS = market_days("XNYS", dt.date(2023, 10, 2), dt.date(2024, 6, 28))
WHOLE = SESSIONS[20]  # all tickers of the list have bars; so long ago that no day is compared with it
ORDINARY = SESSIONS[120:123]


def before(day: dt.date, sessions: int) -> dt.date:
    """The market day so many sessions before."""
    return SESSIONS[SESSIONS.index(day) - sessions]


def ago(days: int) -> Callable[[dt.date], str]:
    """The date so many calendar days before."""
    return lambda day: str(day - dt.timedelta(days))


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

# Beside it, on ordinary days: rows that are just as far off as is allowed.
ALLOWED: dict[str, list[Row]] = {
    "minute_bars": [
        {"t": lambda day: noon(day, 1), "o": 0.5, "h": 0.5, "l": 0.5, "c": 0.5, "v": 0, "vw": 0.5 * 0.99},
        {"t": lambda day: noon(day, 2), "o": 10, "h": 10, "l": 10, "c": 10, "vw": 10 * 1.01},
    ],
    "news": [{"id": "2", "published_utc": lambda day: f"{ago(6)(day)}T00:00:00Z"}],
    "short_interest": [
        {"ticker": "B", "settlement_date": ago(12), "short_interest": 0, "avg_daily_volume": 0, "days_to_cover": 0},
        {"ticker": "C", "settlement_date": ago(24), "days_to_cover": 1.525},
        {"ticker": "D", "short_interest": 10, "days_to_cover": 1},  # the source says at least 1
        {"ticker": "E", "short_interest": 10, "days_to_cover": 0.5},
        {"ticker": "F", "short_interest": 0, "avg_daily_volume": 1, "days_to_cover": 0},
        {"ticker": "G", "avg_daily_volume": 0, "days_to_cover": 999.99},
    ],
    "short_volume": [
        {"ticker": "B", "short_volume": 90, "short_volume_ratio": 100, "exempt_volume": 0},
        {"ticker": "C", "short_volume": 0, "total_volume": 0, "short_volume_ratio": 0},
        {"ticker": "D", "short_volume_ratio": 33.43},
    ],
    "income_statements": [
        {"cik": "2", "filing_date": ago(6), "period_end": ago(6)},
        {"cik": "3", "gross_profit": 62, "timeframe": "annual"},
        {"cik": "4", "gross_profit": None, "timeframe": "trailing_twelve_months"},
    ],
    "balance_sheets": [
        {"cik": "2", "filing_date": ago(6), "period_end": ago(6)},
        {"cik": "3", "total_assets": 1000, "total_liabilities_and_equity": 1002, "timeframe": "annual"},
    ],
    "cash_flow_statements": [
        {"cik": "2", "filing_date": ago(6), "period_end": ago(6)},
        {"cik": "3", "change_in_cash_and_equivalents": 22.5, "timeframe": "annual"},
        {
            "cik": "4", "effect_of_currency_exchange_rate": None, "change_in_cash_and_equivalents": 18.5,
            "timeframe": "trailing_twelve_months",
        },
        {"cik": "5", "other_cash_adjustments": 2, "change_in_cash_and_equivalents": 23},
    ],
    "ratios": [
        {"ticker": "B", "date": str, "price": 0.5, "market_cap": 0},
        {"ticker": "C", "date": ago(7)},
    ],
    "exchanges": [{"id": 2, "mic": None, "participant_id": "N"}],
    "conditions": [
        {"id": 2, "legacy": True, "update_rules": None},
        {"id": 3, "type": "quote_condition", "update_rules": None},
    ],
    "market_holidays": [{"date": str, "status": "closed", "open": None, "close": None}],
    "snapshot": [
        {"ticker": "B", "updated": lambda day: (noon(day, 1)) * 10**6, "prevDay": {"c": 0}},
        {"ticker": "C", "day": {"o": 1, "h": 1, "l": 1, "c": 1, "v": 0}},
    ],
}  # fmt: skip

Change = Callable[[dt.date], list[Row]]  # rows in the place of the day's good one


def changed(**change: Any) -> Change:
    """The good row of a dataset, which is filled in later, with some fields set to something else."""
    return lambda _: [change]


# Each expectation with its severity, what is observed, and what to change in the good row so that it fails.
BROKEN: dict[str, list[tuple[str, str, float, Change]]] = {
    "minute_bars": [
        ("prices_positive", "critical", 1, changed(l=0)),
        ("prices_positive", "critical", 1, changed(v=-1)),
        ("high_not_below_low", "critical", 1, changed(h=8)),
        ("open_close_within", "warn", 1, changed(o=12)),
        ("open_close_within", "warn", 1, changed(c=8)),
        ("vwap_within", "warn", 1, changed(vw=11.12)),
        ("vwap_within", "warn", 1, changed(vw=8.9)),
        ("on_the_day", "critical", 1, changed(t=lambda day: noon(day) + 12 * 3_600_000)),
        ("whole_minutes", "critical", 1, changed(t=lambda day: noon(day) + 1000)),
        ("quarantine_share", "critical", 0.5, lambda day: [{}, {"t": noon(day, 1), "c": "x"}]),
        ("no_duplicates", "warn", 1, lambda day: [{}, {}]),
        ("row_count", "critical", 20, lambda day: [{"t": noon(day, minute)} for minute in range(20)]),
    ],
    "news": [
        ("published_by_the_day", "critical", 1, changed(published_utc=lambda day: f"{before(day, -1)}T01:00:00Z")),
        ("published_by_the_day", "critical", 1, changed(published_utc=lambda day: f"{ago(7)(day)}T23:59:59Z")),
        ("tickers_named", "warn", 1, changed(tickers=[])),
        ("tickers_named", "warn", 1, changed(tickers=None)),
        ("sentiments_known", "warn", 1, changed(insights=[{"ticker": "AAA", "sentiment": "glad"}])),
        ("sentiments_known", "warn", 1, changed(insights=[{"ticker": "AAA"}])),
        ("row_count", "warn", 21, lambda day: [{"id": str(number)} for number in range(21)]),
        ("quarantine_share", "warn", 0.5, lambda day: [{}, {"id": None}]),
        ("no_duplicates", "warn", 1, lambda day: [{}, {}]),
    ],
    "short_interest": [
        ("not_negative", "critical", 1, changed(avg_daily_volume=-20)),
        ("not_negative", "critical", 1, changed(short_interest=-30, avg_daily_volume=0)),
        ("settled_two_weeks_before", "critical", 1, changed(settlement_date=ago(11))),
        ("settled_two_weeks_before", "critical", 1, changed(settlement_date=ago(25))),
        ("days_to_cover_fit", "warn", 1, changed(days_to_cover=1.526)),
        ("days_to_cover_fit", "warn", 1, changed(avg_daily_volume=1, days_to_cover=60)),
        ("quarantine_share", "warn", 0.5, lambda day: [{}, {"short_interest": "x"}]),
        ("no_duplicates", "warn", 1, lambda day: [{}, {}]),
    ],
    "short_volume": [
        ("not_negative", "critical", 1, changed(exempt_volume=-1)),
        ("traded_on_the_day", "critical", 1, changed(date=lambda day: str(before(day, 1)))),
        ("within_total", "warn", 1, changed(short_volume=180, short_volume_ratio=200)),
        ("percent_fits", "warn", 1, changed(short_volume_ratio=0.33)),
        ("percent_fits", "warn", 1, changed(short_volume_ratio=33.44)),
        ("percent_fits", "warn", 1, changed(short_volume=1, total_volume=1, short_volume_ratio=50)),
        ("row_count", "warn", 10, lambda day: [{"ticker": f"T{number}"} for number in range(10)]),
        ("quarantine_share", "critical", 0.5, lambda day: [{}, {"total_volume": "x"}]),
        ("no_duplicates", "warn", 1, lambda day: [{}, {}]),
    ],
    "income_statements": [
        ("filed_by_the_day", "critical", 1, changed(filing_date=lambda day: str(before(day, -1)))),
        ("filed_by_the_day", "critical", 1, changed(filing_date=ago(7), period_end=ago(9))),
        ("period_over_when_filed", "warn", 1, changed(period_end=lambda day: str(before(day, -1)))),
        ("timeframes_known", "warn", 1, changed(timeframe="weekly")),
        ("gross_profit_adds_up", "warn", 1, changed(gross_profit=63)),
        ("quarantine_share", "warn", 0.5, lambda day: [{}, {"revenue": "x"}]),
        ("no_duplicates", "warn", 1, lambda day: [{}, {}]),
    ],
    "balance_sheets": [
        ("filed_by_the_day", "critical", 1, changed(filing_date=lambda day: str(before(day, -1)))),
        ("filed_by_the_day", "critical", 1, changed(filing_date=ago(7), period_end=ago(9))),
        ("period_over_when_filed", "warn", 1, changed(period_end=lambda day: str(before(day, -1)))),
        ("timeframes_known", "warn", 1, changed(timeframe="trailing_twelve_months")),
        ("sides_balance", "warn", 1, changed(total_assets=903)),
    ],
    "cash_flow_statements": [
        ("filed_by_the_day", "critical", 1, changed(filing_date=lambda day: str(before(day, -1)))),
        ("filed_by_the_day", "critical", 1, changed(filing_date=ago(7), period_end=ago(9))),
        ("period_over_when_filed", "warn", 1, changed(period_end=lambda day: str(before(day, -1)))),
        ("timeframes_known", "warn", 1, changed(timeframe="weekly")),
        ("cash_adds_up", "warn", 1, changed(change_in_cash_and_equivalents=23)),
        ("cash_adds_up", "warn", 1, changed(effect_of_currency_exchange_rate=None, change_in_cash_and_equivalents=23)),
    ],
    "ratios": [
        ("price_positive", "warn", 1, changed(price=0)),
        ("price_positive", "warn", 1, changed(market_cap=-1)),
        ("fresh", "warn", 1, changed(date=ago(8))),
        ("fresh", "warn", 1, changed(date=ago(-1))),
        ("row_count", "warn", 9, lambda day: [{"ticker": f"T{number}"} for number in range(9)]),
    ],
    "exchanges": [
        ("codes_given", "warn", 1, changed(mic=None)),
        ("quarantine_share", "warn", 0.5, lambda day: [{}, {"id": "x"}]),
    ],
    "conditions": [("rules_given", "warn", 1, changed(update_rules=None))],
    "ticker_types": [
        ("kinds_of_tickers_known", "warn", 1, changed(code="ETF")),
        ("kinds_have_words", "warn", 1, lambda day: [{}, {"code": "NEVER", "description": "New"}]),
    ],
    "market_holidays": [
        ("to_come", "warn", 1, changed(date="2024-01-15")),
        ("status_known", "warn", 1, changed(status="late")),
        ("early_closes_timed", "warn", 1, changed(close=None)),
        ("early_closes_timed", "warn", 1, changed(close="2024-12-24T14:30:00.000Z")),
    ],
    "snapshot": [
        ("not_negative", "critical", 1, changed(prevDay={"c": -1})),
        ("high_not_below_low", "critical", 1, changed(day={"o": 1, "h": 1, "l": 2, "c": 1, "v": 5})),
        ("not_from_the_future", "warn", 1, changed(updated=lambda day: (noon(day, 1) + 1000) * 10**6)),
        ("takings_alike", "warn", 0.6, lambda day: [{"ticker": f"T{number}"} for number in range(10)]),
    ],
}  # fmt: skip


def filled(dataset: str, day: dt.date, row: Row) -> Row:
    """The good row of a dataset with some fields set to something else, which may depend on the day."""
    return GOOD[dataset](day) | {name: value(day) if callable(value) else value for name, value in row.items()}


def put(lake: Lake, dataset: str, day: dt.date, rows: list[Row], shard: str = "", minute: int = 0) -> None:
    """Commit rows that are the good one with changes, in the body that the endpoint has."""
    rows = [filled(dataset, day, row) for row in rows]
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


def put_ordinary(lake: Lake, day: dt.date, listed: list[Row] | None = None) -> None:
    """Commit an ordinary day of all datasets."""
    for dataset in GOOD:
        put(lake, dataset, day, [{}, *ALLOWED.get(dataset, [])])
    listed = listed or [{"ticker": ticker, "type": "CS"} for ticker in ("AAA", "BBB")] + [{"ticker": "CCC"}]
    lake.put("tickers", day, [row | {"active": True} for row in listed], shard="active")
    lake.put("tickers", day, [{"ticker": "GONE", "type": "OLD", "active": False}], shard="delisted")


def put_taking(lake: Lake, day: dt.date, tickers: int) -> None:
    """Commit another snapshot of the day with so many tickers."""
    put(lake, "snapshot", day, [{"ticker": f"T{number}"} for number in range(tickers)], "1615", minute=15)


@pytest.fixture(scope="module")
def shared(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake with ordinary days and a day for each broken expectation, the datasets' cases side by side."""
    lake = Lake(sail, tmp_path_factory.mktemp("lake"))
    put_ordinary(lake, WHOLE, [{"ticker": f"{number}", "type": f"KIND{number:02d}"} for number in range(12)])
    every = {ticker: [filled("minute_bars", WHOLE, {})] for ticker in TICKERS}
    lake.put_bodies("minute_bars", WHOLE, bodies(every), len(every), asof=f"{WHOLE}T23:00:00+00:00")
    for day in (*ORDINARY, *DAYS):
        put_ordinary(lake, day)
    for dataset, cases in BROKEN.items():
        for day, (name, _, _, change) in zip(DAYS, cases, strict=False):
            put(lake, dataset, day, change(day))
            if name == "takings_alike":
                put_taking(lake, day, 6)
    put(lake, "snapshot", ORDINARY[0], [{"ticker": f"T{number}"} for number in range(10)])
    put_taking(lake, ORDINARY[0], 7)
    lake.silver(WHOLE, DAYS[-1])
    with pytest.raises(QualityError, match=r"minute_bars of .*\. All results are in dev\.quality\.results"):
        lake.quality(WHOLE, DAYS[-1])
    return lake


@pytest.fixture(scope="module")
def results(shared: Lake) -> pl.DataFrame:
    """The results of its days."""
    return shared.table("quality.results")


DAYS = SESSIONS[123 : 123 + max(map(len, BROKEN.values()))]
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
    broken = failed(results, day).filter(dataset=dataset)
    found = {row["expectation"]: row for row in broken.to_dicts() if (dataset, row["expectation"]) not in ALWAYS}
    also = ALSO.get(name, set()) if dataset == "minute_bars" else set()
    assert set(found) - also == {name}, [row["message"] for row in found.values()]
    assert (found[name]["severity"], found[name]["observed"]) == (severity, pytest.approx(observed))
    assert found[name]["message"][0].isdigit(), "a message says how many"


def test_ordinary_days_pass(results: pl.DataFrame) -> None:
    """Nothing is found on them but the tickers of the list that were not given, some of them by name."""
    broken = pl.concat(failed(results, day) for day in ORDINARY)
    assert set(broken.select("dataset", "expectation", "severity").rows()) == {(*pair, "warn") for pair in ALWAYS}
    silent = sorted(set(TICKERS) - {TICKERS[0]})
    said = f"{len(silent)} of the tickers asked for have no bar: {', '.join(silent[:10])}"
    assert set(broken["message"]) == {said}
    assert_verdicts_follow(results)


def test_a_day_with_a_bar_of_every_ticker(results: pl.DataFrame) -> None:
    """Nobody is missed; of twelve kinds of tickers that the list of kinds lacks ten are named."""
    day = results.filter(market_date=WHOLE)
    kinds = ", ".join(f"KIND{number:02d}" for number in range(10))
    assert day.filter(~pl.col("passed"))["message"].to_list() == [
        f"12 kinds of listed tickers are not in the list: {kinds}"
    ]
    assert day.filter(expectation="tickers_have_bars")["message"].to_list() == [
        "0 of the tickers asked for have no bar"
    ]


def test_every_expectation_is_put_to_the_test(results: pl.DataFrame) -> None:
    """What no case breaks is of one form in all datasets, or cannot be broken by a load."""
    of_one_form = {"loaded", "keys_unique", "quarantine_share", "no_duplicates", "row_count", "after_close"}
    of_one_form |= {*OF_EVERY_DATASET}
    known = {(dataset, name) for dataset, cases in BROKEN.items() for name, *_ in cases} | ALWAYS
    asked = set(results.filter(pl.col("dataset").is_in(GOOD)).select("dataset", "expectation").unique().rows())
    assert {name for name in asked - known if name[1] not in of_one_form} == set()


def test_a_key_that_is_there_twice_is_found(shared: Lake, results: pl.DataFrame) -> None:
    """Silver keeps keys unique; were it to fail, quality says so with the number of rows."""
    assert_doubled_rows_are_found(shared, ORDINARY[1], results)


def test_results_are_those_on_record(results: pl.DataFrame) -> None:
    """Each expectation, with its severity, limit, verdict and message, on good days and on one that breaks it."""
    assert_as_recorded(results, "stocks")
