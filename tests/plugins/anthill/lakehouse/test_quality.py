"""Quality: each expectation can fail, its result is stored, and a critical one stops the run with its numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anthill import closures
from anthill.calendars import market_days
from anthill.lakehouse import quality, tables
from anthill.lakehouse.quality import QualityError
from tests.plugins.anthill.lakehouse.lake import Lake, bar
from tests.plugins.anthill.lakehouse.recorded import assert_as_recorded
from tests.plugins.anthill.lakehouse.verdicts import assert_doubled_rows_are_found, assert_verdicts_follow, failed

Row = dict[str, Any]
Given = Callable[[dt.date], dict[str, list[Any]]]
# A price that did not move, with no volume; averages 1 % outside of it are still allowed.
STILL = bar("CCC", 10.0, 0) | {"o": 10.0, "h": 10.0, "l": 10.0, "c": 10.0}
BARS = [
    bar("AAA", 10.0),
    bar("BBB", 20.0),
    STILL | {"vw": 10.0 * 0.99},
    STILL | {"T": "DDD", "vw": 10.0 * 1.01},
    bar("EEE", 0.5),
]
LISTED = [bar["T"] for bar in BARS]


def split(day: dt.date, **other: Any) -> Row:
    """A split of the day."""
    known = {"id": "s", "ticker": "AAA", "execution_date": str(day), "split_from": 20, "split_to": 21}
    return known | other  # of prices that stand still: so small that they neither show nor contradict it


def dividend(day: dt.date, **other: Any) -> Row:
    """A dividend of the day."""
    known = {"id": "d", "ticker": "AAA", "ex_dividend_date": str(day), "cash_amount": 0.1, "currency": "USD"}
    return known | other


def first_bar(**other: Any) -> Given:
    """The day's bars, the first one changed."""
    return lambda day: {"bars": [BARS[0] | other, *BARS[1:]]}


def splits(**other: Any) -> Given:
    """A split that is changed."""
    return lambda day: {"splits": [split(day, **other)]}


def dividends(**other: Any) -> Given:
    """A dividend that is changed."""
    return lambda day: {"dividends": [dividend(day, **other)]}


def _moved(day: dt.date, number: int) -> list[Row]:
    """The day's bars, some with a time of the day after."""
    noon = int(dt.datetime.combine(day, dt.time(12), dt.UTC).timestamp() * 1000)
    return [row | {"t": noon + 86_400_000 * (at < number)} for at, row in enumerate(BARS)]


