"""Silver of forex, crypto and indices: answers pair by pair become rows; what cannot be read is set aside."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from anthill import catalog
from tests.by_name import long_but
from tests.plugins.anthill.lakehouse.lake import Lake

DAY = dt.date(2024, 1, 3)
STAMP = 1704240000000  # 00:00 UTC of the day
MINUTE: dict[str, Any] = {"o": 1.1, "h": 1.3, "l": 1.0, "c": 1.2, "v": 7, "vw": 1.15, "n": 7, "t": STAMP}
VALUE: dict[str, Any] = {key: MINUTE[key] for key in "ohlct"}
GROUPED: dict[str, Any] = {"T": "C:EURUSD", **MINUTE}
PAIR: dict[str, Any] = {
    "ticker": "C:EURUSD",
    "name": "Euro - United States Dollar",
    "market": "fx",
    "active": True,
    "base_currency_symbol": "EUR",
    "base_currency_name": "Euro",
    "currency_symbol": "USD",
    "currency_name": "United States Dollar",
    "last_updated_utc": "2024-01-03T00:00:00Z",
}
SNAPSHOT: dict[str, Any] = {
    "ticker": "I:SPX",
    "name": "Standard & Poor's 500",
    "value": 4742.83,
    "last_updated": 1704294000123456789,
    "timeframe": "REAL-TIME",
    "market_status": "open",
    "type": "indices",
    "session": {"change": -38.0, "change_percent": -0.8, "close": 4742.83, "high": 4754, "low": 4736.1, "open": 4745.2}
    | {"previous_close": 4780.83},
}
BARRED = {"ticker": "I:NO", "error": "NOT_ENTITLED"}
REFUSED = {"ticker": "I:NONE", "error": "NOT_FOUND", "message": "Ticker not found."}

# Asset class, dataset, the raw rows that silver cannot take, each with the reason that quarantine must give.
UNFIT: list[tuple[str, str, Any, str]] = [
    ("forex", "grouped_daily", GROUPED | {"c": "abc"}, "close: cannot read 'abc' as DOUBLE"),
    ("forex", "grouped_daily", {**GROUPED, "v": None}, "volume is missing"),
    ("forex", "grouped_daily", GROUPED | {"n": 1.5}, "quotes: cannot read '1.5' as BIGINT"),
    ("forex", "grouped_daily", GROUPED | {"t": -1}, "window_end: cannot read '-1' as TIMESTAMP"),
    ("forex", "grouped_daily", GROUPED | {"T": ""}, "ticker is empty"),
    ("forex", "grouped_daily", "text", 'row is no JSON object: "text"'),
    ("forex", "grouped_daily", GROUPED | {"h": 9e12}, "high: 9000000000000.0 is garbage, above 1e+12"),
    ("forex", "grouped_daily", GROUPED | {"T": "C:\ufffdUSD"}, "ticker: cannot read 'C:\ufffdUSD' as STRING"),
    ("forex", "minute_bars", MINUTE | {"t": None}, "bar_start is missing"),
    ("forex", "minute_bars", MINUTE | {"vw": 9e12}, "vwap: 9000000000000.0 is garbage, above 1e+12"),
    ("forex", "minute_bars", MINUTE | {"t": "noon"}, "bar_start: cannot read 'noon' as TIMESTAMP"),
    ("forex", "minute_bars", MINUTE | {"h": "Infinity"}, "high: cannot read 'Infinity' as DOUBLE"),
    ("forex", "tickers", PAIR | {"active": "maybe"}, "active: cannot read 'maybe' as BOOLEAN"),
    ("forex", "tickers", PAIR | {"delisted_utc": "soon"}, "delisted_at: cannot read 'soon' as TIMESTAMP"),
    ("crypto", "grouped_daily", GROUPED | {"l": {"a": 1}}, "low: cannot read '{\"a\":1}' as DOUBLE"),
    ("crypto", "grouped_daily", GROUPED | {"n": "x"}, "trades: cannot read 'x' as BIGINT"),
    ("crypto", "grouped_daily", GROUPED | {"c": 9e12}, "close: 9000000000000.0 is garbage, above 1e+12"),
    ("crypto", "grouped_daily", GROUPED | {"v": 1e19}, "volume: 1e+19 is garbage, above 1e+18"),
    ("crypto", "minute_bars", {**MINUTE, "o": None}, "open is missing"),
    ("crypto", "tickers", {**PAIR, "ticker": None}, "ticker is missing"),
    ("indices", "daily_bars", VALUE | {"c": "NaN"}, "close: cannot read 'NaN' as DOUBLE"),
    ("indices", "daily_bars", VALUE | {"o": 9e12}, "open: 9000000000000.0 is garbage, above 1e+12"),
    ("indices", "minute_bars", {**VALUE, "l": None}, "low is missing"),
    ("indices", "tickers", {"ticker": "I:SPX"}, "active is missing"),
    ("indices", "snapshot", SNAPSHOT | {"value": "high"}, "value: cannot read 'high' as DOUBLE"),
    ("indices", "snapshot", SNAPSHOT | {"value": 9e12}, "value: 9000000000000.0 is garbage, above 1e+12"),
    ("indices", "snapshot", SNAPSHOT | {"last_updated": "now"}, "updated_at: cannot read 'now' as TIMESTAMP"),
    ("indices", "snapshot", SNAPSHOT | {"session": {"open": "low"}}, "open: cannot read 'low' as DOUBLE"),
    ("indices", "snapshot", REFUSED, "the source says NOT_FOUND: Ticker not found.; value is missing"),
    (
        "indices",
        "snapshot",
        BARRED,
        "the source says NOT_ENTITLED; value is missing",
    ),
]
GOOD: dict[tuple[str, str], Any] = {
    ("forex", "grouped_daily"): GROUPED,
    ("forex", "minute_bars"): MINUTE,
    ("forex", "tickers"): PAIR,
    ("crypto", "grouped_daily"): GROUPED | {"T": "X:BTCUSD"},
    ("crypto", "minute_bars"): MINUTE,
    ("crypto", "tickers"): PAIR | {"ticker": "X:BTCUSD"},
    ("indices", "daily_bars"): VALUE,
    ("indices", "minute_bars"): VALUE,
    ("indices", "tickers"): {"ticker": "I:SPX", "name": "S&P 500", "active": True, "source_feed": "CME"},
    ("indices", "snapshot"): SNAPSHOT,
}


def body(rows: list[Any], ticker: str | None = None) -> dict[str, Any]:
    """An answer with rows, of one ticker where it says so."""
    return {"status": "OK", "results": rows} | ({"ticker": ticker} if ticker else {})


def put(lake: Lake, dataset: str, rows: list[Any]) -> None:
    """Land rows as their dataset's answers come, in the shards that it has."""
    declared = catalog.load(lake.asset_class).datasets[dataset]
    ticker = "C:EURUSD" if declared.page_fields else None
    shards = ["1430"] if declared.every else list(declared.shard_names)
    lake.put_bodies(dataset, DAY, [body(rows, ticker)], len(rows), shard=shards[0])
    for shard in shards[1:]:
        lake.put(dataset, DAY, [], shard=shard)


