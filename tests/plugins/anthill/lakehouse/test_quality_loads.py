"""What quality expects of every load, whatever its rows are: exactly at its limits, and one row beyond them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

import polars as pl
import pytest

from anthill import catalog
from anthill.calendars import market_days, session_close
from anthill.lakehouse.quality import QualityError
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.recorded import assert_as_recorded
from tests.plugins.anthill.lakehouse.verdicts import assert_verdicts_follow


class Limits(NamedTuple):
    """What a load may have: rows as shares of the usual ones, rows in quarantine as a share of all, each as severe."""

    rows: tuple[str, float, float | None] | None  # severity, least and most
    quarantined: tuple[str, float]
    final_after_close: bool = False
    least_on_sunday: float | None = None


_BARS = Limits(("critical", 0.7, 1.5), ("critical", 0.05), final_after_close=True)
_LISTED = Limits(("critical", 0.5, 2.0), ("critical", 0.05))
_MINUTES = Limits(("critical", 0.3, None), ("critical", 0.05), final_after_close=True)
_LIST = Limits(("warn", 0.7, 1.5), ("warn", 0.0))
_FILED = Limits(None, ("warn", 0.05))
_ACTIONS = Limits(None, ("warn", 0.0))
_PRESENT = Limits(("warn", 0.5, None), ("critical", 0.05))
LIMITS: dict[str, dict[str, Limits]] = {
    "economy": {
        "treasury_yields": _ACTIONS,
        "inflation": _PRESENT,
        "inflation_expectations": _PRESENT,
    },
    "stocks": {
        "grouped_daily": _BARS,
        "tickers": _LISTED,
        "ticker_events": Limits(None, ("critical", 0.05)),
        "adjusted_daily": Limits(None, ("critical", 0.05)),
        "splits": _ACTIONS,
        "dividends": _ACTIONS,
        "minute_bars": _MINUTES._replace(rows=("critical", 0.3, 3.0)),
        "news": Limits(("warn", 0.1, 10.0), ("warn", 0.05)),
        "short_interest": Limits(None, ("warn", 0.01)),
        "short_volume": Limits(("warn", 0.5, 2.0), ("critical", 0.05)),
        "income_statements": _FILED,
        "balance_sheets": _FILED,
        "cash_flow_statements": _FILED,
        "ratios": Limits(("warn", 0.7, 1.5), ("critical", 0.05)),
        "exchanges": _LIST,
        "conditions": _LIST,
        "ticker_types": _LIST,
        "market_holidays": _ACTIONS,
        "snapshot": Limits(None, ("critical", 0.05)),
    },
    "options": {
        "contracts": Limits(("critical", 0.5, None), ("critical", 0.05)),
        "chain_snapshot": Limits(("critical", 0.5, None), ("critical", 0.05), final_after_close=True),
        "daily_bars": Limits(("critical", 0.4, None), ("critical", 0.05), final_after_close=True),
    },
    "forex": {
        "grouped_daily": _BARS._replace(least_on_sunday=0.2),
        "minute_bars": _MINUTES._replace(least_on_sunday=0.03),
        "tickers": _LISTED,
    },
    "crypto": {"grouped_daily": _BARS, "minute_bars": _MINUTES, "tickers": _LISTED},
    "indices": {"daily_bars": _MINUTES, "minute_bars": _MINUTES, "tickers": _LISTED, "snapshot": _ACTIONS},
}
USUAL, FEW, FEWER = (
    1000,
    4,
    7,
)  # rows of the days before, in a market of its usual size and in two that are all but empty
# What fails where silver holds no row of a day that was loaded, with its severity.
EMPTY = {
    "some_listed": "critical",
    "some_answered": "critical",
    "pairs_answered": "warn",
    "indices_answered": "warn",
    "tickers_have_bars": "warn",
    "underlyings_have_chains": "warn",
    "underlyings_have_contracts": "warn",
}


class Case(NamedTuple):
    """What was loaded of a dataset and day, and what of it is allowed."""

    usual: int
    rows: int
    rows_allowed: bool
    quarantined: int = 0
    quarantine_allowed: bool = True
    duplicates: int = 0
    after_close: int = 1_800_000  # seconds; 500 hours
    on_sunday: bool | None = None

    @property
    def bronze(self) -> int:
        """The rows that bronze holds: 1000 where some may be in quarantine."""
        return 1000 if self.duplicates else 0


def cases(limits: Limits) -> Iterator[Case]:
    """Loads at the limits of a dataset, and beyond them."""
    quarantined = round(limits.quarantined[1] * 1000)
    quarantine = [
        {"quarantined": quarantined, "duplicates": 1, "after_close": 0},
        {"quarantined": quarantined + 1, "quarantine_allowed": False, "duplicates": 3, "after_close": -1},
    ]
    _, least, most = limits.rows or ("", 0.0, None)
    weekday = None if limits.least_on_sunday is None else False
    yield Case(USUAL, round(least * USUAL), rows_allowed=True, **quarantine[0], on_sunday=weekday)
    yield Case(USUAL, round(least * USUAL) - 1, rows_allowed=False, **quarantine[1], on_sunday=weekday)
    yield Case(USUAL, round((most or 99) * USUAL), rows_allowed=True, on_sunday=weekday)
    yield Case(USUAL, round((most or 99) * USUAL) + 1, rows_allowed=most is None, on_sunday=weekday)
    if limits.least_on_sunday is not None:
        yield Case(USUAL, round(limits.least_on_sunday * USUAL), rows_allowed=True, on_sunday=True)
        yield Case(USUAL, round(limits.least_on_sunday * USUAL) - 1, rows_allowed=False, on_sunday=True)
    yield Case(FEW, FEW + 5, rows_allowed=True, on_sunday=weekday)
    yield Case(FEW, FEW + 6, rows_allowed=most is None or most * FEW >= FEW + 6, on_sunday=weekday)
    yield Case(FEWER, FEWER - 5, rows_allowed=True, on_sunday=weekday)
    yield Case(FEWER, FEWER - 6, rows_allowed=least * FEWER <= FEWER - 6, on_sunday=weekday)


class Loaded(NamedTuple):
    """The results of an asset class, and which case each dataset and day stand for."""

    results: pl.DataFrame
    cases: dict[tuple[str, dt.date], Case]
    stopped: str  # what was said of those that are critical


@pytest.fixture(scope="module", params=LIMITS)
def loaded(request: pytest.FixtureRequest, sail: str, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """Loads of all datasets of an asset class as silver notes them, without a single row in silver, and checked."""
    name = request.param
    lake = Lake(sail, tmp_path_factory.mktemp("lake"), asset_class=name)
    calendar = catalog.load(name).calendar
    # Three periods, more than 60 days apart: what was usual in one is forgotten in the next.
    starts = {USUAL: dt.date(2024, 1, 8), FEW: dt.date(2024, 5, 6), FEWER: dt.date(2024, 9, 2)}
    periods = {usual: market_days(calendar, first, first + dt.timedelta(30)) for usual, first in starts.items()}
    lake.silver(dt.date(2024, 1, 1), commits=[])  # makes the tables
    rows: list[dict[str, Any]] = []
    placed: dict[tuple[str, dt.date], Case] = {}
    for dataset, limits in LIMITS[name].items():
        free = {usual: list(days[7:]) for usual, days in periods.items()}
        rows += [
            load(name, dataset, day, session_close(calendar, day), Case(usual, usual, rows_allowed=True))
            for usual, days in periods.items()
            for day in days[:7]
        ]
        for case in cases(limits):
            wanted = (day for day in free[case.usual] if case.on_sunday in (None, day.weekday() == 6))
            day = next(wanted)
            free[case.usual].remove(day)
            placed[dataset, day] = case
            rows.append(load(name, dataset, day, session_close(calendar, day), case))
    lake.note_loads(rows)
    with pytest.raises(QualityError) as stopped:
        lake.quality(periods[USUAL][0], periods[FEWER][-1], datasets="-")
    return Loaded(lake.table("quality.results"), placed, str(stopped.value))


def load(asset_class: str, dataset: str, day: dt.date, closed: dt.datetime, case: Case) -> dict[str, Any]:
    """A row of the loads table."""
    return {
        "asset_class": asset_class,
        "dataset": dataset,
        "market_date": day,
        "bronze_rows": case.bronze,
        "silver_rows": case.rows,
        "duplicates": case.duplicates,
        "conflicts": case.duplicates // 2,
        "quarantined": case.quarantined,
        "asof": closed + dt.timedelta(seconds=case.after_close),
    }


def test_every_dataset_has_its_limits() -> None:
    """A dataset that is declared and not in this file would go unchecked."""
    assert {name: set(limits) for name, limits in LIMITS.items()} == {
        name: set(catalog.load(name).datasets) for name in catalog.with_past()
    }


def test_a_load_is_allowed_up_to_its_limits(loaded: Loaded) -> None:
    """Rows against the days before, rows in quarantine, duplicates, and answers from before the close."""
    found = {(r["dataset"], r["market_date"], r["expectation"]): r for r in loaded.results.to_dicts()}
    (name,) = set(loaded.results["asset_class"])
    for (dataset, day), case in loaded.cases.items():
        limits = LIMITS[name][dataset]
        of_rows = found.get((dataset, day, "row_count"))
        if limits.rows:
            assert of_rows, f"{dataset} does not count its rows"
            said = f"{case.rows} rows, recent days have {float(case.usual)}"
            expected = (limits.rows[0], case.rows, case.rows_allowed, said)
            assert tuple(of_rows[key] for key in ("severity", "observed", "passed", "message")) == expected
        assert bool(limits.rows) == bool(of_rows)
        aside = found[dataset, day, "quarantine_share"]
        assert (aside["severity"], aside["passed"]) == (limits.quarantined[0], case.quarantine_allowed), aside
        assert aside["observed"] == (case.quarantined / case.bronze if case.bronze else 0)
        doubled = found[dataset, day, "no_duplicates"]
        assert (doubled["severity"], doubled["passed"]) == ("warn", case.duplicates == 0)
        assert doubled["message"].endswith(f" {case.duplicates // 2} of them with other values")
        early = found.get((dataset, day, "after_close"))
        assert bool(early) == limits.final_after_close
        if early:
            assert (early["severity"], early["passed"]) == ("critical", case.after_close >= 0)
            assert early["observed"] == pytest.approx(case.after_close / 3600, abs=1e-4)


def test_a_day_without_rows_has_every_verdict(loaded: Loaded) -> None:
    """Nothing is left out, nothing is found that is not there, and what must not be empty says so."""
    assert_verdicts_follow(loaded.results)
    of_loads = {"row_count", "quarantine_share", "no_duplicates", "after_close", "loaded", "some_answered"}
    of_loads |= {"none_quarantined"}
    rest = loaded.results.filter(~pl.col("expectation").is_in(of_loads))
    failed = rest.filter(~pl.col("passed"))
    assert set(failed.select("expectation", "severity").rows()) <= set(EMPTY.items())
    assert set(rest.filter(pl.col("expectation").is_in(list(EMPTY)))["passed"]) <= {False}
    passed = rest.filter("passed", ~pl.col("expectation").is_in(["volatility_known", "underlying_priced"]))
    assert set(passed["observed"]) <= {0.0, 1.0}
    assert set(passed.filter(observed=1.0)["expectation"]) <= {"takings_alike"}
    days = loaded.results.group_by("dataset", "expectation").len()
    assert all(group["len"].n_unique() == 1 for _, group in days.group_by("dataset"))


def test_what_stops_the_run_is_named_up_to_twenty_times(loaded: Loaded) -> None:
    """The number of all, twenty of them with their numbers, and how many more there are."""
    (name,) = set(loaded.results["asset_class"])
    critical = loaded.results.filter(~pl.col("passed"), severity="critical")
    parts = loaded.stopped.split(" | ")
    begin = f"{critical.height} critical expectations of {name} are broken; what reads them in gold stays as it is. "
    end = "All results are in dev.quality.results."
    assert loaded.stopped.startswith(begin)
    assert loaded.stopped.endswith(end)
    told = {
        f"{row['dataset']} of {row['market_date']}: {row['message']} "
        f"[{row['expectation']}: {row['observed']:,.10g}, must be {row['threshold']}]"
        for row in critical.to_dicts()
    }
    shown = [part.removeprefix(begin).removesuffix(f". {end}") for part in parts]
    if critical.height > 20:
        assert shown.pop() == f"and {critical.height - 20} more"
    assert len(shown) == min(critical.height, 20)
    assert set(shown) <= told


def test_usual_are_the_last_20_loaded_days_of_60(lake: Lake) -> None:
    """The median of just so many days; what was loaded 60 days before still counts, and one day more does not."""
    lake.silver(dt.date(2024, 1, 1), commits=[])
    days = market_days("XNYS", dt.date(2024, 6, 3), dt.date(2024, 7, 31))[:32]
    sizes = {("exchanges", day): size for day, size in zip(days, [1000] * 11 + [500] * 10 + [10] * 11, strict=True)}
    winter, after_60, after_61 = dt.date(2024, 1, 5), dt.date(2024, 3, 5), dt.date(2024, 3, 6)
    sizes |= {
        ("exchanges", winter): 7,
        ("exchanges", after_60): 8,
        ("conditions", winter): 7,
        ("conditions", after_61): 8,
    }
    closed = dt.datetime(2024, 8, 1, tzinfo=dt.UTC)
    lake.note_loads([load("stocks", *key, closed, Case(0, rows, rows_allowed=True)) for key, rows in sizes.items()])
    lake.quality(winter, days[-1], datasets="-")
    results = lake.table("quality.results").filter(expectation="row_count").to_dicts()
    said = {(row["dataset"], row["market_date"]): row["message"] for row in results}
    assert said["exchanges", days[-1]] == "10 rows, recent days have 255.0"  # ten days of 500 and ten of 10
    assert said["exchanges", days[0]] == "1000 rows, recent days have none"
    assert said["exchanges", after_60] == "8 rows, recent days have 7.0"
    assert said["conditions", after_61] == "8 rows, recent days have none"


@pytest.mark.parametrize("lake", ["stocks", "crypto", "indices"], indirect=True)
def test_a_good_day_after_empty_ones_is_good(lake: Lake) -> None:
    """What a day is compared with are the days that had rows; one without any is still told."""
    declared = catalog.load(lake.asset_class)
    lake.silver(dt.date(2024, 1, 1), commits=[])
    days = market_days(declared.calendar, dt.date(2024, 3, 4), dt.date(2024, 3, 28))[:16]
    rows = [1000, *[0] * 10, 1000, *[0] * 3, 1200]
    closed = dt.datetime(2024, 8, 1, tzinfo=dt.UTC)
    cases = [(day, Case(0, size, rows_allowed=True)) for day, size in zip(days, rows, strict=True)]
    lake.note_loads([load(lake.asset_class, "minute_bars", day, closed, case) for day, case in cases])
    with pytest.raises(QualityError):
        lake.quality(days[0], days[-1], datasets="-")
    results = lake.table("quality.results").filter(expectation="row_count", dataset="minute_bars").sort("market_date")
    assert results["passed"].to_list() == [size > 0 for size in rows]
    assert results["message"][-1] == "1200 rows, recent days have 1000.0"


def test_results_are_those_on_record(loaded: Loaded) -> None:
    """Of loads without a row in silver, at their limits and beyond: all that a load is held to."""
    (name,) = set(loaded.results["asset_class"])
    assert_as_recorded(loaded.results, f"loads_of_{name}")
