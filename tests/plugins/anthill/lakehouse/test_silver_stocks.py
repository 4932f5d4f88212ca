"""Silver of the stocks datasets beside the daily bars: rows of the API typed, odd ones set aside with their reason."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anthill import catalog
from anthill.calendars import market_days
from tests.plugins.anthill.lakehouse.lake import Lake

DAY = dt.date(2024, 6, 24)
OPEN = int(dt.datetime(2024, 6, 24, 13, 30, tzinfo=dt.UTC).timestamp() * 1000)
FILED = {"cik": "0000320193", "filing_date": "2024-06-24", "period_end": "2024-03-31", "timeframe": "quarterly"}
BAR = {"t": OPEN, "o": 1, "h": 3, "l": 1, "c": 2}

# A row as the API documents it, and what silver makes of some of its values.
GOOD: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "minute_bars": (
        {**BAR, "v": 7.5e3, "vw": 1.5, "n": 12.0, "unknown": {"deep": 1}},
        {"ticker": "BRK.B", "window_start": dt.datetime(2024, 6, 24, 13, 30, tzinfo=dt.UTC), "trades": 12, "vwap": 1.5},
    ),
    "news": (
        {
            "id": "8ec6", "title": "Cuts", "author": "S", "published_utc": "2024-06-24T18:33:53Z",
            "article_url": "https://x", "tickers": ["UBS"], "keywords": ["a", "b"],
            "publisher": {"name": "Investing.com", "homepage_url": "https://y", "logo_url": "https://z"},
            "insights": [{"ticker": "UBS", "sentiment": "positive", "sentiment_reasoning": "bullish, \"it says\""}],
        },
        {
            "published_at": dt.datetime(2024, 6, 24, 18, 33, 53, tzinfo=dt.UTC), "publisher": "Investing.com",
            "tickers": ["UBS"], "keywords": ["a", "b"], "description": None,
            "insights": [{"ticker": "UBS", "sentiment": "positive", "sentiment_reasoning": "bullish, \"it says\""}],
        },
    ),
    "short_interest": (
        {"ticker": "A", "settlement_date": "2024-06-07", "short_interest": 3906231, "avg_daily_volume": 2340158,
         "days_to_cover": 1.67},
        {"settlement_date": dt.date(2024, 6, 7), "short_interest": 3906231, "days_to_cover": 1.67},
    ),
    "short_volume": (
        {"ticker": "A", "date": "2024-06-24", "total_volume": 574084.5, "short_volume": 181219,
         "short_volume_ratio": 31.57, "exempt_volume": 67840, "nyse_short_volume": 2},
        {"total_volume": 574084.5, "short_volume_percent": 31.57, "nyse_short_volume": 2.0, "adf_short_volume": None},
    ),
    "income_statements": (
        {**FILED, "tickers": ["AAPL"], "fiscal_year": 2024, "fiscal_quarter": 2.0, "revenue": 9.0753e10,
         "consolidated_net_income_loss": 23636000000, "diluted_earnings_per_share": 1.53},
        {"tickers": ["AAPL"], "fiscal_quarter": 2, "revenue": 9.0753e10, "net_income": 23636e6, "diluted_eps": 1.53},
    ),
    "balance_sheets": (
        {**FILED, "tickers": ["AAPL"], "total_assets": 337411000000, "retained_earnings_deficit": -4339000000},
        {"total_assets": 337411e6, "retained_earnings": -4339e6, "fiscal_year": None},
    ),
    "cash_flow_statements": (
        {**FILED, "tickers": ["AAPL", "APC"], "purchase_of_property_plant_and_equipment": -1996000000},
        {"tickers": ["AAPL", "APC"], "capital_expenditure": -1996e6},
    ),
    "ratios": (
        {"ticker": "A", "cik": "1", "date": "2024-06-24", "current": 2.05, "quick": 1.5, "cash": 0.9, "price": 131},
        {"price_date": dt.date(2024, 6, 24), "current_ratio": 2.05, "cash_ratio": 0.9, "price": 131.0},
    ),
    "exchanges": (
        {"id": 10, "type": "exchange", "asset_class": "stocks", "locale": "us", "name": "NYSE", "mic": "XNYS"},
        {"exchange_id": 10, "mic": "XNYS", "url": None},
    ),
    "conditions": (
        {"id": 2, "type": "sale_condition", "name": "Average Price Trade", "asset_class": "stocks",
         "sip_mapping": {"CTA": "B", "UTP": "W"}, "data_types": ["trade"],
         "update_rules": {
             "consolidated": {"updates_high_low": False, "updates_open_close": False, "updates_volume": True},
             "market_center": {"updates_high_low": False, "updates_open_close": True, "updates_volume": True}}},
        {"cta_symbol": "B", "utp_symbol": "W", "data_types": ["trade"], "updates_open_close": False,
         "updates_volume": True, "exchange_updates_open_close": True, "is_legacy": None, "exchange_id": None},
    ),
    "ticker_types": (
        {"code": "CS", "description": "Common Stock", "asset_class": "stocks", "locale": "us"},
        {"code": "CS", "description": "Common Stock"},
    ),
    "market_holidays": (
        {"date": "2024-11-29", "exchange": "NYSE", "name": "Thanksgiving", "status": "early-close",
         "open": "2024-11-29T14:30:00.000Z", "close": "2024-11-29T18:00:00.000Z"},
        {"holiday": dt.date(2024, 11, 29), "closes_at": dt.datetime(2024, 11, 29, 18, tzinfo=dt.UTC)},
    ),
    "snapshot": (
        {"ticker": "BCAT", "todaysChange": -0.124, "todaysChangePerc": -0.601, "updated": 1605192894630916600,
         "day": {"c": 20.506, "h": 20.64, "l": 20.506, "o": 20.64, "v": 37216, "vw": 20.616},
         "min": {"av": 37216, "c": 20.506, "h": 20.506, "l": 20.506, "n": 1, "o": 20.506, "t": 1684428600000,
                 "v": 5000},
         "prevDay": {"c": 20.63, "v": 292738},
         "lastTrade": {"c": [14, 41], "p": 20.506, "t": 1605192894630916600, "x": 4},
         "lastQuote": {"P": 20.6, "S": 22, "p": 20.5, "s": 13, "t": 1605192959994246100}},
        {"updated_at": dt.datetime(2020, 11, 12, 14, 54, 54, 630916, tzinfo=dt.UTC), "close": 20.506,
         "minute_start": dt.datetime(2023, 5, 18, 16, 50, tzinfo=dt.UTC), "accumulated_volume": 37216.0,
         "previous_close": 20.63, "trade_exchange_id": 4, "ask_price": 20.6, "bid_price": 20.5, "previous_open": None},
    ),
}  # fmt: skip

# The same row with something wrong, and the reason that quarantine must give.
UNFIT: list[tuple[str, dict[str, Any], str]] = [
    ("minute_bars", {"t": None}, "window_start is missing"),
    ("minute_bars", {"t": "soon"}, "window_start: cannot read 'soon' as TIMESTAMP"),
    ("minute_bars", {"v": None}, "volume is missing"),
    ("minute_bars", {"c": 9e12}, "close: 9000000000000.0 is garbage, above 1e+09"),
    ("news", {"published_utc": "yesterday"}, "published_at: cannot read 'yesterday' as TIMESTAMP"),
    ("news", {"tickers": "UBS"}, "tickers: cannot read 'UBS' as ARRAY<STRING>"),
    ("news", {"insights": {"ticker": "UBS"}}, 'insights: cannot read \'{"ticker":"UBS"}\' as ARRAY<STRUCT<'),
    ("news", {"id": ""}, "article_id is empty"),
    ("short_interest", {"short_interest": 1.5}, "short_interest: cannot read '1.5' as BIGINT"),
    ("short_interest", {"short_interest": 10**14}, "short_interest: 100000000000000 is garbage, above 1e+13"),
    ("short_interest", {"settlement_date": None}, "settlement_date is missing"),
    ("short_volume", {"total_volume": "many"}, "total_volume: cannot read 'many' as DOUBLE"),
    ("income_statements", {"cik": None}, "cik is missing"),
    ("income_statements", {"revenue": [1]}, "revenue: cannot read '[1]' as DOUBLE"),
    ("income_statements", {"fiscal_quarter": "Q2"}, "fiscal_quarter: cannot read 'Q2' as INT"),
    ("balance_sheets", {"period_end": "2024-13-01"}, "period_end: cannot read '2024-13-01' as DATE"),
    ("cash_flow_statements", {"timeframe": " "}, "timeframe is empty"),
    ("ratios", {"date": None}, "price_date is missing"),
    ("exchanges", {"id": "ten"}, "exchange_id: cannot read 'ten' as INT"),
    ("conditions", {"legacy": "maybe"}, "is_legacy: cannot read 'maybe' as BOOLEAN"),
    ("ticker_types", {"code": ["CS"]}, "code: cannot read '[\"CS\"]' as STRING"),
    ("market_holidays", {"date": "Christmas"}, "holiday: cannot read 'Christmas' as DATE"),
    ("snapshot", {"updated": -1}, "updated_at: cannot read '-1' as TIMESTAMP"),
    ("snapshot", {"lastTrade": {"p": 9e12}}, "trade_price: 9000000000000.0 is garbage, above 1e+09"),
    ("snapshot", {"day": {"o": "x"}}, "open: cannot read 'x' as DOUBLE"),
]


def put(
    lake: Lake,
    dataset: str,
    rows: list[Any],
    shard: str = "",
    asof: str = "2024-06-24T20:00:00+00:00",
    day: dt.date = DAY,
) -> None:
    """Commit rows in the body that the endpoint has."""
    body: Any = {"status": "OK", "results": rows}
    match catalog.load("stocks").datasets[dataset].rows_in:
        case "body":
            body = rows
        case "tickers":
            body = {"status": "OK", "count": len(rows), "tickers": rows}
            shard = shard or "2000"
    if dataset == "minute_bars":
        body |= {"ticker": "BRK.B"}
    lake.put_bodies(dataset, day, [body], len(rows), shard, asof)


def test_values_are_what_the_api_gave_and_odd_rows_are_set_aside(lake: Lake) -> None:
    """Every dataset at once: its good row typed, its bad ones in quarantine with their reason, the counts add up."""
    for dataset, (row, _) in GOOD.items():
        put(lake, dataset, [row, *(row | change for name, change, _ in UNFIT if name == dataset)])
    counts = lake.silver(DAY)["datasets"]
    quarantine = lake.table("quality.quarantine")
    for dataset, (_, expected) in GOOD.items():
        bad = [reason for name, _, reason in UNFIT if name == dataset]
        table = lake.table(f"silver.stocks_{dataset}").to_dicts()
        found = quarantine.filter(pl.col("dataset") == dataset)["reason"].to_list()
        assert (counts[dataset]["silver_rows"], counts[dataset]["quarantined"]) == (1, len(bad)), found
        assert {name: table[0][name] for name in expected} == expected, dataset
        assert all(any(one.startswith(reason) for one in found) for reason in bad), found


def test_each_taking_of_a_snapshot_has_its_rows(lake: Lake) -> None:
    """A ticker in two takings is two rows, also when nothing changed between them; twice in one is a duplicate."""
    row = GOOD["snapshot"][0]
    put(lake, "snapshot", [row, row], "1430", "2024-06-24T14:30:00+00:00")
    put(lake, "snapshot", [row], "1445", "2024-06-24T14:45:00+00:00")
    counts = lake.silver(DAY)["datasets"]["snapshot"]
    assert (counts["bronze_rows"], counts["silver_rows"], counts["duplicates"], counts["conflicts"]) == (3, 2, 1, 0)
    assert sorted(moment.minute for moment in lake.table("silver.stocks_snapshot")["asof"]) == [30, 45]
    put(lake, "snapshot", [row], "1500", "2024-06-24T15:00:00+00:00")
    counts = lake.silver(DAY)["datasets"]["snapshot"]
    assert (counts["silver_rows"], counts["changed_rows"]) == (3, 1)
    (change,) = lake.table("quality.changes").to_dicts()
    assert (change["change"], change["key"].split()[0], change["row_count"]) == ("new", row["ticker"], 1)


def test_the_pages_of_all_tickers_are_one_day(lake: Lake) -> None:
    """A page's ticker is that of its bars; a ticker without any has a page and no rows."""
    bar = GOOD["minute_bars"][0]
    pages = [
        {"ticker": "AAA", "status": "OK", "resultsCount": 2, "results": [bar, bar | {"t": OPEN + 60_000}]},
        {"ticker": "NONE", "status": "OK", "queryCount": 0, "resultsCount": 0},
        {"ticker": "BBB", "status": "OK", "resultsCount": 1, "results": [bar]},
    ]
    lake.put_bodies("minute_bars", DAY, pages, 3)
    assert lake.silver(DAY)["datasets"]["minute_bars"]["silver_rows"] == 3
    assert sorted(lake.table("silver.stocks_minute_bars")["ticker"]) == ["AAA", "AAA", "BBB"]