@pytest.mark.parametrize("lake", long_but("crypto", ["forex", "crypto", "indices"]), indirect=True)
def test_rows_that_cannot_be_typed_are_set_aside_with_their_reason(lake: Lake) -> None:
    """In every dataset the good row is loaded, each bad one is in quarantine with its reason, the counts add up."""
    for (asset_class, dataset), good in GOOD.items():
        if asset_class == lake.asset_class:
            put(lake, dataset, [good, *(row for of, name, row, _ in UNFIT if (of, name) == (asset_class, dataset))])
    counts = lake.silver(DAY)["datasets"]
    quarantine = lake.table("quality.quarantine")
    for dataset, count in counts.items():
        expected = sorted(reason for of, name, _, reason in UNFIT if (of, name) == (lake.asset_class, dataset))
        assert expected, f"{dataset} has no unfit row"
        found = quarantine.filter(pl.col("dataset") == dataset)
        assert sorted(found["reason"]) == expected
        assert (count["bronze_rows"], count["silver_rows"], count["quarantined"]) == (
            1 + len(expected),
            1,
            len(expected),
        )


@pytest.mark.parametrize("lake", ["crypto"], indirect=True)
def test_each_minute_knows_the_pair_of_its_answer(lake: Lake) -> None:
    """Bars of many answers carry the ticker that their answer names; an answer without bars brings no row."""
    later = MINUTE | {"t": STAMP + 60_000, "v": 7.5e-05, "n": None, "vw": None}
    answers = [body([MINUTE, later], "X:BTCUSD"), {"status": "OK", "ticker": "X:NOUSD"}, body([MINUTE], "X:ETHUSD")]
    lake.put_bodies("minute_bars", DAY, answers, 3)
    lake.silver(DAY)
    rows = lake.table("silver.crypto_minute_bars").sort("ticker", "bar_start")
    first = dt.datetime(2024, 1, 3, tzinfo=dt.UTC)
    second = first + dt.timedelta(minutes=1)
    assert rows.select("ticker", "bar_start", "close", "volume", "vwap", "trades").rows() == [
        ("X:BTCUSD", first, 1.2, 7.0, 1.15, 7),
        ("X:BTCUSD", second, 1.2, 7.5e-05, None, None),
        ("X:ETHUSD", first, 1.2, 7.0, 1.15, 7),
    ]