# What a day has in the place of its ordinary rows, and what of it must fail, with which number.
BROKEN: list[tuple[str, str, str, float, Given]] = [
    ("grouped_daily", "open_close_within", "warn", 1, first_bar(o=11.0)),
    ("grouped_daily", "open_close_within", "warn", 1, first_bar(c=9.0)),
    ("grouped_daily", "vwap_within", "warn", 1, first_bar(vw=10.0 * 1.02 * 1.0101)),
    ("grouped_daily", "vwap_within", "warn", 1, first_bar(vw=10.0 * 0.98 * 0.9899)),
    ("grouped_daily", "no_duplicates", "warn", 1, lambda day: {"bars": [*BARS, BARS[0]]}),
    ("grouped_daily", "tickers_known", "warn", 1, lambda day: {"bars": [*BARS, bar("ZZZ", 5.0)]}),
    ("grouped_daily", "each_of_the_day", "warn", 1, lambda day: {"bars": _moved(day, 1)}),
    ("splits", "no_duplicates", "warn", 1, lambda day: {"splits": [split(day), split(day)]}),
    ("splits", "source_and_price_agree", "warn", 1, lambda day: {"splits": [split(day), split(day, id="t")]}),
    ("splits", "source_and_price_agree", "warn", 1, lambda day: {"splits": [split(day), split(day, split_to=22)]}),
    ("splits", "source_and_price_agree", "warn", 1, splits(split_to=40)),
    ("splits", "tickers_known", "warn", 1, splits(ticker="ZZZ")),
    ("splits", "quarantine_share", "warn", 1, splits(split_to="two")),
    ("dividends", "amount_positive", "warn", 1, dividends(cash_amount=0)),
    ("dividends", "in_dollars", "warn", 1, dividends(currency="CAD")),
    ("dividends", "paid_once", "warn", 1, lambda day: {"dividends": [dividend(day), dividend(day, id="e")]}),
    ("dividends", "tickers_known", "warn", 1, dividends(ticker="ZZZ")),
    ("grouped_daily", "prices_positive", "critical", 1, first_bar(l=0)),
    ("grouped_daily", "prices_positive", "critical", 1, first_bar(v=-1)),
    ("grouped_daily", "high_not_below_low", "critical", 1, first_bar(h=9.0)),
    ("grouped_daily", "quarantine_share", "critical", 1 / 6, lambda day: {"bars": [*BARS, "poison"]}),
    ("grouped_daily", "row_count", "critical", 22, lambda day: {"bars": [bar(f"N{n}", 5.0) for n in range(22)]}),
    ("grouped_daily", "of_the_day", "critical", 3 / 5, lambda day: {"bars": _moved(day, 3)}),
    ("splits", "ratio_positive", "critical", 1, splits(split_to=0)),
    ("splits", "ratio_positive", "critical", 1, splits(split_from=0)),
    ("splits", "executed_by_the_day", "critical", 1, splits(execution_date="2024-01-02")),
    ("splits", "executed_by_the_day", "critical", 1, lambda day: {"splits": [split(day + dt.timedelta(1))]}),
    ("dividends", "ex_by_the_day", "critical", 1, dividends(ex_dividend_date="2024-01-02")),
    ("dividends", "ex_by_the_day", "critical", 1, lambda day: {"dividends": [dividend(day + dt.timedelta(1))]}),
]
DAYS = market_days("XNYS", dt.date(2024, 1, 2), dt.date(2024, 2, 29))[: 3 + len(BROKEN)]
ORDINARY, WARNED = DAYS[:3], DAYS[3 : 3 + sum(severity == "warn" for _, _, severity, *_ in BROKEN)]
CASES = list(zip(DAYS[3:], BROKEN, strict=True))
# What cannot but fail with it.
ALSO = {
    "high_not_below_low": {("grouped_daily", "open_close_within", "warn"), ("grouped_daily", "vwap_within", "warn")},
    "row_count": {("tickers", "row_count", "critical"), ("grouped_daily", "tickers_known", "warn")},
    "of_the_day": {("grouped_daily", "each_of_the_day", "warn")},
}


def put(lake: Lake, day: dt.date, given: dict[str, list[Any]]) -> None:
    """Land an ordinary day, or one that differs in something; a ticker of the list was another company's before."""
    known = {
        "bars": BARS,
        "splits": [split(day), split(day, id="t", ticker="BBB", split_from=21, split_to=20)],
        "dividends": [dividend(day)],
    }
    lake.put_day(day, **known | given)
    lake.put("tickers", day, [{"ticker": ticker, "active": True, "type": "CS"} for ticker in LISTED], shard="active")
    gone = {"active": False, "delisted_utc": "2020-01-02T00:00:00Z"}
    lake.put("tickers", day, [{"ticker": ticker, **gone} for ticker in ("AAA", "GONE")], shard="delisted")


