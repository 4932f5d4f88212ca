"""Quality of forex, crypto and indices: each expectation can fail, with its number; a good day breaks none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

import polars as pl
import pytest

from anthill import catalog
from anthill.calendars import market_days
from anthill.lakehouse.quality import QualityError
from tests.by_name import long_but
from tests.plugins.anthill.lakehouse.lake import ASOF, Lake
from tests.plugins.anthill.lakehouse.recorded import assert_as_recorded
from tests.plugins.anthill.lakehouse.verdicts import (
    OF_EVERY_DATASET,
    assert_doubled_rows_are_found,
    assert_verdicts_follow,
    failed,
)

TOO_EARLY = "{}T20:30:00+00:00"
CURRENCIES = ("EUR", "GBP", "AUD", "NZD", "CAD", "CHF", "SEK", "NOK", "JPY", "PLN", "CZK", "HUF")
FRIDAY = dt.date(2024, 1, 5)
GONE = "X:GONE"  # a pair that is delisted
Change = Callable[["Rows"], "Rows"]


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
    """A day that meets every expectation, some only just."""
    asked = next(iter(catalog.load(asset_class).lists.values()))
    every = names(asset_class)
    bars, minutes = [bar(ticker, day) for ticker in every], [(ticker, [bar(ticker, day)]) for ticker in asked]
    still = dict.fromkeys("ohlc", 0.5)
    bars[1] |= still
    minutes[1][1][0] |= still
    # A pair's day is one of UTC, an index's one of New York.
    begin = dt.datetime.combine(day, dt.time(5 if asset_class == "indices" else 0), dt.UTC)
    edges = [int((begin + dt.timedelta(minutes=minutes)).timestamp()) * 1000 for minutes in (0, 24 * 60 - 1)]
    minutes[2][1].extend(bar(asked[2], day, t=edge) for edge in edges)
    values = [value(ticker) for ticker in asked]
    values[1] |= {"value": 11.0, "market_status": "closed", "last_updated": values[1]["last_updated"] - 10**13}
    values[2] |= {"value": 8.0, "last_updated": values[2]["last_updated"] - 20 * 60 * 10**9}  # half an hour old
    values[3] |= {"value": 0.5, "session": still_session()}
    tickers = [listing(ticker) for ticker in every]
    if asset_class == "indices":
        bars[2] |= {"t": edges[0]}
        bars[3] |= {"t": edges[1]}
    else:
        low, high = 0.5 * 0.99 - 0.00005, 0.5 * 1.01 + 0.00005  # 1 %, and what the source rounds
        bars[1] |= {"v": 0, "vw": low}
        bars[2] |= still | {"vw": high}
        minutes[1][1][0] |= {"v": 0}
        tickers.append(listing(every[0], delisted_utc="2020-01-02T00:00:00Z"))
    return Rows(bars, minutes, tickers, values)


def still_session() -> dict[str, Any]:
    """A session in which nothing moved."""
    return dict.fromkeys(("open", "high", "low", "close", "previous_close"), 0.5)


def bars(**other: Any) -> Change:
    """The first bar changed."""
    return lambda rows: rows._replace(bars=[rows.bars[0] | other, *rows.bars[1:]])


def minutes(**other: Any) -> Change:
    """The first minute changed."""

    def change(rows: Rows) -> Rows:
        (ticker, (minute, *rest)), *others = rows.minutes
        return rows._replace(minutes=[(ticker, [minute | other, *rest]), *others])

    return change


def values(**other: Any) -> Change:
    """The first value of a snapshot changed."""
    return lambda rows: rows._replace(values=[rows.values[0] | other, *rows.values[1:]])


def more(**rows: list[Any]) -> Change:
    """Some rows beside those of the day; a minute with the minutes of the first ticker."""

    def change(known: Rows) -> Rows:
        if "minutes" in rows:
            (ticker, found), *others = known.minutes
            added = [found[0] if row is None else row for row in rows["minutes"]]
            return known._replace(minutes=[(ticker, [*found, *added]), *others])
        return known._replace(**{name: [*getattr(known, name), *more] for name, more in rows.items()})

    return change


def without(**number: int) -> Change:
    """Some rows fewer."""
    return lambda known: known._replace(**{name: getattr(known, name)[count:] for name, count in number.items()})


def again(name: str) -> Change:
    """A row that is there twice."""
    return lambda known: known._replace(**{name: [*getattr(known, name), getattr(known, name)[-1]]})


Case = tuple[str, str, str, float, Change]
A_DAY = 86_400_000


def cases_of_bars(dataset: str, positive: str, changed: Callable[..., Change], day: str) -> list[Case]:
    """What is expected of bars, whatever they are of."""
    return [
        (dataset, positive, "critical", 1, changed(l=0)),
        (dataset, "high_not_below_low", "critical", 1, changed(h=0.5)),
        (dataset, "open_close_within", "warn", 1, changed(o=1.2)),
        (dataset, "open_close_within", "warn", 1, changed(c=0.85)),
        *([(dataset, day, "critical", 1, lambda rows: changed(t=rows.bars[0]["t"] + A_DAY)(rows))] if day else []),
    ]


ODD = {"ticker": "X:ABCXYZ", "active": True, "base_currency_symbol": "ABC", "currency_symbol": "USD"}
PAIRS: list[Case] = [
    *cases_of_bars("grouped_daily", "prices_positive", bars, ""),
    ("grouped_daily", "prices_positive", "critical", 1, bars(v=-1)),
    ("grouped_daily", "vwap_within", "warn", 1, bars(vw=1.1 * 1.01 + 0.0001)),
    ("grouped_daily", "vwap_within", "warn", 1, bars(vw=0.9 * 0.99 - 0.0001)),
    ("grouped_daily", "tickers_known", "warn", 1, lambda rows: more(bars=[rows.bars[0] | {"T": GONE}])(rows)),
    ("grouped_daily", "each_of_the_day", "warn", 1, lambda rows: bars(t=rows.bars[0]["t"] + A_DAY)(rows)),
    ("grouped_daily", "of_the_day", "critical", 7 / 12, lambda rows: _moved(rows, 7)),
    ("grouped_daily", "quarantine_share", "critical", 1 / 13, more(bars=["text"])),
    ("grouped_daily", "no_duplicates", "warn", 1, again("bars")),
    ("grouped_daily", "row_count", "critical", 3, without(bars=9)),
    *cases_of_bars("minute_bars", "prices_positive", minutes, "within_the_day"),
    ("minute_bars", "prices_positive", "critical", 1, minutes(v=-1)),
    ("minute_bars", "pairs_answered", "warn", 1, without(minutes=1)),
    ("minute_bars", "quarantine_share", "critical", 2 / 14, more(minutes=["text", 5])),
    ("minute_bars", "no_duplicates", "warn", 1, more(minutes=[None])),
    ("tickers", "currencies_as_in_ticker", "warn", 1, more(tickers=[ODD])),
    ("tickers", "quarantine_share", "critical", 1 / 15, more(tickers=["text"])),
    ("tickers", "no_duplicates", "warn", 1, again("tickers")),
]
REFUSED = {"error": "NOT_ENTITLED", "message": "Not entitled to this ticker."}
INDICES: list[Case] = [
    *cases_of_bars("daily_bars", "values_positive", bars, "of_the_day"),
    ("daily_bars", "tickers_known", "warn", 1, lambda rows: more(bars=[rows.bars[0] | {"T": "I:UNKNOWN"}])(rows)),
    ("daily_bars", "indices_answered", "warn", 1, without(bars=1)),
    ("daily_bars", "no_duplicates", "warn", 1, again("bars")),
    ("daily_bars", "quarantine_share", "critical", 2 / 22, more(bars=["text", 5])),
    ("daily_bars", "row_count", "critical", 5, without(bars=15)),
    *cases_of_bars("minute_bars", "values_positive", minutes, "within_the_day"),
    ("minute_bars", "indices_answered", "warn", 1, without(minutes=1)),
    ("minute_bars", "no_duplicates", "warn", 1, more(minutes=[None])),
    ("minute_bars", "quarantine_share", "critical", 2 / 24, more(minutes=["text", 5])),
    ("tickers", "no_duplicates", "warn", 1, again("tickers")),
    ("tickers", "quarantine_share", "critical", 2 / 22, more(tickers=["text", 5])),
    ("snapshot", "values_positive", "critical", 1, values(value=0, session=still_session() | {"low": -1})),
    ("snapshot", "value_within", "warn", 1, values(value=12.0)),
    ("snapshot", "value_within", "warn", 1, values(value=7.0)),
    ("snapshot", "value_within", "warn", 1, values(session={"high": None, "low": 11.0})),
    ("snapshot", "fresh", "warn", 1, lambda rows: values(last_updated=rows.values[2]["last_updated"] - 10**9)(rows)),
    ("snapshot", "indices_answered", "warn", 1, without(values=1)),
    ("snapshot", "none_refused", "warn", 1, lambda rows: _refused(rows, 1)),
    ("snapshot", "quarantine_share", "warn", 1 / 21, more(values=[{"ticker": "I:ODD", "value": "x"}])),
    ("snapshot", "no_duplicates", "warn", 1, again("values")),
]
CASES = {"forex": PAIRS, "crypto": PAIRS, "indices": INDICES}
# What cannot but fail with it.
ALSO = {
    "high_not_below_low": {"open_close_within", "vwap_within"},
    "none_refused": {"indices_answered", "quarantine_share", "no_duplicates"},
    "row_count": {"indices_answered"},
    "of_the_day": {"each_of_the_day"},
}


def _moved(rows: Rows, number: int) -> Rows:
    """Some bars have the time of the day after."""
    return rows._replace(bars=[row | {"t": row["t"] + A_DAY * (at < number)} for at, row in enumerate(rows.bars)])


def _refused(rows: Rows, number: int) -> Rows:
    """The source has an error in the place of some values, and says one of them twice."""
    said = [{"ticker": row["ticker"], **REFUSED} for row in rows.values[:number]]
    return rows._replace(values=[*said, said[0], *rows.values[number:]])


def put(lake: Lake, day: dt.date, rows: Rows, asof: str = ASOF) -> None:
    """Land a day in every dataset of the lake's asset class."""
    bodies = [{"status": "OK", "ticker": ticker, "results": found} for ticker, found in rows.minutes]
    lake.put_bodies("minute_bars", day, bodies or [{"status": "OK"}], sum(len(r) for _, r in rows.minutes), asof=asof)
    if lake.asset_class != "indices":
        lake.put("grouped_daily", day, rows.bars, asof=asof)
        lake.put("tickers", day, rows.tickers, shard="active")
        gone = [listing(GONE, active=False, base_currency_symbol=None)] if rows.tickers else []
        lake.put("tickers", day, gone, shard="delisted")
        return
    bodies = [{"status": "OK", "ticker": r["T"] if isinstance(r, dict) else "?", "results": [r]} for r in rows.bars]
    lake.put_bodies("daily_bars", day, bodies or [{"status": "OK"}], len(rows.bars), asof=asof)
    lake.put("tickers", day, rows.tickers)
    lake.put("snapshot", day, rows.values, shard="1430", asof=asof)


