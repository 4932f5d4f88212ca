"""Reconciliation: each factor that the source applies and we do not, or the reverse, is named, and stays named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from anthill import corrections
from anthill.lakehouse.quality import QualityError
from tests.plugins.anthill.lakehouse.lake import Lake, bar

# Monday to Friday, then Monday.
ONE, TWO, THREE, FOUR, FIVE, SIX = (dt.date(2024, 1, day) for day in (8, 9, 10, 11, 12, 15 + 1))
Prices = dict[str, float]
CLOSES: Prices = {
    "BOTH": 10,
    "THEIRS": 20,
    "OURS": 30,
    "TRADE": 40,
    "PENNY": 0.0123,
    "LACKS": 50,
    "LATE": 60,
    "OFF": 8,
    "SHUT": 70,
}


def split(ticker: str, day: dt.date, before: int = 1, after: int = 2) -> dict[str, Any]:
    """A split, by default 2 for 1."""
    return {"id": ticker, "ticker": ticker, "execution_date": str(day), "split_from": before, "split_to": after}


def adjusted(prices: Prices) -> list[dict[str, Any]]:
    """The adjusted bars of the day before, rounded as the source does; what `bar` opens at is 1 % below the close."""
    return [
        {"T": ticker, "o": round(c * 0.99, 4), "c": round(c, 4), "h": c, "l": c, "v": 1} for ticker, c in prices.items()
    ]


def put(lake: Lake, day: dt.date, prices: Prices, before: Prices, answered: str, *splits: dict[str, Any]) -> None:
    """Land a day whose prices are these, and the adjusted ones of the day before."""
    lake.put_day(day, [bar(ticker, close) for ticker, close in prices.items()], splits=splits)
    lake.put("adjusted_daily", day, adjusted(before), asof=answered)


@pytest.fixture(scope="module")
def week(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A week of market days in silver, checked.

    On the second, BOTH and SHUT are split 2 for 1 and both say so, though a late trade moved the open of the one and
    the close of the other before it answered; the source divides THEIRS by 4 and we know of no split; it
    does not divide OURS, which has fallen by half, and of which it gives a split; TRADE had another close when it was
    asked; LACKS is not in its answer. That of the fourth came on the evening of the fifth, when LATE was split. On the
    Saturday after, when it answered for the fifth, OFF was split.
    """
    lake = Lake(sail, tmp_path_factory.mktemp("lake"))
    lake.only("daily_prices", datasets=("adjusted_daily",))
    lake.put_day(ONE, [bar(ticker, close) for ticker, close in CLOSES.items()])
    two = CLOSES | {"BOTH": 5.0, "OURS": 15.0, "SHUT": 35.0}
    told = CLOSES | {"BOTH": 5.0, "THEIRS": 5.0, "SHUT": 35.0}
    del told["LACKS"]
    splits = [split(ticker, TWO) for ticker in ("BOTH", "OURS", "SHUT")]
    put(lake, TWO, two, told, "2024-01-09T22:00:00-05:00", *splits)
    moved = {"TRADE": {"c": 40.8}, "BOTH": {"o": 5.1}, "SHUT": {"c": 35.7}}
    lake.put(
        "adjusted_daily",
        TWO,
        [row | moved.get(row["T"], {}) for row in adjusted(told)],
        asof="2024-01-10T03:00:00+00:00",
    )
    put(lake, THREE, two, two, "2024-01-11T03:00:00+00:00")
    put(lake, FOUR, two, two | {"LATE": 20.0}, "2024-01-13T04:30:00+00:00")
    put(
        lake,
        FIVE,
        two | {"LATE": 20.0},
        two | {"LATE": 20.0, "OFF": 4.0},
        "2024-01-13T15:00:00+00:00",
        split("LATE", FIVE, 1, 3),
    )
    six = two | {"LATE": 20.0, "OFF": 4.0}
    put(lake, SIX, six, six, "2024-01-17T03:00:00+00:00", split("OFF", dt.date(2024, 1, 13)))
    lake.silver(ONE, SIX)
    lake.quality(ONE, SIX)
    yield lake
    lake.close()


@pytest.fixture(scope="module")
def compared(week: Lake) -> list[dict[str, Any]]:
    """What is told when the first four days and then all are compared."""
    return [week.reconcile(ONE, FOUR), week.reconcile(ONE, SIX)]


def of(lake: Lake, day: dt.date) -> pl.DataFrame:
    """What the comparison of a day came to."""
    results = lake.table("quality.results").filter(compared_with="adjusted_daily", market_date=day)
    return results.sort("expectation", "message")


