"""The economy: yields and rates are fractions from the day on which they are public, and odd ones are told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from anthill.lakehouse.quality import QualityError
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.verdicts import failed

DAY = dt.date(2026, 7, 2)
YIELDS = {"yield_3_month": 3.5, "yield_2_year": 4.0, "yield_10_year": 4.25}
pytestmark = pytest.mark.parametrize("lake", ["economy"], indirect=True)


def put(lake: Lake, **other: list[dict[str, Any]]) -> None:
    """A day's rows, or others in their place."""
    months = [dt.date(2025 + (month > 6), (month + 5) % 12 + 1, 1) for month in range(1, 14)]
    known = {
        "treasury_yields": [{"date": "2026-07-01", **YIELDS}],
        "inflation": [
            {
                "date": str(month),
                "cpi": 300.0,
                "cpi_core": 310.0,
                "cpi_year_over_year": 2.5,
                "pce": 120.0,
                "pce_core": 100.0 + at,
            }
            for at, month in enumerate(months)
        ],
        "inflation_expectations": [{"date": "2026-06-01", "market_10_year": 2.3, "model_10_year": 2.4}],
    }
    for dataset, rows in (known | other).items():
        lake.put(dataset, DAY, rows)


def test_gold_has_fractions(lake: Lake) -> None:
    """Of a year, with the slope of the curve and the change of a year."""
    put(lake)
    lake.silver(DAY)
    assert lake.quality(DAY)["warnings"] == []
    lake.gold(DAY)
    (row,) = lake.table("gold.economy_treasury_yields").to_dicts()
    assert (row["observed_on"], row["market_date"]) == (dt.date(2026, 7, 1), DAY)
    assert row["yield_10_year"] == pytest.approx(0.0425)
    assert row["slope_2_to_10_year"] == pytest.approx(0.0025)
    assert row["slope_3_month_to_10_year"] == pytest.approx(0.0075)
    assert row["yield_30_year"] is None
    inflation = lake.table("gold.economy_inflation").sort("observed_month")
    assert inflation["cpi_year_over_year"][-1] == pytest.approx(0.025)
    changes = inflation["pce_core_year_over_year"].to_list()
    assert changes[:-1] == [None] * 12
    assert changes[-1] == pytest.approx(0.12)
    (expected,) = lake.table("gold.economy_inflation_expectations").to_dicts()
    assert (expected["market_10_year"], expected["model_10_year"]) == (pytest.approx(0.023), pytest.approx(0.024))


def test_every_rate_is_a_hundredth_of_what_came(lake: Lake) -> None:
    """Each column by itself: percent at the source, fractions in gold."""
    maturities = ("1_month", "3_month", "6_month", *(f"{years}_year" for years in (1, 2, 3, 5, 7, 10, 20, 30)))
    yields = {f"yield_{name}": 3 + at / 8 for at, name in enumerate(maturities)}
    rates = {
        name: 2 + at / 8
        for at, name in enumerate(
            ("market_5_year", "market_10_year", "forward_years_5_to_10", *(f"model_{y}_year" for y in (1, 5, 10, 30)))
        )
    }
    put(
        lake,
        treasury_yields=[{"date": "2026-07-01", **yields}],
        inflation_expectations=[{"date": "2026-06-01", **rates}],
    )
    lake.run(DAY, DAY)
    (row,) = lake.table("gold.economy_treasury_yields").to_dicts()
    assert {name: row[name] for name in yields} == pytest.approx({name: value / 100 for name, value in yields.items()})
    (row,) = lake.table("gold.economy_inflation_expectations").to_dicts()
    named = {
        name.replace("forward_years_5", "forward_5").replace("5_to_10", "5_to_10_year"): rates[name] for name in rates
    }
    assert {name: row[name] for name in named} == pytest.approx({name: value / 100 for name, value in named.items()})


@pytest.mark.parametrize(
    ("dataset", "expectation", "row", "critical"),
    [
        ("treasury_yields", "public_by_the_day", {"date": str(DAY)}, True),
        ("treasury_yields", "public_by_the_day", {"date": "2026-06-24"}, True),
        ("treasury_yields", "yields_plausible", {"date": "2026-07-01", "yield_10_year": 42.5}, False),
        ("inflation", "levels_positive", {"date": "2026-05-01", "cpi": 0}, True),
        ("inflation_expectations", "rates_plausible", {"date": "2026-06-01", "model_10_year": -11}, False),
    ],
)
def test_what_is_odd_is_told(lake: Lake, dataset: str, expectation: str, row: dict[str, Any], critical: bool) -> None:
    """Each expectation of its own can fail, and no other does."""
    put(lake, **{dataset: [row]})
    lake.silver(DAY)
    if critical:
        with pytest.raises(QualityError, match=f"{dataset} of {DAY}"):
            lake.quality(DAY)
    else:
        lake.quality(DAY)
    broken = failed(lake.table("quality.results"), DAY)
    assert broken.select("dataset", "expectation", "severity").rows() == [
        (dataset, expectation, "critical" if critical else "warn")
    ]
