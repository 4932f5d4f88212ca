"""Quality: each expectation can fail, its result is stored, and a critical one stops the run with its numbers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from anthill.lakehouse.quality import QualityError
from tests.plugins.anthill.lakehouse.lake import Lake, bar

DAYS = [dt.date(2024, 1, day) for day in (2, 3, 4, 5)]
DAY = DAYS[-1]
SPLIT = {"id": "s", "ticker": "AAA", "execution_date": str(DAY), "split_from": 1, "split_to": 2}
DIVIDEND = {"id": "d", "ticker": "AAA", "ex_dividend_date": str(DAY), "cash_amount": 0.1, "currency": "USD"}
BARS = [bar("AAA", 10.0), bar("BBB", 20.0)]

BROKEN: list[tuple[str, str, str, float, dict[str, Any]]] = [
    ("grouped_daily", "prices_positive", "critical", 1, {"bars": [bar("AAA", 10.0) | {"l": -1.0}, *BARS[1:]]}),
    ("grouped_daily", "high_not_below_low", "critical", 1, {"bars": [bar("AAA", 10.0) | {"h": 9.0}, *BARS[1:]]}),
    ("grouped_daily", "open_close_within", "warn", 1, {"bars": [bar("AAA", 10.0) | {"o": 11.0}, *BARS[1:]]}),
    ("grouped_daily", "vwap_within", "warn", 1, {"bars": [bar("AAA", 10.0) | {"vw": 11.0}, *BARS[1:]]}),
    ("grouped_daily", "quarantine_share", "critical", 1 / 3, {"bars": [*BARS, "poison"]}),
    ("grouped_daily", "no_duplicates", "warn", 1, {"bars": [*BARS, BARS[0]]}),
    ("grouped_daily", "row_count", "critical", 22, {"bars": [bar(f"N{n}", 5.0) for n in range(20)] + BARS}),
    ("splits", "ratio_positive", "critical", 1, {"splits": [SPLIT | {"split_to": 0}]}),
    ("splits", "executed_on_the_day", "critical", 1, {"splits": [SPLIT | {"execution_date": "2024-01-02"}]}),
    ("splits", "no_duplicates", "warn", 1, {"splits": [SPLIT, SPLIT | {"split_to": 3, "id": "t"}]}),
    ("splits", "tickers_known", "warn", 1, {"splits": [SPLIT | {"ticker": "ZZZ"}]}),
    ("splits", "quarantine_share", "warn", 1, {"splits": [SPLIT | {"split_to": "two"}]}),
    ("dividends", "amount_positive", "warn", 1, {"dividends": [DIVIDEND | {"cash_amount": 0}]}),
    ("dividends", "ex_on_the_day", "critical", 1, {"dividends": [DIVIDEND | {"ex_dividend_date": "2024-01-02"}]}),
    ("dividends", "in_dollars", "warn", 1, {"dividends": [DIVIDEND | {"currency": "CAD"}]}),
    ("dividends", "tickers_known", "warn", 1, {"dividends": [DIVIDEND | {"ticker": "ZZZ"}]}),
]


# What cannot but fail with it.
ALSO = {
    "high_not_below_low": {("grouped_daily", "open_close_within", "warn"), ("grouped_daily", "vwap_within", "warn")},
    "row_count": {("tickers", "row_count", "critical")},
}


@pytest.fixture(scope="module")
def shared(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake with three ordinary days, for cases that each replace the fourth."""
    lake = Lake(sail, tmp_path_factory.mktemp("lake"))
    for day in DAYS[:-1]:
        lake.put_day(day, BARS)
    lake.silver(DAYS[0], DAYS[-2])
    return lake


@pytest.mark.parametrize(
    ("dataset", "expectation", "severity", "observed", "given"), BROKEN, ids=[f"{c[0]}-{c[1]}" for c in BROKEN]
)
def test_a_broken_expectation_is_found(
    shared: Lake, dataset: str, expectation: str, severity: str, observed: float, given: dict[str, Any]
) -> None:
    """This expectation fails and no other need, with the number observed; only a critical one raises."""
    shared.put_day(DAY, **{"bars": BARS, **given})
    shared.silver(DAY)
    if severity == "critical":
        with pytest.raises(QualityError, match=f"{dataset} of 2024-01-05: .*dev.quality.results"):
            shared.quality(DAY)
    else:
        assert any(said.startswith(f"{dataset} of 2024-01-05") for said in shared.quality(DAY)["warnings"])
    failed = shared.table("quality.results").filter(~pl.col("passed"), pl.col("market_date") == DAY)
    found = {row[:3]: row[3] for row in failed.select("dataset", "expectation", "severity", "observed").rows()}
    assert found.pop((dataset, expectation, severity)) == pytest.approx(observed)
    assert set(found) <= ALSO.get(expectation, set())


def test_good_days_pass_and_are_checked_in_one_go(shared: Lake) -> None:
    """Every expectation of every dataset is stored once a day; a second check replaces the first."""
    shared.put_day(DAY, BARS, [SPLIT], [DIVIDEND])
    shared.silver(DAY)
    assert shared.quality(DAYS[0], DAY)["warnings"] == []
    shared.quality(DAYS[0], DAY)
    results = shared.table("quality.results")
    assert results["passed"].all()
    assert results.select("dataset", "market_date", "expectation").is_unique().all()
    assert results.group_by("market_date").len()["len"].n_unique() == 1
    assert results["market_date"].unique().sort().to_list() == DAYS


def test_an_answer_from_before_the_close_is_not_final(lake: Lake) -> None:
    """Bars that the API gave while the market was open stop the run."""
    lake.put_day(DAY, BARS)
    lake.put("grouped_daily", DAY, BARS, asof="2024-01-05T20:30:00+00:00")
    lake.silver(DAY)
    with pytest.raises(QualityError, match=r"answered -0\.5 hours after the close"):
        lake.quality(DAY)


def test_a_day_without_one_of_its_datasets_fails(lake: Lake) -> None:
    """A dataset that was not loaded is named; a range without any loaded day is an error of its own."""
    with pytest.raises(QualityError, match="silver holds no market day from 2024-01-05 to 2024-01-05"):
        lake.quality(DAY)
    lake.put("grouped_daily", DAY, BARS)
    lake.silver(DAY)
    with pytest.raises(QualityError, match=r"\d+ critical .* splits of 2024-01-05: stocks.splits is not loaded"):
        lake.quality(DAY, datasets="")
