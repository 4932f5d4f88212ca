"""One market day of every asset class, from the API to grants, by its own DAG."""

from __future__ import annotations

import pytest

from anthill import catalog
from local.stack import Stack
from tests.end_to_end.conftest import run_day, states

pytestmark = pytest.mark.long
DAY = "2026-07-02"  # the stand-in's present: what answers for now only can be had, too


@pytest.mark.parametrize("asset_class", catalog.with_past())
def test_a_day_goes_from_the_api_to_gold(airflow_database: None, stack: Stack, asset_class: str) -> None:
    """Every task succeeds, every dataset is in silver as it is in bronze, every gold table has the day."""
    declared = catalog.load(asset_class)
    outcome = states(run_day(DAY, asset_class))
    assert set(outcome.values()) == {"success"}, outcome
    mine = f"asset_class = '{asset_class}' AND market_date = DATE'{DAY}'"
    loads = {row["dataset"]: row for row in stack.warehouse().records(f"SELECT * FROM quality.loads WHERE {mine}")}
    assert loads.keys() == declared.daily.keys()
    for dataset, load in loads.items():
        assert load["bronze_rows"] == load["silver_rows"] + load["duplicates"] + load["quarantined"], dataset
    published = stack.warehouse().records(f"SELECT gold_table FROM quality.published WHERE {mine}")
    over_all = {"dim_date", "dim_instrument", "fact_daily_price"}
    tables = {row["gold_table"] for row in published}
    assert tables - over_all == set(declared.gold)
    if "daily_prices" not in declared.gold:
        return
    assert over_all <= tables
    (prices,) = stack.warehouse().records(
        f"SELECT count(*) AS n, count(instrument_key) AS known FROM gold.fact_daily_price WHERE {mine}"
    )
    assert prices["n"] > 0
    assert prices["known"] == prices["n"], "a price without its instrument"


def test_options_came_as_a_flat_file(stack: Stack) -> None:
    """Bronze has the file of the source's bucket, as the rest of the day's objects are pages."""
    (load,) = stack.warehouse().records(
        "SELECT DISTINCT source_uri FROM silver.options_daily_bars WHERE market_date = DATE'2026-07-02'"
    )
    assert load["source_uri"].endswith("r000001.csv.gz")
