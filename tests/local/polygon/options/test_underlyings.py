"""Which stocks have options."""

import datetime as dt

import msgspec
import numpy as np
import pytest

from local.polygon.app import Settings
from local.polygon.markets.clock import Clock
from local.polygon.options.simulated import SimulatedOptions
from local.polygon.options.underlyings import underlyings
from local.polygon.stocks.notable import NOTABLES
from local.polygon.stocks.simulated import SimulatedStocks
from tests.local.polygon.options.conftest import UNDERLYINGS
from tests.local.polygon.serving import ROOT


@pytest.mark.parametrize("day", [dt.date(2014, 6, 2), dt.date(2020, 3, 16), dt.date(2026, 6, 15), dt.date(2026, 7, 1)])
def test_every_declared_underlying_has_contracts(stocks: SimulatedStocks, day: dt.date) -> None:
    """A server that is told nothing else lists contracts, some of which trade, on all that the declaration names."""
    declared = msgspec.yaml.decode((ROOT / "include/datasets/options.yaml").read_text())["lists"]["underlying"]
    options = SimulatedOptions(stocks, Clock(day), Settings.underlyings)
    bars = options.day(stocks.sessions.last_until(day), adjusted=False, otc=False)
    listed = options.listed(day, None)
    traded = set(listed.take(np.isin(listed.tickers, bars.tickers)).symbol.tolist())
    assert len(declared) == 50
    assert set(declared) - traded == set()


def test_the_notable_come_first(stocks: SimulatedStocks) -> None:
    """By default each notable instrument has options; more than those are ordinary stocks, each once."""
    places = underlyings(stocks, UNDERLYINGS).tolist()
    assert places[: len(NOTABLES)] == list(range(len(NOTABLES)))
    assert len(NOTABLES) <= Settings.underlyings
    assert len(set(places)) == UNDERLYINGS
