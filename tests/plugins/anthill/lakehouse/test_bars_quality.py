"""Quality of forex, crypto and indices: each expectation can fail, with its number; a good day breaks none."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import polars as pl
import pytest

from anthill import catalog
from anthill.lakehouse.quality import QualityError
from tests.plugins.anthill.lakehouse.lake import ASOF, Lake

DAYS = [dt.date(2024, 1, day) for day in (2, 3, 4)]
BROKEN, EMPTY = dt.date(2024, 1, 5), dt.date(2024, 1, 8)
TOO_EARLY = "2024-01-08T20:30:00+00:00"
CURRENCIES = ("EUR", "GBP", "AUD", "NZD", "CAD", "CHF", "SEK", "NOK", "JPY", "PLN", "CZK", "HUF")


class Rows(NamedTuple):
    """What the source has of a day: day bars, minute bars and values by ticker, and reference data."""

    bars: list[Any]
    minutes: list[tuple[str, list[Any]]]
    tickers: list[Any]
    values: list[Any]


def names(asset_class: str) -> list[str]:
    """Twelve pairs, or the indices of the list."""
    if asset_class == "indices":
        return list(catalog.load(asset_class).lists["index"])
    return [f"{'C' if asset_class == 'forex' else 'X'}:{code}USD" for code in CURRENCIES]


def bar(ticker: str, day: dt.date, **other: Any) -> dict[str, Any]:
    """A day bar that is as it should be; an index lacks volume, average and trades."""
    known = {"T": ticker, "o": 1.0, "h": 1.1, "l": 0.9, "c": 1.05, "t": midnight(day)}
    return known | ({} if ticker.startswith("I:") else {"v": 5.0, "vw": 1.0, "n": 5}) | other


def midnight(day: dt.date) -> int:
    """16:00 UTC in milliseconds: within the day in New York and in UTC."""
    return int(dt.datetime.combine(day, dt.time(16), dt.UTC).timestamp()) * 1000


def listing(ticker: str, **other: Any) -> dict[str, Any]:
    """A row of reference data that is as it should be."""
    return {"ticker": ticker, "active": True, "base_currency_symbol": ticker[2:5], "currency_symbol": "USD", **other}


def value(ticker: str, **other: Any) -> dict[str, Any]:
    """A row of a snapshot that is as it should be, of 10 minutes before it was taken."""
    now = int(dt.datetime.fromisoformat(ASOF).timestamp())
    session = {"open": 9.0, "high": 11.0, "low": 8.0, "close": 10.0, "previous_close": 9.5}
    known = {"ticker": ticker, "value": 10.0, "last_updated": (now - 600) * 10**9, "market_status": "open"}
    return known | {"session": session} | other


def good(asset_class: str, day: dt.date) -> Rows:
    """A day that meets every expectation."""
    declared = catalog.load(asset_class)
    asked = next(iter(declared.lists.values()))
    every = names(asset_class)
    return Rows(
        bars=[bar(ticker, day) for ticker in every],
        minutes=[(ticker, [bar(ticker, day)]) for ticker in asked],
        tickers=[listing(ticker) for ticker in every],
        values=[value(ticker) for ticker in asked],
    )


def broken(asset_class: str) -> Rows:
    """A day that breaks all that can be broken at once."""
    rows = good(asset_class, BROKEN)
    bad = [{"l": -1.0}, {"h": 0.5}, {"o": 1.2}]
    bars = [row | (bad[at] if at < len(bad) else {}) for at, row in enumerate(rows.bars)]
    if asset_class != "indices":
        bars[3] |= {"vw": 2.0}
    unknown = bar("X:UNKNOWN", BROKEN, **({"T": "I:UNKNOWN"} if asset_class == "indices" else {}))
    bars = [*bars[:-1], bars[4], "text", unknown]
    minutes = [
        (ticker, [row | (bad[at] if at < len(bad) else {}) for row in found])
        for at, (ticker, found) in enumerate(rows.minutes[:-1])
    ]
    first = minutes[4][1][0]
    minutes[4][1].extend([first, first | {"t": midnight(EMPTY)}, first | {"t": "noon"}])
    tickers = [*rows.tickers, rows.tickers[0], "text", listing("X:ABCXYZ")]
    refused = {"ticker": rows.values[-1]["ticker"], "error": "NOT_ENTITLED", "message": "Not entitled to this ticker."}
    session = rows.values[1]["session"]
    old = rows.values[2]["last_updated"] - 3600 * 10**9
    values = [rows.values[0] | {"value": 0.0}, rows.values[1] | {"session": session | {"high": 7.0}}]
    values += [rows.values[2] | {"last_updated": old}, *rows.values[3:-1], rows.values[3], refused]
    return Rows(bars, minutes, tickers, values)


def put(lake: Lake, day: dt.date, rows: Rows, asof: str = ASOF) -> None:
    """Land a day in every dataset of the lake's asset class."""
    bodies = [{"status": "OK", "ticker": ticker, "results": found} for ticker, found in rows.minutes]
    lake.put_bodies("minute_bars", day, bodies or [{"status": "OK"}], sum(len(r) for _, r in rows.minutes), asof=asof)
    if lake.asset_class != "indices":
        lake.put("grouped_daily", day, rows.bars, asof=asof)
        lake.put("tickers", day, rows.tickers, shard="active")
        lake.put("tickers", day, [], shard="delisted")
        return
    bodies = [{"status": "OK", "ticker": r["T"] if isinstance(r, dict) else "?", "results": [r]} for r in rows.bars]
    lake.put_bodies("daily_bars", day, bodies or [{"status": "OK"}], len(rows.bars), asof=asof)
    lake.put("tickers", day, rows.tickers)
    lake.put("snapshot", day, rows.values, shard="1430", asof=asof)


