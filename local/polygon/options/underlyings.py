"""Which stocks have options."""

import numpy as np

from local.polygon.markets.noise import Ints
from local.polygon.stocks.notable import ANCHOR_DAY, NOTABLES
from local.polygon.stocks.simulated import SimulatedStocks

KINDS = ("CS", "ETF", "ADRC")


def underlyings(stocks: SimulatedStocks, count: int) -> Ints:
    """Places of the market: the notable companies', then those whose shares were the most liquid on the anchor day."""
    listed, places = stocks.listed, np.arange(len(stocks.listed.kinds))
    sessions = np.full(len(places), stocks.sessions.last_until(ANCHOR_DAY))
    turnover = stocks.trading.turnover[listed.instruments_at(places, sessions)]
    ordinary = places[len(NOTABLES) :]
    eligible = ordinary[np.isin(listed.kinds[ordinary], KINDS) & ~listed.otc[ordinary]]
    liquid = eligible[np.argsort(-turnover[eligible], kind="stable")]
    return np.concatenate([places[: len(NOTABLES)], liquid])[:count]