def test_every_difference_is_named(week: Lake, compared: list[dict[str, Any]]) -> None:
    """Ticker, day, what the source divides by and what we do; a split that both know halves the price of both."""
    found = of(week, TWO).filter(~pl.col("passed"))
    assert found.select("expectation", "severity", "message").rows() == [
        ("all_adjusted", "warn", "1 tickers with a bar have none among the adjusted ones: LACKS"),
        ("factor_agrees", "warn", "OURS 2024-01-08: the source divides by 1, ours is 2"),
        ("factor_agrees", "warn", "THEIRS 2024-01-08: the source divides by 4, ours is 1"),
        ("factors_agree", "warn", "2 tickers with another factor than the source applies"),
    ]
    assert set(found["dataset"]) == {"splits"}
    assert {f"splits of {TWO}: {message}" for message in found["message"]} == {
        line.partition(" [")[0] for line in compared[1]["warnings"] if str(TWO) in line.partition(":")[0]
    }
    assert of(week, THREE)["passed"].all()
    assert of(week, ONE).is_empty()  # the source gave nothing beside it


def test_an_answer_is_compared_with_the_splits_until_it_was_given(week: Lake, compared: list[dict[str, Any]]) -> None:
    """One that came later is adjusted for later splits, by the New York date; it waits until these are loaded."""
    early = [line.partition(" [")[0] for line in compared[0]["warnings"] if f"splits of {FOUR}" in line]
    said = f"0 tickers compared: the source answered on {FIVE}, and splits executed until then are not all loaded"
    assert early == [f"splits of {FOUR}: {said}"]
    for day in (FOUR, FIVE, SIX):
        assert of(week, day)["passed"].all(), day
        assert of(week, day).filter(expectation="compared")["observed"].item() == len(CLOSES)


def test_the_results_outlive_a_later_quality_run(week: Lake, compared: list[dict[str, Any]]) -> None:
    """Quality replaces its own results and no other; a comparison that is made again replaces its own."""
    before = of(week, TWO).select("expectation", "message").rows()
    whole = week.table("quality.results").height
    assert set(of(week, TWO)["dataset"]) < set(week.table("quality.results").filter(market_date=TWO)["dataset"])
    week.quality(ONE, SIX)
    assert of(week, TWO).select("expectation", "message").rows() == before
    assert week.table("quality.results").height == whole
    week.reconcile(ONE, SIX)
    assert week.table("quality.results").height == whole


@pytest.mark.long
def test_a_difference_holds_back_only_what_a_declaration_says(
    week: Lake, compared: list[dict[str, Any]], sail: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a warning nothing; as critical its day, until an operator has settled what counts."""
    lake = week.copy(sail, tmp_path)
    try:
        lake.gold(ONE, THREE)
        days = lambda: set(lake.table("gold.stocks_traded_prices")["market_date"])  # noqa: E731
        assert days() == {ONE, TWO, THREE}
        lake.spark.sql("DELETE FROM dev.quality.published WHERE market_date >= DATE'2024-01-09'")
        lake.spark.sql("DELETE FROM dev.gold.stocks_traded_prices WHERE market_date >= DATE'2024-01-09'")
        declared = lake.declared()
        strict = msgspec.structs.replace(declared.datasets["adjusted_daily"], severity="critical")
        changed = msgspec.structs.replace(declared, datasets={**declared.datasets, "adjusted_daily": strict})
        monkeypatch.setattr(lake, "declared", lambda: changed)
        with pytest.raises(QualityError, match="THEIRS 2024-01-08: the source divides by 4, ours is 1"):
            lake.reconcile(ONE, THREE)
        held = lake.gold(ONE, THREE)["held_back"]
        assert held == [f"stocks.splits of {TWO}: broke a critical expectation: see quality.results"]
        assert days() == {ONE, THREE}
        monkeypatch.setattr(corrections, "include_dir", lambda: tmp_path)
        (tmp_path / "corrections").mkdir()
        who = "who: jane, why: the notice of the exchange, until: 9999-12-31"
        (tmp_path / "corrections" / "stocks.yaml").write_text(
            f"splits:\n  - {{ticker: THEIRS, market_date: {TWO}, ratio: 1, {who}}}\n"
            f"  - {{ticker: OURS, market_date: {TWO}, ratio: 2, {who}}}\n"
        )
        lake.reconcile(ONE, THREE)
        assert "held_back" not in lake.gold(ONE, THREE)
        assert days() == {ONE, TWO, THREE}
    finally:
        lake.close()