def failed(lake: Lake, day: dt.date) -> dict[str, dict[str, float]]:
    """What each dataset's expectations observed on a day, of those that failed."""
    found: dict[str, dict[str, float]] = {}
    for row in lake.table("quality.results").filter(~pl.col("passed"), pl.col("market_date") == day).to_dicts():
        found.setdefault(row["dataset"], {})[row["expectation"]] = round(row["observed"], 3)
    return found


_BARS = {"prices_positive": 1, "high_not_below_low": 1, "open_close_within": 2, "no_duplicates": 1}
_VALUES = {"values_positive": 1, **{name: count for name, count in _BARS.items() if name != "prices_positive"}}
_MINUTES = {"within_the_day": 1}
_PAIRS: dict[str, dict[str, float]] = {
    "grouped_daily": {**_BARS, "vwap_within": 2, "tickers_known": 1, "quarantine_share": round(1 / 14, 3)},
    "minute_bars": {**_BARS, **_MINUTES, "pairs_answered": 1, "quarantine_share": round(1 / 12, 3)},
    "tickers": {"currencies_as_in_ticker": 1, "no_duplicates": 1, "quarantine_share": round(1 / 15, 3)},
}
WHEN_BROKEN: dict[str, dict[str, dict[str, float]]] = {
    "forex": _PAIRS,
    "crypto": _PAIRS,
    "indices": {
        "daily_bars": {**_VALUES, "indices_answered": 1, "tickers_known": 1},
        "minute_bars": {**_VALUES, **_MINUTES, "indices_answered": 1},
        "tickers": {"no_duplicates": 1},
        "snapshot": {"values_positive": 1, "value_within": 2, "fresh": 1, "none_refused": 1, "indices_answered": 1}
        | {"no_duplicates": 1, "quarantine_share": round(1 / 21, 3)},
    },
}
_EARLY = {"forex": -3.5, "crypto": -3.5, "indices": -0.5}
_NO_PAIRS: dict[str, set[str]] = {
    "grouped_daily": {"row_count", "after_close"},
    "minute_bars": {"row_count", "after_close", "pairs_answered"},
    "tickers": {"row_count", "some_listed"},
}
WHEN_EMPTY: dict[str, dict[str, set[str]]] = {
    "forex": _NO_PAIRS,
    "crypto": _NO_PAIRS,
    "indices": {
        "daily_bars": {"row_count", "after_close", "indices_answered"},
        "minute_bars": {"row_count", "after_close", "indices_answered"},
        "tickers": {"row_count", "some_listed"},
        "snapshot": {"some_answered", "indices_answered"},
    },
}
# Shares of so many rows that one bad row is within what is allowed, and what is broken by a test of its own.
NOT_TRIED: dict[str, set[tuple[str, str]]] = {
    "forex": set(),
    "crypto": set(),
    "indices": {(name, "quarantine_share") for name in ("daily_bars", "minute_bars", "tickers")}
    | {("daily_bars", "of_the_day")},
}