@pytest.fixture(scope="module")
def shared(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake with three ordinary days, then one that breaks something for each case, none of them checked."""
    lake = Lake(sail, tmp_path_factory.mktemp("lake"))
    for day in ORDINARY:
        put(lake, day, {})
    for day, (*_, given) in CASES:
        put(lake, day, given(day))
    lake.silver(DAYS[0], DAYS[-1])
    return lake


@pytest.fixture(scope="module")
def stopped(shared: Lake) -> str:
    """What is said when all days are checked at once."""
    assert shared.quality(ORDINARY[0], ORDINARY[-1])["warnings"] == []
    with pytest.raises(
        QualityError, match=r"critical expectations of stocks are broken.*dev\.quality\.results"
    ) as said:
        shared.quality(DAYS[0], DAYS[-1])
    return str(said.value)


@pytest.fixture(scope="module")
def results(shared: Lake, stopped: str) -> pl.DataFrame:
    """The results of all days."""
    return shared.table("quality.results")


@pytest.mark.parametrize(("day", "case"), CASES, ids=[f"{c[0]}-{c[1]}" for c in BROKEN])
def test_a_broken_expectation_is_found(
    results: pl.DataFrame, stopped: str, day: dt.date, case: tuple[str, str, str, float, Given]
) -> None:
    """This expectation fails and no other need, with the number observed; only a critical one stops the run."""
    dataset, expectation, severity, observed, _ = case
    broken = failed(results, day)
    found = {row[:3]: row[3] for row in broken.select("dataset", "expectation", "severity", "observed").rows()}
    assert found.pop((dataset, expectation, severity)) == pytest.approx(observed)
    assert set(found) <= ALSO.get(expectation, set())
    assert (f"{dataset} of {day}: " in stopped) == (severity == "critical")


def test_warnings_stop_nothing(shared: Lake, results: pl.DataFrame) -> None:
    """Days whose warnings alone are broken pass, and each is said with its dataset and day."""
    checked = shared.quality(WARNED[0], WARNED[-1])
    said = checked["warnings"]
    known = results.filter(pl.col("market_date").is_in(WARNED))
    assert (checked["days"], checked["checks"]) == (len(WARNED), known.height)
    assert (checked["asset_class"], checked["from"], checked["to"]) == ("stocks", str(WARNED[0]), str(WARNED[-1]))
    assert checked["datasets"] == dict(known.group_by("dataset").len().iter_rows())
    expected = {f"{dataset} of {day}" for day, (dataset, *_) in zip(WARNED, BROKEN, strict=False)}
    assert {text.partition(":")[0] for text in said} == expected


def test_what_is_handed_back_does_not_grow_with_the_years(lake: Lake) -> None:
    """Of ten years of warnings the first thousand, and how many there are: a notebook's answer ends at 5 MB."""
    days = market_days("XNYS", dt.date(2003, 9, 10), dt.date(2013, 9, 10))
    now = dt.datetime.now(dt.UTC)
    known = ("late", "warn", 1.0, "= 0", False, "1 row", now, None, None, None, None)
    values = [("crypto", "bars", day, *known) for day in days]
    tables.make(lake.spark, "dev", "quality", "results")
    told = quality.store(lake.spark, "dev", "crypto", "asset_class = 'crypto'", values)
    assert (told["checks"], told["warned"], len(told["warnings"])) == (len(days), len(days), 1000)
    assert told["warnings"][0] == f"bars of {days[0]}: 1 row [late: 1, must be = 0]"
    assert lake.table("quality.results").height == len(days)


def test_good_days_pass_and_are_checked_in_one_go(results: pl.DataFrame) -> None:
    """Every expectation of every dataset is stored once a day; a second check replaces the first."""
    assert results.filter(pl.col("market_date").is_in(ORDINARY))["passed"].all()
    assert results.select("dataset", "market_date", "expectation").is_unique().all()
    assert results.group_by("market_date").len()["len"].n_unique() == 1
    assert results["market_date"].unique().sort().to_list() == DAYS
    assert_verdicts_follow(results)


def test_a_key_that_is_there_twice_is_found(shared: Lake, results: pl.DataFrame) -> None:
    """Silver keeps keys unique; were it to fail, quality says so with the number of rows."""
    assert_doubled_rows_are_found(shared, ORDINARY[1], results)


def test_an_answer_from_before_the_close_is_not_final(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bars that the API gave while the market was open stop the run; at the very close it was open no more."""
    day = dt.date(2024, 1, 5)
    lake.put("grouped_daily", day, BARS, asof="2024-01-05T20:30:00+00:00")
    lake.silver(day)
    with pytest.raises(QualityError, match=r"answered -1800 seconds after the close"):
        lake.quality(day)
    file = tmp_path / "closures.yaml"
    file.write_text(f"XNYS:\n  {day}: {{close: '15:30', by: NYSE, reason: storm}}\n")
    monkeypatch.setattr(closures, "FILE", file)
    lake.quality(day)
    (verdict,) = lake.table("quality.results").filter(expectation="after_close").to_dicts()
    assert (verdict["observed"], verdict["passed"]) == (0.0, True)


def test_a_day_without_one_of_its_datasets_fails(lake: Lake) -> None:
    """A dataset that was not loaded is named; a range without any loaded day is an error of its own."""
    day = dt.date(2024, 1, 5)
    with pytest.raises(QualityError, match="silver holds no market day from 2024-01-05 to 2024-01-05"):
        lake.quality(day)
    lake.put("grouped_daily", day, BARS)
    lake.silver(day)
    with pytest.raises(QualityError, match=r"\d+ critical .* splits of 2024-01-05: stocks.splits is not loaded"):
        lake.quality(day, datasets="")


def test_results_are_those_on_record(results: pl.DataFrame) -> None:
    """Each expectation, with its severity, limit, verdict and message, on good days and on one that breaks it."""
    assert_as_recorded(results, "bars_of_stocks")