@pytest.mark.parametrize("lake", ["indices"], indirect=True)
def test_each_taking_of_a_snapshot_is_kept(lake: Lake) -> None:
    """A value that stands still is a row a taking, with the time of each; nested fields and nanoseconds are read."""
    takings = {"1430": "2024-01-03T14:30:01+00:00", "1445": "2024-01-03T14:45:02+00:00"}
    for shard, asof in takings.items():
        lake.put("snapshot", DAY, [SNAPSHOT], shard=shard, asof=asof)
    counts = lake.silver(DAY)["datasets"]["snapshot"]
    assert (counts["silver_rows"], counts["duplicates"]) == (2, 0)
    rows = lake.table("silver.indices_snapshot").sort("asof")
    assert [moment.isoformat() for moment in rows["asof"]] == list(takings.values())
    (row,) = rows.drop("asof", "source_uri").unique().to_dicts()
    assert (row["value"], row["high"], row["previous_close"], row["change"]) == (4742.83, 4754.0, 4780.83, -38.0)
    assert row["updated_at"] == dt.datetime(2024, 1, 3, 15, 0, 0, 123456, tzinfo=dt.UTC)


@pytest.mark.parametrize("lake", ["forex"], indirect=True)
def test_a_pair_listed_again_is_two_rows(lake: Lake) -> None:
    """A pair that was delisted once and is listed now has a row for each; the same row twice is a duplicate."""
    gone = PAIR | {"active": False, "delisted_utc": "2023-05-01T00:00:00Z"}
    lake.put("tickers", DAY, [PAIR], shard="active")
    lake.put("tickers", DAY, [gone, gone, gone | {"delisted_utc": "2021-05-01T00:00:00Z"}], shard="delisted")
    counts = lake.silver(DAY)["datasets"]["tickers"]
    assert (counts["silver_rows"], counts["duplicates"], counts["quarantined"]) == (3, 1, 0)
    rows = lake.table("silver.forex_tickers").sort("delisted_at")
    assert rows["active"].to_list() == [True, False, False]
    assert set(rows["base_currency"]) == {"EUR"}
    assert set(rows["quote_currency"]) == {"USD"}


@pytest.mark.parametrize(
    "lake", long_but("indices", ["stocks", "options", "forex", "crypto", "indices"]), indirect=True
)
def test_times_are_read_from_1970_to_2100(lake: Lake) -> None:
    """Milliseconds beyond are no time, in whatever dataset; the first and the last of them are."""
    last = 4_102_444_800_000  # 2100-01-01T00:00:00Z
    bars = [name for name, dataset in catalog.load(lake.asset_class).datasets.items() if "t" in dataset.fields]
    assert bars
    for name in bars:
        ticker = "O:AAA240216C00012500"
        rows = [GROUPED | {"T": ticker, "t": t} for t in (0, last, last + 1)]
        lake.put_bodies(name, DAY, [body([row], ticker) for row in rows], len(rows))
    counts = lake.silver(DAY)["datasets"]
    for name in bars:
        known = counts[name]
        assert (known["silver_rows"] + known["duplicates"], known["quarantined"]) == (2, 1), name
        (column,) = [c for field, c in catalog.load(lake.asset_class).datasets[name].fields.items() if field == "t"]
        times = lake.table(f"silver.{lake.asset_class}_{name}")[column]
        assert set(times) <= {dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.datetime(2100, 1, 1, tzinfo=dt.UTC)}


@pytest.mark.parametrize("lake", long_but("options", ["stocks", "options", "forex", "crypto"]), indirect=True)
def test_counts_are_whole_however_they_are_written(lake: Lake) -> None:
    """12.0 is 12, and a count above 2^53 keeps its last digit; half of one is set aside, in every dataset of bars."""
    datasets = catalog.load(lake.asset_class).datasets
    bars = {name: column for name, each in datasets.items() for field, column in each.fields.items() if field == "n"}
    assert bars
    for name in bars:
        counts = {f"O:AAA240216C0001250{at}": n for at, n in enumerate((12.0, 9007199254740993, 12.5))}
        rows = [body([GROUPED | {"T": ticker, "n": n}], ticker) for ticker, n in counts.items()]
        lake.put_bodies(name, DAY, rows, len(rows))
    lake.silver(DAY)
    for name, column in bars.items():
        found = lake.table(f"silver.{lake.asset_class}_{name}").sort("ticker")[column].to_list()
        assert found == [12, 9007199254740993], name


def test_nanoseconds_may_come_as_a_power_of_ten(lake: Lake) -> None:
    """1.6e+18 is a time as 1600000000000000000 is."""
    row = {"ticker": "A", "updated": 1.6e18, "lastTrade": {"t": 1.6e18}, "lastQuote": {"t": 1_600_000_000_000_000_000}}
    lake.put_bodies("snapshot", DAY, [{"status": "OK", "tickers": [row]}], 1, shard="1600")
    lake.silver(DAY)
    times = lake.table("silver.stocks_snapshot").select("updated_at", "trade_at", "quote_at").row(0)
    assert set(times) == {dt.datetime(2020, 9, 13, 12, 26, 40, tzinfo=dt.UTC)}
