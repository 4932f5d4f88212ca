"""Rows of quality.results read as people do: the verdict follows from what was observed and what is allowed."""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from anthill.lakehouse.quality import QualityError
from tests.plugins.anthill.lakehouse.lake import Lake

_ALLOWED: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<=": operator.le,
}


OF_EVERY_DATASET = ("none_quarantined", "keys_stay")  # put to the test by themselves


def failed(results: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """The expectations of a day that were not met, but for those of every dataset."""
    return results.filter(~pl.col("passed"), ~pl.col("expectation").is_in(OF_EVERY_DATASET), market_date=day)


def assert_verdicts_follow(results: pl.DataFrame) -> None:
    """Every row passed or not as its threshold says, and its message tells the number that was observed."""
    for row in results.to_dicts():
        where = f"{row['dataset']} of {row['market_date']}: {row}"
        sign, _, limit = row["threshold"].partition(" ")
        if sign in _ALLOWED:
            allowed = row["observed"] is None or _ALLOWED[sign](row["observed"], float(limit.split(" ")[0]))
            assert row["passed"] == allowed, where
        if row["expectation"] != "loaded":
            assert row["observed"] == _told(row), where


def _told(row: dict[str, Any]) -> Any:
    """The number in the message of a result."""
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", row["message"].replace("% outside", ""))]
    match row["expectation"]:
        case "quarantine_share":
            return pytest.approx(numbers[0] / numbers[1] if numbers[1] else 0)
        case "of_the_day" if " of " in row["message"].partition("bars begin")[0] and "bars begin" in row["message"]:
            return pytest.approx(numbers[0] / numbers[1] if numbers[1] else 0)
        case "of_the_day" if " have a time of " in row["message"] and " of " in row["message"].partition("bars")[0]:
            return pytest.approx(numbers[0] / numbers[1] if numbers[1] else 0)
        case "takings_alike":
            return pytest.approx(numbers[1] / numbers[2] if numbers[2] else 1)
        case "volatility_known" | "underlying_priced":
            return None if row["message"].startswith("no %") else pytest.approx(numbers[0] / 100, abs=0.0005)
        case "after_close":
            return pytest.approx(numbers[0] / 3600)  # told in seconds, observed in hours
    return numbers[0]


def assert_doubled_rows_are_found(lake: Lake, day: dt.date, results: pl.DataFrame) -> None:
    """Put every row of a day into silver once more: each dataset's keys are found to be there twice, critically."""
    rows: dict[str, int] = {}
    for (dataset,), _ in results.filter(market_date=day).group_by("dataset"):
        table = f"silver.{lake.asset_class}_{dataset}"
        rows[str(dataset)] = lake.table(table).filter(market_date=day).height
        lake.spark.sql(f"INSERT INTO dev.{table} SELECT * FROM dev.{table} WHERE market_date = DATE'{day}'")
    with pytest.raises(QualityError):
        lake.quality(day, datasets="-")
    again = lake.table("quality.results").filter(market_date=day)
    assert_verdicts_follow(again)
    found = again.filter(expectation="keys_unique")
    assert set(found.select("severity", "passed").rows()) == {("critical", False)}
    for row in found.to_dicts():  # what is compared with doubled reference data is doubled once more
        assert rows[row["dataset"]] <= row["observed"] <= 3 * rows[row["dataset"]], row
    assert all(rows.values()), f"the day has no row of {[name for name, count in rows.items() if not count]}"