def failed_by_dataset(lake: Lake, day: dt.date) -> dict[str, dict[str, float]]:
    """What each dataset's expectations observed on a day, of those that failed."""
    found: dict[str, dict[str, float]] = {}
    for row in (
        lake.table("quality.results")
        .filter(~pl.col("passed"), pl.col("market_date") == day, ~pl.col("expectation").is_in(OF_EVERY_DATASET))
        .to_dicts()
    ):
        found.setdefault(row["dataset"], {})[row["expectation"]] = round(row["observed"], 3)
    return found


_EARLY = {"forex": -12_600, "crypto": -12_600, "indices": -1_800}  # seconds: 20:30 UTC against the close
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


class Checked(NamedTuple):
    """A lake of an asset class, its ordinary days, the day of each case, one without rows, and all their results."""

    lake: Lake
    ordinary: list[dt.date]
    cases: dict[dt.date, Case]
    empty: dt.date
    results: pl.DataFrame


@pytest.fixture(scope="module", params=long_but("crypto", ["forex", "crypto", "indices"]))
def checked(request: pytest.FixtureRequest, sail: str, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """Ordinary days pass; all the others together stop the run."""
    name = request.param
    lake = Lake(sail, tmp_path_factory.mktemp("lake"), asset_class=name)
    # Sundays have laws of their own.
    days = [day for day in market_days(catalog.load(name).calendar, FRIDAY, dt.date(2024, 3, 8)) if day.weekday() < 5]
    ordinary, cases = days[:3], dict(zip(days[3:], CASES[name], strict=False))
    empty = days[3 + len(cases)]
    assert len(cases) == len(CASES[name])
    for day in ordinary:
        put(lake, day, good(name, day))
    for day, (*_, change) in cases.items():
        put(lake, day, change(good(name, day)))
    put(lake, empty, Rows([], [], [], []), asof=TOO_EARLY.format(empty))
    lake.silver(days[0], empty)
    assert lake.quality(ordinary[0], ordinary[-1])["warnings"] == []
    with pytest.raises(QualityError, match=f"minute_bars of {empty}: the API answered {_EARLY[name]} seconds after"):
        lake.quality(days[0], empty)
    return Checked(lake, ordinary, cases, empty, lake.table("quality.results"))


def test_a_broken_expectation_is_found_and_no_other(checked: Checked) -> None:
    """On its day it fails, with its severity and the number observed."""
    for day, (dataset, expectation, severity, observed, _) in checked.cases.items():
        broken = failed(checked.results, day)
        found = {row[:2]: row[2:] for row in broken.select("dataset", "expectation", "severity", "observed").rows()}
        where = f"{dataset} {expectation} of {day}: {found}"
        assert found.pop((dataset, expectation), None) == (severity, pytest.approx(observed)), where
        assert {name for _, name in found} <= ALSO.get(expectation, set()), where


def test_an_empty_day_breaks_what_must_not_be_empty(checked: Checked) -> None:
    """An answer without a row, and from before the close."""
    found: dict[str, set[str]] = {}
    for dataset, expectation in failed(checked.results, checked.empty).select("dataset", "expectation").rows():
        found.setdefault(dataset, set()).add(expectation)
    assert found == WHEN_EMPTY[checked.lake.asset_class]


def test_every_expectation_is_put_to_the_test(checked: Checked) -> None:
    """There is a case for each but those that a load makes sure of, and every verdict follows from its number."""
    tried = {case[:2] for case in checked.cases.values()}
    tried |= {(dataset, name) for dataset, found in WHEN_EMPTY[checked.lake.asset_class].items() for name in found}
    every = set(checked.results.select("dataset", "expectation").rows())
    elsewhere = ("loaded", "keys_unique", *OF_EVERY_DATASET)
    assert {pair for pair in every - tried if pair[1] not in elsewhere} == set()
    assert_verdicts_follow(checked.results)


def test_a_key_that_is_there_twice_is_found(checked: Checked) -> None:
    """Silver keeps keys unique; were it to fail, quality says so with the number of rows."""
    assert_doubled_rows_are_found(checked.lake, checked.ordinary[1], checked.results)


@pytest.mark.parametrize("lake", ["indices"], indirect=True)
def test_what_is_missing_and_refused_is_named(lake: Lake) -> None:
    """Warnings name ten indices without rows, and those that the source refused, each once, with its reason."""
    asked = names("indices")
    rows = good("indices", FRIDAY)
    put(lake, FRIDAY, _refused(rows, 12)._replace(minutes=rows.minutes[:2], bars=rows.bars[:1]))
    lake.silver(FRIDAY)
    said = " | ".join(lake.quality(FRIDAY)["warnings"])
    for dataset, known in (("minute_bars", 2), ("daily_bars", 1)):
        missing = ", ".join(sorted(asked[known:])[:10])
        assert f"{dataset} of {FRIDAY}: {20 - known} indices of the list have no rows: {missing} [" in said
    ten = sorted(asked[:12])[:10]
    assert f"snapshot of {FRIDAY}: 12 indices of the list have no rows: {', '.join(ten)} [" in said
    refused = ", ".join(f"{ticker} (NOT_ENTITLED)" for ticker in ten)
    assert f"snapshot of {FRIDAY}: 12 indices were refused by the source: {refused} [" in said


@pytest.mark.parametrize("lake", ["forex", "crypto"], indirect=True)
def test_pairs_that_were_not_answered_are_named(lake: Lake) -> None:
    """Ten of them, in the order of the alphabet; one pair that is listed is enough for a list."""
    rows = good(lake.asset_class, FRIDAY)
    kept = rows.minutes[:1]
    put(lake, FRIDAY, rows._replace(minutes=kept, tickers=rows.tickers[:1]))
    lake.silver(FRIDAY)
    silent = sorted({ticker for ticker, _ in rows.minutes} - {kept[0][0]})
    said = [line.partition(" [")[0] for line in lake.quality(FRIDAY)["warnings"]]
    assert f"minute_bars of {FRIDAY}: {len(silent)} pairs of the list have no rows: {', '.join(silent[:10])}" in said
    listed = lake.table("quality.results").filter(expectation="some_listed").select("observed", "passed").rows()
    assert listed == [(1.0, True)]


def test_results_are_those_on_record(checked: Checked) -> None:
    """Each expectation, with its severity, limit, verdict and message, on good days and on one that breaks it."""
    assert_as_recorded(checked.results, checked.lake.asset_class)