@pytest.fixture(scope="module")
def shared(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """One lake for rows that put the day in the place of the one before."""
    return Lake(sail, tmp_path_factory.mktemp("lake"))


_VALUE = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.text(max_size=4),
    st.floats(allow_nan=False, allow_infinity=False), st.lists(st.text(max_size=2), max_size=2),
    st.dictionaries(st.sampled_from(["o", "t", "ticker", "name", "consolidated"]), st.integers(), max_size=2),
)  # fmt: skip


@st.composite
def _odd_rows(draw: st.DrawFn) -> dict[str, list[Any]]:
    """For each shape of rows some of: a good row with a few values changed, and things that are no row."""
    drawn = {}
    for dataset in ("minute_bars", "news", "conditions", "market_holidays", "snapshot"):
        row = GOOD[dataset][0]
        change = st.dictionaries(st.sampled_from(sorted(row)), _VALUE, max_size=3)
        drawn[dataset] = draw(
            st.lists(st.one_of(change.map(lambda changed, row=row: row | changed), _VALUE), max_size=4)
        )
    return drawn


@given(days=st.lists(_odd_rows(), min_size=4, max_size=4))
@settings(max_examples=2, suppress_health_check=list(HealthCheck), database=None)
def test_whatever_comes_the_counts_add_up(shared: Lake, days: list[dict[str, list[Any]]]) -> None:
    """Any JSON in any field: bronze = silver + duplicates + quarantine, as counted and as found in the tables."""
    given_rows = dict(zip(market_days("XNYS", DAY, dt.date(2024, 7, 1)), days, strict=False))
    for day, datasets in given_rows.items():
        for dataset, rows in datasets.items():
            put(shared, dataset, rows, day=day)
    shared.silver(DAY, max(given_rows))
    aside = Counter(shared.table("quality.quarantine").select("dataset", "market_date").rows())
    held = {name: Counter(shared.table(f"silver.stocks_{name}")["market_date"]) for name in days[0]}
    for load in shared.table("quality.loads").to_dicts():
        dataset, day = load["dataset"], load["market_date"]
        assert load["bronze_rows"] == len(given_rows[day][dataset])
        assert (held[dataset][day], aside[dataset, day]) == (load["silver_rows"], load["quarantined"])
        assert load["silver_rows"] + load["duplicates"] + load["quarantined"] == load["bronze_rows"]
