"""A chain of options as it stands now: values, quotes, greeks, open interest and the latest bars."""

from dataclasses import dataclass

import numpy as np

from local.polygon.answers.plans import WITH_QUOTES, WITH_TRADES, Plan
from local.polygon.markets.bars import Bars
from local.polygon.markets.noise import Floats, Ints
from local.polygon.markets.tables import Row
from local.polygon.options.black_scholes import Greeks
from local.polygon.options.contracts import Contracts


@dataclass(frozen=True, eq=False)
class Chain:
    """Contracts on one underlying; each array has a value a contract, `moment` is in ms UTC.

    NaN is what nobody knows: a replayed chain may have no quotes, and no bar before a contract's first.
    """

    contracts: Contracts
    price: float  # of the underlying
    moment: int
    bid: Floats
    ask: Floats
    sizes: Ints  # of the quotes, in contracts
    interest: Floats
    volatility: Floats
    greeks: Greeks
    solved: np.ndarray  # whether a volatility can be found from the price
    bar: Ints  # the row of the latest bar in `bars`, -1 where there is none
    bars: Bars
    before: Floats  # for each row of `bars`, what the contract was worth a session earlier

    def find(self, ticker: str) -> int | None:
        """The row of a contract, None if it is not among them."""
        same = np.flatnonzero(self.contracts.tickers == ticker)
        return int(same[0]) if len(same) else None

    def rows(self, numbers: np.ndarray, plan: Plan) -> list[Row]:
        """Some contracts as the API describes them to subscribers of a plan."""
        about = self.contracts.take(numbers).rows()
        details = (
            "contract_type",
            "exercise_style",
            "expiration_date",
            "shares_per_contract",
            "strike_price",
            "ticker",
        )
        return [
            self._row(number, {name: row[name] for name in details}, row["underlying_ticker"], plan)
            for number, row in zip(numbers.tolist(), about, strict=True)
        ]

    def _row(self, at: int, details: Row, underlying: str, plan: Plan) -> Row:
        timeframe = "REAL-TIME" if plan.freshness == "real time" else "DELAYED"
        day, middle = self._day(at), round(float(self.bid[at] + self.ask[at]) / 2, 4)
        quoted = not np.isnan(middle)
        worth = middle if quoted else day.get("close", np.nan)
        even = details["strike_price"] + (-worth if details["contract_type"] == "put" else worth)
        row: Row = _told({"break_even_price": round(even, 4)}) | {"day": day, "details": details}
        if self.solved[at]:
            row["greeks"] = {
                name: round(float(getattr(self.greeks, name)[at]), 10) for name in ("delta", "gamma", "theta", "vega")
            }
            row["implied_volatility"] = round(float(self.volatility[at]), 10)
        if plan.name in WITH_QUOTES and quoted:
            row["last_quote"] = {
                "ask": float(self.ask[at]), "ask_exchange": 302, "ask_size": int(self.sizes[at]),
                "bid": float(self.bid[at]), "bid_exchange": 302, "bid_size": int(self.sizes[at]) // 2 + 1,
                "last_updated": self.moment * 10**6, "midpoint": middle, "timeframe": timeframe,
            }  # fmt: skip
        if plan.name in WITH_TRADES and row["day"]:
            row["last_trade"] = {
                "conditions": [209], "exchange": 302, "price": row["day"]["close"],
                "sip_timestamp": row["day"]["last_updated"] + 57_599 * 10**9, "size": 1, "timeframe": timeframe,
            }  # fmt: skip
        row["open_interest"] = int(self.interest[at])
        about = {"change_to_break_even": round(even - self.price, 4), "last_updated": self.moment * 10**6}
        row["underlying_asset"] = _told(about | {"price": self.price, "ticker": underlying, "timeframe": timeframe})
        return row

    def _day(self, at: int) -> Row:
        """The latest bar, maybe of an earlier day (`last_updated` tells); empty where the contract has not traded."""
        bar = int(self.bar[at])
        if bar < 0:
            return {}
        close, before = float(self.bars.c[bar]), float(self.before[bar])
        return _told(
            {
                "change": round(close - before, 4),
                "change_percent": round(100 * (close - before) / before, 4),
                "close": close,
                "high": float(self.bars.h[bar]),
                "last_updated": int(self.bars.t[bar]) * 10**6,
                "low": float(self.bars.l[bar]),
                "open": float(self.bars.o[bar]),
                "previous_close": before,
                "volume": int(self.bars.v[bar]),
                "vwap": float(self.bars.vw[bar]),
            }
        )


def _told(row: Row) -> Row:
    """A row without what is not known."""
    return {name: value for name, value in row.items() if value == value}  # NaN is not
