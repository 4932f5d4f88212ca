"""Gold of indices against an oracle."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from tests.plugins.anthill.lakehouse import simulated_bars as simulated
from tests.plugins.anthill.lakehouse.bars_gold import assert_common_gold_is
from tests.plugins.anthill.lakehouse.lake import Lake

pytestmark = pytest.mark.parametrize("lake", ["indices"], indirect=True)


@pytest.mark.long
def test_gold_equals_the_oracle_and_again_after_a_restatement(lake: Lake) -> None:
    """Six weeks at once, then another close for one day of them; an index has no volume."""
    market = simulated.indices(dt.date(2024, 2, 1), dt.date(2024, 3, 15))
    wrong = market.sessions[9]
    before = market._replace(bars=market.bars | {wrong: [bar | {"c": bar["o"]} for bar in market.bars[wrong]]})
    simulated.put(lake, before)
    lake.run(market.sessions[0], market.sessions[-1])
    assert_common_gold_is(lake, before, pl.lit(True))
    simulated.put(lake, market, [wrong])
    lake.run(wrong)
    assert_common_gold_is(lake, market, pl.lit(True))
    prices = lake.table("gold.indices_daily_prices")
    assert prices["volume"].is_null().all()
    facts = lake.table("gold.fact_daily_price")
    assert facts.height == prices.height
    assert facts["instrument_key"].is_not_null().all()