@pytest.mark.parametrize("lake", ["forex", "crypto", "indices"], indirect=True)
def test_each_expectation_can_fail_with_its_number(lake: Lake) -> None:
    """Good days break none; a broken and an empty day break all but the one that the load itself makes sure of."""
    name = lake.asset_class
    for day in DAYS:
        put(lake, day, good(name, day))
    put(lake, BROKEN, broken(name))
    put(lake, EMPTY, Rows([], [], [], []), asof=TOO_EARLY)
    lake.silver(DAYS[0], EMPTY)
    assert lake.quality(DAYS[0], DAYS[-1])["warnings"] == []
    with pytest.raises(QualityError, match=f"minute_bars of {BROKEN}: 1 rows with a .* of 0 or less"):
        lake.quality(BROKEN)
    assert failed(lake, BROKEN) == WHEN_BROKEN[name]
    with pytest.raises(QualityError, match=f"minute_bars of {EMPTY}: the API answered {_EARLY[name]} hours after"):
        lake.quality(EMPTY)
    assert {dataset: set(observed) for dataset, observed in failed(lake, EMPTY).items()} == WHEN_EMPTY[name]
    every = {(row["dataset"], row["expectation"]) for row in lake.table("quality.results").to_dicts()}
    never = {expectation for _, expectation in every if expectation in ("loaded", "keys_unique")}
    tried = {(d, e) for found in (WHEN_BROKEN[name], WHEN_EMPTY[name]) for d in found for e in found[d]}
    assert {pair for pair in every if pair[1] not in never} - tried == NOT_TRIED[name]


@pytest.mark.parametrize("lake", ["indices"], indirect=True)
def test_what_is_missing_and_refused_is_named(lake: Lake) -> None:
    """Warnings name ten indices without rows, and why the source refused one; a bar of another day is critical."""
    asked = names("indices")
    rows = good("indices", BROKEN)
    refused = {"ticker": asked[3], "error": "NOT_ENTITLED", "message": "Not entitled to this ticker."}
    put(lake, BROKEN, rows._replace(minutes=rows.minutes[:2], values=[*rows.values[:3], *rows.values[4:], refused]))
    lake.silver(BROKEN)
    said = " | ".join(lake.quality(BROKEN)["warnings"])
    missing = ", ".join(sorted(asked[2:])[:10])
    assert f"minute_bars of {BROKEN}: 18 indices of the list have no rows: {missing} | " in said
    assert f"snapshot of {BROKEN}: 1 indices were refused by the source: {asked[3]} (NOT_ENTITLED)" in said
    put(lake, BROKEN, rows._replace(bars=[bar(asked[0], EMPTY), *rows.bars[1:]]))
    lake.silver(BROKEN)
    with pytest.raises(QualityError, match=f"daily_bars of {BROKEN}: 1 rows with a bar of another day"):
        lake.quality(BROKEN)


@pytest.mark.parametrize("lake", ["forex"], indirect=True)
def test_a_sunday_may_have_fewer_rows(lake: Lake) -> None:
    """A quarter of the usual pairs is enough on a Sunday, and too few on a Monday."""
    sunday, monday = dt.date(2024, 1, 7), dt.date(2024, 1, 8)
    for day in [*DAYS, BROKEN]:
        put(lake, day, good("forex", day))
    for day in (sunday, monday):
        rows = good("forex", day)
        put(lake, day, rows._replace(bars=rows.bars[:3]))
    lake.silver(DAYS[0], monday)
    assert lake.quality(DAYS[0], sunday)["warnings"] == []
    with pytest.raises(QualityError, match=f"1 critical .* grouped_daily of {monday}: 3 rows, recent days have 12"):
        lake.quality(monday)
